"""Contain: open or join the incident, take the yes, carry the runs. Two who press at once end in one containment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field, replace
from threading import Event

from psfir.app.carry import carrying, claim, claim_all, kill_lease, kit_of, new_owner, new_run_id, run_lease
from psfir.app.claims import Claims, gather
from psfir.app.evidence import held
from psfir.app.incident import Declared, declare
from psfir.app.incident import claim as claimed
from psfir.app.rivals import outwait, restores
from psfir.app.session import Session
from psfir.app.yeses import take_yeses
from psfir.domain import instants
from psfir.domain.approval import Approval
from psfir.domain.entries import Draft
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.people import Deed
from psfir.domain.plan import Plan
from psfir.domain.run import RunFacts
from psfir.domain.values import frozen
from psfir.engine.hands import through
from psfir.engine.kit import Control, Run, begin_all
from psfir.engine.work import Work
from psfir.errors import PsfirError, Refusal

POLL = 0.2


@frozen
class Order:
    """What came with the command. `waiting` is told what is awaited; `also` are systems without a plan."""

    incident: str = ""
    words: Declared = field(default_factory=Declared)
    approvals: tuple[Approval, ...] = ()
    waiting: Callable[[str], None] = field(default=lambda _: None)
    also: tuple[str, ...] = ()


@frozen
class Pressed:
    """What pressing came to for one plan: a run of our own (`dead` if we take it over), or somebody else's, joined.

    `refused` says why nothing came of it while others go on.
    """

    plan: Plan
    incident: str
    run: str
    joined: bool = False
    owner: str = ""
    dead: RunFacts | None = None
    refused: PsfirError | None = None

    @property
    def ours(self) -> bool:
        return not self.joined and self.refused is None


def press(session: Session, plans: Sequence[Plan], order: Order) -> list[Pressed]:
    """Everything up to the first rung: incident, claims, plans and yeses recorded. The world is not touched yet."""
    session.need(Deed.KILL)
    altering = held(session, plans, order.incident)
    owner = new_owner()
    systems = dict.fromkeys([*(plan.runbook.system for plan in plans), *order.also])
    incident = _incident(session, list(systems), order, owner)
    free = [plan for plan in plans if plan.digest not in altering]
    claims = gather(session, incident, free, owner)
    try:
        pressed = _pressed(session, claims, free, owner)
        asking = [one for one in pressed if one.ours and one.dead is None]
        alone = len(asking) == len(pressed)
        lacking = take_yeses(session, claims.incident, [one.plan for one in asking], order, alone=alone)
    except BaseException:  # raised again: nobody is kept out by a press that came to nothing
        session.heart.drop(claims.names)
        raise
    refused = [replace(one, refused=lacking.get(one.plan.digest, one.refused)) for one in pressed]
    kept_back = [
        Pressed(plan, claims.incident.id, "", refused=altering[plan.digest])
        for plan in plans
        if plan.digest in altering
    ]
    session.heart.drop([name for one in refused if one.refused for name in leases_of(one.plan, one.run)])
    return [*refused, *kept_back]


def _pressed(session: Session, claims: Claims, plans: Sequence[Plan], owner: str) -> list[Pressed]:
    found = []
    for plan in plans:
        name, incident = kill_lease(plan.runbook.system, plan.runbook.id), claims.incident
        if theirs := claims.joined.get(name):
            found.append(Pressed(theirs.plan, incident.id, theirs.id, joined=True))
        elif name in claims.refused:
            found.append(Pressed(plan, incident.id, "", refused=claims.refused[name]))
        else:
            dead = claims.running(plan)
            run = dead.id if dead else new_run_id()
            found.append(Pressed(dead.plan if dead else plan, incident.id, run, owner=owner, dead=dead))
    claim_all(session, [run_lease(one.run) for one in found if one.ours], owner)
    return found


def start(session: Session, one: Pressed, control: Control) -> RunFacts:
    """Carry our own run to its end, from a fresh start or from where a dead process left it."""
    return through(start_all(session, [one], control)[0], session.clock)


def start_all(session: Session, pressed: Sequence[Pressed], control: Control) -> list[Work[RunFacts]]:
    """All of our own: the beginnings of all are durable when this returns, so that `resume` knows of each."""
    beside, kit = restores(session), kit_of(session)
    runs: list[tuple[Pressed, Run]] = []
    for one in pressed:
        rivals = [run for run, systems in beside if one.plan.runbook.system in systems]
        steered = replace(control, rival=_rival(session, rivals, control)) if rivals else control
        under = session.heart.holds(leases_of(one.plan, one.run))
        runs.append((one, Run(kit, one.incident, steered, under=under)))
    fresh = [(run, one.plan, one.run) for one, run in runs if one.dead is None]
    if fresh:
        trigger_at = session.incident(fresh[0][0].incident).trigger_at
        age = (session.clock.now() - trigger_at).total_seconds()
        begin_all(fresh, trigger_at=instants.write(trigger_at), age=age)
    return [_carried(session, one, run) for one, run in runs]


def _carried(session: Session, one: Pressed, run: Run) -> Work[RunFacts]:
    if one.dead:
        run.take_up(one.dead)
    return (yield from carrying(session, run, leases_of(one.plan, one.run)))


def _rival(session: Session, rivals: Sequence[RunFacts], control: Control) -> Callable[[], bool]:
    return lambda: outwait(session, rivals, control.let_go)


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
        session.heart.drop([name])


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
    return session.further(incident)
