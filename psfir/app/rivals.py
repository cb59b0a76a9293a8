"""A kill and a restore of one system at once: the kill wins, the restore stops at its next rung."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Event

from psfir.app.carry import alive, run_lease
from psfir.app.session import Session
from psfir.domain.entries import Kind
from psfir.domain.incident import Incident
from psfir.domain.plan import Plan, Verb
from psfir.domain.run import RunFacts
from psfir.engine.restore import RESTORE_SHARE

POLL = 0.2
LONGEST = RESTORE_SHARE + 15.0
"""A restore under way ends its rung within its own share, and then sees that it was overtaken."""


def systems_of(incident: Incident, plan: Plan) -> frozenset[str]:
    """Whose targets a restore plan puts back: its steps are named `run/step`."""
    runs = {planned.step.partition("/")[0] for planned in plan.rungs}
    return frozenset(incident.runs[run].plan.runbook.system for run in runs if run in incident.runs)


def restores_of(session: Session, system: str) -> list[RunFacts]:
    """Restores of this system that somebody is carrying out right now, in whatever incident."""
    found = [(incident, run) for incident in session.incidents() for run in incident.running]
    return [
        run
        for incident, run in found
        if run.verb is Verb.RESTORE and system in systems_of(incident, run.plan) and alive(session, run_lease(run.id))
    ]


def outwait(session: Session, restores: Iterable[RunFacts], let_go: Event) -> bool:
    """Wait until none of them is under way any more; True if there were any."""
    waited, any_ = 0.0, False
    for run in restores:
        any_ = True
        session.door.warn(f"{run.id} was putting this system back: waiting for it to stop, then looking once more")
        while alive(session, run_lease(run.id)) and waited < LONGEST and not session.clock.wait(let_go, POLL):
            waited += POLL
    return any_


def overtaken(session: Session, systems: frozenset[str], since: int) -> bool:
    """Whether a kill of one of these systems was pressed after entry `since`."""
    for entry in session.journal.read(after=since):
        data = entry.data or {}
        plan = data.get("plan") if entry.kind == Kind.PLANNED else None
        if plan and plan["verb"] == Verb.KILL and plan["runbook"]["system"] in systems:
            return True
    return False
