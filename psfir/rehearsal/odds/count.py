"""Very many runs in chunks: only counts and whole milliseconds are kept, so that neither order nor chunk matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from psfir.domain.values import frozen
from psfir.rehearsal.odds.draws import Chance, Flags, Reals
from psfir.rehearsal.odds.drills import Drills, drills, usual
from psfir.rehearsal.odds.model import Model

CHUNK = 16_384
"""Runs at a time: their arrays fit into the cache of a core."""

FINE = 0.25
"""Seconds that one count of the histogram stands for."""

LONGEST = 8 * 3600.0
"""What takes longer counts as this long."""

_BINS = int(LONGEST / FINE)

Counts = NDArray[np.int64]


@frozen
class Tally:
    """What many runs of one model came to.

    `times` counts contained runs by how long after the trigger, `since_harm` by how long after the harm began. `cost`
    is in milliseconds over all runs. `gained` runs make the deadline here and not in the first model, `lost` the other
    way round, with the same luck.
    """

    model: Model
    runs: int
    made: int
    contained: int
    times: Counts
    since_harm: Counts
    cost: Mapping[str, int]
    misses: Mapping[str, int]
    gained: int = 0
    lost: int = 0

    def quantile(self, share: float, *, harm: bool = False) -> float | None:
        """Seconds within which this share of all runs is contained; None if so many never are."""
        counts = np.cumsum(self.since_harm if harm else self.times)
        wanted = share * self.runs
        return None if counts[-1] < wanted else float((np.searchsorted(counts, wanted) + 1) * FINE)


class _Sum:
    """A tally while it grows."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.usual = usual(model)
        self.runs = self.made = self.contained = self.gained = self.lost = 0
        self.times = np.zeros(_BINS, dtype=np.int64)
        self.since_harm = np.zeros(_BINS, dtype=np.int64)
        self.cost = dict.fromkeys(self.usual, 0)
        self.misses: dict[str, int] = {}

    def add(self, found: Drills, first: Flags | None, *, closely: bool) -> Flags:
        """One chunk; which of its runs make the deadline."""
        made = found.contained & (found.total <= self.model.deadline)
        self.runs += made.size
        self.made += int(made.sum())
        self.contained += int(found.contained.sum())
        if first is not None:
            self.gained += int((made & ~first).sum())
            self.lost += int((first & ~made).sum())
        if closely:
            self._closely(found, ~made)
        return made

    def _closely(self, found: Drills, missed: Flags) -> None:
        self.times += _histogram(found.total[found.contained])
        self.since_harm += _histogram((found.total + found.detect)[found.contained])
        for name, seconds in found.parts.items():
            self.cost[name] += int(np.rint(seconds * 1000).sum(dtype=np.float64))  # whole numbers, so it is exact
        for why, where in found.broken.items():
            self._miss(why, int((missed & where).sum()))
            missed = missed & ~where
        names = list(found.parts)
        late = np.flatnonzero(missed)
        excess = np.stack([found.parts[name][late] - self.usual[name] for name in names])
        for name, count in zip(names, np.bincount(np.argmax(excess, axis=0), minlength=len(names)), strict=True):
            self._miss(name, int(count))

    def _miss(self, why: str, count: int) -> None:
        self.misses[why] = self.misses.get(why, 0) + count

    def tally(self) -> Tally:
        rest = {name: value for name, value in vars(self).items() if name != "usual"}
        return Tally(**rest)


def count(models: Sequence[Model], *, runs: int, seed: int, chunk: int = CHUNK) -> list[Tally]:
    """All models with the same luck. The first one is looked at closely, the others only beside it.

    A miss counts for one thing: the first step or probe that failed, else the part that took most beyond its usual.
    """
    chance, sums, left = Chance(seed), [_Sum(model) for model in models], runs
    while left > 0:
        here = chance.chunk(min(chunk, left))
        first: Flags | None = None
        for one in sums:
            made = one.add(drills(one.model, here), first, closely=first is None)
            first = made if first is None else first
        left -= here.size
    return [one.tally() for one in sums]


def _histogram(seconds: Reals) -> Counts:
    places = np.minimum(seconds / FINE, _BINS - 1).astype(np.int32)
    return np.bincount(places, minlength=_BINS).astype(np.int64)
