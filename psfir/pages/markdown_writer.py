"""A document as Markdown, for those who keep reports beside their code. What psfir.pages.markdown reads is the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from psfir.pages.blocks import Block, Bullets, Code, Comment, Document, Figure, Heading, Paragraph, Run, Runs, Table

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~])")
_BEGINS = re.compile(r"(?:[-+=]|\d{1,9}[.)])(?=\s|$)|-{3,}|={3,}")


def text(value: str) -> str:
    """Words as words: no markup, no table cell, no comment comes of them."""
    return _MARKS.sub(r"\\\1", " ".join(value.split()))


def markdown(document: Document) -> str:
    """All of it; a drawing is told by its table."""
    parts = [f"# {text(document.title)}"]
    parts += [f"**{text(document.status)}**"] if document.status else []
    for one in document.blocks:
        parts += _block(one)
    parts += [text(document.foot)] if document.foot else []
    return "\n\n".join(parts) + "\n"


def _block(one: Block) -> Iterator[str]:
    if isinstance(one, Heading):
        yield f"{'#' * max(2, one.level)} {_line(one.runs)}"
    elif isinstance(one, Paragraph):
        yield _beginning(_line(one.runs))
    elif isinstance(one, Bullets):
        marks = (f"{number}." if one.ordered else "-" for number in range(1, len(one.items) + 1))
        yield "\n".join(f"{mark} {_line(item)}" for mark, item in zip(marks, one.items, strict=True))
    elif isinstance(one, Table):
        yield _table(one)
    elif isinstance(one, Code):
        yield f"````{one.kind}\n{one.text}\n````"
    elif isinstance(one, Comment):
        yield f"<!-- {one.text.replace('-->', '')} -->"
    elif isinstance(one, Figure):
        yield f"**{text(one.title)}**"
        yield _table(one.table)


def _table(one: Table) -> str:
    head: Sequence[Runs] = one.head or ((),) * one.columns
    rows = [_row(head), f"|{'---|' * one.columns}", *(_row(row) for row in one.rows)]
    return "\n".join(rows)


def _row(cells: Iterable[Runs]) -> str:
    return f"| {' | '.join(_line(cell) for cell in cells)} |"


def _line(runs: Runs) -> str:
    return "".join(_run(one) for one in runs)


def _run(one: Run) -> str:
    """Spaces at either end are kept outside of the marks, where they count."""
    inner = text(one.text)
    before, after = (" " if edge else "" for edge in (one.text[:1].isspace(), one.text[-1:].isspace()))
    if not inner:
        return before
    if one.code and "`" not in one.text:
        inner = f"`{' '.join(one.text.split())}`" if "|" not in one.text else inner
    for mark, wanted in (("*", one.slanted), ("**", one.strong)):
        inner = f"{mark}{inner}{mark}" if wanted else inner
    inner = f"[{inner}]({one.link})" if one.link else inner
    return f"{before}{inner}{after}"


def _beginning(line: str) -> str:
    """A paragraph that begins like a list stays a paragraph."""
    found = _BEGINS.match(line)
    return f"{line[: found.end() - 1]}\\{line[found.end() - 1 :]}" if found else line
