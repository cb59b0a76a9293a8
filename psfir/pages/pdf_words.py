"""Words in a PDF: a font that comes with its licence and with reportlab, and what is done where it lacks a sign.

No sign is lost unseen: one that Bitstream Vera has no drawing of stands as its number, `[U+4E2D]`, and is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from psfir.charts.escaped import escaped, sayable
from psfir.pages.blocks import Run

if TYPE_CHECKING:
    from reportlab.pdfbase.ttfonts import TTFont

PLAIN, BOLD, SLANTED, BOTH = "Vera", "VeraBd", "VeraIt", "VeraBI"
_STAND_INS: Mapping[str, str] = {"▲": "!", "●": "•", "→": "->", "✓": "yes", "✗": "no", "\t": "    ", "\u00a0": " "}
"""Signs that psfir itself uses, and how it says them here."""


@cache
def fonts() -> frozenset[int]:
    """The signs that all four can draw; they are registered by then."""
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415 - a tenth of a second that only this format costs
    from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415 - as above

    made: list[TTFont] = [TTFont(name, f"{name}.ttf") for name in (PLAIN, BOLD, SLANTED, BOTH)]
    for one in made:
        pdfmetrics.registerFont(one)
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=SLANTED, boldItalic=BOTH)
    return frozenset.intersection(*(frozenset(one.face.charToGlyph) for one in made))


class Speech:
    """Words as this font can draw them; `lacking` are the signs that it could not."""

    def __init__(self) -> None:
        self._known = fonts()
        self.lacking: set[str] = set()

    def drawn(self, text: str) -> str:
        """The text with a number for each sign that the font lacks."""
        clean = sayable(text)
        if clean.isascii() and "\t" not in clean:
            return clean
        return "".join(self._sign(sign) for sign in clean)

    def marked(self, runs: Iterable[Run]) -> str:
        """Runs in reportlab's own little markup."""
        return "".join(self._run(one) for one in runs)

    def _sign(self, sign: str) -> str:
        if sign == "\n":
            return sign
        if sign in _STAND_INS:
            return _STAND_INS[sign]
        if ord(sign) in self._known:
            return sign
        self.lacking.add(sign)
        return f"[U+{ord(sign):04X}]"

    def _run(self, one: Run) -> str:
        text = escaped(self.drawn(one.text))
        text = f'<font face="Courier">{text}</font>' if one.code and one.text.isascii() else text
        text = f"<b>{text}</b>" if one.strong else text
        text = f"<i>{text}</i>" if one.slanted else text
        return f'<link href="{escaped(self.drawn(one.link))}"><u>{text}</u></link>' if one.link else text
