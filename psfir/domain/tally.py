"""Many runs at once in counts: how far they are, what their rungs came to, and what is wrong with which systems."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from psfir.domain.canon import Json
from psfir.domain.change import Result
from psfir.domain.plan import Plan, PlannedRung
from psfir.domain.run import RunFacts, RungFacts
from psfir.domain.values import frozen
from psfir.domain.verdict import Verdict
from psfir.domain.wording import plain, some

FEW = 5
"""So many systems are shown one by one; of more, and of more rungs than `MANY`, people can follow counts alone."""

MANY = 24

_REQUEST = re.compile(r"(?:GET|HEAD|POST|PUT|PATCH|DELETE) \S+: ")
"""What a sentence may begin with that is another for each target, although the cause is one."""

_TIME = re.compile(r"\b(?:\d+h)?(?:\d+m)?\d+(?:\.\d+)?(?:ms|s|m)\b")
_SHORTEST = 3
"""A name of fewer letters could stand in any word."""

_WELL = {Result.CHANGED, Result.ALREADY_SO}


@frozen
class Trouble:
    """One thing that is wrong, in the words of the first system, and with which. `like`: without names and times."""

    what: str
    systems: tuple[str, ...]
    like: str

    def words(self, named: int = 3) -> str:
        """`a, b, c and 1 more: what`."""
        return f"{some(self.systems, named)}: {self.what}"


@frozen
class Tally:
    """Steps and probes of all runs together; `rungs` by what they came to, `verdicts` of runs that have one."""

    systems: int
    steps: int
    held: int
    pulling: int
    looking: int
    soaking: int
    ended: int
    rungs: Mapping[Result, int]
    verdicts: Mapping[Verdict, int]
    troubles: tuple[Trouble, ...]

    def to_json(self) -> dict[str, Json]:
        return {
            "systems": self.systems,
            "steps": self.steps,
            "held": self.held,
            "pulling": self.pulling,
            "looking": self.looking,
            "soaking": self.soaking,
            "ended": self.ended,
            "rungs": {result.value: count for result, count in self.rungs.items()},
            "verdicts": {verdict.value: count for verdict, count in self.verdicts.items()},
            "troubles": [{"what": one.what, "systems": list(one.systems)} for one in self.troubles],
        }


def crowded(plans: Sequence[Plan]) -> bool:
    """Whether these are too many to be shown one by one."""
    return len(plans) > FEW or sum(len(plan.rungs) for plan in plans) > MANY


def tally(runs: Iterable[RunFacts], plans: Sequence[Plan]) -> Tally:
    """What they have come to so far; a run that has not begun has only its plan."""
    known = list(runs)
    rungs = Counter(rung.outcome.result for run in known for rung in run.rungs.values() if rung.outcome)
    verdicts = Counter(run.verdict for run in known if run.verdicts)
    soaking = [run for run in known if run.soaking is not None and run.ended is None]
    return Tally(
        systems=len({plan.runbook.system for plan in plans}),
        steps=sum(len({planned.step for planned in plan.rungs}) for plan in plans),
        held=sum(len(run.held_steps) for run in known),
        pulling=sum(1 for run in known for rung in run.rungs.values() if rung.outcome is None),
        looking=sum(1 for run in known if run.seen and not run.verdicts),
        soaking=len(soaking),
        ended=sum(run.ended is not None for run in known),
        rungs={result: rungs[result] for result in Result if rungs[result]},
        verdicts={verdict: verdicts[verdict] for verdict in Verdict if verdicts[verdict]},
        troubles=troubles(known),
    )


def troubles(runs: Iterable[RunFacts]) -> tuple[Trouble, ...]:
    """What is wrong now, the most frequent first: a rung that failed is none once another of its step holds."""
    found: dict[str, list[tuple[str, str]]] = {}
    for run in runs:
        own = _own(run.plan)
        for what in _wrong(run):
            found.setdefault(_like(what, own), []).append((what, run.plan.runbook.system))
    said = [Trouble(all_[0][0], tuple(dict.fromkeys(one for _, one in all_)), like) for like, all_ in found.items()]
    return tuple(sorted(said, key=lambda one: -len(one.systems)))


def _own(plan: Plan) -> list[str]:
    """What this system alone is called by, the longest first: itself, and what its rungs are pulled on."""
    names = {plan.runbook.system}
    for planned in plan.rungs:
        names |= {name for key, value in planned.rung.target.items() if key != "connection" for name in _leaves(value)}
    return sorted((name for name in names if len(name) >= _SHORTEST), key=lambda name: (-len(name), name))


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _leaves(one)


def _like(what: str, own: Iterable[str]) -> str:
    for name in own:
        what = what.replace(name, "…")
    return _TIME.sub("…", what)


def cause(text: str) -> str:
    """A sentence without what makes it another for each target."""
    return plain(_REQUEST.sub("", text))


def _wrong(run: RunFacts) -> Iterable[str]:
    if run.verdicts and run.verdict is Verdict.CONTAINED:
        return
    held, planned = run.held_steps, {(p.step, p.index): p for p in run.plan.rungs}
    for key, rung in run.rungs.items():
        if key[0] not in held and rung.outcome is not None and (rung.outcome.result not in _WELL or rung.look):
            yield _of(rung, planned.get(key))
    if run.verdicts and all(step in held for step in {p.step for p in run.plan.rungs}):
        yield f"{_words(run.verdict.value).upper()}, {cause(run.verdicts[-1].why)}"


def _of(rung: RungFacts, planned: PlannedRung | None) -> str:
    assert rung.outcome is not None  # noqa: S101 - the caller looked
    lever = f"{planned.rung.lever} via {planned.rung.connection}" if planned else rung.step
    if rung.outcome.result in _WELL and rung.look:
        return f"{lever} {_words(rung.look.held.value)}: {cause(rung.look.says)}"
    return f"{lever} {_words(rung.outcome.result.value)}: {cause(rung.outcome.says)}"


def _words(value: str) -> str:
    return value.replace("_", " ")
