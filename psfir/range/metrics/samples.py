"""The samples of many series that are all taken at the same instants, kept for a while.

An estate counts in thousands of series of which few move. So each instant is kept once for all of them, and of a series
only where it changed: a scrape in which nothing moved costs one number.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from psfir.domain.values import frozen

Labels: TypeAlias = tuple[tuple[str, str], ...]
"""Sorted; the name of the metric is one of them, `__name__`."""
Sample: TypeAlias = tuple[float, float]
"""When, in seconds since the epoch, and the value."""

Wanted: TypeAlias = Callable[[Mapping[str, str]], bool]

NAME = "__name__"
_TRIMMED = 64
"""So many useless ones at a time, for each trimming moves all that stay."""


@frozen
class Found:
    """One series and its samples, the oldest first."""

    labels: Mapping[str, str]
    samples: tuple[Sample, ...]


class _Line:
    """Where one series changed. Plain numbers in a row, since an estate has a million of them."""

    def __init__(self, labels: Labels) -> None:
        self.labels = dict(labels)
        self.times, self.values = array("d"), array("d")

    def add(self, at: float, value: float, *, oldest: float) -> None:
        self.times.append(at)
        self.values.append(value)
        # The one before the oldest instant stays: it is what the series was at that instant.
        useless = bisect_right(self.times, oldest) - 1
        if useless > _TRIMMED:
            del self.times[:useless], self.values[:useless]

    def forget_since(self, at: float) -> None:
        kept = bisect_left(self.times, at)
        del self.times[kept:], self.values[kept:]

    def at(self, times: Sequence[float]) -> tuple[Sample, ...]:
        """What the series was at each of these instants; nothing before it began."""
        changed = [bisect_right(self.times, at) - 1 for at in times]
        return tuple((at, self.values[index]) for at, index in zip(times, changed, strict=True) if index >= 0)


class Samples:
    """Keeps those of the last `keep` seconds. Whoever uses it sees to it that only one thread does at a time."""

    def __init__(self, keep: float) -> None:
        self._keep = keep
        self._times: deque[float] = deque()
        self._lines: dict[Labels, _Line] = {}

    @property
    def begun(self) -> bool:
        return bool(self._times)

    @property
    def size(self) -> int:
        """How many numbers it keeps."""
        return len(self._times) + sum(2 * len(line.times) for line in self._lines.values())

    def take(self, at: float, changed: Mapping[Labels, float]) -> None:
        """Samples of all series at that instant, which is later than any before: `changed` has those that moved."""
        self._times.append(at)
        while self._times[0] < at - self._keep:
            self._times.popleft()
        for labels, value in changed.items():
            line = self._lines.get(labels) or self._lines.setdefault(labels, _Line(labels))
            line.add(at, value, oldest=self._times[0])

    def forget_since(self, at: float) -> bool:
        """Whether there were samples of that instant or later, which are gone now."""
        if not self._times or self._times[-1] < at:
            return False
        while self._times and self._times[-1] >= at:
            self._times.pop()
        for line in self._lines.values():
            line.forget_since(at)
        return True

    def clear(self) -> None:
        self._times.clear()
        self._lines.clear()

    def window(self, wanted: Wanted, *, after: float, until: float) -> list[Found]:
        """Those samples of the wanted series that are later than `after` and not later than `until`."""
        return self._found(wanted, self._between(after, until))

    def last(self, wanted: Wanted, *, after: float, until: float) -> list[Found]:
        """The same, but only the newest of each."""
        return self._found(wanted, self._between(after, until)[-1:])

    def _between(self, after: float, until: float) -> list[float]:
        times = list(self._times)
        return times[bisect_right(times, after) : bisect_right(times, until)]

    def _found(self, wanted: Wanted, times: Sequence[float]) -> list[Found]:
        found = ((line.labels, line.at(times)) for line in self._lines.values() if wanted(line.labels))
        return [Found(labels, samples) for labels, samples in found if samples]
