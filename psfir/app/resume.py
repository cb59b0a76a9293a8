"""Carry on runs whose process died: from the record alone, with nothing lost and nothing done twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from psfir.app.carry import alive, carrying, claim_all, kit_of, new_owner, run_lease
from psfir.app.kill import leases_of
from psfir.app.restore import steered
from psfir.app.session import Session
from psfir.domain.incident import Incident
from psfir.domain.people import Deed
from psfir.domain.plan import Verb
from psfir.domain.run import RunFacts
from psfir.engine.kit import Control, Run
from psfir.engine.work import Work
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


class Taken(Refusal):
    """Somebody else was quicker."""


Claiming = Callable[[Session, Sequence[str], str], frozenset[str]]


def resume(
    session: Session,
    incident: Incident,
    runs: Sequence[RunFacts],
    control: Control,
    *,
    claiming: Claiming = claim_all,
) -> list[Work[RunFacts]]:
    """All of them, each a piece of work. Carrying on a restore takes the right to restore, a kill takes none.

    `claiming` takes the leases: for a person also where nobody can be asked, for a worker only where they are had.
    """
    if any(facts.verb is Verb.RESTORE for facts in runs):
        session.need(Deed.RESTORE)
    owner = new_owner()
    ours = claiming(session, [run_lease(facts.id) for facts in runs], owner)
    taken = next((facts.id for facts in runs if run_lease(facts.id) not in ours), None)
    if taken:
        session.heart.drop(ours)
        raise Taken(f"somebody has just taken up {taken}", todo=f"psfir status {incident.id} --watch")
    claiming(session, [name for facts in runs for name in _leases(facts)], owner)
    # Whoever had it until just now may have written since it was read, or have brought it to its end.
    incident = session.further(incident)
    runs = [incident.runs[facts.id] for facts in runs]
    if ended := [facts for facts in runs if facts.ended is not None]:
        session.heart.drop([name for facts in runs for name in _leases(facts)])
        raise Taken(f"{ended[0].id} has just ended", todo=f"psfir status {incident.id}")
    head, _ = session.journal.heads()
    steer = {Verb.KILL: control, Verb.RESTORE: steered(session, incident, control, since=head)}
    return [_carried_on(session, _run(session, incident, steer[facts.verb], facts), facts) for facts in runs]


def _run(session: Session, incident: Incident, control: Control, facts: RunFacts) -> Run:
    return Run(kit_of(session), incident.id, control, under=session.heart.holds(_leases(facts)))


def _leases(facts: RunFacts) -> tuple[str, ...]:
    return leases_of(facts.plan, facts.id) if facts.verb is Verb.KILL else (run_lease(facts.id),)


def _carried_on(session: Session, run: Run, facts: RunFacts) -> Work[RunFacts]:
    run.take_up(facts)
    return (yield from carrying(session, run, _leases(facts)))
