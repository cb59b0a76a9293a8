"""A chart as lines of text, for a terminal of any width and for a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from psfir.charts.axis import Chart, Series, clock, ticks
from psfir.domain.values import frozen

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_ASCII = " .:-=+*#@"
_ROWS = 5
_NARROWEST = 20


@frozen
class Paper:
    """How wide it may be, and whether it takes more than ASCII."""

    width: int = 80
    plain: bool = False


def lines(chart: Chart, paper: Paper) -> Iterator[str]:
    """Each series as a bar chart over the axis, then the axis, then its marks in order."""
    room = max(_NARROWEST, paper.width - 6)
    for one in chart.series:
        yield f"{one.name}, {chart.unit}"
        yield from _bars(one, chart, room, paper)
    if chart.series:
        yield f"{'':5}└{_rule(chart, room)}" if not paper.plain else f"{'':5}+{_rule(chart, room, '-', '+')}"
        yield f"{'':6}{_numbers(chart, room)}"
    for mark in chart.marks:
        yield f"{clock(mark.at):>5} {mark.label}"


def _bars(one: Series, chart: Chart, room: int, paper: Paper) -> Iterator[str]:
    steps = _ASCII if paper.plain else _EIGHTHS
    edge = "|" if paper.plain else "│"
    columns = squeezed(one.values, chart, room)
    for row in range(_ROWS, 0, -1):
        label = f"{chart.top:g}" if row == _ROWS else "0" if row == 1 else ""
        yield f"{label:>5}{edge}{''.join(_cell(value / chart.top, row, steps) for value in columns)}".rstrip()


def _cell(share: float, row: int, steps: str) -> str:
    """What of a bar of this height is seen in this row. Anything above nought is seen."""
    most = len(steps) - 1
    filled = share * _ROWS * most - (row - 1) * most
    if row == 1 and share > 0:
        filled = max(filled, 1)
    return steps[max(0, min(most, round(filled)))]


def squeezed(values: Sequence[float], chart: Chart, room: int) -> list[float]:
    """One value a column: the highest of those that share it, so that no peak is lost."""
    found = []
    for column in range(room):
        first = column * chart.seconds / room / chart.width
        last = (column + 1) * chart.seconds / room / chart.width
        found.append(max(values[int(first) : max(int(first) + 1, int(last))], default=0.0))
    return found


def _at(moment: float, chart: Chart, room: int) -> int:
    return min(room - 1, int(moment / chart.seconds * room)) if chart.seconds else 0


def _rule(chart: Chart, room: int, line: str = "─", tick: str = "┬") -> str:
    there = {_at(moment, chart, room) for moment in ticks(chart.seconds, most=max(2, room // 8))}
    return "".join(tick if column in there else line for column in range(room))


def _numbers(chart: Chart, room: int) -> str:
    told = ""
    for moment in ticks(chart.seconds, most=max(2, room // 8)):
        at = min(_at(moment, chart, room), room - len(clock(moment)))  # the last one ends where the paper does
        if not told or at > len(told):
            told = told.ljust(at) + clock(moment)
    return told
