"""A document as PDF: an outline to go by, numbered sheets, figures as drawings, and nothing of the hour it was made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from psfir.pages.blocks import (
    Block,
    Bullets,
    Code,
    Document,
    Figure,
    Heading,
    Paragraph,
    Run,
    Runs,
    Table,
    leveled,
    plain,
)
from psfir.pages.pdf_drawing import drawing
from psfir.pages.pdf_words import BOLD, PLAIN, Speech

if TYPE_CHECKING:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import BaseDocTemplate, Flowable
    from reportlab.platypus import Paragraph as Words

_ROWS = 120
"""A table is laid out in pieces of so many rows: cut at each sheet as one it costs the square of its length."""

_MARGIN, _PADDING, _FOOT, _SMALL = 44.0, 6.0, 28.0, 7.5
_LINE_LETTERS = 96
_FIGURE_HIGH = 560.0
_WORD, _CELL, _PART = 18, 42, 5
_SIZES = {
    "title": (17, 22),
    "h2": (13, 17),
    "h3": (10.5, 14),
    "body": (9, 13),
    "cell": (7.5, 10),
    "item": (9, 13),
    "status": (26, 32),
}


def pdf(document: Document) -> bytes:
    """The whole file; the same document gives the same bytes."""
    return _Writer(document).written()


class _Writer:
    """Holds what the parts share: the styles, the width of the sheet, and which signs the font lacks."""

    def __init__(self, document: Document) -> None:
        from reportlab.lib.pagesizes import A4  # noqa: PLC0415 - a tenth of a second that only this format costs

        self._document = document
        self._speech = Speech()
        self._styles = {name: _style(name) for name in _SIZES}
        self._headings = 0
        self._sheet = A4
        self._wide = A4[0] - 2 * (_MARGIN + _PADDING)

    def written(self) -> bytes:
        from reportlab.platypus import SimpleDocTemplate  # noqa: PLC0415 - as above

        body = [part for one in leveled(self._document.blocks) for part in self._block(one)]
        if self._document.foot:
            body.append(self._paragraph((Run(self._document.foot, slanted=True),), "cell"))
        head = self._head()
        into = BytesIO()
        made = SimpleDocTemplate(
            into,
            pagesize=self._sheet,
            invariant=1,
            lang="en",
            title=self._speech.drawn(self._document.title),
            author="psfir",
            leftMargin=_MARGIN,
            rightMargin=_MARGIN,
            topMargin=_MARGIN,
            bottomMargin=_MARGIN,
        )
        # reportlab's own way to be told is a method of this name.
        made.__dict__["afterFlowable"] = lambda flowable: _outlined(made.canv, flowable)
        made.build([*head, *body], onFirstPage=self._edge, onLaterPages=self._edge)
        return into.getvalue()

    def _head(self) -> list[Flowable]:
        """Last, for by now it is known what the font lacks."""
        found: list[Flowable] = []
        if self._document.status:
            found.append(self._paragraph((Run(self._document.status, strong=True),), "status"))
        found.append(self._paragraph((Run(self._document.title, strong=True),), "title"))
        if self._speech.lacking:
            says = (
                f"{len(self._speech.lacking)} different signs are in no font of this file. Each stands as its number, "
                "[U+...]; the HTML and the Word document show them."
            )
            found.append(self._paragraph((Run(says, strong=True),), "body"))
        return found

    def _edge(self, canvas: Canvas, made: BaseDocTemplate) -> None:
        """The status above and the number below, on each sheet."""
        canvas.setFont(BOLD, _SMALL + 2)
        right, top = self._sheet[0] - _MARGIN, self._sheet[1] - _FOOT
        canvas.drawRightString(right, top, self._speech.drawn(self._document.status))
        canvas.setFont(PLAIN, _SMALL)
        title = self._speech.drawn(self._document.title)
        canvas.drawString(_MARGIN, _FOOT, title if len(title) <= _LINE_LETTERS else f"{title[: _LINE_LETTERS - 1]}…")
        canvas.drawRightString(right, _FOOT, f"page {made.page}")

    def _block(self, one: Block) -> Iterator[Flowable]:
        if isinstance(one, Heading):
            yield self._heading(one)
        elif isinstance(one, Paragraph):
            yield self._paragraph(one.runs, "body")
        elif isinstance(one, Bullets):
            yield from self._items(one)
        elif isinstance(one, Table):
            yield from self._table(one)
        elif isinstance(one, Code):
            yield self._code(one)
        elif isinstance(one, Figure):
            yield self._figure(one)
            yield self._paragraph((Run(one.title, slanted=True),), "cell")
            yield from self._table(one.table)

    def _heading(self, one: Heading) -> Flowable:
        made = self._paragraph(tuple(Run(run.text, strong=True) for run in one.runs), f"h{min(one.level, 3)}")
        self._headings += 1
        made.__dict__["outlined"] = (self._speech.drawn(plain(one.runs)), f"part-{self._headings}", one.level - 2)
        return made

    def _paragraph(self, runs: Runs, style: str, *, bullet: str | None = None) -> Words:
        from reportlab.platypus import Paragraph as Made  # noqa: PLC0415 - as above

        return Made(self._speech.marked(runs), self._styles[style], bulletText=bullet)

    def _items(self, one: Bullets) -> Iterator[Flowable]:
        for number, item in enumerate(one.items, 1):
            yield self._paragraph(item, "item", bullet=f"{number}." if one.ordered else "•")

    def _code(self, one: Code) -> Flowable:
        from reportlab.platypus import Preformatted  # noqa: PLC0415 - as above

        style = self._styles["cell"].clone("code", fontName="Courier" if one.text.isascii() else PLAIN)
        return Preformatted(self._speech.drawn(one.text), style, maxLineLength=_LINE_LETTERS, newLineChars="")

    def _figure(self, one: Figure) -> Flowable:
        return drawing(one.svg, wide=self._wide, most_high=_FIGURE_HIGH, speech=self._speech)

    def _table(self, one: Table) -> Iterator[Flowable]:
        from reportlab.platypus import Spacer  # noqa: PLC0415 - as above

        widths = _widths(one, self._wide)
        for start in range(0, len(one.rows), _ROWS):
            yield self._piece(one, one.rows[start : start + _ROWS], widths)
        if widths:
            yield Spacer(1, 8)

    def _piece(self, one: Table, rows: Sequence[tuple[Runs, ...]], widths: Sequence[float]) -> Flowable:
        from reportlab.lib.colors import HexColor  # noqa: PLC0415 - as above
        from reportlab.platypus import Table as Grid  # noqa: PLC0415 - as above

        head = [tuple(tuple(Run(run.text, strong=True) for run in cell) for cell in one.head)] if one.head else []
        full = ((*row, *[()] * len(widths))[: len(widths)] for row in (*head, *rows))
        cells = [[self._paragraph(cell, "cell") for cell in row] for row in full]
        look: list[Any] = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor("#c4cad1")),
            ("LEFTPADDING", (0, 0), (-1, -1), 2),
            ("RIGHTPADDING", (0, 0), (-1, -1), 5),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ]
        return Grid(cells, colWidths=list(widths), repeatRows=len(head), style=look, splitInRow=1)


def _style(name: str) -> ParagraphStyle:
    from reportlab.lib.styles import ParagraphStyle  # noqa: PLC0415 - as above

    size, leading = _SIZES[name]
    heading = name.startswith("h")
    return ParagraphStyle(
        name,
        fontName=PLAIN,
        fontSize=size,
        leading=leading,
        spaceBefore=10 if heading else 0,
        spaceAfter=0 if name == "cell" else 5,
        keepWithNext=heading,
        leftIndent=14 if name == "item" else 0,
        splitLongWords=1,
    )


def _widths(one: Table, wide: float) -> list[float]:
    """Each column as wide as its words ask for: its longest word, and its usual cell, neither beyond measure."""
    columns = list(range(one.columns))
    asked = []
    for column in columns:
        cells = [plain(row[column]) for row in (one.head, *one.rows) if column < len(row)]
        longest = max((len(word) for cell in cells for word in cell.split()), default=0)
        usual = sum(map(len, cells)) / max(1, len(cells))
        asked.append(max(_PART, min(_WORD, longest + 2), min(_CELL, usual)))
    return [wide * share / sum(asked) for share in asked]


def _outlined(canvas: Canvas, flowable: Flowable) -> None:
    found = getattr(flowable, "outlined", None)
    if found is not None:
        title, key, level = found
        canvas.bookmarkPage(key)
        canvas.addOutlineEntry(title, key, level)
