"""What one change would buy: the same runs, with the same luck, once more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import sqrt
from statistics import median

from psfir.domain.values import frozen
from psfir.rehearsal.odds.count import Tally, count
from psfir.rehearsal.odds.model import Climb, Model, Pull

Z = 1.959964
"""Standard deviations to either side of an interval of 95 %."""

_PILOT = 4096


@frozen
class Interval:
    """An estimate with its interval of 95 %, which tells of chance alone and not of what is assumed."""

    value: float
    low: float
    high: float


@frozen
class Change:
    """One thing that could be done, and how much likelier it makes the deadline."""

    name: str
    says: str
    made: float
    gain: Interval


@frozen
class Answer:
    """All that was found out."""

    base: Tally
    changes: tuple[Change, ...]


def answer(model: Model, *, runs: int, seed: int) -> Answer:
    """The model as it is, and beside it with each change."""
    pilot = count([model], runs=min(runs, _PILOT), seed=seed)[0]
    asked = list(changed(model, pilot))
    base, *others = count([model, *(one for _, _, one in asked)], runs=runs, seed=seed)
    found = [Change(name, says, one.made / runs, gain(one)) for (name, says, _), one in zip(asked, others, strict=True)]
    return Answer(base, tuple(sorted(found, key=lambda one: -one.gain.value)))


def changed(model: Model, pilot: Tally) -> Iterator[tuple[str, str, Model]]:
    """Each change in a few words, and the model with it."""
    people = model.people
    if people.decide is not None:
        agreed = replace(people, decide=None, yeses=0)
        says = "it is decided beforehand, for triggers that are named: nobody has to decide, nor to ask a second yes"
        yield "pre-approval", says, replace(model, people=agreed)
    second = replace(people, paged=people.paged + 1, others=people.others + 1)
    says = "two people are paged at once and the first begins; both may approve"
    yield "a second approver", says, replace(model, people=second)
    if model.steps:
        step = weakest(model, pilot)
        says = f"below the ladder of the step {step.id}, by a vendor, a network and a credential of its own"
        yield "one more rung", says, replace(model, steps=tuple(longer(s) if s is step else s for s in model.steps))


def weakest(model: Model, pilot: Tally) -> Climb:
    """The step that costs the most deadlines: by no rung that holds, or by the time of its rungs."""

    def cost(step: Climb) -> int:
        names = (f"step {step.id}: no rung held", *(pull.name for pull in step.pulls))
        return sum(pilot.misses.get(name, 0) for name in names)

    return max(model.steps, key=cost)


def longer(step: Climb) -> Climb:
    """With one rung more, like the middle one of those there are, and dependent on nothing that they need."""
    share = median(pull.share for pull in step.pulls)
    like = min(step.pulls, key=lambda pull: abs(pull.share - share))
    name = f"{step.id} {len(step.pulls) + 1}. one more"
    return replace(step, pulls=(*step.pulls, Pull(name, like.share, 1, like.spread, like.fails)))


def wilson(hits: int, tries: int) -> Interval:
    """Of a share: never below nought nor above one, and right near both."""
    share, square = hits / tries, Z * Z
    centre = (share + square / (2 * tries)) / (1 + square / tries)
    half = Z / (1 + square / tries) * sqrt(share * (1 - share) / tries + square / (4 * tries * tries))
    return Interval(share, max(0.0, centre - half), min(1.0, centre + half))


def gain(one: Tally) -> Interval:
    """The difference of two shares of the same runs: only the runs that turned tell of it."""
    difference = (one.gained - one.lost) / one.runs
    variance = ((one.gained + one.lost) / one.runs - difference**2) / one.runs
    half = Z * sqrt(max(0.0, variance))
    return Interval(difference, difference - half, difference + half)
