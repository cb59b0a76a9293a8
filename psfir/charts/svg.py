"""A chart as one SVG that needs nothing else: it reads in light and dark, by screen readers, and printed in grey."""

from __future__ import annotations

from collections.abc import Iterator

from psfir.charts.axis import Chart, Series, clock, ticks
from psfir.charts.escaped import escaped
from psfir.charts.lanes import SHAPES, Placed, Sheet

STYLE = """\
.chart{--ink:#1b1f24;--soft:#5b6470;--line:#d5dae0;--bad:#b3261e;--good:#1a7f37;--unsure:#8a6100;--plain:#2f5fa8;--on:#fff;
font:13px system-ui,sans-serif;color:var(--ink)}
@media(prefers-color-scheme:dark){.chart{--ink:#e6e9ed;--soft:#a1a9b4;--line:#3a424c;--bad:#ff8a80;--good:#6fdd8b;
--unsure:#f0c14b;--plain:#8ab4f8;--on:#14181d}}
.chart text{fill:var(--ink)}
.chart .number{fill:var(--on);font-size:11px}.chart .soft{fill:var(--soft)}.chart .line{stroke:var(--line)}
.chart .bad{--tone:var(--bad)}.chart .good{--tone:var(--good)}.chart .unsure{--tone:var(--unsure)}
.chart .plain{--tone:var(--plain)}
.chart .fill{fill:var(--tone)}.chart .edge{stroke:var(--tone);fill:none}.chart .area{fill:var(--tone);fill-opacity:.18}
.chart .ground{fill:var(--on)}
"""


def svg(chart: Chart) -> str:
    """The whole element. Series stand one above the other, then a row for each kind of band, then the marks."""
    sheet = Sheet(chart)
    pieces = [*_series(sheet), *_lines(sheet), *_bands(sheet), *_marks(sheet), *_axis(sheet)]
    name = escaped(chart.title)
    box = f'viewBox="0 0 {sheet.wide} {sheet.high}" width="100%" role="img" aria-label="{name}"'
    head = f'<svg class="chart" {box} xmlns="http://www.w3.org/2000/svg">'
    title = f"<title>{escaped(chart.title)}</title>"
    return "\n".join((head, f"<style>{STYLE}</style>", title, *pieces, "</svg>"))


def _series(sheet: Sheet) -> Iterator[str]:
    top = sheet.chart.top
    for index, one in enumerate(sheet.chart.series):
        base = sheet.base(index)
        told = f"{one.name}, {sheet.chart.unit}"
        yield f'<text x="{sheet.left}" y="{sheet.y(base, 1) - 10:g}">{escaped(told)}</text>'
        for value in (0.0, top):
            y = sheet.y(base, value / top)
            yield f'<line class="line" x1="{sheet.left}" x2="{sheet.right}" y1="{y:g}" y2="{y:g}"/>'
            yield f'<text class="soft" x="{sheet.left - 8}" y="{y + 4:g}" text-anchor="end">{value:g}</text>'
        yield _steps(sheet, one, base)


def _steps(sheet: Sheet, one: Series, base: int) -> str:
    """A line with a step for each value, and the area below it."""
    points = []
    for index, value in enumerate(one.values):
        y = sheet.y(base, value / sheet.chart.top)
        points += [f"{sheet.x(at * sheet.chart.width):g},{y:g}" for at in (index, index + 1)]
    if not points:
        return ""
    first, last = points[0].split(",")[0], points[-1].split(",")[0]
    line = " ".join(points)
    return (
        f'<g class="{one.tone}"><polygon class="area" points="{first},{base} {line} {last},{base}"/>'
        f'<polyline class="edge" stroke-width="1.6" points="{line}"/></g>'
    )


def _bands(sheet: Sheet) -> Iterator[str]:
    for row, y in sheet.rows():
        yield f'<text class="soft" x="{sheet.left - 8}" y="{y + 14}" text-anchor="end">{escaped(row)}</text>'
    for placed in sheet.bands():
        yield _band(placed)


def _band(placed: Placed) -> str:
    band, y = placed.band, placed.y
    told = f"{band.row}: {SHAPES[band.tone]} {band.label}, {clock(band.start)} to {clock(band.end)}"
    box = f'x="{placed.x:g}" y="{y:g}" width="{placed.wide:g}" height="18" rx="3"'
    return (
        f'<g class="{band.tone}"><title>{escaped(told)}</title>'
        f'<rect class="area" {box}/><rect class="edge" {box}/>'
        f'<text x="{placed.text_x:g}" y="{y + 13:g}" text-anchor="{placed.anchor}">{escaped(placed.told)}</text></g>'
    )


def _lines(sheet: Sheet) -> Iterator[str]:
    """One through everything for each mark, below all that has words on it."""
    for number, mark in enumerate(sheet.chart.marks, 1):
        x, y = sheet.x(mark.at), sheet.mark(number)
        yield f'<g class="{mark.tone}">'
        yield f'<line class="edge" stroke-dasharray="3 3" x1="{x:g}" x2="{x:g}" y1="{y + 8:g}" y2="{sheet.foot}"/></g>'


def _marks(sheet: Sheet) -> Iterator[str]:
    """The number of each line, and below the axis what each number says."""
    for number, mark in enumerate(sheet.chart.marks, 1):
        x, y = sheet.x(mark.at), sheet.mark(number)
        yield f'<g class="{mark.tone}">'
        yield f'<circle class="fill" cx="{x:g}" cy="{y:g}" r="8"/>'
        yield f'<text x="{x:g}" y="{y + 4:g}" class="number" text-anchor="middle">{number}</text>'
        told = f"{number}  {clock(mark.at)}  {SHAPES[mark.tone]} {mark.label}"
        yield f'<text x="{sheet.left}" y="{sheet.foot + 36 + 18 * (number - 1)}">{escaped(told)}</text></g>'


def _axis(sheet: Sheet) -> Iterator[str]:
    foot = sheet.foot
    yield f'<line class="line" x1="{sheet.left}" x2="{sheet.right}" y1="{foot}" y2="{foot}"/>'
    for moment in ticks(sheet.chart.seconds):
        x = sheet.x(moment)
        yield f'<text class="soft" x="{x:g}" y="{foot + 15}" text-anchor="middle">{clock(moment)}</text>'
