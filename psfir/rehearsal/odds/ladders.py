"""The steps of many runs at once: ladders side by side or after one another, and the path that ends last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce

import numpy as np

from psfir.domain.values import frozen
from psfir.rehearsal.odds.draws import Chunk, Flags, Reals
from psfir.rehearsal.odds.model import Climb, Model, Pull

Down = Mapping[str, Flags]


@frozen
class Climbed:
    """One step: the seconds of each rung, whether one held, and whether some outcome is unknown."""

    spent: tuple[Reals, ...]
    held: Flags
    unknown: Flags

    @property
    def seconds(self) -> Reals:
        return reduce(np.add, self.spent)


@frozen
class Pulled:
    """All steps: when the last one ended, and of each rung the seconds that it spent on the path to there."""

    end: Reals
    on_path: Mapping[str, Reals]
    failed: Mapping[str, Flags]
    unknown: Flags


def fallen(needs: tuple[str, ...], down: Down, size: int) -> Flags:
    """Where any of the events has happened that make it fail."""
    return reduce(np.logical_or, (down[name] for name in needs), np.zeros(size, dtype=np.bool_))


def pulled(model: Model, chunk: Chunk, down: Down) -> Pulled:
    """Every ladder climbed, as far as it has to be."""
    done = {step.id: _climbed(step, model, chunk, down) for step in model.steps}
    ends: dict[str, Reals] = {}
    for step in model.steps:
        starts = [ends[name] for name in step.after]
        spent = done[step.id].seconds
        ends[step.id] = spent + reduce(np.maximum, starts) if starts else spent
    critical = _critical(model.steps, ends)
    names = {
        pull.name: seconds * critical[step.id]
        for step in model.steps
        for pull, seconds in zip(step.pulls, done[step.id].spent, strict=True)
    }
    unknown = reduce(np.logical_or, (one.unknown for one in done.values()))
    failed = {step.id: ~done[step.id].held for step in model.steps}
    return Pulled(reduce(np.maximum, ends.values()), names, failed, unknown)


def _critical(steps: tuple[Climb, ...], ends: Mapping[str, Reals]) -> Mapping[str, Flags]:
    """Which steps are on the chain that ends last, backwards from its end."""
    ids = [step.id for step in steps]
    last = np.argmax(np.stack([ends[name] for name in ids]), axis=0)
    on = {name: last == index for index, name in enumerate(ids)}
    for step in reversed(steps):
        if len(step.after) == 1:
            on[step.after[0]] = on[step.after[0]] | on[step.id]
        elif step.after:
            held_up = np.argmax(np.stack([ends[name] for name in step.after]), axis=0)
            for index, name in enumerate(step.after):
                on[name] = on[name] | (on[step.id] & (held_up == index))
    return on


def _climbed(step: Climb, model: Model, chunk: Chunk, down: Down) -> Climbed:
    waiting = np.ones(chunk.size, dtype=np.bool_)
    unknown = np.zeros(chunk.size, dtype=np.bool_)
    spent = []
    for pull in step.pulls:
        fallen_ = fallen(pull.needs, down, chunk.size)
        seconds, trying = np.zeros(chunk.size, dtype=np.float32), waiting
        for took, held, hung in _tries(pull, model, chunk, fallen_):
            seconds += took * trying
            unknown = unknown | (trying & hung)
            waiting = waiting & ~(trying & held)
            trying = trying & ~held & ~hung
        spent.append(seconds)
    return Climbed(tuple(spent), ~waiting, unknown)


def _tries(pull: Pull, model: Model, chunk: Chunk, fallen_: Flags) -> Iterator[tuple[Reals, Flags, Flags]]:
    """Each try: its seconds, whether it holds, and whether it never answered. Only a failure is tried again.

    What takes longer than the share is let go of, and nobody knows what became of it.
    """
    for number in range(pull.tries):
        name = f"{pull.name} try {number}"
        luck, works = chunk.uniform(name), chunk.time(name, pull.spread)
        fails = fallen_ | (luck < pull.fails)
        hung = luck < np.where(fallen_, np.float32(model.hangs), np.float32(pull.fails * model.hangs))
        late = ~fails & (works >= pull.share)
        took = works.copy()
        took[fails] = chunk.times_where(name, model.fail, fails)
        took[hung] = pull.share
        yield np.minimum(took, pull.share, out=took), ~fails & ~late, hung | late
