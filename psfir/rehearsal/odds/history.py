"""A team's own times, as a record tells them: of incidents that were declared, and of kills that were carried out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import Any

from psfir.domain import instants
from psfir.domain.change import Held, Result
from psfir.domain.entries import Entry
from psfir.domain.kinds import Kind
from psfir.domain.plan import Verb
from psfir.domain.values import frozen, remade
from psfir.domain.verdict import Verdict

METRICS = frozenset({"prometheus", "cloudwatch"})
"""Probes that look at what was counted over a while, so that they see an effect late."""

_AT_ONCE = 1.0
"""Seconds. What follows sooner was one command: nobody can be timed by it."""

_WELL = {Result.CHANGED, Result.ALREADY_SO}


@frozen
class History:
    """Seconds. `declared` from the trigger, `decided` from there to the yes at the prompt, `agreed` from there on.

    `pulls` of rungs that held, by lever; `tries` counts (failed, all). `settled` is by whether a metric was looked at.
    """

    declared: tuple[float, ...] = ()
    decided: tuple[float, ...] = ()
    agreed: tuple[float, ...] = ()
    pulls: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    tries: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    settled: Mapping[bool, tuple[float, ...]] = field(default_factory=dict)


def history(entries: Iterable[Entry]) -> History:
    """Of all systems: they are the same people and the same vendors. What was erased is passed over."""
    read = _Reader()
    for entry in entries:
        if entry.data is not None and (step := _STEPS.get(entry.kind)):
            step(read, entry, entry.data, instants.read(entry.at).timestamp())
    return read.found()


def with_people_of(own: History, drills: Iterable[History]) -> History:
    """The same with how long people took in drills. Levers and probes of a range answer as no vendor does."""
    found = [own, *drills]
    return remade(
        own,
        declared=tuple(seconds for one in found for seconds in one.declared),
        decided=tuple(seconds for one in found for seconds in one.decided),
        agreed=tuple(seconds for one in found for seconds in one.agreed),
    )


class _Reader:
    """What is known so far, incident by incident and run by run."""

    def __init__(self) -> None:
        self.declared: list[float] = []
        self.decided: list[float] = []
        self.agreed: list[float] = []
        self.pulls: dict[str, list[float]] = defaultdict(list)
        self.tries: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        self.settled: dict[bool, list[float]] = defaultdict(list)
        self._begun: dict[str, float] = {}
        self._planned: dict[str, tuple[float, Mapping[str, Any]]] = {}
        self._kills: dict[str, tuple[Mapping[str, Any], float]] = {}
        self._intended: dict[tuple[str, str, int], tuple[str, float]] = {}

    def found(self) -> History:
        return History(
            tuple(self.declared),
            tuple(self.decided),
            tuple(self.agreed),
            {lever: tuple(seconds) for lever, seconds in self.pulls.items()},
            {lever: (failed, tried) for lever, (failed, tried) in self.tries.items()},
            {metric: tuple(seconds) for metric, seconds in self.settled.items()},
        )

    def declare(self, entry: Entry, data: Mapping[str, Any], at: float) -> None:
        took = at - instants.read(data["trigger"]["at"]).timestamp()
        self._begun[entry.incident] = at
        if took > _AT_ONCE:
            self.declared.append(took)

    def plan(self, entry: Entry, data: Mapping[str, Any], at: float) -> None:
        plan = data["plan"]
        if plan["verb"] != Verb.KILL:
            return
        self._planned[str(plan["digest"])] = at, plan["runbook"]
        begun = self._begun.pop(entry.incident, None)
        if begun is not None and at - begun > _AT_ONCE:
            self.decided.append(at - begun)

    def start(self, entry: Entry, data: Mapping[str, Any], at: float) -> None:
        if data["verb"] != Verb.KILL or str(data["plan"]) not in self._planned:
            return
        planned, book = self._planned[str(data["plan"])]
        self._kills[str(data["run"])] = book, at
        if book["approval"]["kill"] > 1 and at - planned > _AT_ONCE:
            self.agreed.append(at - planned)

    def intend(self, _: Entry, data: Mapping[str, Any], at: float) -> None:
        if data["run"] in self._kills:
            self._intended[_key(data)] = str(data["change"]["lever"]), at

    def end(self, _: Entry, data: Mapping[str, Any], at: float) -> None:
        self._moved(data, at)
        if Result(data["result"]) not in _WELL and (known := self._intended.pop(_key(data), None)):
            self._tried(known[0], failed=True)

    def verify(self, _: Entry, data: Mapping[str, Any], at: float) -> None:
        self._moved(data, at)
        if known := self._intended.pop(_key(data), None):
            lever, begun = known
            held = data["held"] == Held.HELD
            self._tried(lever, failed=not held)
            if held:
                self.pulls[lever].append(at - begun)

    def judge(self, _: Entry, data: Mapping[str, Any], at: float) -> None:
        run = str(data["run"])
        if run in self._kills and data["phase"] == "probes" and data["verdict"] == Verdict.CONTAINED:
            book, last = self._kills[run]
            looks = max((use["every"] * (use["times"] - 1) for use in book["verify"]), default=0.0)
            metric = any(use["probe"] in METRICS for use in book["verify"])
            self.settled[metric].append(max(0.0, at - last - looks))

    def _moved(self, data: Mapping[str, Any], at: float) -> None:
        run = str(data["run"])
        if run in self._kills:
            self._kills[run] = self._kills[run][0], at

    def _tried(self, lever: str, *, failed: bool) -> None:
        counts = self.tries[lever]
        counts[0] += failed
        counts[1] += 1


def _key(data: Mapping[str, Any]) -> tuple[str, str, int]:
    return str(data["run"]), str(data["step"]), int(data["rung"])


_STEPS: Mapping[str, Callable[[_Reader, Entry, Mapping[str, Any], float], None]] = {
    Kind.DECLARED: _Reader.declare,
    Kind.PLANNED: _Reader.plan,
    Kind.RUN_STARTED: _Reader.start,
    Kind.INTENDED: _Reader.intend,
    Kind.ENDED: _Reader.end,
    Kind.VERIFIED: _Reader.verify,
    Kind.VERDICT: _Reader.judge,
}
