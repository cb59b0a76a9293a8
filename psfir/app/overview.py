"""What `psfir` alone answers: what is open, what runs, what waits for me, and the one command to type next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from psfir.app.analysis import awaited
from psfir.app.approvals import DEEDS, count, needed
from psfir.app.carry import alive, run_lease
from psfir.app.playbook import Row, checklist, followed
from psfir.app.session import Session
from psfir.app.whom import whom
from psfir.domain.approval import Standing
from psfir.domain.incident import Incident, Status
from psfir.domain.people import Deed
from psfir.domain.plan import Plan, Verb
from psfir.domain.run import RunFacts
from psfir.domain.values import frozen
from psfir.domain.verdict import Verdict
from psfir.domain.wording import short, some
from psfir.errors import RecordError
from psfir.loading.content import find_workspace
from psfir.review.rca.place import path_of

STEPS = 3
"""How many due steps are worth reading at once; the playbook has them all."""


@frozen
class Running:
    """A run that has begun and not ended; `alive` is None where nobody could be asked."""

    incident: str
    run: RunFacts
    alive: bool | None


@frozen
class Waiting:
    """Something to do, and the command for it. `later` if there is no hurry.

    `whom` says whom to ask for it, and is empty where it waits for whoever asks.
    """

    incident: str
    what: str
    command: str
    whom: str = ""
    later: bool = False

    @property
    def mine(self) -> bool:
        return not self.whom


@frozen
class Overview:
    """`left` are incidents nobody works on any more in which something still stands, or which were not closed."""

    open: tuple[Incident, ...]
    left: tuple[Incident, ...]
    running: tuple[Running, ...]
    waiting: tuple[Waiting, ...]
    next: str


def nowhere(env: Mapping[str, str]) -> bool:
    """Whether there is no workspace to say anything about."""
    return not env.get("PSFIR_WORKSPACE") and find_workspace(Path.cwd()) is None


def overview(session: Session) -> Overview:
    """Read the record once and say what matters now."""
    incidents = session.incidents()
    opened = tuple(incident for incident in incidents if incident.open)
    left = tuple(incident for incident in incidents if not incident.open and incident.unfinished)
    runs = tuple(running for incident in incidents for running in running_of(session, incident))
    waiting = [_dead(session, incident, run) for incident in incidents for run in runs if _left(incident, run)]
    for incident in opened:
        waiting += [*_uncontained(incident), *_unsoaked(incident), *_approvals(session, incident)]
        waiting += _messages(session, incident) if incident.messages or session.workspace.comms.channels else []
        waiting += [*_end(session, incident), *_steps(session, incident), *_restore(session, incident)]
    for incident in left:
        waiting += [*_unsoaked(incident), *_approvals(session, incident)]
        waiting += [*_restore(session, incident), *_end(session, incident)]
    for incident in incidents:
        waiting += _duties(session, incident) if incident.duties else []
        waiting += _analysis(session, incident)
        waiting += _late(session, incident) if incident.remediation else []
    waiting += _drills(session)
    mine = [one for one in waiting if one.mine and not one.later]
    return Overview(opened, left, runs, tuple(waiting), mine[0].command if mine else _idle(session, opened))


def late(session: Session, incident: Incident) -> Iterator[Waiting]:
    """What is late or nearly so, whoever has to do it: words that were promised, duties, the analysis, remediation."""
    if incident.open and (incident.messages or session.workspace.comms.channels):
        yield from _messages(session, incident)
    if incident.duties:
        yield from _duties(session, incident)
    yield from (one for one in _analysis(session, incident) if not one.later)
    if incident.remediation:
        yield from _late(session, incident)


def running_of(session: Session, incident: Incident) -> list[Running]:
    """Its runs under way, and whether anybody is at work on each."""
    return [Running(incident.id, run, _alive(session, run.id)) for run in incident.running]


def _alive(session: Session, run: str) -> bool | None:
    if session.leases is None:
        return None
    try:
        return alive(session, run_lease(run))
    except RecordError:
        return None


def _left(incident: Incident, running: Running) -> bool:
    return running.incident == incident.id and running.alive is False


def _dead(session: Session, incident: Incident, running: Running) -> Waiting:
    what = f"run {running.run.id} stopped half-way: nobody is at work on it"
    deed = Deed.RESTORE if running.run.verb is Verb.RESTORE else Deed.KILL
    return Waiting(incident.id, what, f"psfir resume {incident.id}", whom(session, incident, deed))


def _uncontained(incident: Incident) -> Iterator[Waiting]:
    if incident.running:
        return
    if incident.verdict in {Verdict.PARTIAL, Verdict.NOT_CONTAINED}:
        left = any(run.left for run in incident.runs.values())
        command = f"psfir kill --climb --incident {incident.id}" if left else f"psfir verify {incident.id}"
        yield Waiting(incident.id, f"the verdict is {incident.verdict.value.replace('_', ' ')}", command)
    if incident.verdict is Verdict.UNKNOWN:
        yield Waiting(incident.id, "the verdict is unknown: the probes could not tell", f"psfir verify {incident.id}")


def _unsoaked(incident: Incident) -> Iterator[Waiting]:
    """That it was off once is known; that nothing turned it back on is not, also once the incident is resolved."""
    if not incident.running and any(run.unsoaked for run in incident.contained):
        what = "it is contained, and the soak was not watched to its end"
        yield Waiting(incident.id, what, f"psfir verify {incident.id}")


def unsaid(session: Session, incident: Incident) -> Iterator[tuple[Plan, Standing]]:
    """Plans that still lack a yes: only the newest drawing of each, none that was carried out or came to nothing.

    A restore may wait beyond the end of its incident, as long as something of it stands; a kill may not.
    """
    newest = {(p.verb, p.runbook.id, p.containment): p for p in incident.plans.values()}
    carried_out = {run.plan.digest for run in incident.runs.values()}
    stands = {pull.run for pull in incident.standing}
    for plan in newest.values():
        gone = not incident.open if plan.verb is Verb.KILL else stands.isdisjoint(plan.containment.split(","))
        if gone or plan.digest in carried_out or needed(plan) <= 1:
            continue
        standing = count(session, incident, plan=plan)
        if not standing.enough:
            yield plan, standing


def _approvals(session: Session, incident: Incident) -> Iterator[Waiting]:
    for plan, standing in unsaid(session, incident):
        yield Waiting(
            incident.id,
            f"the {plan.verb.value} of {plan.runbook.system} has {len(standing.counted)} of {standing.needed} yeses",
            f"psfir approve {short(plan.digest)}",
            whom(session, incident, DEEDS[plan.verb], but=[one.actor.id for one in standing.counted]),
        )


def _end(session: Session, incident: Incident) -> Iterator[Waiting]:
    """What was put back is to be resolved, what was resolved to be closed."""
    if incident.standing or incident.running:
        return
    ask = whom(session, incident, Deed.RESOLVE)
    if incident.status is Status.RESOLVED:
        what = "it is resolved, and nothing stands"
        yield Waiting(incident.id, what, f"psfir incident close {incident.id}", ask)
    elif incident.open and any(run.verb is Verb.RESTORE for run in incident.runs.values()):
        what = "all is put back; if the danger is over, say so"
        yield Waiting(incident.id, what, f"psfir incident resolve {incident.id}", ask)


def _steps(session: Session, incident: Incident) -> Iterator[Waiting]:
    """Overdue steps of one playbook, those of the seats I hold and of seats nobody holds first."""
    playbook = followed(session, incident)
    if playbook is None:
        return

    def ask(row: Row) -> str:
        holder = incident.seats.get(row.step.seat, "")
        return f"ask {holder}" if holder not in {"", session.actor.id} else whom(session, incident, Deed.NOTE)

    due = [row for row in checklist(playbook, incident, session.clock.now()) if row.overdue]
    due.sort(key=lambda row: bool(ask(row)))
    for row in due[:STEPS]:
        seat = f"{row.step.seat.value.replace('_', ' ')} {incident.seats.get(row.step.seat, '')}".strip()
        command = f"psfir playbook tick {playbook.id} {row.step.id} --incident {incident.id}"
        yield Waiting(incident.id, f"due, for {seat}: {row.step.text}", command, ask(row))
    more = due[STEPS:]
    if more:
        show = f"psfir playbook show {playbook.id} --incident {incident.id}"
        yield Waiting(incident.id, f"and {len(more)} more that are due", show, ask(more[0]))


def _restore(session: Session, incident: Incident) -> Iterator[Waiting]:
    """Never the next thing to type while the incident is open: that it is safe again is for people to say."""
    standing = len(incident.standing)
    if standing and not incident.running:
        what = "1 change still stands" if standing == 1 else f"{standing} changes still stand"
        ask = whom(session, incident, Deed.RESTORE)
        what = f"{what}; to put back once it is safe"
        yield Waiting(incident.id, what, f"psfir restore {incident.id}", ask, later=incident.open)


def _messages(session: Session, incident: Incident) -> Iterator[Waiting]:
    """Messages that wait for a yes, for sending or for a look, and audiences that wait for a message."""
    from psfir.app.overview_messages import waiting  # noqa: PLC0415 - only where messages are sent at all

    return waiting(session, incident)


def _duties(session: Session, incident: Incident) -> Iterator[Waiting]:
    """Duties that somebody opened and that are due: they outlast the incident."""
    from psfir.app.clocks import alarms  # noqa: PLC0415 - the law and the holidays are read only where a clock is open

    ask = whom(session, incident, Deed.SETTLE_DUTY)
    for row in alarms(session, incident):
        what = f"{row.clock.id} is {row.timing.value.replace('_', ' ')}: {row.clock.title}; confirm with counsel"
        yield Waiting(incident.id, what, f"psfir clocks {incident.id}", ask)


def _analysis(session: Session, incident: Incident) -> Iterator[Waiting]:
    """The written analysis outlasts its incident; as long as there is ample time it waits behind all else."""
    found = awaited(session, incident)
    if found and found.outstanding:
        ask = whom(session, incident, Deed.REVIEW)
        step = "check" if path_of(session.root, incident.id).exists() else "new"
        what = f"its written analysis: {found.line}"
        yield Waiting(incident.id, what, f"psfir rca {step} {incident.id}", ask, later=not found.pressing)


def _late(session: Session, incident: Incident) -> Iterator[Waiting]:
    """Remediation that is overdue, long after the incident; it never stands before what is open now."""
    from psfir.app.remediation_list import late  # noqa: PLC0415 - only where there are items

    found = late(session, incident)
    if found:
        owners = sorted({one.owner for one in found if one.owner})
        mine = not owners or session.actor.id in owners
        names = ", ".join(one.id for one in found[:STEPS])
        more = f" and {len(found) - STEPS} more" if len(found) > STEPS else ""
        what = f"remediation overdue: {names}{more}, since {found[0].due.isoformat()}"
        command = f"psfir remediation list {incident.id} --overdue"
        yield Waiting(incident.id, what, command, "" if mine else f"ask {' or '.join(owners)}", later=True)


def _drills(session: Session) -> Iterator[Waiting]:
    """What is overdue for a drill, in one line."""
    from psfir.app.drill_schedule import overdue  # noqa: PLC0415 - only here are all runbooks looked at

    names = [one.name for one in overdue(session)]
    if names:
        yield Waiting("", f"a drill is overdue: {some(names, STEPS)}", "psfir drill schedule", later=True)


def _idle(session: Session, opened: tuple[Incident, ...]) -> str:
    if opened:
        return f"psfir incident show {opened[-1].id}"
    systems = list(session.workspace.systems)
    return f"psfir kill {systems[0]}" if len(systems) == 1 else "psfir kill SYSTEM"
