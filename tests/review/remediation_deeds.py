"""Remediation deeds as entries of a chain, written by whoever a test says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from psfir.domain import instants
from psfir.domain.approval import Approval
from psfir.domain.entries import GENESIS, Draft, Entry, seal
from psfir.domain.kinds import Kind
from psfir.domain.people import Actor, Identity
from psfir.review.remediation import TITLE, VERIFY, items
from psfir.review.remediation_item import OF, RISK, RemediationItem

AT = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)
INC = "INC-20261121-aaaaaa"


def somebody(name: str, login: str = "", *, signed: bool = False) -> Actor:
    return Actor(name, Identity.VERIFIED if signed else Identity.ASSERTED, login or f"{name}@box")


class Chain:
    """Entries in their order; a minute passes with each."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.at = AT

    def write(self, kind: Kind, data: dict[str, Any], *, by: Actor, incident: str = INC) -> Entry:
        prev = self.entries[-1].hash if self.entries else GENESIS
        draft = Draft(self.at, incident, str(by), "cli", kind, data)
        self.entries.append(seal(draft, seq=len(self.entries) + 1, prev=prev, salt="s"))
        self.at += timedelta(minutes=1)
        return self.entries[-1]

    def add(self, *, by: Actor, owner: str = "", due: int = 28, incident: str = INC, **more: Any) -> str:
        for about, text in ((TITLE, "Hold prompts back"), (VERIFY, "the drill holds")):
            self.write(Kind.NOTE, {"text": text, "about": about}, by=by, incident=incident)
        data = {"type": "prevent", "factor": "", "key": [], "same_as": "", **self.terms(owner, due), "login": by.login}
        self.write(Kind.REMEDIATION_ADDED, {**data, **more}, by=by, incident=incident)
        return list(self.items)[-1]

    def terms(self, owner: str, due: int = 28) -> dict[str, Any]:
        end = AT + timedelta(days=due)
        day = {"due": end.date().isoformat(), "due_at": instants.write(end)}
        return {"priority": "p1", "owner": owner, "verifier": "", "tracker": "", **day}

    def take(self, ref: str, *, by: Actor, owner: str = "") -> None:
        self._on(ref, Kind.REMEDIATION_TAKEN, by, **self.terms(owner or by.id), login=by.login)

    def block(self, ref: str, *, by: Actor) -> None:
        self._on(ref, Kind.REMEDIATION_BLOCKED, by, login=by.login)

    def done(self, ref: str, *, by: Actor) -> None:
        self._on(ref, Kind.REMEDIATION_DONE, by, evidence=["[entry 1]"], login=by.login)

    def verify(self, ref: str, *, by: Actor, digest: str = "") -> None:
        yes = self._yes(ref, OF, by, digest, self.at + timedelta(days=30))
        self._on(ref, Kind.REMEDIATION_VERIFIED, by, evidence=[], approval=yes)

    def accept(self, ref: str, *, by: Actor, until: datetime) -> None:
        self._on(ref, Kind.REMEDIATION_ACCEPTED, by, approval=self._yes(ref, RISK, by, "", until))

    def reopen(self, ref: str, *, by: Actor) -> None:
        self._on(ref, Kind.REMEDIATION_REOPENED, by, same_as="", login=by.login)

    @property
    def items(self) -> dict[str, RemediationItem]:
        return items(self.entries)

    def _yes(self, ref: str, of: str, by: Actor, digest: str, until: datetime) -> dict[str, Any]:
        return Approval(digest or self.items[ref].digest, of, by, self.at, until, "seen").to_json()

    def _on(self, ref: str, kind: Kind, by: Actor, **data: Any) -> None:
        incident, _, name = ref.partition("/")
        self.write(kind, {"item": name, **data}, by=by, incident=incident)
