"""A real incident as a scenario to rehearse: its record, with people, machines and secrets taken out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import yaml

from psfir.app.comms_lint import of_document
from psfir.app.drills import FOLDER
from psfir.app.lint import lint
from psfir.app.session import Session
from psfir.app.templates import shelf as templates
from psfir.domain.incident import Incident
from psfir.domain.values import frozen
from psfir.errors import Refusal
from psfir.loading.content import content_files
from psfir.loading.lint import LintReport
from psfir.rehearsal.replay import Here, replay
from psfir.review.catalogue import load_clocks
from psfir.review.nameless import nameless

_HEAD = """\
# A draft of what happened in {incident}, for a person to go over: no name, host or secret was taken in on purpose.
# What is invented is for you to add: a report that contradicts another, a decision before it is known.
# To pull the real levers on the range: level: functional, and levers: range.
"""
_WIDTH = 110


@frozen
class Written:
    """The file, what its linter says, and how much that people said or that came late is not in it."""

    path: Path
    report: LintReport
    left_out: int


def write(session: Session, incident: Incident) -> Written:
    """A scenario in `drills/`. What is there already stays."""
    files = content_files(session.root, "runbooks")
    cells = {one.cell for one in templates(session.root, session.workspace).templates}
    here = Here(
        systems=tuple(session.workspace.systems),
        runbooks=tuple(files),
        clocks=tuple(load_clocks(session.root)),
        messages={(audience.value, phase.value) for audience, phase in cells},
        tell=_teller(session, (*files, *load_clocks(session.root), *session.catalog.names("levers"))),
    )
    made = replay(incident.id, list(session.journal.read(incident.id)), here)
    name = made.scenario["id"]
    path = session.root / FOLDER / f"{name}.yaml"
    if path.exists():
        raise Refusal(f"there is a scenario {name} already", todo=f"psfir drill show {name}")
    path.parent.mkdir(exist_ok=True)
    dumped = yaml.safe_dump(made.scenario, sort_keys=False, allow_unicode=True, width=_WIDTH)
    path.write_text(_HEAD.format(incident=incident.id) + dumped, encoding="utf-8")
    today = session.clock.now().astimezone(UTC).date()
    return Written(path, lint(session.root, [path], catalog=session.catalog, today=today), made.left_out)


def _teller(session: Session, names: tuple[str, ...]) -> Callable[[str], str]:
    """Words for players, or "": people become roles; what looks private, or gives the plot away, stays out."""
    look = of_document(session)
    plot = ("psfir", *(name.casefold() for name in names if "-" in name or "." in name))

    def tell(text: str) -> str:
        said = " ".join(nameless(session.workspace.team, session.scrubber.text(text)).split())
        even = said.casefold()
        gaps = any(sign in said for sign in ("<", "{{", "[[", "${"))
        return "" if gaps or look(said) or any(name in even for name in plot) else said

    return tell
