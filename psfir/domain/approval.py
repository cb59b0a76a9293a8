"""One person's recorded yes to one digest. Change a byte of what was approved, or wait too long, and it is void."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from psfir.domain import instants
from psfir.domain.canon import Json
from psfir.domain.people import Actor, Identity
from psfir.domain.values import frozen

NAMESPACE = "psfir"
"""What `ssh-keygen -Y sign -n` is given, so that a signature made for something else is none here."""


@frozen
class Approval:
    """`of` is the deed the digest is for (`kill`, `restore`). Break-glass is an approval of its own kind, no skip."""

    digest: str
    of: str
    actor: Actor
    at: datetime
    expires: datetime
    reason: str = ""
    break_glass: bool = False
    signature: str = ""

    def statement(self) -> dict[str, Json]:
        """What a signature covers."""
        return {
            "digest": self.digest,
            "of": self.of,
            "person": self.actor.id,
            "at": instants.write(self.at),
            "expires": instants.write(self.expires),
            "break_glass": self.break_glass,
            "reason": self.reason,
        }

    def to_json(self) -> dict[str, Json]:
        return {
            **self.statement(),
            "identity": self.actor.identity.value,
            "login": self.actor.login,
            "signature": self.signature,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Approval:
        return cls(
            digest=data["digest"],
            of=data["of"],
            actor=Actor(data["person"], Identity(data["identity"]), data["login"]),
            at=instants.read(data["at"]),
            expires=instants.read(data["expires"]),
            reason=data["reason"],
            break_glass=data["break_glass"],
            signature=data["signature"],
        )


@frozen
class Standing:
    """What the recorded approvals of one digest come to now. `ignored` says of each that does not count why not."""

    counted: tuple[Approval, ...]
    ignored: tuple[tuple[Approval, str], ...]
    needed: int

    @property
    def enough(self) -> bool:
        return any(a.break_glass for a in self.counted) or len(self.counted) >= self.needed

    @property
    def lost(self) -> tuple[tuple[Approval, str], ...]:
        """The ignored ones that matter: of people who have no yes that counts."""
        counted = {approval.actor.id for approval in self.counted}
        return tuple((one, why) for one, why in self.ignored if one.actor.id not in counted)


def standing(
    approvals: Iterable[Approval],
    *,
    digest: str,
    needed: int,
    at: datetime,
    refused: Callable[[Approval], str],
) -> Standing:
    """Count distinct people: two asserted names from one login are one. `refused` says why a yes is none, or ''.

    The weightier yes of a person goes first, so that a plain one given earlier does not stand in its way.
    """
    counted: list[Approval] = []
    ignored: list[tuple[Approval, str]] = []
    for approval in sorted(approvals, key=_weight):
        why = _void(approval, digest, at) or refused(approval) or _twice(approval, counted)
        if why:
            ignored.append((approval, why))
        else:
            counted.append(approval)
    return Standing(tuple(counted), tuple(ignored), needed)


def _weight(approval: Approval) -> tuple[bool, bool]:
    return not approval.break_glass, approval.actor.identity is not Identity.VERIFIED


def _void(approval: Approval, digest: str, at: datetime) -> str:
    if approval.digest != digest:
        return "is for another digest: what was approved has changed since"
    return f"expired at {instants.write(approval.expires)}" if at >= approval.expires else ""


def same_login(one: Actor, other: Actor) -> bool:
    """Whether nobody but the operating system vouches for them, and it says that they are one."""
    asserted = {one.identity, other.identity} <= {Identity.ASSERTED, Identity.UNVERIFIED}
    return asserted and one.login == other.login


def _twice(approval: Approval, counted: Iterable[Approval]) -> str:
    for other in counted:
        if approval.actor.id == other.actor.id and approval.actor.identity == other.actor.identity:
            return f"{approval.actor.id or 'somebody unknown'} has said yes already"
        if approval.actor.id and approval.actor.id == other.actor.id:
            return f"{approval.actor.id} has said yes already"
        if same_login(approval.actor, other.actor):
            return f"came from the same login as {other.actor.id or 'another'}'s; sign one with an SSH key"
    return ""
