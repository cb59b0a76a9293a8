"""The same model told as events in SimPy, one run after the other: how most people would write it."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from math import inf, log
from random import Random
from typing import Any

from simpy import AllOf, AnyOf, Environment, Event

from psfir.rehearsal.odds.model import Climb, Model, Pull, Spread, Watch

Doing = Generator[Event, Any, Any]


class Drill:
    """One run. `ended` is the second of the verdict, `contained` what it says."""

    def __init__(self, model: Model, luck: Random) -> None:
        self.env = Environment()
        self.model, self.luck = model, luck
        self.down = {name for name, chance in model.events.items() if luck.random() < chance}
        bad = luck.random() < model.people.bad_hour
        self.away = model.people.away_chance_bad if bad else model.people.away_chance
        self.contained, self.unknown = True, False
        self.steps: dict[str, Event] = {}
        self.env.run(self.env.process(self._run()))
        self.ended = self.env.now

    def _run(self) -> Doing:
        model, people = self.model, self.model.people
        yield AnyOf(self.env, [self._person(people.acknowledge) for _ in range(people.paged)])
        for stage in (people.declare, people.decide, people.approve):
            if stage is not None:
                yield self._pass(stage)
        if people.yeses:
            yield from self._agree()
        yield self._pass(model.plan.spread, most=model.plan.share)
        yield AllOf(self.env, [self._pass(one.spread, most=one.share) for one in model.captures])
        for step in model.steps:
            self.steps[step.id] = self.env.process(self._climb(step))
        yield AllOf(self.env, self.steps.values())
        if self.unknown:
            again = min(self._time(model.reread.spread), model.reread.share)
            yield self.env.timeout(2 * again)
        yield AllOf(self.env, [self.env.process(self._watch(one)) for one in model.watches])
        if len(model.watches) > 1:
            yield self._pass(model.watches[0].look, most=max(one.each for one in model.watches))

    def _agree(self) -> Doing:
        people = self.model.people
        asked = [self._person(people.second_yes) for _ in range(people.others)]
        over = self.env.timeout(people.wait)
        while sum(one.processed for one in asked) < people.yeses:
            yield AnyOf(self.env, [over, *(one for one in asked if not one.processed)])
            if over.processed:
                yield self._pass(people.break_glass)
                return

    def _climb(self, step: Climb) -> Doing:
        yield AllOf(self.env, [self.steps[name] for name in step.after])
        for pull in step.pulls:
            if (yield self.env.process(self._pull(pull))):
                return
        self.contained = False

    def _pull(self, pull: Pull) -> Doing:
        away = self._fallen(pull.needs)
        for _ in range(pull.tries):
            works = self._time(pull.spread)
            if not away and self.luck.random() >= pull.fails:
                yield self.env.timeout(min(works, pull.share))
                self.unknown = self.unknown or works >= pull.share
                return works < pull.share
            if self.luck.random() < self.model.hangs:
                yield self.env.timeout(pull.share)
                self.unknown = True
                return False
            yield self._pass(self.model.fail, most=pull.share)
        return False

    def _watch(self, one: Watch) -> Doing:
        """Looks begin `every` so often, or when the last one is answered where that takes longer."""
        look = min(self._time(one.look), one.each)
        blind = self._fallen(one.needs) or self.luck.random() < one.blind
        settled = self._time(one.settle)
        needed = settled + (one.times - 1) * max(one.every, look) + look
        if not blind and needed <= one.within:
            yield self.env.timeout(settled)
            for _ in range(one.times - 1):
                yield self.env.timeout(max(one.every, look))
            yield self.env.timeout(look)
            return
        self.contained = False
        yield self.env.timeout(one.within)

    def _person(self, usual: Spread) -> Event:
        late = self._time(self.model.people.away) if self.luck.random() < self.away else 0.0
        return self.env.timeout(self._time(usual) + late)

    def _fallen(self, needs: Iterable[str]) -> bool:
        return not self.down.isdisjoint(needs)

    def _pass(self, spread: Spread, *, most: float = inf) -> Event:
        return self.env.timeout(min(self._time(spread), most))

    def _time(self, spread: Spread) -> float:
        return self.luck.lognormvariate(log(spread.median), spread.sigma)


def drills(model: Model, runs: int, seed: int) -> list[float]:
    """Seconds to the verdict of each run, infinite where it is not contained."""
    luck = Random(seed)  # noqa: S311 - chance for arithmetic, no secret
    made = (Drill(model, luck) for _ in range(runs))
    return [one.ended if one.contained else inf for one in made]
