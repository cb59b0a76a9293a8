"""A document for Word: its headings, lists and tables are Word's own, so that its outline and checks work.

Tables are written as Word's XML: a cell at a time through the library takes the square of the rows' time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from psfir.charts.escaped import escaped, sayable
from psfir.pages.blocks import Block, Bullets, Code, Document, Figure, Heading, Paragraph, Run, Runs, Table, leveled
from psfir.pages.word import opened, packed

if TYPE_CHECKING:
    from docx.document import Document as Made
    from docx.text.paragraph import Paragraph as Words

_SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_LEVELS = 9
_STATUS_POINTS, _CODE_POINTS = 26, 8
_CODE_FONT = "Courier New"


def docx(document: Document) -> bytes:
    """The whole document; the same document gives the same bytes."""
    made = opened(document.title)
    if document.status:
        _status(made, document.status)
    made.add_heading(sayable(document.title), 0)
    for one in leveled(document.blocks):
        _block(made, one)
    if document.foot:
        made.add_paragraph(sayable(document.foot), style="Caption")
    return packed(made)


def _status(made: Made, status: str) -> None:
    """Large at the top, and at the head of each sheet."""
    from docx.shared import Pt  # noqa: PLC0415 - a tenth of a second that only this format costs

    said = made.add_paragraph().add_run(sayable(status))
    said.bold, said.font.size = True, Pt(_STATUS_POINTS)
    made.sections[0].header.paragraphs[0].add_run(sayable(status)).bold = True


def _block(made: Made, one: Block) -> None:
    if isinstance(one, Heading):
        _write(made.add_heading(level=min(one.level, _LEVELS)), one.runs)
    elif isinstance(one, Paragraph):
        _write(made.add_paragraph(), one.runs)
    elif isinstance(one, Bullets):
        for item in one.items:
            _write(made.add_paragraph(style="List Number" if one.ordered else "List Bullet"), item)
    elif isinstance(one, Table):
        _table(made, one)
    elif isinstance(one, Figure):
        made.add_paragraph(sayable(one.title), style="Caption")
        _table(made, one.table)
    elif isinstance(one, Code):
        _code(made, one)


def _code(made: Made, one: Code) -> None:
    from docx.shared import Pt  # noqa: PLC0415 - a tenth of a second that only this format costs

    run = made.add_paragraph().add_run(sayable(one.text))
    run.font.name, run.font.size = _CODE_FONT, Pt(_CODE_POINTS)


def _write(paragraph: Words, runs: Runs) -> None:
    for one in runs:
        run = paragraph.add_run(sayable(_told(one)))
        run.bold, run.italic = one.strong or None, one.slanted or None
        if one.code:
            run.font.name = _CODE_FONT


def _told(one: Run) -> str:
    """A link with its address beside it, as paper needs it."""
    return f"{one.text} ({one.link})" if one.link and one.link != one.text else one.text


def _table(made: Made, one: Table) -> None:
    from docx.oxml.parser import parse_xml  # noqa: PLC0415 - as above

    if not one.columns:
        return
    body = made.element.body
    # The last element of all is the layout of the sheet.
    body.insert(len(body) - 1, parse_xml("".join(_tabular(one)).encode()))
    made.add_paragraph()


def _tabular(one: Table) -> Iterator[str]:
    yield f'<w:tbl xmlns:w="{_SPACE}"><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="0" w:type="auto"/></w:tblPr>'
    columns = one.columns
    yield f"<w:tblGrid>{'<w:gridCol/>' * columns}</w:tblGrid>"
    if one.head:
        yield from _row(one.head, columns, head=True)
    for row in one.rows:
        yield from _row(row, columns)
    yield "</w:tbl>"


def _row(cells: Sequence[Runs], columns: int, *, head: bool = False) -> Iterator[str]:
    """The first row is said again at the top of each sheet, and is a heading to a screen reader."""
    yield "<w:tr><w:trPr><w:cantSplit/>" + ("<w:tblHeader/>" if head else "") + "</w:trPr>"
    for cell in (*cells, *[()] * columns)[:columns]:
        yield f"<w:tc><w:tcPr/><w:p>{''.join(_runs(cell, head=head))}</w:p></w:tc>"
    yield "</w:tr>"


def _runs(runs: Iterable[Run], *, head: bool) -> Iterator[str]:
    for one in runs:
        look = "".join(
            (
                f'<w:rFonts w:ascii="{_CODE_FONT}" w:hAnsi="{_CODE_FONT}"/>' if one.code else "",
                "<w:b/>" if one.strong or head else "",
                "<w:i/>" if one.slanted else "",
                '<w:sz w:val="18"/>',
            )
        )
        yield f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{escaped(_told(one))}</w:t></w:r>'
