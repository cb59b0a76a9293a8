"""Runs without a runbook file: one lever pulled by hand, or the rungs that a containment has left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from json import dumps

from psfir.app.choose import Aim, runbook, systems
from psfir.app.evidence import held_by_hand
from psfir.app.session import Session
from psfir.app.whom import whom
from psfir.domain.about import Field
from psfir.domain.canon import Json, canonical, digest
from psfir.domain.change import Change
from psfir.domain.incident import Incident
from psfir.domain.modes import Mode
from psfir.domain.people import Deed
from psfir.domain.plan import Plan
from psfir.domain.runbook import OnFailure, ProbeUse, Runbook, Rung, Step
from psfir.domain.values import frozen
from psfir.domain.verdict import Verdict
from psfir.errors import ContentError, Refusal, UsageError
from psfir.loading.fields import CONNECTION, check_fields
from psfir.loading.nodes import parse
from psfir.loading.problems import Problems


@frozen
class ByHand:
    """One lever as somebody types it. The probes are those of the system's own runbook, where it has one.

    `contains`: they said that it alters nothing that the causes could be found by.
    """

    lever: str
    target: Mapping[str, Json]
    set: Mapping[str, Json]
    system: str
    mode: Mode | None = None
    within: float = 60.0
    incident: str = ""
    contains: bool = False


def by_hand(session: Session, asked: ByHand) -> Runbook:
    """A runbook of one rung. Target and settings are checked as a file's would be when the lever reads them."""
    about = session.catalog.lever(asked.lever)
    if asked.mode and asked.mode not in about.modes:
        modes = ", ".join(mode.value for mode in about.modes)
        raise UsageError(f"{asked.lever} does not {asked.mode.value}", todo=f"it serves: {modes}")
    if not isinstance(asked.target.get("connection"), str):
        raise UsageError("the target names no connection", todo="--target connection=NAME")
    _check("target", asked.target, (CONNECTION, *about.target))
    _check("set", asked.set, about.settings)
    mode = asked.mode or about.modes[0]
    system = systems(session, Aim(systems=(asked.system,) if asked.system else ()))[0]
    if not asked.contains:
        held_by_hand(session, system.id, about, incident=asked.incident)
    rung = Rung(asked.lever, asked.target, asked.set, asked.within)
    return Runbook(
        id=f"by-hand-{asked.lever}",
        title=f"{asked.lever} pulled by hand",
        system=system.id,
        mode=mode,
        steps=(Step("by-hand", (rung,)),),
        verify=_probes(session, system.id, mode),
    )


def no_way_back(session: Session, plan: Plan) -> None:
    """Refuse a pull that would undo what a containment changed: that is a restore, and takes its yeses."""
    for incident in session.incidents():
        for pull in incident.standing:
            for planned in plan.rungs:
                stands, change = pull.facts.change, planned.change
                if stands and change and _undoes(stands, change):
                    ask = whom(session, incident, Deed.RESTORE)
                    raise Refusal(
                        f"this would put back what {pull.run} changed: it stands in {incident.id}",
                        todo=f"{f'{ask}: ' if ask else ''}psfir restore {incident.id}",
                    )


def _undoes(stands: Change, change: Change) -> bool:
    if (stands.lever, digest(dict(stands.target))) != (change.lever, digest(dict(change.target))):
        return False
    old, now, wanted = stands.before, change.before, change.after
    if isinstance(old, Mapping) and isinstance(now, Mapping) and isinstance(wanted, Mapping):
        moved = [key for key in wanted if key in old and wanted.get(key) != now.get(key)]
        return any(wanted[key] == old[key] for key in moved)
    return canonical(wanted) == canonical(old)


def climb_all(incident: Incident, systems: Sequence[str]) -> list[Runbook]:
    """Of the systems named; of all of the incident that are not contained where none is."""
    if systems:
        return [climb(incident, name) for name in systems]
    books, refused = [], list[Refusal]()
    for name in incident.systems:
        try:
            books.append(climb(incident, name))
        except Refusal as error:
            refused.append(error)
    if not books:
        raise refused[0]
    return books


def climb(incident: Incident, system: str) -> Runbook:
    """The runbook of the last containment, with only the rungs it has not pulled."""
    run = incident.last_kill(system)
    if run is None:
        raise Refusal(f"nothing was contained in {incident.id} yet", todo=f"psfir kill {system or incident.systems[0]}")
    if run.ended is None:
        raise Refusal(f"{run.id} has not ended", todo=f"psfir resume {incident.id}")
    if run.verdict is Verdict.CONTAINED:
        raise Refusal(f"{run.plan.runbook.system} is contained: there is nothing to climb for")
    left = set(run.left)
    steps = []
    for step in run.plan.runbook.steps:
        ladder = tuple(rung for index, rung in enumerate(step.ladder) if (step.id, index) in left)
        if ladder:
            steps.append(replace(step, ladder=ladder, after=()))
    if not steps:
        raise Refusal(
            f"every rung of {run.plan.runbook.id} was pulled already",
            todo="psfir lever list shows what else there is; psfir pull pulls one by hand",
        )
    return replace(run.plan.runbook, steps=tuple(steps), on_failure=OnFailure.GO_ON)


def _probes(session: Session, system: str, mode: Mode) -> tuple[ProbeUse, ...]:
    """The effect is looked at as the system's own runbook says; without one nothing can be proven, and that is said."""
    found = session.workspace.systems[system]
    for one in (mode, *(other for other in Mode if other is not mode)):
        try:
            return runbook(session, found, Aim(mode=one)).verify
        except (UsageError, ContentError):
            continue  # no sound runbook of that mode: another one's probes look at the same system
    return ()


def _check(what: str, given: Mapping[str, Json], fields: Sequence[Field]) -> None:
    """What was typed is held to the same fields as a runbook's file."""
    problems = Problems(f"--{what}")
    node = parse(dumps(given), problems)
    if node is not None:
        check_fields(fields, node, problems)
    said = [problem.sentence for problem in problems.found if not problem.warning]
    if said:
        raise UsageError("; ".join(said), where=f"--{what}")
