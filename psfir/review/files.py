"""The kinds of files that this wing brings: how each is read, its shape, and what must hold between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from psfir.domain.runbook import Runbook
from psfir.domain.system import Workspace
from psfir.loading.files import Loaded
from psfir.loading.jsonschema import Shapes
from psfir.loading.lint import Rule
from psfir.review.catalogue import check_clocks, load_clocks
from psfir.review.clock import Clock
from psfir.review.clock_applies import check_words
from psfir.review.clock_file import CLOCK, read_clock
from psfir.review.closed_days import CLOSED_DAYS, read_closed_days

SHAPES: Shapes = {
    "closed_days": (CLOSED_DAYS, "a company's own closed days, for its calendar"),
    "clock": (CLOCK, "a duty to report, and when it falls due"),
}

_READ: Mapping[str, Callable[..., Loaded]] = {"closed_days": read_closed_days, "clock": read_clock}


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


def legal_words(read: Mapping[str, Loaded]) -> None:
    """What psfir.yaml says of the company is what some clock asks for."""
    words = read["psfir.yaml"].root.get("review")
    if words is None or words.get("legal") is None:
        return
    own = {each.value.id: each.value for each in read.values() if isinstance(each.value, Clock)}
    check_words(read["psfir.yaml"], {**load_clocks(), **own})


def evidence(read: Mapping[str, Loaded]) -> None:
    """A runbook of a high-risk system says whether it alters evidence; one that does keeps some first."""
    words = read["psfir.yaml"].value
    if not isinstance(words, Workspace):
        return
    for loaded in read.values():
        book = loaded.value
        if not isinstance(book, Runbook) or not words.review.legal_of(book.system).high_risk:
            continue
        if loaded.root.get("alters_evidence") is None:
            says = (
                f"{book.system} is high-risk: say `alters_evidence`, whether this purges, retrains or rebuilds anything"
            )
            loaded.problems.add(loaded.root, says, rule="evidence", warning=True)
        elif book.alters_evidence:
            _altering(loaded, book, words)


def _altering(loaded: Loaded, book: Runbook, words: Workspace) -> None:
    node = loaded.root.at("alters_evidence")
    if not book.capture:
        says = "it alters a high-risk system and captures nothing before: causes could not be found any more"
        loaded.problems.add(node, says, rule="evidence")
    system = words.systems.get(book.system)
    if system and system.runbooks.get(book.mode) == book.id:
        says = f"it waits for legal's yes, and {book.mode.value} of {book.system} is this one: containment must not"
        loaded.problems.add(node, f"{says}; take what alters into a runbook of its own", rule="evidence")


def rules(root: Path) -> tuple[Rule, ...]:
    """What must hold between files, for a workspace in this folder."""
    return partial(calendars, root=root), check_clocks, legal_words, evidence
