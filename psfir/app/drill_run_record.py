"""What stays of a drill in the live record: one entry, once, by which its log and scenario can be known again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from psfir.app.drill_run_folder import RunFolder
from psfir.app.drill_run_home import BANNER, DRILL
from psfir.app.session import CONNECTIONS, Door, Session, open_session
from psfir.domain.canon import Json
from psfir.domain.entries import Entry
from psfir.domain.kinds import Kind
from psfir.domain.values import remade
from psfir.errors import PsfirError
from psfir.rehearsal.measured import times
from psfir.rehearsal.score import score
from psfir.rehearsal.state import DrillState

_RANGE = "PSFIR_RANGE_VARIABLES"


def live(run: RunFolder, door: Door) -> Session:
    """The workspace that this is a drill of, as it is outside of any drill and away from any range."""
    apart = {DRILL, BANNER, CONNECTIONS, "PSFIR_WORKSPACE", _RANGE}
    env = {name: value for name, value in door.env.items() if name not in apart}
    return open_session(remade(door, env=env), workspace=run.live)


def played(run: RunFolder, door: Door, me: str) -> Session:
    """The drill's own, with this person at work. Of a live drill it is the live one."""
    env = {name: value for name, value in door.env.items() if name != CONNECTIONS} | {"PSFIR_ME": me}
    if run.home == run.live:
        return live(run, remade(door, env=env))
    return open_session(remade(door, env={**env, DRILL: str(run.home)}), workspace=run.home)


def record(session: Session, run: RunFolder, state: DrillState, entries: Iterable[Entry]) -> Entry:
    """Asked for again, it is the entry that is there already."""
    for entry in session.journal.read(""):
        if entry.kind == Kind.DRILL_RECORDED and entry.data and entry.data["run"] == run.name:
            return entry
    return session.record(session.draft("", Kind.DRILL_RECORDED, _told(run, state, entries)))[0]


def last_runs(root: Path, door: Door) -> Mapping[str, Mapping[str, Json]]:
    """What the record holds of each scenario's last run. Nothing where the record cannot be had."""
    try:
        session = open_session(door, workspace=root)
    except PsfirError as error:
        door.warn(f"when each was played last cannot be told: {error}")
        return {}
    found = [entry.data for entry in session.journal.read("") if entry.kind == Kind.DRILL_RECORDED]
    return {str(one["scenario"]): one for one in found if one is not None}


def _told(run: RunFolder, state: DrillState, entries: Iterable[Entry]) -> dict[str, Json]:
    came, about = score(state), run.about
    practice: list[Json] = [*came.practice]
    return {
        "run": run.name,
        "scenario": about["scenario"],
        "scenario_digest": about["digest"],
        "level": about["level"],
        "cut": about["cut"],
        "speed": about["speed"],
        "systems": about["systems"],
        "statements": about["statements"],
        "runbooks": about["runbooks"],
        "result": came.rating.value if came.rating else "",
        "percent": came.whole.percent,
        "times": {**times(state, entries)},
        "counts": came.counts,
        "practice": practice,
        "log_digest": run.log_digest(),
        "at": about["started"],
    }
