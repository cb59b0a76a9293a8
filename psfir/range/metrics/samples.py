"""The samples of many series that are all taken at the same instants, kept for a while.

An estate counts in thousands of series of which few move. So each instant is kept once for all of them, and of a series
only where it changed: a scrape in which nothing moved costs one number.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Mapping
from itertools import pairwise
from math import inf
from typing import TypeAlias

from psfir.domain.values import frozen

Labels: TypeAlias = tuple[tuple[str, str], ...]
"""Sorted; the name of the metric is one of them, `__name__`."""
Sample: TypeAlias = tuple[float, float]
"""When, in seconds since the epoch, and the value."""

NAME = "__name__"


@frozen
class Found:
    """One series and its samples, the oldest first."""

    labels: Mapping[str, str]
    samples: tuple[Sample, ...]


class Samples:
    """Keeps those of the last `keep` seconds. Whoever uses it sees to it that only one thread does at a time."""

    def __init__(self, keep: float) -> None:
        self._keep = keep
        self._times: deque[float] = deque()
        self._changes: dict[Labels, deque[Sample]] = {}
        self._words: dict[Labels, dict[str, str]] = {}

    @property
    def begun(self) -> bool:
        return bool(self._times)

    def take(self, at: float, changed: Mapping[Labels, float]) -> None:
        """Samples of all series at that instant, which is later than any before: `changed` has those that moved."""
        self._times.append(at)
        while self._times[0] < at - self._keep:
            self._times.popleft()
        for labels, value in changed.items():
            changes = self._changes.setdefault(labels, deque())
            changes.append((at, value))
            # The one before the oldest instant stays: it is what the series was at that instant.
            while len(changes) > 1 and changes[1][0] <= self._times[0]:
                changes.popleft()

    def forget_since(self, at: float) -> bool:
        """Whether there were samples of that instant or later, which are gone now."""
        found = False
        while self._times and self._times[-1] >= at:
            self._times.pop()
            found = True
        if found:
            for labels, changes in list(self._changes.items()):
                while changes and changes[-1][0] >= at:
                    changes.pop()
                if not changes:
                    del self._changes[labels]
        return found

    def clear(self) -> None:
        self._times.clear()
        self._changes.clear()
        self._words.clear()

    def window(self, wanted: Callable[[Mapping[str, str]], bool], *, after: float, until: float) -> list[Found]:
        """Those samples of the wanted series that are later than `after` and not later than `until`."""
        times = self._between(after, until)
        found = [Found(words, _filled(changes, times)) for words, changes in self._wanted(wanted)]
        return [one for one in found if one.samples]

    def last(self, wanted: Callable[[Mapping[str, str]], bool], *, after: float, until: float) -> list[Found]:
        """The same, but only the newest of each."""
        times = self._between(after, until)[-1:]
        found = [Found(words, _filled(changes, times)) for words, changes in self._wanted(wanted)]
        return [one for one in found if one.samples]

    def _between(self, after: float, until: float) -> list[float]:
        times = list(self._times)
        return times[bisect_right(times, after) : bisect_right(times, until)]

    def _wanted(self, wanted: Callable[[Mapping[str, str]], bool]) -> list[tuple[dict[str, str], list[Sample]]]:
        every = ((self._of(labels), changes) for labels, changes in self._changes.items())
        return [(words, list(changes)) for words, changes in every if wanted(words)]

    def _of(self, labels: Labels) -> dict[str, str]:
        if labels not in self._words:
            self._words[labels] = dict(labels)
        return self._words[labels]


def _filled(changes: list[Sample], times: list[float]) -> tuple[Sample, ...]:
    """What the series was at each of these instants; nothing before it began."""
    filled: list[Sample] = []
    for (since, value), (end, _) in pairwise([*changes, (inf, 0.0)]):
        filled += [(at, value) for at in times[bisect_left(times, since) : bisect_left(times, end)]]
    return tuple(filled)
