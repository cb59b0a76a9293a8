"""A remediation item as it stands, and the one rule of its end: nobody closes what they had in hand themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from enum import StrEnum

from psfir.domain.approval import Approval, same_login
from psfir.domain.canon import digest
from psfir.domain.people import Actor
from psfir.domain.values import frozen
from psfir.review.remediation_export import Exported

OF = "remediation"
RISK = "accepted risk"
"""What a yes is to."""


class ItemType(StrEnum):
    """What an item is for."""

    MITIGATE = "mitigate"
    PREVENT = "prevent"
    DETECT = "detect"
    PROCESS = "process"


class Priority(StrEnum):
    """How soon."""

    P0 = "p0"
    P1 = "p1"
    P2 = "p2"
    P3 = "p3"


DAYS: Mapping[Priority, int] = {Priority.P0: 7, Priority.P1: 28, Priority.P2: 56, Priority.P3: 84}
"""After so many days an item is due where nobody says when; on the next day on which its owner works."""


class State(StrEnum):
    """Where an item stands. Only the last two close it, and an accepted risk only until it runs out."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    BLOCKED = "blocked"
    DONE = "done_unverified"
    VERIFIED = "verified"
    ACCEPTED = "accepted_risk"


@frozen
class Did:
    """One deed: which entry, by whom, when, why, and what shows it."""

    seq: int
    by: Actor
    at: datetime
    why: str = ""
    evidence: tuple[str, ...] = ()


@frozen
class RemediationItem:
    """One item. `key` tells its factor from others: what kind it is of, then its tags; empty if it has none.

    `hands` had it in hand since it was last open; `stamps` are the hashes of the entries that made it what it is;
    `until` is the last day of an accepted risk, in its owner's calendar.
    """

    incident: str
    id: str
    title: str
    verify: str
    added: Did
    type: ItemType
    priority: Priority
    factor: str
    key: tuple[str, ...]
    same_as: str
    owner: str
    verifier: str
    due: date
    due_at: datetime
    tracker: str
    state: State = State.OPEN
    blocked: Did | None = None
    done: Did | None = None
    verified: Did | None = None
    risk: Approval | None = None
    until: date | None = None
    reopened: tuple[Did, ...] = ()
    hands: tuple[Actor, ...] = ()
    stamps: tuple[str, ...] = ()
    exports: Mapping[str, Exported] = field(default_factory=dict)

    @property
    def ref(self) -> str:
        return f"{self.incident}/{self.id}"

    @property
    def spot(self) -> str:
        """Its factor among those of all incidents; "" if it answers none."""
        return f"{self.incident}/{self.factor}" if self.factor else ""

    @property
    def digest(self) -> str:
        """What a yes to it names: every entry that made it what it is. It stays when words of them are erased."""
        return digest({"item": self.ref, "entries": list(self.stamps)})

    def at(self, moment: datetime) -> State:
        """An accepted risk that has run out is open again."""
        over = self.state is State.ACCEPTED and (self.risk is None or moment >= self.risk.expires)
        return State.OPEN if over else self.state

    def closed(self, moment: datetime) -> bool:
        return self.at(moment) in {State.VERIFIED, State.ACCEPTED}

    def overdue(self, moment: datetime) -> bool:
        """Also one that is done: nobody has looked whether it helps."""
        return not self.closed(moment) and moment >= self.due_at

    def run_out(self, moment: datetime) -> bool:
        """Whether its risk was accepted, and no longer is."""
        return self.state is State.ACCEPTED and self.at(moment) is State.OPEN

    def same_hands(self, actor: Actor) -> str:
        """Why this person cannot close it; '' if they can."""
        if actor.id == self.owner:
            return f"{actor.id} owns {self.id}"
        for one in self.hands:
            if one.id == actor.id:
                return f"{actor.id} had {self.id} in hand"
            if same_login(one, actor):
                return f"{actor.id} works from the same login as {one.id}: sign with an SSH key"
        return ""
