"""A run as it goes: the same facts told line by line, or drawn in place where there is a terminal."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Protocol

from psfir.cli.desk import Desk
from psfir.contracts import Clock
from psfir.domain import durations
from psfir.domain.entries import Entry
from psfir.domain.kinds import Kind
from psfir.domain.plan import Plan
from psfir.domain.run import RunFacts, add, begin
from psfir.domain.tally import crowded, tally
from psfir.domain.timeline import line

PROGRESS = 1.0
"""Seconds between two counts in a stream."""

QUIET = {Kind.PLANNED, Kind.APPROVED, Kind.DECLARED, Kind.NOTE, Kind.CLAIMED, Kind.SYSTEM_ADDED}


class View(Protocol):
    """Something that shows runs. `add` may be called from any thread."""

    def add(self, entry: Entry) -> None: ...
    def tick(self) -> None: ...
    def hold(self) -> None:
        """Leave the terminal alone until the next tick: somebody is being asked something."""

    def close(self) -> None: ...


class Watched:
    """The facts of the runs shown, and the clock of each: counted from the trigger by the boot clock."""

    def __init__(self, clock: Clock, plans: dict[str, Plan]) -> None:
        self.clock = clock
        self._plans = plans
        self.runs: dict[str, RunFacts] = {}
        self._lock = Lock()

    def add(self, entry: Entry) -> RunFacts | None:
        """Take in an entry; the run it belongs to, if it is one of those watched."""
        run = (entry.data or {}).get("run")
        if run not in self._plans:
            return None
        with self._lock:
            known = self.runs.get(run)
            self.runs[run] = add(known, entry) if known else begin(entry, self._plans[run])
            return self.runs[run]

    @property
    def plans(self) -> list[Plan]:
        return list(self._plans.values())

    def know(self, facts: RunFacts) -> None:
        """Start from what is recorded of a run that is taken up."""
        self.runs[facts.id] = facts

    def age(self, run: RunFacts) -> float:
        """Seconds since the trigger."""
        origin = run.resumed[-1] if run.resumed else run.started
        if origin["boot_id"] != self.clock.boot_id():
            return float(origin["age"])
        return float(origin["age"]) + self.clock.elapsed() - float(origin["boot_at"])


class Lines:
    """One plain line an entry, with the clock; for pipes, logs and people who asked for no colour."""

    def __init__(self, watched: Watched, say: Callable[[str], None]) -> None:
        self._watched = watched
        self._say = say
        self._late: set[str] = set()

    def add(self, entry: Entry) -> None:
        run = self._watched.add(entry)
        if run is None or entry.kind in QUIET:
            return
        age, deadline = self._watched.age(run), run.plan.runbook.deadline
        self._say(f"T+{durations.clock(age)}  {run.plan.runbook.system}  {line(entry)}")
        if age > deadline and run.id not in self._late and run.verb == "kill" and not run.verdicts:
            self._late.add(run.id)
            self._say(
                f"T+{durations.clock(age)}  LATE: past the deadline of {durations.show(deadline)}; the kill goes on"
            )

    def tick(self) -> None:
        return

    def hold(self) -> None:
        return

    def close(self) -> None:
        return


class Stream:
    """JSON lines: one an entry."""

    def __init__(self, watched: Watched, desk: Desk) -> None:
        self._watched = watched
        self._desk = desk
        self._last = watched.clock.elapsed()

    def add(self, entry: Entry) -> None:
        run = self._watched.add(entry)
        if run is not None:
            self._desk.event("entry", {"t": round(self._watched.age(run), 3), **entry.to_json()})

    def tick(self) -> None:
        """Of many runs the counts as well, so that no program needs to work them out of the entries."""
        plans, now = self._watched.plans, self._watched.clock.elapsed()
        if now - self._last >= PROGRESS and crowded(plans):
            self._last = now
            self._desk.event("progress", tally(list(self._watched.runs.values()), plans).to_json())

    def hold(self) -> None:
        return

    def close(self) -> None:
        return


def view(desk: Desk, watched: Watched) -> View:
    """The one that fits where the output goes, and how much there is to show."""
    if desk.json:
        return Stream(watched, desk)
    plans = watched.plans
    if crowded(plans):
        from psfir.cli.fleet import FleetLines  # few kills are of many

        if not desk.live:
            return FleetLines(watched, plans, desk.say)
        from psfir.cli.fleet_board import FleetBoard  # the same, and rich as below

        return FleetBoard(watched, plans)
    if desk.live:
        from psfir.cli.board import Board  # rich takes 50 ms: only where somebody watches

        return Board(watched)
    return Lines(watched, desk.say)
