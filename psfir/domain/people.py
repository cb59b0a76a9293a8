"""Who may do what, and how sure psfir is of who somebody is. A kill switch asks for no papers; everything else does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from psfir.domain.values import frozen


class Deed(StrEnum):
    """What a role can be given. Looking needs none."""

    DECLARE = "declare"
    KILL = "kill"
    NOTE = "note"
    SEAT = "seat"
    APPROVE_KILL = "approve_kill"
    RESTORE = "restore"
    APPROVE_RESTORE = "approve_restore"
    BREAK_GLASS = "break_glass"
    RESOLVE = "resolve"
    ERASE = "erase"
    HOLD = "hold"
    DRAFT = "draft"
    APPROVE_TEMPLATE = "approve_template"
    APPROVE_MESSAGE = "approve_message"
    SEND = "send"
    REVIEW = "review"
    FACILITATE = "facilitate"
    SETTLE_DUTY = "settle_duty"


class Seat(StrEnum):
    """Who sits where in one incident; a seat gives no right, a role does."""

    COMMANDER = "commander"
    SCRIBE = "scribe"
    COMMS_LEAD = "comms_lead"
    OPS_LEAD = "ops_lead"
    DEPUTY_COMMANDER = "deputy_commander"
    DEPUTY_COMMS_LEAD = "deputy_comms_lead"
    DEPUTY_OPS_LEAD = "deputy_ops_lead"


_RESPOND = frozenset({Deed.DECLARE, Deed.KILL, Deed.NOTE, Deed.SEAT, Deed.RESTORE})
_COMMAND = _RESPOND | {Deed.APPROVE_KILL, Deed.APPROVE_RESTORE, Deed.BREAK_GLASS, Deed.RESOLVE}
_LOOK = frozenset({Deed.DECLARE, Deed.KILL})
_TELL = _LOOK | {Deed.NOTE, Deed.DRAFT, Deed.SEND}

DEFAULT_ROLES: Mapping[str, frozenset[Deed]] = {
    "on_call": _COMMAND - {Deed.RESOLVE},
    "incident_commander": _COMMAND | {Deed.DRAFT, Deed.APPROVE_MESSAGE, Deed.SEND},
    "owner": _COMMAND | {Deed.REVIEW},
    "comms": _TELL,
    "comms_approver": _TELL | {Deed.APPROVE_TEMPLATE, Deed.APPROVE_MESSAGE},
    "legal": _LOOK
    | {Deed.NOTE, Deed.APPROVE_TEMPLATE, Deed.APPROVE_MESSAGE, Deed.REVIEW, Deed.ERASE, Deed.HOLD, Deed.SETTLE_DUTY},
    "executive": _LOOK | {Deed.NOTE, Deed.APPROVE_MESSAGE},
    "facilitator": _LOOK | {Deed.NOTE, Deed.FACILITATE, Deed.REVIEW},
    "auditor": _LOOK | {Deed.REVIEW},
}
"""What suits most; psfir.yaml's `roles:` replaces single roles. Everybody may declare and kill."""


@frozen
class Person:
    """Somebody named in psfir.yaml."""

    id: str
    name: str
    roles: tuple[str, ...] = ()
    email: str = ""
    slack: str = ""
    ssh_keys: tuple[str, ...] = ()


SLACK_LOGIN = "slack:"
"""How the login begins of somebody for whom Slack vouches; the member id follows."""


class Identity(StrEnum):
    """Asserted: somebody configured it. Verified: a key or provider vouches. Unverified: unknown. Trigger: machine."""

    ASSERTED = "asserted"
    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    TRIGGER = "trigger"


@frozen
class Actor:
    """Who did a deed. `login` is the operating system's word for who typed; a name nobody knows is kept out of `id`."""

    id: str
    identity: Identity
    login: str = ""

    def __str__(self) -> str:
        return f"{self.identity.value}:{self.id}" if self.id else self.identity.value

    @classmethod
    def parse(cls, text: str) -> Actor:
        identity, _, name = text.partition(":")
        return cls(name, Identity(identity))

    @property
    def known(self) -> bool:
        return self.identity in {Identity.ASSERTED, Identity.VERIFIED}


@frozen
class Team:
    """Everybody psfir.yaml names, and what each role may do."""

    people: Mapping[str, Person] = field(default_factory=dict)
    roles: Mapping[str, frozenset[Deed]] = field(default_factory=lambda: DEFAULT_ROLES)

    def may(self, actor: Actor, deed: Deed) -> bool:
        """Whether this actor may do it. Anybody at all may kill."""
        if deed is Deed.KILL:
            return True
        person = self.people.get(actor.id) if actor.known else None
        return person is not None and self._has(person, deed)

    def who_may(self, deed: Deed) -> tuple[str, ...]:
        """Ids of the people who may, for a sentence that says whom to ask."""
        return tuple(person.id for person in self.people.values() if deed is Deed.KILL or self._has(person, deed))

    def _has(self, person: Person, deed: Deed) -> bool:
        return any(deed in self.roles.get(role, frozenset()) for role in person.roles)
