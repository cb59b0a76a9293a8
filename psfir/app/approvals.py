"""What the recorded yeses to a plan come to: who said them, whether they may, and whether the signature holds.

A kill switch asks for no papers: one yes to a kill, that of whoever presses it, counts from anybody and unsigned. Every
further yes to a kill, and every yes to a restore, comes from a person who may give it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from psfir.app.session import Session
from psfir.domain.approval import Approval, Standing, standing
from psfir.domain.canon import canonical
from psfir.domain.entries import Draft
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.people import SLACK_LOGIN, Actor, Deed, Identity, Team
from psfir.domain.plan import Plan, Verb

SKEW = timedelta(minutes=5)
"""How far apart two people's clocks may be: a signed yes travels."""

OWN_CURE = ("is not signed", "came from the same login")
"""How the reasons begin that a signature cures."""

DEEDS = {Verb.KILL: Deed.APPROVE_KILL, Verb.RESTORE: Deed.APPROVE_RESTORE}


def needed(plan: Plan) -> int:
    """How many people this plan takes."""
    rule = plan.runbook.approval
    return rule.kill if plan.verb is Verb.KILL else rule.restore


def count(session: Session, incident: Incident, *, plan: Plan) -> Standing:
    """What the recorded approvals of this plan come to now. Those of an earlier drawing of it are among the ignored."""
    return Yeses(session, incident).count(plan)


def own_yes(session: Session, incident: Incident, plan: Plan) -> Draft | None:
    """The yes at the prompt as an entry; None if it would add nothing: given before, or not this person's to give."""
    return Yeses(session, incident).own(plan)


class Yeses:
    """All recorded yeses of an incident, by what they are to: for whoever asks of many plans."""

    def __init__(self, session: Session, incident: Incident) -> None:
        self._session = session
        self._incident = incident
        purposes = {digest: _purpose(plan) for digest, plan in incident.plans.items()}
        self._to: dict[object, list[Approval]] = {}
        for approval in incident.approvals:
            self._to.setdefault(purposes.get(approval.digest, approval.digest), []).append(approval)

    def about(self, plan: Plan) -> tuple[Approval, ...]:
        """Those to any drawing of it."""
        return (*self._to.get(_purpose(plan), ()), *self._to.get(plan.digest, ()))

    def count(self, plan: Plan) -> Standing:
        return _count(self._session, self.about(plan), plan)

    def own(self, plan: Plan) -> Draft | None:
        approval = unsigned(self._session, plan)
        given = self.about(plan)
        before, after = _count(self._session, given, plan), _count(self._session, (*given, approval), plan)
        if len(after.counted) == len(before.counted):
            return None
        return self._session.draft(self._incident.id, Kind.APPROVED, {"approval": approval.to_json()})


def idle(session: Session, incident: Incident, plan: Plan, approval: Approval) -> str:
    """Why one more yes would add nothing to those recorded; '' if it would count."""
    after = _count(session, (*Yeses(session, incident).about(plan), approval), plan)
    return next((why for other, why in after.ignored if other == approval), "")


def unsigned(session: Session, plan: Plan) -> Approval:
    """The actor's yes to this plan from now on, as long as its runbook lets one last."""
    now = session.clock.now()
    expires = now + timedelta(seconds=plan.runbook.approval.expires)
    return Approval(plan.digest, plan.verb.value, session.actor, now, expires)


def unfit(session: Session, approval: Approval, plan: Plan) -> str:
    """Why this yes is none for this plan, apart from who else said yes; '' if it is one."""
    return _timely(approval, plan, session.clock.now()) or _entitled(session.workspace.team, approval, plan)


def _purpose(plan: Plan) -> tuple[Verb, str, str]:
    return plan.verb, plan.runbook.id, plan.containment


def _count(session: Session, approvals: tuple[Approval, ...], plan: Plan) -> Standing:
    presser: list[Approval] = []

    def refused(approval: Approval) -> str:
        why = _timely(approval, plan, session.clock.now())
        if why:
            return why
        why = _entitled(session.workspace.team, approval, plan)
        if not why or not _may_press(approval, plan):
            return why
        if presser and presser[0].actor != approval.actor:
            return f"{why}; only one such yes counts, that of whoever pressed first"
        presser[:] = presser or [approval]
        return ""

    return standing(approvals, digest=plan.digest, needed=needed(plan), at=session.clock.now(), refused=refused)


def _may_press(approval: Approval, plan: Plan) -> bool:
    """Whether this is a yes to a kill that nobody else vouches for: no break-glass, and nothing forged about it."""
    return plan.verb is Verb.KILL and not approval.break_glass and not approval.signature


def _timely(approval: Approval, plan: Plan, now: datetime) -> str:
    """A yes cannot grant itself more time than the runbook does, nor come from the future."""
    if approval.of != plan.verb.value:
        return f"is a yes to {approval.of}, not to {plan.verb.value}"
    if approval.at > now + SKEW:
        return "is dated in the future"
    if approval.expires - approval.at > timedelta(seconds=plan.runbook.approval.expires) + SKEW:
        return "is meant to last longer than the runbook lets an approval last"
    return ""


def _entitled(team: Team, approval: Approval, plan: Plan) -> str:
    actor, verb = approval.actor, plan.verb
    if not actor.known:
        return f"psfir.yaml does not name who said it (login {actor.login or 'unknown'})"
    if actor.id not in team.people:
        return f"psfir.yaml does not name {actor.id}"
    deed = Deed.BREAK_GLASS if approval.break_glass else DEEDS[verb]
    if not team.may(actor, deed):
        return f"{actor.id} may not {deed.value.replace('_', ' ')}"
    if approval.break_glass and not approval.reason.strip():
        return "breaks the glass without a reason"
    return _signed(team, approval, plan)


def _signed(team: Team, approval: Approval, plan: Plan) -> str:
    if approval.signature:
        return checked(team, approval)
    if approval.actor.identity is Identity.VERIFIED and not _by_slack(team, approval.actor):
        return f"calls {approval.actor.id} verified and bears no signature"
    return f"is not signed, and runbook {plan.runbook.id} asks for signed ones" if plan.runbook.approval.signed else ""


def _by_slack(team: Team, actor: Actor) -> bool:
    """Whether it came through the Slack app, from the member who is this person still. A file cannot say so."""
    member = team.people[actor.id].slack
    return bool(member) and actor.login == f"{SLACK_LOGIN}{member}"


def checked(team: Team, approval: Approval) -> str:
    """'' if the signature is this person's over exactly this statement, else why it is not."""
    from psfir.vendors.ssh import verify  # noqa: PLC0415 - starts processes: loaded only where something was signed

    keys = team.people[approval.actor.id].ssh_keys
    why = verify(canonical(approval.statement()), approval.signature, keys)
    return f"its signature does not hold: {why}" if why else ""


def vouched(approval: Approval, signature: str) -> Approval:
    """The same yes with a signature, whose person is thereby verified."""
    actor = Actor(approval.actor.id, Identity.VERIFIED, approval.actor.login)
    return replace(approval, actor=actor, signature=signature)
