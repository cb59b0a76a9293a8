"""Where everything of a chart stands on its sheet, so that no two labels stand on one another."""

from __future__ import annotations

from collections.abc import Iterator

from psfir.charts.axis import Band, Chart, Tone
from psfir.domain.values import frozen

SHAPES = {Tone.BAD: "▲", Tone.GOOD: "●", Tone.UNSURE: "?", Tone.PLAIN: "·"}
_HIGH, _BETWEEN, _LANE, _LETTER = 120, 40, 22, 7
_NARROWEST = 3.0
_RADIUS = 9
_MARGIN = 400


@frozen
class Placed:
    """A band with the place of its box and of its label: inside, or beside it where it does not fit."""

    band: Band
    x: float
    wide: float
    y: float
    told: str
    text_x: float
    anchor: str


class Sheet:
    """`foot` is where the axis stands. A row has as many lanes as its bands and their labels need."""

    wide = 960

    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.left = min(_MARGIN, max(56, 20 + _LETTER * max((len(row) for row in chart.rows), default=0)))
        self.right = self.wide - 16
        self._levels = self._stacked()
        self._top = 58 + 2 * _RADIUS * max(self._levels, default=0)
        self._placed: list[Placed] = []
        self._rows: list[tuple[str, int]] = []
        y = self.base(len(chart.series) - 1) + 24 if chart.series else self._top
        for row in chart.rows:
            self._rows.append((_fitting(row, self.left - 20), y))
            y += _LANE * self._lay(row, y)
        self.foot = y + 8
        self.high = self.foot + 26 + 18 * len(chart.marks)

    def x(self, at: float) -> float:
        share = min(1.0, max(0.0, at / self.chart.seconds)) if self.chart.seconds else 0.0
        return round(self.left + share * (self.right - self.left), 1)

    def y(self, base: int, share: float) -> float:
        return round(base - share * _HIGH, 1)

    def base(self, index: int) -> int:
        """Where the noughts of this series are."""
        return self._top + index * (_HIGH + _BETWEEN) + _HIGH

    def mark(self, number: int) -> float:
        """How high the number of this mark stands; of those that are close one stands above the other."""
        return self._top - 40 - 2 * _RADIUS * self._levels[number - 1]

    def _stacked(self) -> list[int]:
        """For each mark the lowest level on which no earlier one is in its way."""
        levels: list[int] = []
        at = [self.x(mark.at) for mark in self.chart.marks]
        for index, x in enumerate(at):
            taken = {levels[earlier] for earlier in range(index) if abs(x - at[earlier]) < 2 * _RADIUS}
            levels.append(next(level for level in range(index + 1) if level not in taken))
        return levels

    def rows(self) -> Iterator[tuple[str, int]]:
        yield from self._rows

    def bands(self) -> Iterator[Placed]:
        yield from self._placed

    def _lay(self, row: str, y: int) -> int:
        """How many lanes the bands of this row took."""
        ends: list[float] = []
        for band in sorted((one for one in self.chart.bands if one.row == row), key=lambda one: one.start):
            placed = self._place(band)
            first, last = extent(placed)
            lane = next((index for index, end in enumerate(ends) if end <= first), len(ends))
            ends[lane : lane + 1] = [last]
            self._placed.append(
                Placed(band, placed.x, placed.wide, y + lane * _LANE, placed.told, placed.text_x, placed.anchor)
            )
        return max(1, len(ends))

    def _place(self, band: Band) -> Placed:
        x = self.x(band.start)
        wide = max(_NARROWEST, self.x(band.end) - x)
        told = f"{SHAPES[band.tone]} {band.label}".strip()
        ways = (
            (wide - 10, x + 5, "start"),
            (self.wide - x - wide - 4, x + wide + 4, "start"),
            (x - 4 - self.left, x - 4, "end"),
        )
        needs = _LETTER * len(told)
        room, text_x, anchor = next((way for way in ways if needs <= way[0]), max(ways))
        return Placed(band, x, wide, 0, _fitting(told, room), text_x, anchor)


def _fitting(text: str, room: float) -> str:
    """Cut where there is no room for all of it."""
    most = max(1, int(room / _LETTER))
    return text if len(text) <= most else f"{text[: most - 1]}…"


def extent(placed: Placed) -> tuple[float, float]:
    """From where to where it stands, its label with it."""
    letters = _LETTER * len(placed.told)
    first = placed.text_x - letters if placed.anchor == "end" else placed.x
    last = placed.x + placed.wide if placed.anchor == "end" else max(placed.x + placed.wide, placed.text_x + letters)
    return first, last
