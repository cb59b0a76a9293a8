"""psfir.yaml against the content, and playbooks against the calendar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from psfir.domain.modes import PlanCase
from psfir.domain.near import near
from psfir.domain.playbook import Playbook
from psfir.domain.runbook import Runbook
from psfir.domain.system import System, Workspace
from psfir.loading.files import Loaded

STALE_DAYS = 365


def check_workspace(
    loaded: Loaded,
    workspace: Workspace,
    runbooks: Mapping[str, tuple[Runbook, Loaded]],
    playbooks: Mapping[str, tuple[Playbook, Loaded]],
) -> None:
    """Every system has the runbooks it names, and between them all cases of the response plan are covered."""
    for system in workspace.systems.values():
        mine = [book for book, _ in runbooks.values() if book.system == system.id]
        _modes(loaded, system, runbooks)
        _ambiguous(loaded, system, mine)
        if not mine:
            _warn(loaded, system, f"no runbook contains {system.id}", "coverage")
            continue
        missing = [case.value for case in PlanCase if not any(case in book.covers for book in mine)]
        if missing:
            _warn(loaded, system, f"no runbook of {system.id} covers {', '.join(missing)}", "coverage")
    uncovered = [case.value for case in PlanCase if not any(case in book.covers for book, _ in playbooks.values())]
    if uncovered:
        says = f"no playbook covers {', '.join(uncovered)}"
        loaded.problems.add(loaded.root.at("systems"), says, rule="coverage", warning=True)


def _modes(loaded: Loaded, system: System, runbooks: Mapping[str, tuple[Runbook, Loaded]]) -> None:
    for mode, name in system.runbooks.items():
        node = loaded.root.at("systems", system.id, "runbooks", mode.value)
        if name not in runbooks:
            loaded.problems.add(node, f"there is no sound runbook {name!r}; {near(name, runbooks)}", rule="reference")
            continue
        book = runbooks[name][0]
        if book.system != system.id:
            loaded.problems.add(node, f"the runbook {name!r} is for {book.system}, not {system.id}", rule="reference")
        if book.mode is not mode:
            says = f"the runbook {name!r} is there to {book.mode.value}, not to {mode.value}"
            loaded.problems.add(node, says, rule="reference")


def _ambiguous(loaded: Loaded, system: System, mine: list[Runbook]) -> None:
    for mode in {book.mode for book in mine} - set(system.runbooks):
        names = [book.id for book in mine if book.mode is mode]
        if len(names) > 1:
            says = f"{len(names)} runbooks {mode.value} {system.id} ({', '.join(names)}); name one under `runbooks`"
            _warn(loaded, system, says, "ambiguous")


def check_playbook(playbook: Playbook, loaded: Loaded, today: date) -> None:
    """A playbook is read through once a year, and no date lies in the future."""
    for key, day in (("last_reviewed", playbook.last_reviewed), ("last_tested", playbook.last_tested)):
        if day and day > today:
            loaded.problems.add(loaded.root.at(key), f"{day.isoformat()} lies in the future", rule="dates")
    age = (today - playbook.last_reviewed).days
    if age > STALE_DAYS:
        says = f"was last reviewed {age} days ago"
        loaded.problems.add(loaded.root.at("last_reviewed"), says, rule="dates", warning=True)


def _warn(loaded: Loaded, system: System, says: str, rule: str) -> None:
    loaded.problems.add(loaded.root.at("systems", system.id), says, rule=rule, warning=True)
