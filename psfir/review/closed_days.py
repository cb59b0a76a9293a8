"""A company's own days, by file: closed ones that no law knows, and holidays on which it works all the same."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from psfir.domain.canon import digest
from psfir.domain.values import frozen
from psfir.loading.files import Loaded, load, schema_key
from psfir.loading.shapes import Day, Key, ListOf, Record, Text

_LONGEST = 366

CLOSED = Record(
    "closed day",
    (
        Key("day", Day(), "the day, or the first of several", required=True),
        Key("until", Day(), "the last of several"),
        Key("why", Text(), "what the day is", required=True),
    ),
)
CLOSED_DAYS = Record(
    "file of closed days",
    (
        schema_key("closed_days"),
        Key("closed", ListOf(CLOSED), "days on which nobody works"),
        Key("open", ListOf(Day()), "weekend days and holidays on which people work"),
    ),
)


@frozen
class ClosedDays:
    """`digest` is of the days themselves: a comment changes nothing that was counted."""

    closed: tuple[date, ...] = ()
    open: tuple[date, ...] = ()
    digest: str = ""


def read_closed_days(path: Path, *, shown: str = "") -> Loaded:
    """The days with their problems."""
    loaded = load(path, "closed_days", CLOSED_DAYS, shown=shown)
    raw = loaded.value
    if raw is None:
        return loaded
    days: set[date] = set()
    for one, node in zip(raw.get("closed", ()), loaded.root.each("closed"), strict=True):
        if not 0 <= _span(one) <= _LONGEST:
            loaded.problems.add(node.at("until"), "must be within the year that follows `day`")
            continue
        days |= {one["day"] + timedelta(days=n) for n in range(_span(one) + 1)}
    for day, node in zip(raw.get("open", ()), loaded.root.each("open"), strict=True):
        if day in days:
            loaded.problems.add(node, f"{day} cannot be both open and closed")
    closed, opened = tuple(sorted(days)), tuple(sorted(set(raw.get("open", ()))))
    said = {"closed": [day.isoformat() for day in closed], "open": [day.isoformat() for day in opened]}
    loaded.value = ClosedDays(closed, opened, digest(said))
    return loaded


def load_closed_days(root: Path, name: str) -> ClosedDays:
    """ContentError with all problems; without a name, no days."""
    found = read_closed_days(root / name, shown=name).get() if name else ClosedDays()
    assert isinstance(found, ClosedDays)  # noqa: S101 - `get` raises where there is none
    return found


def _span(one: dict[str, Any]) -> int:
    days: timedelta = one.get("until", one["day"]) - one["day"]
    return days.days
