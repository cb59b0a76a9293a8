"""The log of a drill: everything that happened, in order, from which all else is worked out again at any time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import Any

from psfir.domain.canon import Json
from psfir.domain.values import frozen

SCHEDULER = "psfir"
"""Who wrote what nobody did by hand."""


class LogKind(StrEnum):
    """Every kind of entry. What each carries is said in `CARRIES`."""

    STARTED = "run.started"
    TAKEN_UP = "run.taken_up"
    ENDED = "run.ended"
    ABORTED = "aborted"
    PAUSED = "clock.paused"
    RESUMED = "clock.resumed"
    SPEED = "clock.speed"
    FIRED = "inject.fired"
    SKIPPED = "inject.skipped"
    HELD = "inject.held"
    RELEASED = "inject.released"
    ADDED = "inject.added"
    HINT = "hint.given"
    MET = "expectation.met"
    PARTIAL = "expectation.partial"
    MISSED = "expectation.missed"
    WAIVED = "expectation.waived"
    ANSWERED = "poll.answered"
    OBSERVED = "observation.noted"
    JOINED = "role.joined"
    ACKNOWLEDGED = "inject.acknowledged"
    FAULT_BEGAN = "fault.began"
    FAULT_ENDED = "fault.ended"


CARRIES: Mapping[LogKind, str] = {
    LogKind.STARTED: "scenario, version, cut, speed",
    LogKind.TAKEN_UP: "at: the scenario instant from which it goes on",
    LogKind.ENDED: "at, why",
    LogKind.ABORTED: "why",
    LogKind.PAUSED: "why",
    LogKind.RESUMED: "nothing",
    LogKind.SPEED: "speed",
    LogKind.FIRED: "inject, at, why",
    LogKind.SKIPPED: "inject, at, why",
    LogKind.HELD: "inject, why",
    LogKind.RELEASED: "inject",
    LogKind.ADDED: "to, from, title, body",
    LogKind.HINT: "inject, number: from 1",
    LogKind.MET: "expectation, at, refs: entries of the record, says",
    LogKind.PARTIAL: "expectation, at, refs, says, late",
    LogKind.MISSED: "expectation, at, refs, says",
    LogKind.WAIVED: "expectation, why",
    LogKind.ANSWERED: "inject, role, choice",
    LogKind.OBSERVED: "rating, axis, text, inject",
    LogKind.JOINED: "role, person",
    LogKind.ACKNOWLEDGED: "inject: its number among those that players were handed, role",
    LogKind.FAULT_BEGAN: "fault: its place in the scenario, from 0, at",
    LogKind.FAULT_ENDED: "fault, at",
}


@frozen
class LogDraft:
    """An entry that is to be written. `at` in its data is always scenario time, in microseconds."""

    kind: LogKind
    data: Mapping[str, Json] = field(default_factory=dict)
    by: str = SCHEDULER


@frozen
class LogEntry:
    """One entry. `real` is microseconds since 1970 by a clock that no jump of the wall clock moves."""

    seq: int
    real: int
    kind: LogKind
    by: str
    data: Mapping[str, Any]

    def to_json(self) -> dict[str, Json]:
        return {"seq": self.seq, "real": self.real, "kind": self.kind.value, "by": self.by, "data": dict(self.data)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> LogEntry:
        return cls(data["seq"], data["real"], LogKind(data["kind"]), data["by"], data["data"])


def written(log: Sequence[LogEntry], drafts: Iterable[LogDraft], now: int) -> tuple[LogEntry, ...]:
    """The drafts as the next entries of a log."""
    first = log[-1].seq + 1 if log else 1
    return tuple(LogEntry(n, now, one.kind, one.by, one.data) for n, one in enumerate(drafts, start=first))
