"""How entries are worded: one line of plain text, a count of names, a digest that people can say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

NAMED = 8
"""Names in a row that people still read; of more the others are counted."""


def plain(text: str) -> str:
    """One line without anything a terminal would act on: what people and probes said is shown, never obeyed."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def some(names: Sequence[str], most: int) -> str:
    """The first of them, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def short(digest: str) -> str:
    """Enough of a digest to tell it from others; `psfir approve` takes it."""
    return digest.removeprefix("sha256:")[:12]


def words(value: str) -> str:
    """A word of the record as people say it."""
    return value.replace("_", " ")


def nth(data: Mapping[str, Any]) -> str:
    """Which try it is, of one that is not the first."""
    attempt = data.get("attempt", 1)
    return f" (try {attempt})" if attempt > 1 else ""
