"""What `psfir` alone answers: what is open, what runs, what waits for me, and the one command to type next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from psfir.app.approvals import DEEDS, count, needed
from psfir.app.carry import alive, run_lease
from psfir.app.playbook import Row, checklist, followed
from psfir.app.session import Session
from psfir.domain.approval import Standing
from psfir.domain.incident import Incident, Status
from psfir.domain.people import Deed
from psfir.domain.plan import Plan, Verb
from psfir.domain.run import RunFacts
from psfir.domain.timeline import short
from psfir.domain.values import frozen
from psfir.domain.verdict import Verdict
from psfir.errors import RecordError
from psfir.loading.content import find_workspace

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
    """Something to do, and the command for it. `mine` if it waits for whoever asks, `later` if there is no hurry."""

    incident: str
    what: str
    command: str
    mine: bool = True
    later: bool = False


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
    waiting = [*(_dead(r) for r in runs if r.alive is False)]
    for incident in opened:
        waiting += [*_uncontained(incident), *_unsoaked(incident), *_approvals(session, incident)]
        waiting += [*_end(session, incident), *_steps(session, incident), *_restore(incident)]
    for incident in left:
        waiting += [*_unsoaked(incident), *_approvals(session, incident)]
        waiting += [*_restore(incident), *_end(session, incident)]
    mine = [one for one in waiting if one.mine and not one.later]
    return Overview(opened, left, runs, tuple(waiting), mine[0].command if mine else _idle(session, opened))


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


def _dead(running: Running) -> Waiting:
    what = f"run {running.run.id} stopped half-way: nobody is at work on it"
    return Waiting(running.incident, what, f"psfir resume {running.incident}")


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
            mine=_mine_to_give(session, plan) and all(a.actor.id != session.actor.id for a in standing.counted),
        )


def _mine_to_give(session: Session, plan: Plan) -> bool:
    return session.workspace.team.may(session.actor, DEEDS[plan.verb])


def _end(session: Session, incident: Incident) -> Iterator[Waiting]:
    """What was put back is to be resolved, what was resolved to be closed."""
    if incident.standing or incident.running:
        return
    mine = session.workspace.team.may(session.actor, Deed.RESOLVE)
    if incident.status is Status.RESOLVED:
        what = "it is resolved, and nothing stands"
        yield Waiting(incident.id, what, f"psfir incident close {incident.id}", mine=mine)
    elif incident.open and any(run.verb is Verb.RESTORE for run in incident.runs.values()):
        what = "all is put back; if the danger is over, say so"
        yield Waiting(incident.id, what, f"psfir incident resolve {incident.id}", mine=mine)


def _steps(session: Session, incident: Incident) -> Iterator[Waiting]:
    """Overdue steps of one playbook, those of the seats I hold and of seats nobody holds first."""
    playbook = followed(session, incident)
    if playbook is None:
        return

    def mine(row: Row) -> bool:
        return incident.seats.get(row.step.seat, "") in {"", session.actor.id}

    due = [row for row in checklist(playbook, incident, session.clock.now()) if row.overdue]
    due.sort(key=lambda row: not mine(row))
    for row in due[:STEPS]:
        seat = f"{row.step.seat.value.replace('_', ' ')} {incident.seats.get(row.step.seat, '')}".strip()
        command = f"psfir playbook tick {playbook.id} {row.step.id} --incident {incident.id}"
        yield Waiting(incident.id, f"due, for {seat}: {row.step.text}", command, mine=mine(row))
    more = due[STEPS:]
    if more:
        show = f"psfir playbook show {playbook.id} --incident {incident.id}"
        yield Waiting(incident.id, f"and {len(more)} more that are due", show, mine=mine(more[0]))


def _restore(incident: Incident) -> Iterator[Waiting]:
    """Never the next thing to type while the incident is open: that it is safe again is for people to say."""
    standing = len(incident.standing)
    if standing and not incident.running:
        what = "1 change still stands" if standing == 1 else f"{standing} changes still stand"
        yield Waiting(
            incident.id, f"{what}; to put back once it is safe", f"psfir restore {incident.id}", later=incident.open
        )


def _idle(session: Session, opened: tuple[Incident, ...]) -> str:
    if opened:
        return f"psfir incident show {opened[-1].id}"
    systems = list(session.workspace.systems)
    return f"psfir kill {systems[0]}" if len(systems) == 1 else "psfir kill SYSTEM"
