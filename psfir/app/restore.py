"""Put back: plan it from what stands, gather the yeses, carry it out. Without the record nothing is restored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from psfir.app.approvals import count, needed, own_yes
from psfir.app.awaited import own_lack, whose
from psfir.app.carry import carrying, claim, kit_of, new_owner, run_lease
from psfir.app.plan import desk_of
from psfir.app.restore_part import WHOLE, Part, chosen, resting, rungs_of
from psfir.app.rivals import Overtaken
from psfir.app.session import Session
from psfir.domain import instants
from psfir.domain.approval import Standing
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.people import Deed
from psfir.domain.plan import Plan
from psfir.domain.run import RunFacts
from psfir.domain.runbook import Runbook
from psfir.domain.standing import Pull
from psfir.domain.values import frozen
from psfir.engine.hands import through
from psfir.engine.kit import Control, Run
from psfir.engine.restore import draw_restore
from psfir.engine.work import Work
from psfir.errors import Refusal


@frozen
class Restoring:
    """A restore that was drawn, and what its yeses come to so far."""

    incident: Incident
    plan: Plan
    standing: Standing


def ask(session: Session, incident: Incident, *, part: Part = WHOLE, mistake: bool = False) -> Restoring:
    """Draw the plan from today's world. Drift refuses; a run under way refuses; nothing standing refuses."""
    session.need(Deed.RESTORE)
    _nothing_running(incident)
    pulls = chosen(incident, part)
    beside = resting(incident, pulls)
    for run, what in beside.items():
        if not part.leaves(incident.runs[run]):
            continue
        other = incident.runs[run].plan.runbook.system
        todo = f"restore {other} as well, or --leave what both have pulled"
        raise Refusal(f"{what} also keeps {other} contained: it cannot be put back for one alone", todo=todo)
    book = _strictest(incident, pulls)
    if mistake:
        book = _mistaken(session, incident, pulls, book)
    plan = draw_restore(book, pulls, desk_of(session), rungs_of(incident))
    # What rests on the same targets is not contained any more either, although it changed nothing itself.
    plan = replace(plan, containment=",".join([plan.containment, *beside]))
    return Restoring(incident, plan, count(session, incident, plan=plan))


def _nothing_running(incident: Incident) -> None:
    if incident.running:
        run = incident.running[-1]
        raise Refusal(f"{run.id} has not ended", todo=f"psfir resume {incident.id}, or psfir status {incident.id}")


def say_yes(session: Session, asked: Restoring) -> Restoring:
    """Record the plan and the yes of whoever asks, if theirs counts."""
    plan, incident = asked.plan, asked.incident
    if plan.digest not in incident.plans:
        session.record(session.draft(incident.id, Kind.PLANNED, {"plan": plan.to_json()}))
    own = own_yes(session, session.incident(incident.id), plan)
    if own:
        session.record(own)
    known = session.incident(incident.id)
    return Restoring(known, plan, count(session, known, plan=plan))


def check(session: Session, asked: Restoring) -> None:
    """Refuse while yeses are missing, and say whose would do."""
    plan, incident = asked.plan, asked.incident
    if asked.standing.enough:
        return
    missing = needed(plan) - len(asked.standing.counted)
    own = own_lack(session, incident, plan)
    raise Refusal(
        f"{missing} more {'yes is' if missing == 1 else 'yeses are'} needed before {incident.id} is restored{own}",
        todo=f"{whose(session, incident, plan)}; then psfir restore {incident.id}",
    )


def restore(session: Session, asked: Restoring, run_id: str, control: Control) -> RunFacts:
    """Carry it out under a run id of the caller's."""
    return through(restoring(session, asked, run_id, control), session.clock)


def restoring(session: Session, asked: Restoring, run_id: str, control: Control) -> Work[RunFacts]:
    """The same as a piece of work."""
    check(session, asked)
    plan, incident, owner = asked.plan, asked.incident, new_owner()
    # One restore of an incident at a time, whoever asks.
    name = f"restore:{incident.id}"
    if not claim(session, name, owner):
        raise Refusal(f"somebody is restoring {incident.id} right now", todo=f"psfir status {incident.id} --watch")
    names = (name, run_lease(run_id))
    try:
        claim(session, run_lease(run_id), owner)
        head, _ = session.journal.heads()
        known = session.further(incident)
        _nothing_running(known)
        steering = steered(session, known, control, since=head)
        run = Run(kit_of(session), incident.id, steering, under=session.heart.holds(names))
        run.begin(plan, run=run_id, trigger_at=instants.write(session.clock.now()), age=0.0)
    except BaseException:  # raised again: nobody is kept out by a restore that did not begin
        session.heart.drop(names)
        raise
    return (yield from carrying(session, run, names))


def steered(session: Session, incident: Incident, control: Control, *, since: int) -> Control:
    """A restore stops where a kill has begun, and puts different systems back side by side."""

    def system_of(run: str) -> str:
        return incident.runs[run].plan.runbook.system if run in incident.runs else ""

    return replace(control, overtaken=Overtaken(session, system_of, since), system_of=system_of)


def _strictest(incident: Incident, pulls: Sequence[Pull]) -> Runbook:
    """Of all runbooks whose pulls are put back, the one that asks for the most people."""
    books = [incident.runs[pull.run].plan.runbook for pull in pulls]
    return max(books, key=lambda book: (book.approval.restore, book.approval.signed))


def _mistaken(session: Session, incident: Incident, pulls: Sequence[Pull], book: Runbook) -> Runbook:
    """One person may take back a kill soon after it, where every runbook concerned allows it."""
    now = session.clock.now()
    for pull in pulls:
        run = incident.runs[pull.run]
        allowed = run.plan.runbook.approval.mistake
        age = (now - instants.read(run.at)).total_seconds()
        if allowed <= 0:
            raise Refusal(
                f"runbook {run.plan.runbook.id} does not let one person take back a kill",
                todo="it would say `mistake: 10m` under approval; restore as usual instead",
            )
        if not 0 <= age <= allowed:
            raise Refusal(f"{run.id} is too long ago to be taken back as a mistake", todo="restore as usual instead")
    return replace(book, approval=replace(book.approval, restore=1))
