"""For how long files are kept beside the record, and what keeps one longer: work that is not done, and a legal hold.

Retention never looks at the record itself: its entries stay, and what people typed goes by erasure alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from psfir.domain import instants
from psfir.domain.duties import Retention
from psfir.domain.entries import Entry
from psfir.domain.holds import Hold
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.values import frozen
from psfir.review.clock_facts import ClockFacts


class Thing(StrEnum):
    """What lies beside the record: what was captured, to whom a message went, the record as it was once."""

    EVIDENCE = "evidence"
    LIST = "list"
    COPY = "copy"


SILENT = {Kind.HOLD_PLACED, Kind.HOLD_RELEASED, Kind.DISCARDED, Kind.ERASED}
"""Entries that do not begin an incident's days anew: they are about keeping, not about what happened."""


@frozen
class Lying:
    """One file. `told`: an entry says that it was discarded already, and only the file is still to go.

    `orphan`: it belongs to words that were erased. `more` is what its tombstone says beside the rest.
    """

    thing: Thing
    incident: str
    name: str
    sha256: str
    path: Path
    size: int
    told: bool = False
    orphan: bool = False
    more: Mapping[str, str] = field(default_factory=dict)


@frozen
class Kept:
    """A file and its time. `since` is None as long as something has still to be done, which `waits` says."""

    file: Lying
    days: int
    since: datetime | None
    waits: str
    holds: tuple[Hold, ...]
    now: datetime

    @property
    def until(self) -> datetime | None:
        return self.since + timedelta(days=self.days) if self.since else None

    @property
    def past(self) -> bool:
        """Whether it may go now."""
        if self.holds:
            return False
        return self.file.told or self.file.orphan or (self.until is not None and self.now >= self.until)

    @property
    def line(self) -> str:
        """Why it stays, or that it may go."""
        if self.holds:
            return f"HELD by {', '.join(one.name for one in self.holds)}"
        if self.file.told or self.file.orphan:
            return "PAST: it was to go, and is still there"
        if self.until is None:
            return f"kept: {self.waits}"
        return f"{'PAST since' if self.past else 'until'} {self.until:%Y-%m-%d}"

    @property
    def why(self) -> str:
        """What its tombstone says."""
        if self.file.orphan or self.since is None:
            return "the words that it belonged to were erased"
        began = f"{self.since:%Y-%m-%d}"
        return f"{self.days} days after {began}, as psfir.yaml says"


def days_of(rule: Retention, thing: Thing) -> int:
    """What psfir.yaml says of each kind of thing."""
    return {Thing.EVIDENCE: rule.evidence, Thing.LIST: rule.lists, Thing.COPY: rule.copies}[thing]


def waits(incident: Incident, facts: ClockFacts, *, outstanding: bool) -> str:
    """What has still to be done in an incident before any time begins; "" where all is."""
    if incident.open:
        return "the incident is open"
    if incident.standing:
        return "something of it still stands"
    if incident.unfinished:
        return "it is not closed"
    if outstanding:
        return "its written analysis is not published"
    left = [name for name, one in facts.clocks.items() if one.open and not one.set_aside and not one.first_submitted]
    return f"the duty {left[0]} is open" if left else ""


def ended(entries: Sequence[Entry]) -> datetime:
    """When the last thing was recorded of an incident that is about what happened, not about keeping it."""
    last = entries[0]
    for one, after in zip(entries, [*entries[1:], None], strict=True):
        why = after is not None and after.kind in {Kind.HOLD_PLACED, Kind.HOLD_RELEASED} and after.seq == one.seq + 1
        if one.kind not in SILENT and not (one.kind == Kind.NOTE and why):
            last = one
    return instants.read(last.at)


def discarded(entries: Iterable[Entry]) -> Mapping[tuple[str, str, str], int]:
    """By thing, incident and digest: the last entry that says it was discarded."""
    return {
        (one.data["thing"], one.incident, one.data["sha256"]): one.seq
        for one in entries
        if one.kind == Kind.DISCARDED and one.data
    }
