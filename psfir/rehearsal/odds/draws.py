"""Chance, one stream a variable: the same for a seed whatever the chunks are, and shared by all that is compared."""

from __future__ import annotations

from hashlib import sha256
from math import log

import numpy as np
from numpy.typing import NDArray

from psfir.rehearsal.odds.model import Spread

Reals = NDArray[np.float32]
"""Twice as fast as those of double width, and still right to a hundredth of a second in a day."""

Flags = NDArray[np.bool_]


class Chance:
    """All streams of one seed. A variable's stream is named, so a model with one rung more leaves the others alone."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._streams: dict[str, np.random.Generator] = {}

    def stream(self, name: str) -> np.random.Generator:
        found = self._streams.get(name)
        if found is None:
            words = np.frombuffer(sha256(name.encode()).digest()[:16], dtype="<u4")
            spawned = np.random.SeedSequence(self._seed, spawn_key=tuple(int(word) for word in words))
            found = self._streams[name] = np.random.Generator(np.random.SFC64(spawned))
        return found

    def chunk(self, size: int) -> Chunk:
        """The next so many runs."""
        return Chunk(self, size)


class Chunk:
    """Some runs: what one variable comes to is drawn once, whoever asks for it."""

    def __init__(self, chance: Chance, size: int) -> None:
        self.size = size
        self._chance = chance
        self._normal: dict[str, Reals] = {}
        self._uniform: dict[str, Reals] = {}
        self._times: dict[tuple[str, float, float], Reals] = {}

    def uniform(self, name: str) -> Reals:
        if name not in self._uniform:
            self._uniform[name] = self._chance.stream(f"u {name}").random(self.size, dtype=np.float32)
        return self._uniform[name]

    def happens(self, name: str, chance: float | Reals) -> Flags:
        return self.uniform(name) < chance

    def time(self, name: str, spread: Spread) -> Reals:
        """Seconds, lognormal. Nobody may write into what comes back."""
        key = (name, spread.median, spread.sigma)
        if key not in self._times:
            self._times[key] = _lognormal(self._drawn(name), spread)
        return self._times[key]

    def times_where(self, name: str, spread: Spread, where: Flags) -> Reals:
        """Only those of some runs: cheap where they are few."""
        return _lognormal(self._drawn(name)[where], spread)

    def _drawn(self, name: str) -> Reals:
        if name not in self._normal:
            self._normal[name] = self._chance.stream(f"z {name}").standard_normal(self.size, dtype=np.float32)
        return self._normal[name]


def _lognormal(drawn: Reals, spread: Spread) -> Reals:
    made = drawn * np.float32(spread.sigma)
    made += np.float32(log(spread.median))
    np.exp(made, out=made)
    return made
