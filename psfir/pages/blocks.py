"""What a document is made of, whatever it was written in and whatever it becomes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from psfir.domain.values import frozen


@frozen
class Run:
    """Words that look alike. `link` is an address that may be followed; anything else was left as words."""

    text: str
    strong: bool = False
    slanted: bool = False
    code: bool = False
    link: str = ""


Runs: TypeAlias = tuple[Run, ...]


@frozen
class Heading:
    level: int
    runs: Runs


@frozen
class Paragraph:
    runs: Runs


@frozen
class Bullets:
    """A list; `ordered` counts its items."""

    items: tuple[Runs, ...]
    ordered: bool = False


@frozen
class Table:
    """`head` is empty where nobody named the columns: then the first cell of a row names the row."""

    head: tuple[Runs, ...]
    rows: tuple[tuple[Runs, ...], ...]

    @property
    def columns(self) -> int:
        return max((len(row) for row in (self.head, *self.rows)), default=0)


@frozen
class Code:
    """Words whose lines and spaces count; `kind` is the language, as in mermaid."""

    text: str
    kind: str = ""


@frozen
class Comment:
    """What a reader of the page does not see, and psfir does."""

    text: str


@frozen
class Figure:
    """A drawing with its name, and the same as a table for those who do not see it."""

    title: str
    svg: str
    table: Table


Block: TypeAlias = Heading | Paragraph | Bullets | Table | Code | Comment | Figure


@frozen
class Document:
    """`status` stands in large letters on it, and on each of its sheets, unless it is empty."""

    title: str
    status: str
    blocks: Sequence[Block]
    foot: str = ""


def plain(runs: Iterable[Run]) -> str:
    """The words alone."""
    return "".join(run.text for run in runs)


def words(text: str) -> Runs:
    """Plain words as runs."""
    return (Run(text),) if text else ()


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table of plain words."""
    return Table(tuple(words(cell) for cell in head), tuple(tuple(words(cell) for cell in row) for row in rows))


def leveled(blocks: Iterable[Block]) -> list[Block]:
    """The same with no level of heading left out on the way down, so that the outline has no hole; comments gone."""
    found: list[Block] = []
    last = 1
    for one in blocks:
        if isinstance(one, Comment):
            continue
        if isinstance(one, Heading):
            last = max(2, min(one.level, last + 1))
            found.append(Heading(last, one.runs))
        else:
            found.append(one)
    return found
