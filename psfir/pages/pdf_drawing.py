"""One of our own SVG figures as a drawing of a PDF: the same lines, boxes and words, at the same places."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from psfir.domain.values import frozen
from psfir.pages.pdf_words import BOLD, PLAIN, Speech

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Drawing, Shape

_INK, _SOFT, _LINE = "#1b1f24", "#56606b", "#b9c0c8"
_TONES: Mapping[str, str] = {"bad": "#b3261e", "good": "#1a7f37", "unsure": "#8a6100", "plain": "#2f5fa8"}
_FAINT = 0.18
_WORDS = 11.0


@frozen
class _Look:
    """What an element has from those around it."""

    tone: str = _INK
    high: float = 0.0


def drawing(svg: str, *, wide: float, most_high: float, speech: Speech) -> Drawing:
    """As wide as the sheet allows, unless it would be too high for it then."""
    from reportlab.graphics.shapes import Drawing, Group  # noqa: PLC0415 - only this format costs it

    root = ET.fromstring(svg)  # noqa: S314 - our own
    _, _, across, high = (float(part) for part in root.attrib["viewBox"].split())
    scale = min(wide / across, most_high / high)
    shapes = Group(*_shapes(root, _Look(high=high), speech))
    shapes.scale(scale, scale)
    made = Drawing(across * scale, high * scale)
    made.add(shapes)
    return made


def _shapes(node: ET.Element, look: _Look, speech: Speech) -> list[Shape]:
    found: list[Shape] = []
    for child in node:
        name = child.tag.rpartition("}")[2]
        tone = next((_TONES[word] for word in child.get("class", "").split() if word in _TONES), look.tone)
        inside = _Look(tone, look.high)
        if name == "g":
            found += _shapes(child, inside, speech)
        elif name == "text":
            found.append(_text(child, look, speech))
        elif name in _DRAWN:
            found.append(_DRAWN[name](child, inside))
    return found


def _painted(shape: Shape, node: ET.Element, look: _Look) -> Shape:
    if hasattr(shape, "fillColor"):
        shape.setProperties({"fillColor": None})
    shape.setProperties(_paint(node, look))
    return shape


def _paint(node: ET.Element, look: _Look) -> dict[str, object]:
    from reportlab.lib.colors import HexColor  # noqa: PLC0415 - as above

    kinds = node.get("class", "").split()
    colour = HexColor(_LINE if "line" in kinds else look.tone)
    if "fill" in kinds:
        return {"fillColor": colour, "strokeColor": None}
    if "ground" in kinds:
        return {"fillColor": HexColor("#ffffff"), "strokeColor": None}
    if "area" in kinds:
        return {"fillColor": HexColor(look.tone), "fillOpacity": _FAINT, "strokeColor": None}
    dashes = [float(part) for part in node.get("stroke-dasharray", "").split()]
    stroke: dict[str, object] = {"strokeColor": colour, "strokeWidth": float(node.get("stroke-width", "1"))}
    return {**stroke, "strokeDashArray": dashes} if dashes else stroke


def _number(node: ET.Element, name: str) -> float:
    return float(node.get(name, "0"))


def _line(node: ET.Element, look: _Look) -> Shape:
    from reportlab.graphics.shapes import Line  # noqa: PLC0415 - as above

    ends = (_number(node, "x1"), look.high - _number(node, "y1"), _number(node, "x2"), look.high - _number(node, "y2"))
    return _painted(Line(*ends), node, look)


def _rect(node: ET.Element, look: _Look) -> Shape:
    from reportlab.graphics.shapes import Rect  # noqa: PLC0415 - as above

    wide, high, round_ = _number(node, "width"), _number(node, "height"), _number(node, "rx")
    foot = look.high - _number(node, "y") - high
    return _painted(Rect(_number(node, "x"), foot, wide, high, rx=round_, ry=round_), node, look)


def _circle(node: ET.Element, look: _Look) -> Shape:
    from reportlab.graphics.shapes import Circle  # noqa: PLC0415 - as above

    made = Circle(_number(node, "cx"), look.high - _number(node, "cy"), _number(node, "r"))
    return _painted(made, node, look)


def _points(node: ET.Element, look: _Look) -> list[float]:
    pairs = (pair.split(",") for pair in node.get("points", "").split())
    return [value for x, y in pairs for value in (float(x), look.high - float(y))]


def _polygon(node: ET.Element, look: _Look) -> Shape:
    from reportlab.graphics.shapes import Polygon  # noqa: PLC0415 - as above

    return _painted(Polygon(_points(node, look)), node, look)


def _polyline(node: ET.Element, look: _Look) -> Shape:
    from reportlab.graphics.shapes import PolyLine  # noqa: PLC0415 - as above

    return _painted(PolyLine(_points(node, look)), node, look)


def _text(node: ET.Element, look: _Look, speech: Speech) -> Shape:
    from reportlab.graphics.shapes import String  # noqa: PLC0415 - as above
    from reportlab.lib.colors import HexColor  # noqa: PLC0415 - as above

    kinds = node.get("class", "").split()
    colour = "#ffffff" if "number" in kinds else _SOFT if "soft" in kinds else _INK
    font = BOLD if "strong" in kinds else PLAIN
    said = speech.drawn("".join(node.itertext()))
    where = (_number(node, "x"), look.high - _number(node, "y"))
    anchor = node.get("text-anchor", "start")
    made = String(*where, said, fontName=font, fontSize=_WORDS, fillColor=HexColor(colour))
    made.setProperties({"textAnchor": anchor})
    return made


_DRAWN: Mapping[str, Callable[[ET.Element, _Look], Shape]] = {
    "line": _line,
    "rect": _rect,
    "circle": _circle,
    "polygon": _polygon,
    "polyline": _polyline,
}
