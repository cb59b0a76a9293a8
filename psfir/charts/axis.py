"""What a chart over time shows, and where on its axis a moment is."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from math import ceil

from psfir.domain.values import frozen


class Tone(StrEnum):
    """How something is meant, told by shape and word too, never by colour alone."""

    BAD = "bad"
    GOOD = "good"
    UNSURE = "unsure"
    PLAIN = "plain"


@frozen
class Series:
    """One value for each `width` seconds, from the beginning of the axis."""

    name: str
    values: Sequence[float]
    tone: Tone = Tone.PLAIN


@frozen
class Mark:
    """A moment that is named."""

    at: float
    label: str
    tone: Tone = Tone.PLAIN


@frozen
class Band:
    """A stretch of time in a row of its own; `row` is what the row is about."""

    start: float
    end: float
    row: str
    label: str = ""
    tone: Tone = Tone.PLAIN


@frozen
class Chart:
    """All of it on one axis of seconds from 0. `unit` is what the series count, as in "answers a second"."""

    title: str
    unit: str
    seconds: float
    width: float
    series: Sequence[Series] = ()
    bands: Sequence[Band] = ()
    marks: Sequence[Mark] = ()

    @property
    def top(self) -> float:
        """The highest value, as a round number above it; 1 where nothing was counted."""
        most = max((value for one in self.series for value in one.values), default=0.0)
        return rounded_up(most)

    @property
    def rows(self) -> list[str]:
        return list(dict.fromkeys(one.row for one in self.bands))


def rounded_up(value: float) -> float:
    """To the next of 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, ... so that a scale reads well."""
    step = 1.0
    while True:
        for times in (1, 1.5, 2, 3, 4, 5, 6, 8):
            if value <= times * step:
                return times * step
        step *= 10


DAY = 86_400
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 10_800, 21_600, 43_200, DAY)


def ticks(seconds: float, *, most: int = 10) -> list[float]:
    """Moments to be named along the axis: at most that many after the first, at steps people count in."""
    step = next((one for one in _STEPS if seconds / one <= most), DAY * ceil(seconds / most / DAY))
    return [float(at) for at in range(0, int(seconds) + 1, step)]


def clock(seconds: float) -> str:
    """0:07, 12:30, 1:02:30."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
