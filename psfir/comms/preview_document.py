"""The preview as a document for those who edit in Word: the same texts, and each as it is written, to be marked up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from psfir.charts.escaped import sayable
from psfir.comms.finding import Finding
from psfir.comms.preview import Leaf, Part, Preview, words
from psfir.comms.template import Template
from psfir.pages.word import opened, packed

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph


def docx(preview: Preview) -> bytes:
    """The whole document."""
    made = opened(f"What people will be told: {preview.name}")
    made.add_heading(sayable(f"What people will be told: {preview.name}"), 0)
    made.add_paragraph(
        f"As of {preview.on}. {preview.ready} of {preview.required} that must be ready may be used. "
        "What an incident fills in is highlighted; its facts are made up."
    )
    for line in (*preview.problems, *(f"{row.cell}, {row.lang}: {row.says}" for row in preview.lacking)):
        made.add_paragraph(sayable(line), style="List Bullet")
    for audience, leaves in preview.audiences.items():
        made.add_heading(audience.value.capitalize(), 1)
        for leaf in leaves:
            _leaf(made, leaf)
    return packed(made)


def _leaf(made: Document, leaf: Leaf) -> None:
    one = leaf.template
    variant = f", {one.variant}" if one.variant else ""
    made.add_heading(sayable(f"{one.phase.value.replace('_', ' ')}{variant} ({one.lang})"), 2)
    made.add_paragraph().add_run(sayable(f"{words(leaf.yes.state)}: {leaf.yes.says}")).bold = True
    if leaf.fails:
        made.add_paragraph(sayable(leaf.fails))
    else:
        _write(made.add_paragraph(style="Intense Quote"), leaf.title)
        _write(made.add_paragraph(style="Quote"), leaf.body)
    _findings(made, leaf.findings)
    _written(made, one)
    _fields(made, one)


def _write(paragraph: Paragraph, parts: Iterable[Part]) -> None:
    from docx.enum.text import WD_COLOR_INDEX  # noqa: PLC0415 - a tenth of a second that only this format costs

    for part in parts:
        run = paragraph.add_run(sayable(part.text))
        if part.filled:
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _findings(made: Document, findings: Iterable[Finding]) -> None:
    for one in findings:
        where = "title" if one.line == 0 else f"line {one.line}"
        quoted = f"{one.text!r} " if one.text else ""
        said = f"{one.level.value}, {where}: {quoted}{one.says} ({one.rule}). {one.better}"
        made.add_paragraph(sayable(said), style="List Bullet")


def _written(made: Document, one: Template) -> None:
    made.add_heading("As it is written", 3)
    made.add_paragraph(sayable(f"{one.file}, by {one.author}, for {one.channel}, {one.digest[:23]}"))
    made.add_paragraph(sayable(one.title)).runs[0].bold = True
    for block in one.body.strip("\n").split("\n\n"):
        made.add_paragraph(sayable(block))


def _fields(made: Document, one: Template) -> None:
    if not one.fields:
        return
    table = made.add_table(rows=1, cols=3, style="Table Grid")
    for cell, text in zip(table.rows[0].cells, ("field", "from", "is"), strict=True):
        cell.text = text
    for each in one.fields.values():
        said = "\n".join((each.line, *(f"{key.replace('_', ' ')}: {text}" for key, text in each.words.items())))
        for cell, text in zip(table.add_row().cells, (each.name, each.source.value, said), strict=True):
            cell.text = sayable(text)
