"""What is assumed of one runbook and the people around it: times, chances, and what fails together. Plain values."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.domain.values import frozen


@frozen
class Spread:
    """A lognormal time in seconds; `n` observations of the team's own are in it."""

    median: float
    sigma: float
    n: int = 0


@frozen
class Pull:
    """One rung. `needs` names the events that make it fail; `fails` is the chance of failing without any of them."""

    name: str
    share: float
    tries: int
    spread: Spread
    fails: float
    needs: tuple[str, ...] = ()
    n: int = 0


@frozen
class Climb:
    """One step: its rungs in turn, once all steps it comes `after` have ended."""

    id: str
    pulls: tuple[Pull, ...]
    after: tuple[str, ...] = ()


@frozen
class Watch:
    """One probe: the effect settles, then `times` looks in a row have to hold, all of it within its share."""

    id: str
    settle: Spread
    look: Spread
    times: int
    every: float
    within: float
    each: float
    blind: float
    needs: tuple[str, ...] = ()


@frozen
class People:
    """Who has to do what. `others` are those who may give a further yes, `yeses` how many further ones are asked.

    In a bad hour people are away together. Whoever is away costs `away` more.
    """

    detect: Spread
    acknowledge: Spread
    declare: Spread
    decide: Spread | None
    approve: Spread
    second_yes: Spread
    away: Spread
    break_glass: Spread
    bad_hour: float
    away_chance: float
    away_chance_bad: float
    paged: int = 1
    others: int = 0
    yeses: int = 0
    wait: float = 0.0


@frozen
class Short:
    """A stretch with a share that cuts it off."""

    spread: Spread
    share: float


@frozen
class Model:
    """One kill, from the trigger to the verdict. `steps` stand in an order in which each comes after what it needs."""

    title: str
    deadline: float
    people: People
    plan: Short
    captures: tuple[Short, ...]
    steps: tuple[Climb, ...]
    watches: tuple[Watch, ...]
    reread: Short
    events: Mapping[str, float]
    fail: Spread
    hangs: float

    @property
    def rungs(self) -> tuple[Pull, ...]:
        return tuple(pull for step in self.steps for pull in step.pulls)
