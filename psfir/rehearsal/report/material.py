"""All that a report of a drill is made of. It is handed in: whoever has the same has the same report, to the byte."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from psfir.domain.entries import Entry
from psfir.domain.values import frozen
from psfir.rehearsal.clock import SECOND
from psfir.rehearsal.evaluate import Fact, facts
from psfir.rehearsal.inject import Inject
from psfir.rehearsal.log import LogEntry
from psfir.rehearsal.scenario import Scenario
from psfir.rehearsal.score import Score, score
from psfir.rehearsal.state import DrillState, Stage, fold
from psfir.rehearsal.words import Purpose

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Remark:
    """What the lint of messages says of one that was drafted in the drill."""

    message: str
    error: bool
    rule: str
    text: str
    says: str
    better: str


@frozen
class Said:
    """One answer of the hot wash; `question` is its place in the scenario, from 1."""

    question: int
    text: str


@frozen
class Tracked:
    """An improvement that is a remediation item by now: who does it by when."""

    title: str
    ref: str
    owner: str
    due: date


@frozen
class Material:
    """`scenario` is the cut that was played. `entries` is the record of the drill, `following` the day of the next."""

    run: str
    scenario: Scenario
    scenario_digest: str
    log: Sequence[LogEntry]
    log_digest: str
    entries: Sequence[Entry] = ()
    remarks: Sequence[Remark] = ()
    said: Sequence[Said] = ()
    tracked: Sequence[Tracked] = ()
    following: date | None = None

    @cached_property
    def state(self) -> DrillState:
        return fold(self.scenario, self.log)

    @cached_property
    def score(self) -> Score:
        return score(self.state)

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """What the record holds between the beginning of the drill and its end."""
        if self.state.started is None:
            return ()
        last = self.log[-1].real
        return tuple(one for one in facts(self.entries, self.state.clock, self.state.started) if one.real <= last)

    @property
    def end(self) -> int:
        """The scenario instant of the end; of one that goes on, of the last entry."""
        ended = self.state.ended_at
        return self.state.clock.at(self.log[-1].real) if ended is None else ended

    @property
    def trigger(self) -> int:
        """From which scenario instant times count: the inject that starts the clock, else the first trigger."""
        fired = [one for one in self.scenario.injects if self.state.injects[one.id].stage is Stage.FIRED]
        starts: list[Inject] = [one for one in fired if one.starts_clock]
        starts = starts or [one for one in fired if Purpose.TRIGGER in one.purposes]
        return min((self.state.injects[one.id].at for one in starts), default=0)

    @property
    def record_digest(self) -> str:
        """The hash of its last entry, which rests on all before it."""
        return self.entries[-1].hash if self.entries else "no record"

    def when(self, real: int) -> datetime:
        return _EPOCH + timedelta(microseconds=real)

    @property
    def began(self) -> datetime:
        return self.when(self.log[0].real)

    @property
    def ended(self) -> datetime:
        return self.when(self.log[-1].real)


def shown(at: int) -> str:
    """A scenario instant as people read it: 12:30, or 1:02:30; parts of a second are left out."""
    minutes, seconds = divmod(at // SECOND, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
