"""How things look in a terminal at 3 a.m.: as wide as it is, coloured where that helps, and never by colour alone."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from textwrap import wrap

import click

COLOURS = {"contained": "green", "partial": "yellow", "not_contained": "red", "unknown": "yellow"}
NARROWEST = 40


def width() -> int:
    """Columns to fill; 0 where nobody reads on a terminal, and nothing is wrapped then."""
    if sys.stdout is None or not sys.stdout.isatty():
        return 0
    from shutil import get_terminal_size  # only where there is a terminal

    return max(NARROWEST, get_terminal_size().columns)


def heading(text: str) -> str:
    return click.style(text, bold=True)


def loud(text: str) -> str:
    """What must not be missed. The words themselves are loud, the colour only helps."""
    return click.style(text, fg="red", bold=True)


def dim(text: str) -> str:
    return click.style(text, dim=True)


def verdict(value: str | None) -> str:
    """A verdict as a word in capitals."""
    if value is None:
        return "nothing contained"
    return click.style(value.replace("_", " ").upper(), fg=COLOURS.get(value), bold=True)


def hanging(head: str, text: str, *, indent: str = "  ") -> str:
    """`text` behind `head`, its further lines below its first."""
    first = f"{indent}{head}  " if head else indent
    columns = width()
    room = columns - len(first)
    if not columns or room < NARROWEST // 2:
        return first + text
    lines = wrap(text, room, break_on_hyphens=False) or [""]
    return first + ("\n" + " " * len(first)).join(lines)


def columns(rows: Sequence[Sequence[str]], *, indent: str = "  ") -> list[str]:
    """Rows as aligned columns; only the last one may be wrapped."""
    if not rows:
        return []
    sizes = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    heads = ["  ".join(cell.ljust(size) for cell, size in zip(row, sizes, strict=False)) for row in rows]
    return [hanging(head, row[-1], indent=indent).rstrip() for head, row in zip(heads, rows, strict=True)]
