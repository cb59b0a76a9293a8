"""Drills that were run, from their folders: what was played, what was logged, and what their own record holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from psfir.app.session import Session
from psfir.app.store import FILE, HOME, open_file
from psfir.domain.canon import Json, digest_bytes
from psfir.domain.entries import Entry
from psfir.domain.near import near
from psfir.domain.values import frozen, remade
from psfir.errors import RecordError, UsageError
from psfir.rehearsal.drill_file import load_drill
from psfir.rehearsal.evaluate import micros
from psfir.rehearsal.log import LogEntry, LogKind
from psfir.rehearsal.scenario import Scenario
from psfir.rehearsal.words import Level

FOLDER = "drills"
SCENARIO, LOG, ABOUT, PLACE = "scenario.yaml", "log.jsonl", "run.json", "ws"
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


def folders(session: Session) -> list[Path]:
    """Of all runs of which there is a log, the oldest first."""
    home = session.root / HOME / FOLDER
    found = [one.parent for one in home.glob(f"RUN-*/{LOG}")]
    return sorted(found, key=lambda one: (_began(one), one.name))


def played(session: Session, ref: str) -> Played:
    """By id, or by the start or end of one; without a word the newest."""
    every = folders(session)
    fits = [one for one in every if one.name == ref] or [
        one for one in every if one.name.lower().startswith(ref.lower()) or one.name.lower().endswith(ref.lower())
    ]
    if not fits:
        todo = near(ref, [one.name for one in every]) if every else "psfir drill run SCENARIO begins one"
        raise UsageError(f"there is no run {ref}" if ref else "no drill was run here yet", todo=todo)
    if ref and len(fits) > 1:
        raise UsageError(f"{len(fits)} runs could be meant by {ref}", todo=", ".join(one.name for one in fits))
    return read(fits[-1])


def read(folder: Path) -> Played:
    """What was really played: the bytes kept in the folder, the cut of the log, the level of the run."""
    log = tuple(_entries(folder / LOG))
    if not log or log[0].kind is not LogKind.STARTED:
        raise RecordError("the log of the drill does not begin with its start", where=str(folder / LOG))
    path = folder / SCENARIO
    whole = load_drill(path)
    cut = str(log[0].data.get("cut", ""))
    scenario = whole.cut(cut) if cut else whole
    level = _about(folder).get("level")
    scenario = remade(scenario, level=Level(level)) if level in set(Level) else scenario
    return Played(folder, scenario, digest_bytes(path.read_bytes()), log, digest_bytes((folder / LOG).read_bytes()))


def record(session: Session, run: Played) -> list[Entry]:
    """The record of a drill, from its start to its end: its own, or of a live one what the live record held then."""
    live = run.scenario.level is Level.LIVE
    entries = list(session.journal.read()) if live else _own(session, run.folder / PLACE)
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


def _entries(path: Path) -> Iterator[LogEntry]:
    """A last line that a crash left torn was never acknowledged: it is no entry."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise RecordError(f"the log of the drill cannot be read: {error.strerror}", where=str(path)) from error
    for number, line in enumerate(lines[:-1], start=1):
        try:
            yield LogEntry.from_json(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise RecordError(f"line {number} of the drill's log cannot be read: {error}", where=str(path)) from error


def _began(folder: Path) -> int:
    """0 of one that cannot be read: it hides no other."""
    try:
        return next((one.real for one in _entries(folder / LOG)), 0)
    except RecordError:
        return 0


def _about(folder: Path) -> dict[str, Json]:
    path = folder / ABOUT
    try:
        found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except ValueError as error:
        raise RecordError(f"{ABOUT} of the drill cannot be read: {error}", where=str(path)) from error
    return found if isinstance(found, dict) else {}
