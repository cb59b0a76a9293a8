"""Take the yes of whoever pressed, for all plans at once, and wait for others where that is all there is to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Event
from typing import Protocol

from psfir.app.approvals import Yeses, needed
from psfir.app.awaited import own_lack, whose
from psfir.app.session import Session
from psfir.domain.approval import Approval, Standing
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.plan import Plan
from psfir.errors import PsfirError, Refusal

POLL = 0.2


class Asking(Protocol):
    """What of an order is needed here."""

    @property
    def approvals(self) -> tuple[Approval, ...]: ...
    @property
    def waiting(self) -> Callable[[str], None]: ...


def take_yeses(
    session: Session, incident: Incident, plans: Sequence[Plan], order: Asking, *, alone: bool
) -> Mapping[str, PsfirError]:
    """Record the plans and the yes to each. The answer is which of them lack others, by digest, and why.

    Nobody waits for a second yes while other systems could be contained: these go first. Where there are none
    (`alone`), it is waited as long as the runbooks allow, and then refused.
    """
    if not plans:
        return {}
    session.record(*(session.draft(incident.id, Kind.PLANNED, {"plan": plan.to_json()}) for plan in plans))
    given = [session.draft(incident.id, Kind.APPROVED, {"approval": a.to_json()}) for a in order.approvals]
    incident = session.further(incident)
    yeses = Yeses(session, incident)
    own = [draft for plan in plans if (draft := yeses.own(plan))]
    if given or own:
        session.record(*given, *own)
    never, waited, told = Event(), 0.0, dict[str, Standing]()
    while True:
        incident = session.further(incident)
        yeses = Yeses(session, incident)
        lacking = {plan.digest: (plan, now) for plan in plans if not (now := yeses.count(plan)).enough}
        if not lacking:
            return {}
        late = [(plan, now) for plan, now in lacking.values() if waited >= plan.runbook.approval.within]
        if not alone or len(lacking) < len(plans):
            return {digest: _refusal(session, incident, *one) for digest, one in lacking.items()}
        if late:
            raise _refusal(session, incident, *late[0])
        for digest, (plan, now) in lacking.items():
            if told.get(digest) != now:
                told[digest] = now
                order.waiting(_words(session, incident, plan, now))
        session.clock.wait(never, POLL)
        waited += POLL


def _refusal(session: Session, incident: Incident, plan: Plan, now: Standing) -> Refusal:
    so_far = f"{len(now.counted)} of {needed(plan)} people"
    return Refusal(
        f"{so_far} said yes within the runbook's share for approval{own_lack(session, incident, plan)}",
        todo=f"{whose(session, incident, plan, glass=True)}; then kill again",
    )


def _words(session: Session, incident: Incident, plan: Plan, now: Standing) -> str:
    lack, others = own_lack(session, incident, plan), whose(session, incident, plan)
    return f"{len(now.counted)} of {needed(plan)} people have said yes{lack}; {others}"
