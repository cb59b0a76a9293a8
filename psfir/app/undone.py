"""What of an incident somebody should carry and nobody does: told from the record and its leases alone."""

from __future__ import annotations

from collections.abc import Iterator

from psfir.app.approvals import count
from psfir.app.carry import alive, kill_lease, run_lease
from psfir.app.session import Session
from psfir.domain.incident import Incident
from psfir.domain.plan import Plan, Verb
from psfir.domain.run import RunFacts, RungKey


def left_behind(session: Session, incident: Incident) -> list[RunFacts]:
    """Runs that have begun and not ended, and whose owner is gone."""
    return [run for run in incident.running if not alive(session, run_lease(run.id))]


def approved(session: Session, incident: Incident, *, mine: str = "") -> Iterator[Plan]:
    """Kills with all their yeses that nobody has begun: only the newest drawing of each, and only while it is open.

    Whoever holds the lease `mine` asks for itself.
    """
    if not incident.open:
        return
    newest = {(p.verb, p.runbook.id, p.containment): p for p in incident.plans.values()}
    begun = {run.plan.digest for run in incident.runs.values()}
    for plan in newest.values():
        if plan.verb is not Verb.KILL or plan.digest in begun or not count(session, incident, plan=plan).enough:
            continue
        lease = kill_lease(plan.runbook.system, plan.runbook.id)
        if _free(session, lease, mine):
            yield plan


def unwatched(session: Session, incident: Incident) -> list[RunFacts]:
    """What is contained, and whose soak nobody watches to its end."""
    if incident.running:
        return []
    return [run for run in incident.contained if run.unsoaked and not alive(session, soak_lease(run.id))]


def asked(session: Session, incident: Incident, *, mine: str = "") -> list[tuple[RunFacts, RungKey]]:
    """Rungs that runs under way wait for, and that only somebody where this process is can pull."""
    runner = session.binder.runner
    return [
        (run, key)
        for run in incident.running
        for key, wanted in run.asked.items()
        if wanted == runner and alive(session, run_lease(run.id)) and _free(session, rung_lease(run.id, key), mine)
    ]


def _free(session: Session, lease: str, mine: str) -> bool:
    return lease == mine or not alive(session, lease)


def rung_lease(run: str, key: RungKey) -> str:
    """Held by the worker that pulls a rung of somebody's run."""
    return f"rung:{run}:{key[0]}:{key[1]}"


def soak_lease(run: str) -> str:
    """Held by the worker that watches the rest of that run's soak."""
    return f"soak:{run}"
