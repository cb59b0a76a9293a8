"""What a worker carries, each deed in a session of its own: it goes on from a spool, and the worker looks on.

Who takes up what is decided by leases, which must be had here: a worker is no kill that has to go on alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from psfir.app.carry import kill_lease, kit_of, new_owner, new_run_id, run_lease, take_all
from psfir.app.evidence import held
from psfir.app.kill import Pressed, start_all
from psfir.app.resume import Taken, resume
from psfir.app.session import Session
from psfir.app.undone import approved, asked, left_behind, rung_lease, soak_lease, unwatched
from psfir.app.verify import verify
from psfir.domain.incident import Incident
from psfir.domain.plan import Verb
from psfir.domain.run import RunFacts, RungKey
from psfir.domain.values import frozen
from psfir.domain.wording import short
from psfir.engine.handing import shortened, taken_up
from psfir.engine.kit import Control, Run
from psfir.engine.ladder import pull_rung
from psfir.engine.work import Work

Works = list[Work[RunFacts | None]]
"""What a single rung comes to stands in a run that somebody else carries: then there is none of ours."""


@frozen
class Job:
    """Something to carry. `begin` asks the record once more; what somebody else has taken meanwhile is left to them."""

    incident: str
    what: str
    begin: Callable[[Session, Control], Works]

    @property
    def name(self) -> str:
        """The same for the same thing, however often it is looked at."""
        return f"{self.incident} {self.what}"


def jobs(session: Session, incident: Incident) -> list[Job]:
    """All that there is to take up of an incident now. First what a kill under way waits for."""
    found: list[Job] = []
    for run, key in asked(session, incident):
        what = f"pulling {key[0]}, rung {key[1] + 1} of {run.id}, from inside {session.binder.runner}"
        found.append(Job(incident.id, what, _Rung(incident.id, run.id, key)))
    for run in left_behind(session, incident):
        what = f"taking over {run.id}: {run.verb.value} {run.plan.runbook.system}"
        found.append(Job(incident.id, what, _Over(incident.id, run.id)))
    for plan in approved(session, incident):
        what = f"carrying out the approved {plan.runbook.mode.value} of {plan.runbook.system}: {short(plan.digest)}"
        found.append(Job(incident.id, what, _Begin(incident.id, plan.digest)))
    for run in unwatched(session, incident):
        what = f"watching the rest of the soak of {run.plan.runbook.system}, {run.id}"
        found.append(Job(incident.id, what, _Soak(incident.id, run.id)))
    return found


class _Rung:
    """A rung of somebody's run, which only we can pull."""

    def __init__(self, incident: str, run: str, key: RungKey) -> None:
        self._incident, self._run, self._key = incident, run, key

    def __call__(self, session: Session, control: Control) -> Works:
        name = rung_lease(self._run, self._key)
        if not take_all(session, [name], new_owner()):
            return []
        incident = session.incident(self._incident)
        if self._key not in {key for run, key in asked(session, incident, mine=name) if run.id == self._run}:
            session.heart.drop([name])
            return []
        run = Run(kit_of(session), incident.id, control, under=session.heart.holds([name]))
        run.look_at(incident.runs[self._run])
        return [self._pulled(session, run)]

    def _pulled(self, session: Session, run: Run) -> Work[None]:
        step, index = self._key
        planned = shortened(run.plan.of(step)[index])
        with session.heart.until_over([rung_lease(self._run, self._key)]):
            yield from taken_up(run, planned, pull_rung(run, planned, run.rung(self._key)))


class _Over:
    """A run whose owner is gone."""

    def __init__(self, incident: str, run: str) -> None:
        self._incident, self._run = incident, run

    def __call__(self, session: Session, control: Control) -> Works:
        incident = session.incident(self._incident)
        runs = [run for run in left_behind(session, incident) if run.id == self._run]
        try:
            return [*resume(session, incident, runs, control, claiming=take_all)] if runs else []
        except Taken:
            return []


class _Begin:
    """An approved kill that nobody has begun."""

    def __init__(self, incident: str, digest: str) -> None:
        self._incident, self._digest = incident, digest

    def __call__(self, session: Session, control: Control) -> Works:
        incident = session.incident(self._incident)
        plan = incident.plans[self._digest]
        held(session, [plan], incident.id)
        name, run, owner = kill_lease(plan.runbook.system, plan.runbook.id), new_run_id(), new_owner()
        if not take_all(session, [name], owner):
            return []
        # Only now that nobody else can begin it: is it still to be begun?
        left = approved(session, session.further(incident), mine=name)
        if self._digest not in {one.digest for one in left}:
            session.heart.drop([name])
            return []
        take_all(session, [run_lease(run)], owner)
        return [*start_all(session, [Pressed(plan, incident.id, run, owner=owner)], control)]


class _Soak:
    """A soak that was left."""

    def __init__(self, incident: str, run: str) -> None:
        self._incident, self._run = incident, run

    def __call__(self, session: Session, control: Control) -> Works:
        incident = session.incident(self._incident)
        runs = [run for run in unwatched(session, incident) if run.id == self._run]
        name = soak_lease(self._run)
        if not runs or not take_all(session, [name], new_owner()):
            return []
        return [_watched(session, incident, runs[0], control)]


def _watched(session: Session, incident: Incident, run: RunFacts, control: Control) -> Work[RunFacts]:
    with session.heart.until_over([soak_lease(run.id)]):
        return (yield from verify(session, incident, run, control, soaking=True))


def came_to(runs: Sequence[RunFacts]) -> str:
    """How they ended, in a few words; those that were let go of are left for others."""
    said = []
    for run in runs:
        word = run.verdict.value.replace("_", " ") if run.verb is Verb.KILL else "restored"
        said.append(f"{run.id}: {word if run.ended else 'let go of'}")
    return "; ".join(said)
