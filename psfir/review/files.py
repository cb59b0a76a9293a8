"""The kinds of files that this wing brings: how each is read, its shape, and what must hold between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from psfir.domain.system import Workspace
from psfir.loading.files import Loaded
from psfir.loading.jsonschema import Shapes
from psfir.review.closed_days import CLOSED_DAYS, read_closed_days

SHAPES: Shapes = {
    "closed_days": (CLOSED_DAYS, "a company's own closed days, for its calendar"),
}

_READ: Mapping[str, Callable[..., Loaded]] = {"closed_days": read_closed_days}


def read(kind: str, path: Path, *, shown: str) -> Loaded:
    return _READ[kind](path, shown=shown)


def calendars(read: Mapping[str, Loaded], root: Path) -> None:
    """Each calendar's holidays are known, and its file of closed days can be read."""
    words = read["psfir.yaml"]
    if not isinstance(words.value, Workspace) or not words.value.review.calendars:
        return
    from psfir.review.holiday_calendar import flaw  # noqa: PLC0415 - 70 ms, only where there is a calendar

    block = words.root.at("review", "calendars")
    for name, one in words.value.review.calendars.items():
        node = block.at(name)
        says = flaw(one) if one.country else ""
        if says:
            words.problems.add(node.at("country"), says, rule="reference")
        if one.subdivision and not one.country:
            words.problems.add(node.at("subdivision"), "is a part of no country: say `country` too", rule="missing-key")
        if one.closed_days:
            found = read_closed_days(root / one.closed_days, shown=one.closed_days).problems.found
            if any(not problem.warning for problem in found):
                says = f"{one.closed_days} cannot be read as closed days: psfir lint {one.closed_days}"
                words.problems.add(node.at("closed_days"), says, rule="reference")


RULES = (calendars,)
