"""psfir.yaml against the content, and playbooks against the calendar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from psfir.domain.modes import Mode, PlanCase
from psfir.domain.playbook import Playbook
from psfir.domain.runbook import Runbook
from psfir.domain.system import System, Workspace
from psfir.loading.files import Loaded

STALE_DAYS = 365


def check_workspace(
    loaded: Loaded, runbooks: Mapping[str, Runbook | None], playbooks: Mapping[str, Playbook | None]
) -> None:
    """Every system has the runbooks it names, and between them all cases of the response plan are covered.

    A file that is there and cannot be read is None: it is no missing file, and its own problems are told elsewhere.
    """
    workspace: Workspace = loaded.value
    _programs(loaded, workspace)
    for system in workspace.systems.values():
        _ambiguous(loaded, system, runbooks)
        mine = [book for book in runbooks.values() if book is None or book.system == system.id]
        if not mine:
            _tell(loaded, system, f"no runbook contains {system.id}", "coverage")
        elif None not in mine:
            missing = _missing(case for book in mine if book for case in book.covers)
            if missing:
                _tell(loaded, system, f"no runbook of {system.id} covers {missing}", "coverage")
    missing = _missing(case for playbook in playbooks.values() if playbook for case in playbook.covers)
    if missing and None not in playbooks.values():
        loaded.problems.add(loaded.root.at("systems"), f"no playbook covers {missing}", rule="coverage", warning=True)


def _programs(loaded: Loaded, workspace: Workspace) -> None:
    """A program that psfir.yaml does not allow is refused when it is pulled: tonight it can still be allowed."""
    for name, connection in workspace.connections.items():
        argv = connection.settings.get("argv")
        program = argv[0] if connection.kind == "command" and isinstance(argv, list) else None
        if program is not None and program not in workspace.programs:
            says = (
                f"{loaded.problems.shown(str(program))} would not be run: `commands: {{allow: [...]}}` does not name it"
            )
            loaded.problems.add(loaded.root.at("connections", name, "argv"), says, rule="reference")


def _missing(covered: Iterable[PlanCase]) -> str:
    there = set(covered)
    return ", ".join(case.value for case in PlanCase if case not in there)


def _ambiguous(loaded: Loaded, system: System, runbooks: Mapping[str, Runbook | None]) -> None:
    """A kill refuses to guess; the night is the wrong time to find out."""
    for mode in Mode:
        names = [name for name, b in runbooks.items() if b and b.system == system.id and b.mode is mode]
        if len(names) > 1 and mode not in system.runbooks:
            says = f"{len(names)} runbooks {mode.value} {system.id} ({', '.join(names)}); name one under `runbooks`"
            _tell(loaded, system, says, "ambiguous", warning=False)


def check_playbook(loaded: Loaded, today: date) -> None:
    """A playbook is read through once a year, and no date lies in the future."""
    playbook: Playbook = loaded.value
    for key, day in (("last_reviewed", playbook.last_reviewed), ("last_tested", playbook.last_tested)):
        if day and day > today:
            loaded.problems.add(loaded.root.at(key), f"{day.isoformat()} lies in the future", rule="dates")
    age = (today - playbook.last_reviewed).days
    if age > STALE_DAYS:
        says = f"was last reviewed {age} days ago; read it through, and put today's date here"
        loaded.problems.add(loaded.root.at("last_reviewed"), says, rule="dates", warning=True)


def _tell(loaded: Loaded, system: System, says: str, rule: str, *, warning: bool = True) -> None:
    loaded.problems.add(loaded.root.at("systems", system.id), says, rule=rule, warning=warning)
