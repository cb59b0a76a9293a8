"""Contain: open or join the incident, take the yes, carry the run. Two who press at once end in one containment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import field, replace
from threading import Event

from psfir.app.approvals import count, needed, own_yes
from psfir.app.awaited import own_lack, whose
from psfir.app.carry import alive, carry, claim, kill_lease, kit_of, new_owner, new_run_id, run_lease
from psfir.app.evidence import held
from psfir.app.incident import Declared, declare
from psfir.app.incident import claim as claimed
from psfir.app.rivals import outwait, restores_of
from psfir.app.session import Session
from psfir.domain import instants
from psfir.domain.approval import Approval
from psfir.domain.entries import Draft, Kind
from psfir.domain.incident import Incident
from psfir.domain.plan import Plan
from psfir.domain.run import RunFacts
from psfir.domain.values import frozen
from psfir.engine.kit import Control, Run
from psfir.errors import RecordError, Refusal

JOIN_WAIT = 5.0
POLL = 0.2


@frozen
class Order:
    """What came with the command. `waiting` is told in a sentence what is awaited."""

    incident: str = ""
    words: Declared = field(default_factory=Declared)
    approvals: tuple[Approval, ...] = ()
    waiting: Callable[[str], None] = field(default=lambda _: None)


@frozen
class Pressed:
    """What pressing came to for one plan: a run of our own (`dead` if we take it over), or somebody else's, joined."""

    plan: Plan
    incident: str
    run: str
    joined: bool = False
    owner: str = ""
    dead: RunFacts | None = None


def press(session: Session, plans: Sequence[Plan], order: Order) -> list[Pressed]:
    """Everything up to the first rung: incident, claims, plans and yeses recorded. The world is not touched yet."""
    held(session, plans, order.incident)
    owner = new_owner()
    incident = _incident(session, [plan.runbook.system for plan in plans], order, owner)
    pressed: list[Pressed] = []
    try:
        # One by one into the list: what was claimed before a refusal is given back.
        pressed.extend(_claim(session, incident, plan, owner) for plan in plans)
        for one in pressed:
            if not one.joined and one.dead is None:
                _take_yes(session, one, order)
    except BaseException:  # raised again: nobody is kept out by a press that came to nothing
        _give_back(session, pressed)
        raise
    return pressed


def start(session: Session, one: Pressed, control: Control) -> RunFacts:
    """Carry our own run to its end, from a fresh start or from where a dead process left it."""
    rivals = restores_of(session, one.plan.runbook.system)
    run = Run(kit_of(session), one.incident, replace(control, rival=lambda: outwait(session, rivals, control.let_go)))
    if one.dead:
        run.take_up(one.dead)
    else:
        trigger_at = session.incident(one.incident).trigger_at
        age = (session.clock.now() - trigger_at).total_seconds()
        run.begin(one.plan, run=one.run, trigger_at=instants.write(trigger_at), age=age)
    return carry(session, run, leases_of(one.plan, one.run), one.owner)


def leases_of(plan: Plan, run: str) -> tuple[str, str]:
    """What whoever carries this run holds."""
    return kill_lease(plan.runbook.system, plan.runbook.id), run_lease(run)


def _incident(session: Session, systems: list[str], order: Order, owner: str) -> Incident:
    """The incident named, else an open one about any of these systems, else a new one."""
    if order.incident:
        incident = session.incident(order.incident)
        if not incident.open:
            todo = f"psfir incident reopen {incident.id}"
            raise Refusal(f"{incident.id} is {incident.status.value.replace('_', ' ')}", todo=todo)
        return _join(session, incident, systems, order)
    # Two who press at once must not open two incidents: one of them looks while the other declares.
    name = "declare"
    waited = Event()
    while not claim(session, name, owner) and not session.clock.wait(waited, POLL):
        continue
    try:
        open_ones = [i for i in session.incidents() if i.open and set(i.systems) & set(systems)]
        if open_ones:
            return _join(session, open_ones[-1], systems, order)
        return declare(session, systems, words=order.words, killing=True)
    finally:
        if session.leases:
            with suppress(RecordError):  # it runs out by itself; the kill goes on
                session.leases.release(name, owner)


def _join(session: Session, incident: Incident, systems: list[str], order: Order) -> Incident:
    new = [name for name in systems if name not in incident.systems]
    drafts: list[Draft] = []
    if new:
        drafts.append(session.draft(incident.id, Kind.SYSTEM_ADDED, {"systems": new}))
    if not session.actor.known:
        drafts.append(claimed(session, incident.id, order.words))
    if order.words.reason:
        drafts.append(session.draft(incident.id, Kind.NOTE, {"text": order.words.reason, "about": "reason"}))
    if drafts:
        session.record(*drafts)
    return session.incident(incident.id)


def _claim(session: Session, incident: Incident, plan: Plan, owner: str) -> Pressed:
    """Ours if nobody alive is at it; a run that its process left behind is taken over.

    Where somebody else has pressed and still waits for a second yes, pressing as well is that yes.
    """
    name, never, waited = kill_lease(plan.runbook.system, plan.runbook.id), Event(), 0.0
    while not claim(session, name, owner):
        known = session.incident(incident.id)
        theirs = _running(known, plan)
        if theirs and alive(session, run_lease(theirs.id)):
            return Pressed(theirs.plan, incident.id, theirs.id, joined=True)
        own = own_yes(session, known, plan) if plan.digest in known.plans else None
        if own:
            session.record(own)
        if waited >= JOIN_WAIT:
            raise Refusal(
                f"somebody else has pressed kill for {plan.runbook.system} and is still being asked for the yes",
                todo=f"psfir status {incident.id}",
            )
        session.clock.wait(never, POLL)
        waited += POLL
    dead = _running(session.incident(incident.id), plan)
    run = dead.id if dead else new_run_id()
    claim(session, run_lease(run), owner)
    return Pressed(dead.plan if dead else plan, incident.id, run, owner=owner, dead=dead)


def _running(incident: Incident, plan: Plan) -> RunFacts | None:
    same = [run for run in incident.running if run.verb is plan.verb and run.plan.runbook.id == plan.runbook.id]
    return same[-1] if same else None


def _give_back(session: Session, pressed: Sequence[Pressed]) -> None:
    """Nothing came of pressing: whoever presses next need not wait for our leases to run out."""
    for one in pressed:
        for name in () if one.joined else leases_of(one.plan, one.run):
            if session.leases:
                with suppress(RecordError):  # then they run out by themselves
                    session.leases.release(name, one.owner)


def _take_yes(session: Session, one: Pressed, order: Order) -> None:
    """Record the plan and the yes of whoever pressed; wait for others as long as the runbook allows."""
    plan, rule = one.plan, one.plan.runbook.approval
    session.record(session.draft(one.incident, Kind.PLANNED, {"plan": plan.to_json()}))
    given = [session.draft(one.incident, Kind.APPROVED, {"approval": a.to_json()}) for a in order.approvals]
    own = own_yes(session, session.incident(one.incident), plan)
    if given or own:
        session.record(*given, *([own] if own else []))
    never, waited, told = Event(), 0.0, None
    while True:
        incident = session.incident(one.incident)
        standing = count(session, incident, plan=plan)
        if standing.enough:
            return
        so_far = f"{len(standing.counted)} of {needed(plan)} people"
        if waited >= rule.within:
            raise Refusal(
                f"{so_far} said yes within the runbook's share for approval{own_lack(session, incident, plan)}",
                todo=f"{whose(session, incident, plan, glass=True)}; then kill again",
            )
        if standing != told:
            told = standing
            lack, others = own_lack(session, incident, plan), whose(session, incident, plan)
            order.waiting(f"{so_far} have said yes{lack}; {others}")
        session.clock.wait(never, POLL)
        waited += POLL
