"""Look at the effect again: after a soak that was left, after somebody meddled, or simply to be sure."""

from __future__ import annotations

from dataclasses import replace

from psfir.app.carry import alive, kit_of, run_lease
from psfir.app.session import Session
from psfir.app.told import ToldJournal
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.run import RunFacts
from psfir.domain.verdict import Verdict
from psfir.engine.kit import Control, LetGo, Run
from psfir.engine.verify import soak
from psfir.engine.verify import verify as look
from psfir.engine.work import Work
from psfir.errors import Refusal


class Unkept:
    """The journal of somebody who may only look: what would be appended is shown, and kept nowhere."""

    def __init__(self, told: ToldJournal) -> None:
        self.append = told.show
        self.read = told.read
        self.follow = told.follow
        self.heads = told.heads


def to_verify(incident: Incident) -> list[RunFacts]:
    """The last containment of each system of this incident that was not put back since."""
    if incident.last_kill() is None:
        raise Refusal(f"nothing was contained in {incident.id}", todo=f"psfir kill {incident.systems[0]}")
    if not incident.contained:
        what = f"what was contained in {incident.id} has been put back: there is nothing left to look at"
        raise Refusal(what, todo=f"psfir incident show {incident.id}")
    return list(incident.contained)


def verify(session: Session, incident: Incident, facts: RunFacts, control: Control, *, soaking: bool) -> Work[RunFacts]:
    """The probes once more, then the soak if asked; the verdict is recorded with the run it belongs to."""
    if alive(session, run_lease(facts.id)):
        raise Refusal(f"{facts.id} is still being carried out", todo=f"psfir status {incident.id}")
    if facts.ended is None:
        raise Refusal(f"{facts.id} was left unfinished", todo=f"psfir resume {incident.id}")
    kit = kit_of(session)
    if not session.actor.known:
        session.door.warn("psfir does not know you: you may look, and nothing of it is recorded")
        kit = replace(kit, journal=Unkept(session.journal))
    run = Run(kit, incident.id, control)
    run.look_at(facts)
    try:
        verdict, whole = (yield from look(run, phase="verify")), False
        if soaking and verdict is Verdict.CONTAINED and run.plan.runbook.soak > 0:
            verdict, whole = yield from soak(run)
    except LetGo:
        what = f"looking again at {facts.id} was broken off; its verdict is the one it had"
        raise Refusal(what, todo=f"psfir verify {incident.id}") from None
    soaked = whole and verdict is Verdict.CONTAINED
    kept = bool(facts.ended and facts.ended["soaked"]) and verdict is Verdict.CONTAINED
    run.write(Kind.RUN_ENDED, verdict=verdict.value, soaked=soaked or kept, why="looked at again")
    return run.facts
