"""A kill and a restore of one system at once: the kill wins, the restore stops at its next rung."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Event, Lock

from psfir.app.carry import alive, run_lease
from psfir.app.session import Session
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
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


def restores(session: Session) -> list[tuple[RunFacts, frozenset[str]]]:
    """Restores that somebody is carrying out right now, in whatever incident, and of which systems."""
    return [
        (run, systems_of(incident, run.plan))
        for incident in session.incidents()
        for run in incident.running
        if run.verb is Verb.RESTORE and alive(session, run_lease(run.id))
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


class Overtaken:
    """Whether a kill of the system that a run contained was pressed after entry `since`. What was read stays read."""

    def __init__(self, session: Session, system_of: Callable[[str], str], since: int) -> None:
        self._session = session
        self._system_of = system_of
        self._read = since
        self._killed: set[str] = set()
        self._lock = Lock()

    def __call__(self, run: str) -> bool:
        with self._lock:
            for entry in self._session.journal.read(after=self._read):
                self._read = entry.seq
                plan = (entry.data or {}).get("plan") if entry.kind == Kind.PLANNED else None
                if plan and plan["verb"] == Verb.KILL:
                    self._killed.add(plan["runbook"]["system"])
            return self._system_of(run) in self._killed
