"""Carry on runs whose process died: from the record alone, with nothing lost and nothing done twice."""

from __future__ import annotations

from psfir.app.carry import alive, carry, claim, kit_of, new_owner, run_lease
from psfir.app.kill import leases_of
from psfir.app.session import Session
from psfir.domain.incident import Incident
from psfir.domain.people import Deed
from psfir.domain.plan import Verb
from psfir.domain.run import RunFacts
from psfir.engine.kit import Control, Run
from psfir.errors import Refusal


def resumable(session: Session, incident: Incident) -> list[RunFacts]:
    """Runs that have not ended and that nobody is at work on."""
    left = [run for run in incident.running if not alive(session, run_lease(run.id))]
    if left:
        return left
    if incident.running:
        runs = ", ".join(run.id for run in incident.running)
        raise Refusal(f"somebody is at work on {runs} right now", todo=f"psfir status {incident.id} --watch")
    raise Refusal(f"no run of {incident.id} was left unfinished", todo=f"psfir status {incident.id}")


def resume(session: Session, incident: Incident, facts: RunFacts, control: Control) -> RunFacts:
    """One of them. Carrying on a restore takes the right to restore; carrying on a kill takes none."""
    if facts.verb is Verb.RESTORE:
        session.need(Deed.RESTORE)
    owner = new_owner()
    names = leases_of(facts.plan, facts.id) if facts.verb is Verb.KILL else (run_lease(facts.id),)
    if not claim(session, run_lease(facts.id), owner):
        raise Refusal(f"somebody has just taken up {facts.id}", todo=f"psfir status {incident.id} --watch")
    for name in names:
        claim(session, name, owner)
    run = Run(kit_of(session), incident.id, control)
    run.take_up(facts)
    return carry(session, run, names, owner)
