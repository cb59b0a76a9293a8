"""How things look in a terminal at 3 a.m.: as wide as it is, coloured where that helps, and never by colour alone."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from textwrap import wrap

import click

COLOURS = {"contained": "green", "partial": "yellow", "not_contained": "red", "unknown": "yellow"}
NARROWEST = 40
COMMANDS = ("psfir ", "export ", "cd ", "eval ", "PSFIR_")
"""How lines begin that are there to be copied."""


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


def warning(text: str) -> str:
    """What is near, and not yet too late."""
    return click.style(text, fg="yellow")


def dim(text: str) -> str:
    return click.style(text, dim=True)


def verdict(value: str | None, words: str = "") -> str:
    """A verdict as a word in capitals, or in other words; without one, the words as they are."""
    if value is None:
        return words
    return click.style(words or value.replace("_", " ").upper(), fg=COLOURS.get(value), bold=True)


def hanging(head: str, text: str, *, indent: str = "  ") -> str:
    """`text` behind `head`, its further lines below its first."""
    first = f"{indent}{head}  " if head else indent
    columns = width()
    if not columns:
        return first + text
    below = " " * len(first)
    if columns - len(first) < NARROWEST // 2:
        # Too little is left behind the head: it gets a line of its own.
        below = f"{indent}    "
        first = f"{first.rstrip()}\n{below}" if head else below
    lines = _wrapped(text, max(columns - len(below), NARROWEST // 2)) or [""]
    return first + f"\n{below}".join(lines)


def folded(text: str) -> str:
    """Text as it is, but no line wider than the terminal: broken between words, never inside a command to copy."""
    columns = width()
    return "\n".join(_fold(line, columns) for line in text.split("\n")) if columns else text


def _fold(line: str, columns: int) -> str:
    bare = click.unstyle(line).lstrip()
    indent = " " * (len(click.unstyle(line)) - len(bare))
    if len(indent) + len(bare) <= columns or bare.removeprefix("-> ").startswith(COMMANDS):
        return line
    lines = _wrapped(line.lstrip(), max(columns - len(indent) - 2, NARROWEST // 2))
    return indent + f"\n{indent}  ".join(lines)


def _wrapped(text: str, room: int) -> list[str]:
    return wrap(text, room, break_on_hyphens=False, break_long_words=False, replace_whitespace=False)


def _width(cell: str) -> int:
    """As it is seen: colours take no room."""
    return len(click.unstyle(cell))


def _padded(cell: str, size: int) -> str:
    return cell + " " * (size - _width(cell))


def columns(rows: Sequence[Sequence[str]], *, indent: str = "  ") -> list[str]:
    """Rows as aligned columns; only the last one may be wrapped."""
    if not rows:
        return []
    sizes = [max(_width(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    heads = ["  ".join(_padded(cell, size) for cell, size in zip(row, sizes, strict=False)) for row in rows]
    return [hanging(head, row[-1], indent=indent).rstrip() for head, row in zip(heads, rows, strict=True)]
