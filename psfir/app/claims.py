"""Who carries which run when somebody presses kill: ours, somebody else's who is at it, or one that was left behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Event

from psfir.app.approvals import Yeses
from psfir.app.carry import alive, claim_all, kill_lease, run_lease
from psfir.app.session import Session
from psfir.domain.incident import Incident
from psfir.domain.plan import Plan
from psfir.domain.run import RunFacts
from psfir.errors import PsfirError, Refusal

JOIN_WAIT = 5.0
POLL = 0.2


class Claims:
    """Leases by name: `names` are ours, `joined` runs that others carry, `refused` what nobody can have now."""

    def __init__(self, session: Session, incident: Incident, plans: Sequence[Plan]) -> None:
        self.incident = incident
        self.names: set[str] = set()
        self.joined: dict[str, RunFacts] = {}
        self.refused: dict[str, PsfirError] = {}
        self.plans: Mapping[str, Plan] = {kill_lease(p.runbook.system, p.runbook.id): p for p in plans}
        self._session = session

    @property
    def left(self) -> list[str]:
        """Those of which nothing is known yet."""
        return [name for name in self.plans if name not in self.names and name not in self.joined]

    def take(self, owner: str) -> None:
        self.names |= claim_all(self._session, self.left, owner)

    def look(self) -> None:
        """What the record says of those that others hold.

        Where somebody else has pressed and still waits for a second yes, pressing as well is that yes.
        """
        self.incident = self._session.further(self.incident)
        yeses, drafts = Yeses(self._session, self.incident), []
        for name in self.left:
            plan = self.plans[name]
            theirs = self.running(plan)
            if theirs and alive(self._session, run_lease(theirs.id)):
                self.joined[name] = theirs
            elif plan.digest in self.incident.plans and (own := yeses.own(plan)):
                drafts.append(own)
        if drafts:
            self._session.record(*drafts)

    def running(self, plan: Plan) -> RunFacts | None:
        """The newest run of that runbook that has not ended."""
        same = [run for run in self._running.get(plan.runbook.id, ()) if run.verb is plan.verb]
        return same[-1] if same else None

    @property
    def _running(self) -> Mapping[str, Sequence[RunFacts]]:
        found: dict[str, list[RunFacts]] = {}
        for run in self.incident.running:
            found.setdefault(run.plan.runbook.id, []).append(run)
        return found


def gather(session: Session, incident: Incident, plans: Sequence[Plan], owner: str) -> Claims:
    """Ours if nobody alive is at it. Only where none at all can be had does a kill that somebody else holds stop us."""
    claims, never, waited = Claims(session, incident, plans), Event(), 0.0
    claims.take(owner)
    while claims.left:
        claims.look()
        if not claims.left:
            break
        if waited >= JOIN_WAIT:
            for name in claims.left:
                claims.refused[name] = _refusal(claims.plans[name].runbook.system, incident)
            break
        session.clock.wait(never, POLL)
        waited += POLL
        claims.take(owner)
    claims.incident = session.further(claims.incident)
    if claims.refused and not claims.names and not claims.joined:
        raise next(iter(claims.refused.values()))
    return claims


def _refusal(system: str, incident: Incident) -> Refusal:
    return Refusal(
        f"somebody else has pressed kill for {system} and is still being asked for the yes",
        todo=f"psfir status {incident.id}",
    )
