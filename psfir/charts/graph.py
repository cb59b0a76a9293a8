"""A small graph of boxes and arrows as one SVG: what led to what goes from left to right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap

from psfir.charts.axis import Tone
from psfir.charts.escaped import escaped
from psfir.charts.svg import STYLE
from psfir.domain.values import frozen

_WIDE, _LETTERS, _LINE = 250, 31, 17
_ACROSS, _BETWEEN, _EDGE = 70, 24, 12
_LINES = 6
_BARB = 8


@frozen
class Box:
    """`after` are the ids of those that it led to. One that is not certain has a broken edge."""

    id: str
    text: str
    under: str = ""
    after: Sequence[str] = ()
    tone: Tone = Tone.PLAIN
    certain: bool = True


@frozen
class _Spot:
    x: float
    y: float
    lines: tuple[str, ...]
    soft: int

    @property
    def high(self) -> float:
        return 2 * _EDGE + _LINE * len(self.lines)

    @property
    def middle(self) -> float:
        return self.y + self.high / 2


def graph(boxes: Sequence[Box], *, title: str) -> str:
    """The whole element. A ring of arrows is drawn as well; its last arrow goes back."""
    spots = _spots(boxes)
    wide = max((spot.x + _WIDE for spot in spots.values()), default=0) + _EDGE
    high = max((spot.y + spot.high for spot in spots.values()), default=0) + _EDGE
    name = escaped(title)
    head = (
        f'<svg class="chart" viewBox="0 0 {max(wide, 680):g} {high:g}" width="100%" role="img" aria-label="{name}" '
        'xmlns="http://www.w3.org/2000/svg">'
    )
    pieces = [*_arrows(boxes, spots), *(part for one in boxes for part in _box(one, spots[one.id]))]
    return "\n".join((head, f"<style>{STYLE}</style>", f"<title>{name}</title>", *pieces, "</svg>"))


def _spots(boxes: Sequence[Box]) -> Mapping[str, _Spot]:
    """A column for each rank, a box below the other."""
    found: dict[str, _Spot] = {}
    feet: dict[int, float] = {}
    ranks = _ranks(boxes)
    for one in boxes:
        rank = ranks[one.id]
        cut = wrap(f"{one.id}: {one.text}", _LETTERS)
        lines = cut if len(cut) <= _LINES else [*cut[: _LINES - 1], f"{cut[_LINES - 1][: _LETTERS - 1]}…"]
        under = wrap(one.under, _LETTERS)
        spot = _Spot(_EDGE + rank * (_WIDE + _ACROSS), feet.get(rank, _EDGE), (*lines, *under), len(under))
        found[one.id] = spot
        feet[rank] = spot.y + spot.high + _BETWEEN
    return found


def _ranks(boxes: Sequence[Box]) -> Mapping[str, int]:
    """How many arrows lead up to it, at most, and then as near to what it led to as can be.

    An arrow that closes a ring does not count.
    """
    known = {one.id: one for one in boxes}
    ranks = dict.fromkeys(known, 0)
    for _ in boxes:
        for one in boxes:
            for other in one.after:
                if other in known and other != one.id and ranks[other] <= ranks[one.id] < len(boxes) - 1:
                    ranks[other] = ranks[one.id] + 1
    for one in sorted(boxes, key=lambda one: -ranks[one.id]):
        ahead = [ranks[other] for other in one.after if other in known and ranks[other] > ranks[one.id]]
        ranks[one.id] = max(ranks[one.id], min(ahead) - 1) if ahead else ranks[one.id]
    order = {rank: at for at, rank in enumerate(sorted(set(ranks.values())))}
    return {name: order[rank] for name, rank in ranks.items()}


def _arrows(boxes: Sequence[Box], spots: Mapping[str, _Spot]) -> Iterator[str]:
    for one in boxes:
        for other in one.after:
            if other in spots and other != one.id:
                yield from _arrow(spots[one.id], spots[other], broken=not one.certain)


def _arrow(start: _Spot, end: _Spot, *, broken: bool) -> Iterator[str]:
    forward = end.x > start.x
    x1, x2 = (start.x + _WIDE, end.x) if forward else (start.x, end.x + _WIDE if end.x < start.x else end.x)
    barb = -_BARB if forward else _BARB
    if end.x == start.x:
        barb = -_BARB
        points = [
            (x1, start.middle),
            (x1 - _EDGE / 1.5, start.middle),
            (x1 - _EDGE / 1.5, end.middle),
            (x2, end.middle),
        ]
    else:
        points = [(x1, start.middle), (x2 + barb, end.middle)]
    told = " ".join(f"{x:g},{y:g}" for x, y in points)
    dashes = ' stroke-dasharray="5 4"' if broken else ""
    yield f'<polyline class="edge plain" stroke-width="1.6"{dashes} points="{told}"/>'
    tip = f"{x2:g},{end.middle:g} {x2 + barb:g},{end.middle - 5:g} {x2 + barb:g},{end.middle + 5:g}"
    yield f'<polygon class="fill plain" points="{tip}"/>'


def _box(one: Box, spot: _Spot) -> Iterator[str]:
    box = f'x="{spot.x:g}" y="{spot.y:g}" width="{_WIDE}" height="{spot.high:g}" rx="6"'
    dashes = "" if one.certain else ' stroke-dasharray="5 4"'
    yield f'<g class="{one.tone}"><rect class="ground" {box}/>'
    yield f'<rect class="area" {box}/><rect class="edge" {box}{dashes}/>'
    for at, line in enumerate(spot.lines):
        soft = ' class="soft"' if at >= len(spot.lines) - spot.soft else ""
        y = spot.y + _EDGE + _LINE * (at + 0.8)
        yield f'<text{soft} x="{spot.x + _EDGE}" y="{y:g}">{escaped(line)}</text>'
    yield "</g>"
