"""Many drills that nobody sat down to: people, ladders and probes put together by the sums of `psfir lint`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

import numpy as np

from psfir.domain.values import frozen
from psfir.rehearsal.odds.draws import Chunk, Flags, Reals
from psfir.rehearsal.odds.ladders import Down, fallen, pulled
from psfir.rehearsal.odds.model import Model, Short, Watch
from psfir.rehearsal.odds.people import stretches


@frozen
class Drills:
    """`total` runs from the trigger to the verdict, `parts` its stretches, `broken` why it is not contained."""

    total: Reals
    detect: Reals
    parts: Mapping[str, Reals]
    broken: Mapping[str, Flags]
    contained: Flags


def drills(model: Model, chunk: Chunk) -> Drills:
    """A chunk of runs. The parts of each add up to its total: only what is on the path that ends last counts."""
    down = {name: chunk.happens(f"event {name}", chance) for name, chance in model.events.items()}
    steps = pulled(model, chunk, down)
    parts = dict(stretches(model.people, chunk))
    parts["plan"] = _short("plan", model.plan, chunk)
    if model.captures:
        taken = [_short(f"evidence {index}", one, chunk) for index, one in enumerate(model.captures)]
        parts["evidence"] = reduce(np.maximum, taken)
    parts |= steps.on_path
    again = 2 * _short("read again", model.reread, chunk)
    parts["unknown rungs read again"] = again * steps.unknown
    broken = {f"step {name}: no rung held": failed for name, failed in steps.failed.items()}
    _look(model, chunk, down, parts, broken)
    total = reduce(np.add, parts.values())
    contained = ~reduce(np.logical_or, broken.values())
    return Drills(total, chunk.time("detect", model.people.detect), parts, broken, contained)


def usual(model: Model) -> Mapping[str, float]:
    """What each part takes as a rule, where it is on the path; a rung that is not the first of its ladder: nothing."""
    people = model.people
    found = {"acknowledge": people.acknowledge.median, "declare": people.declare.median}
    found |= {"decide": people.decide.median} if people.decide else {}
    found |= {"approve": people.approve.median, "plan": model.plan.spread.median}
    if people.yeses:
        found["further yeses"] = people.second_yes.median
    if model.captures:
        found["evidence"] = max(one.spread.median for one in model.captures)
    for step in model.steps:
        found |= {p.name: min(p.spread.median, p.share) if p is step.pulls[0] else 0.0 for p in step.pulls}
    found["unknown rungs read again"] = 0.0
    for one in model.watches:
        looks = (one.times - 1) * max(one.every, one.look.median) + one.look.median
        found[f"probe {one.id}"] = one.settle.median + looks
    if len(model.watches) > 1:
        found["last look"] = model.watches[0].look.median
    return found


def _short(name: str, one: Short, chunk: Chunk) -> Reals:
    return np.minimum(chunk.time(name, one.spread), one.share)


def _look(model: Model, chunk: Chunk, down: Down, parts: dict[str, Reals], broken: dict[str, Flags]) -> None:
    """All probes side by side; the slowest is on the path."""
    if not model.watches:
        return
    seen = [_watched(one, chunk, down) for one in model.watches]
    slowest = np.argmax(np.stack([took for took, _ in seen]), axis=0)
    for index, (one, (took, proven)) in enumerate(zip(model.watches, seen, strict=True)):
        parts[f"probe {one.id}"] = took * (slowest == index)
        broken[f"probe {one.id}: not proven"] = ~proven
    if len(model.watches) > 1:
        most = max(one.each for one in model.watches)
        parts["last look"] = _short("last look", Short(model.watches[0].look, most), chunk)


def _watched(one: Watch, chunk: Chunk, down: Down) -> tuple[Reals, Flags]:
    """Its seconds, and whether it could prove the effect within its share."""
    look = np.minimum(chunk.time(f"look {one.id}", one.look), one.each)
    needed = chunk.time(f"settle {one.id}", one.settle) + (one.times - 1) * np.maximum(one.every, look) + look
    blind = chunk.happens(f"blind {one.id}", one.blind) | fallen(one.needs, down, chunk.size)
    proven = ~blind & (needed <= one.within)
    return np.where(proven, needed, np.float32(one.within)), proven
