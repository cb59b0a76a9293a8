"""A drill that is being played: its clock, its log on disk, and what happens by itself, from one process alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from psfir.app.drill_run_folder import RunFolder
from psfir.contracts import Clock
from psfir.domain.entries import Entry
from psfir.rehearsal.clock import SECOND
from psfir.rehearsal.deeds import take_up
from psfir.rehearsal.log import LogDraft, LogEntry, LogKind, written
from psfir.rehearsal.state import DrillState, extend, fold
from psfir.rehearsal.step import coming, step

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Read = Callable[[int], Iterable[Entry]]
Faults = Callable[[Sequence[tuple[int, bool]]], None]


class Steady:
    """Microseconds since 1970 by a clock that no correction of the wall moves."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = (clock.now() - _EPOCH) // timedelta(microseconds=1)
        self._since = clock.elapsed()

    def now(self) -> int:
        return self._began + int((self._clock.elapsed() - self._since) * SECOND)


class Conductor:
    """Of one run folder, whose lead is ours. `read` gives the record's entries behind one; `faults` orders some."""

    def __init__(self, folder: RunFolder, clock: Clock, *, read: Read, faults: Faults) -> None:
        self.folder = folder
        self.scenario = folder.scenario()
        self._time = Steady(clock)
        self._read = read
        self._faults = faults
        folder.mend()
        self.log = folder.log()
        self.entries: list[Entry] = []
        self.state: DrillState = fold(self.scenario, self.log)

    @property
    def now(self) -> int:
        return self._time.now()

    @property
    def at(self) -> int:
        """The scenario instant."""
        return self.state.clock.at(self.now)

    def do(self, draft: LogDraft) -> LogEntry:
        """What somebody does, after all that came before it."""
        (entry,) = written(self.log, [draft], self.now)
        self._append([entry])
        return entry

    def tick(self) -> list[LogEntry]:
        """What has become due, done and logged."""
        after = self.entries[-1].seq if self.entries else 0
        self.entries.extend(self._read(after))
        now = self.now
        news = list(step(self.scenario, self.log, now=now, entries=self.entries))
        if news:
            self._append(news)
        if self.state.going:
            self.folder.pulse(self.state.clock.at(now))
        return news

    def take_up(self, by: str) -> LogEntry:
        """Go on where the process that led it was last seen alive. What is on, of faults, is ordered again."""
        logged = max((int(one.data.get("at", 0)) for one in self.log), default=0)
        begun = self.do(take_up(self.state, max(self.folder.last_pulse(), logged), by=by))
        self._faults([(number, True) for number, on in self.state.faults.items() if on])
        return begun

    def soon(self, also: int | None = None) -> float:
        """Real seconds until something is due by the clock alone, as far as anybody knows, or `also` has come."""
        clock = self.state.clock
        ends = self.scenario.end.after * SECOND
        instants = [at for _, at in coming(self.state) if at is not None]
        instants += [one.due for one in self.state.expectations.values() if one.due is not None]
        ahead = [at for at in (*instants, ends, also or 0) if at > self.at]
        real = clock.real(min(ahead)) if ahead and clock.running else None
        return max((real - self.now) / SECOND, 0.0) if real is not None else float("inf")

    def _append(self, entries: Sequence[LogEntry]) -> None:
        state = self.state
        for entry in entries:
            state = extend(state, entry)
        self.folder.append(entries)
        self.log.extend(entries)
        self.state = state
        turned = [(one.data["fault"], one.kind is LogKind.FAULT_BEGAN) for one in entries if one.kind in _FAULTS]
        if turned:
            self._faults(turned)


_FAULTS = frozenset({LogKind.FAULT_BEGAN, LogKind.FAULT_ENDED})
