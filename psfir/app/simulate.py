"""Would the deadline be made? A system's runbook, the people of the workspace and the record, put to the odds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from psfir.app.choose import Aim, runbook, systems
from psfir.app.drill_run_folder import runs
from psfir.app.drill_runs import read, record
from psfir.app.session import Session
from psfir.domain.modes import Mode
from psfir.domain.people import Deed
from psfir.domain.runbook import Runbook
from psfir.domain.values import frozen
from psfir.errors import PsfirError, UsageError
from psfir.rehearsal.odds.build import Known, model
from psfir.rehearsal.odds.history import History, history, with_people_of
from psfir.rehearsal.odds.picture import page
from psfir.rehearsal.odds.priors import shipped
from psfir.rehearsal.odds.whatif import Answer, answer
from psfir.rehearsal.score import practice
from psfir.rehearsal.state import fold
from psfir.rehearsal.words import Level


@frozen
class Luck:
    """How many runs, and which."""

    runs: int
    seed: int


@frozen
class Simulated:
    """The answer, and what of the record went into it."""

    book: Runbook
    answer: Answer
    history: History


def simulate(session: Session, name: str, *, luck: Luck, mode: Mode | None = None, book: str = "") -> Simulated:
    """Looks at files and records alone, those of drills too: nothing is pulled, probed or written."""
    aim = Aim(systems=(name,) if name else (), mode=mode, runbook=book)
    found = systems(session, aim)[0]
    chosen = runbook(session, found, aim)
    seen = with_people_of(history(session.journal.read()), _drills(session))
    return Simulated(chosen, answer(model(chosen, _known(session, chosen, seen)), runs=luck.runs, seed=luck.seed), seen)


def _drills(session: Session) -> Iterator[History]:
    """Of drills on the range that count: in none was time compressed. What cannot be read is left out and named."""
    for one in runs(session.root):
        try:
            run = read(one)
            if run.scenario.level is Level.FUNCTIONAL and not practice(fold(run.scenario, run.log)):
                yield history(record(session, run))
        except PsfirError as error:
            session.door.warn(f"{one.name} is left out: {error}")


def _known(session: Session, book: Runbook, seen: History) -> Known:
    levers = {rung.lever for step in book.steps for rung in step.ladder}
    return Known(
        abouts={name: session.catalog.lever(name) for name in sorted(levers)},
        connections=session.workspace.connections,
        approvers=len(session.workspace.team.who_may(Deed.APPROVE_KILL)),
        priors=shipped(),
        history=seen,
    )


def write_page(path: Path, done: Simulated) -> None:
    """The whole answer as one page."""
    try:
        path.write_text(page(done.answer, shipped().said), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
