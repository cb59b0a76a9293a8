"""Whose yes a plan still waits for: who may give it and has not, by name and by what entitles them, and how."""

from __future__ import annotations

from psfir.app.approvals import DEEDS, OWN_CURE, count, idle, needed, unsigned
from psfir.app.session import Session
from psfir.app.whom import entitled
from psfir.domain.approval import Standing
from psfir.domain.incident import Incident
from psfir.domain.people import Deed
from psfir.domain.plan import Plan
from psfir.domain.wording import short


def own_lack(session: Session, incident: Incident, plan: Plan) -> str:
    """What a signature would cure of the yes of whoever asks, as a clause; '' if there is nothing of that kind."""
    standing = count(session, incident, plan=plan)
    if session.actor.id in {approval.actor.id for approval in standing.counted}:
        return ""
    why = idle(session, incident, plan, unsigned(session, plan))
    return f"; yours does not count: it {why}" if why.startswith(OWN_CURE) else ""


def whose(session: Session, incident: Incident, plan: Plan, *, glass: bool = False) -> str:
    """Who can say the missing yes, and the command. `glass`: name the way of breaking it even where others could."""
    standing, digest = count(session, incident, plan=plan), short(plan.digest)
    if own_lack(session, incident, plan):
        ways = [f"psfir approve {digest} --sign KEY"]
        return "; or ".join([*ways, *(_glass(session, digest) if glass else [])])
    said = {approval.actor.id for approval in standing.counted}
    may = [name for name in session.workspace.team.who_may(DEEDS[plan.verb]) if name not in said]
    ways = _ways(session, incident, plan, standing=standing, may=may)
    if len(may) < needed(plan) - len(standing.counted):
        ways.append(f"{'too few' if may else 'nobody else'} may: name somebody in psfir.yaml")
        glass = True
    return "; or ".join([*ways, *(_glass(session, digest) if glass else [])])


def _ways(session: Session, incident: Incident, plan: Plan, *, standing: Standing, may: list[str]) -> list[str]:
    """Those who have not spoken say it; those whose yes lacks a signature sign it."""
    digest = short(plan.digest)
    lacking = {one.actor.id: why for one, why in standing.lost if one.actor.id in may and why.startswith(OWN_CURE)}
    silent = [entitled(session, incident, name, DEEDS[plan.verb]) for name in may if name not in lacking]
    sign = " --sign KEY" if plan.runbook.approval.signed else ""
    ways = [f"{' or '.join(silent)} says: psfir approve {digest}{sign}"] if silent else []
    for name, why in lacking.items():
        ways.append(f"{name}, whose yes {why}: psfir approve {digest} --sign KEY")
    return ways


def _glass(session: Session, digest: str) -> list[str]:
    who = session.workspace.team.who_may(Deed.BREAK_GLASS)
    return [f"{' or '.join(who)} breaks the glass: psfir approve {digest} --break-glass --reason TEXT"] if who else []
