"""What people recorded of instants and of clocks in one incident: a fold over its entries, nothing forgotten.

Why somebody did it stands in a note right before the deed, so that words can be erased and the deed stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from psfir.domain import instants
from psfir.domain.entries import Entry
from psfir.domain.kinds import Kind
from psfir.domain.timeline import ERASED
from psfir.domain.values import frozen
from psfir.review.clock import Fact

REASON = "reason"


@frozen
class Said:
    """One deed: who, when, why. `at` is the instant that it speaks of, None for one that was taken back."""

    seq: int
    by: str
    recorded_at: datetime
    why: str = ""
    at: datetime | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@frozen
class ClockDeeds:
    """What was done with one clock. `opened` and `aside`: the later one counts."""

    opened: Said | None = None
    aside: Said | None = None
    delayed: Said | None = None
    submitted: tuple[Said, ...] = ()

    @property
    def open(self) -> bool:
        return self.opened is not None and not self.set_aside

    @property
    def set_aside(self) -> bool:
        return self.aside is not None and (self.opened is None or self.aside.seq > self.opened.seq)

    @property
    def first_submitted(self) -> datetime | None:
        """The report itself; updates of it come behind."""
        return min((one.at for one in self.submitted if one.at and not one.data["update"]), default=None)

    @property
    def last_submitted(self) -> datetime | None:
        return max((one.at for one in self.submitted if one.at), default=None)


@frozen
class ClockFacts:
    """The last word on each instant, with those before it; each clock that somebody touched; legal's yeses."""

    instants: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)
    clocks: Mapping[str, ClockDeeds] = field(default_factory=dict)
    acknowledged: tuple[Said, ...] = ()
    evidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def kept(self, system: str) -> tuple[str, ...]:
        """Digests of what was captured of a system: what a run kept is of the system that it contained."""
        return self.evidence.get(system, ())

    def at(self, fact: Fact) -> datetime | None:
        """When it was, as last recorded."""
        said = self.instants.get(fact.value, ())
        return said[-1].at if said else None

    def of(self, clock: str) -> ClockDeeds:
        return self.clocks.get(clock, ClockDeeds())


def clock_facts(entries: Iterable[Entry]) -> ClockFacts:
    """Of the entries of one incident, in their order."""
    said: dict[str, tuple[Said, ...]] = {}
    clocks: dict[str, ClockDeeds] = {}
    acknowledged: list[Said] = []
    runs: dict[str, str] = {}
    evidence: dict[str, tuple[str, ...]] = {}
    before: Entry | None = None
    for entry in entries:
        data = entry.data or {}
        if entry.kind == Kind.INSTANT:
            said[data["fact"]] = (*said.get(data["fact"], ()), _said(entry, before, data["at"]))
        elif entry.kind == Kind.ACKNOWLEDGED:
            acknowledged.append(_said(entry, before))
        elif entry.kind == Kind.RUN_STARTED:
            runs[data["run"]] = data["system"]
        elif entry.kind == Kind.EVIDENCE and data["run"] in runs:
            system = runs[data["run"]]
            evidence[system] = tuple(dict.fromkeys((*evidence.get(system, ()), data["sha256"])))
        elif entry.kind in _DEEDS:
            deeds = clocks.get(data["clock"], ClockDeeds())
            clocks[data["clock"]] = _with(deeds, entry, before)
        before = entry
    return ClockFacts(said, clocks, tuple(acknowledged), evidence)


_DEEDS = {Kind.CLOCK_OPENED, Kind.CLOCK_ASIDE, Kind.CLOCK_DELAYED, Kind.CLOCK_SUBMITTED}


def _with(deeds: ClockDeeds, entry: Entry, before: Entry | None) -> ClockDeeds:
    data = entry.data or {}
    opened, aside, delayed, submitted = deeds.opened, deeds.aside, deeds.delayed, deeds.submitted
    if entry.kind == Kind.CLOCK_OPENED:
        opened = _said(entry, before)
    elif entry.kind == Kind.CLOCK_ASIDE:
        aside = _said(entry, before)
    elif entry.kind == Kind.CLOCK_DELAYED:
        delayed = _said(entry, before, data["until"])
    else:
        submitted = (*submitted, _said(entry, before, data["at"]))
    return ClockDeeds(opened, aside, delayed, submitted)


def _said(entry: Entry, before: Entry | None, at: str | None = None) -> Said:
    return Said(
        seq=entry.seq,
        by=entry.actor,
        recorded_at=instants.read(entry.at),
        why=_why(entry, before),
        at=instants.read(at) if at else None,
        data=entry.data or {},
    )


def _why(entry: Entry, before: Entry | None) -> str:
    """The note that was written together with it."""
    if before is None or before.kind != Kind.NOTE or (before.seq, before.actor) != (entry.seq - 1, entry.actor):
        return ""
    if before.data is None:
        return ERASED
    return str(before.data["text"]) if before.data["about"] == REASON else ""
