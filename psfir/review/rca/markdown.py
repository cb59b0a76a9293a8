"""Tables, lists and references in Markdown, with whatever a field holds kept from being more than text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from psfir.pages.markdown_writer import text

__all__ = ["at", "bullets", "entry", "table", "text"]


def plain(value: str) -> str:
    """The same for where no markup is read, such as the head: one line, without what cannot be printed."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose cells are Markdown already."""
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join('---' for _ in head)}|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def bullets(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def at(moment: datetime | None) -> str:
    """An instant in UTC, to the second."""
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "not known"


def entry(seq: int) -> str:
    """A reference to the record."""
    return f"[entry {seq}]"
