"""Drills that were run, from their folders: what was played, what was logged, and what their own record holds."""

from __future__ import annotations

from pathlib import Path

from psfir.app.drill_run_folder import WORKSPACE, RunFolder, run_of
from psfir.app.session import Session
from psfir.app.store import FILE, HOME, open_file
from psfir.domain.entries import Entry
from psfir.domain.values import frozen, remade
from psfir.errors import RecordError
from psfir.rehearsal.evaluate import micros
from psfir.rehearsal.log import LogEntry, LogKind
from psfir.rehearsal.scenario import Scenario
from psfir.rehearsal.words import Level

_WAIT = 5.0


@frozen
class Played:
    """One run: its folder, what was played in it, and its log. The digests are of the files' bytes."""

    folder: Path
    scenario: Scenario
    digest: str
    log: tuple[LogEntry, ...]
    log_digest: str

    @property
    def id(self) -> str:
        return self.folder.name


def played(session: Session, ref: str) -> Played:
    """By id, or by the start or end of one; without a word the newest."""
    return read(run_of(session.root, ref))


def read(run: RunFolder) -> Played:
    """What was really played: the bytes kept in the folder, the cut of the log, the level of the run."""
    log = tuple(run.log())
    if not log or log[0].kind is not LogKind.STARTED:
        raise RecordError("the log of the drill does not begin with its start", where=str(run.path))
    scenario = remade(run.scenario(), level=Level(run.about["level"]))
    return Played(run.path, scenario, run.about["digest"], log, run.log_digest())


def record(session: Session, run: Played) -> list[Entry]:
    """The record of a drill, from its start to its end: its own, or of a live one what the live record held then."""
    live = run.scenario.level is Level.LIVE
    entries = list(session.journal.read()) if live else _own(session, run.folder / WORKSPACE)
    first, last = run.log[0].real, run.log[-1].real
    return [one for one in entries if first <= micros(one.at) <= last]


def _own(session: Session, root: Path) -> list[Entry]:
    """Always a file in the drill's own workspace, whatever a copied psfir.yaml says of the record."""
    path = root / HOME / FILE
    if not path.exists():
        return []
    journal, _ = open_file(path, session.clock, wait=_WAIT)
    try:
        return list(journal.read())
    finally:
        journal.close()
