"""Put back what containments recorded, newest first: exactly, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from psfir.contracts import Reader, Target
from psfir.domain import differences
from psfir.domain.budget import READ_SHARE
from psfir.domain.canon import Json, digest
from psfir.domain.change import Change, NothingToDo, Outcome, Result
from psfir.domain.entries import Kind
from psfir.domain.incident import Pull
from psfir.domain.plan import Plan, PlannedRung, Verb
from psfir.domain.run import RungFacts
from psfir.domain.runbook import Runbook, Rung
from psfir.engine.kit import Run
from psfir.engine.plan import Desk
from psfir.engine.pull import Act, Spot, outcome_of, pull, record, resolve, same, verify
from psfir.engine.share import Share, call
from psfir.errors import Drift, PsfirError

RESTORE_SHARE = 60.0
"""What putting back one rung may take at least; a rung with a larger share of its own keeps that."""


def draw_restore(runbook: Runbook, pulls: Iterable[Pull], desk: Desk, rung_of: Callable[[Pull], Rung]) -> Plan:
    """Read every standing pull, newest first. Drift anywhere refuses the whole plan, with what differs."""
    share = Share(desk.clock, READ_SHARE)
    newest_first = list(reversed(list(pulls)))
    planned: list[PlannedRung] = []
    # A target that was pulled twice is what the newer pull found, once that one is back: the older is held to it.
    will_be: dict[str, Json] = {}
    for one in newest_first:
        rung = rung_of(one)
        target = _target(one, rung)
        name = digest({"lever": rung.lever, "target": dict(target)})
        found = will_be[name] if name in will_be else _read(desk.readers(rung), rung.lever, target, share)
        planned.append(_plan_one(one, rung, desk, found))
        will_be[name] = planned[-1].change.before if planned[-1].change else found
    runs = dict.fromkeys(one.run for one in newest_first)
    return Plan(Verb.RESTORE, runbook, tuple(planned), ",".join(runs))


def _plan_one(one: Pull, rung: Rung, desk: Desk, found: Json) -> PlannedRung:
    step, index = f"{one.run}/{one.key[0]}", one.key[1]
    change = one.facts.change
    assert change is not None  # noqa: S101 - only rungs with a change stand
    if same(found, change.after):
        return PlannedRung(step, index, rung, change=change, source=desk.sources(rung.lever))
    if same(found, change.before):
        nothing = NothingToDo("is already as it was before", change.before)
        return PlannedRung(step, index, rung, nothing=nothing, source=desk.sources(rung.lever))
    since = "; ".join(differences.lines(change.after, found))
    raise Drift(
        f"{rung.lever} of step {one.key[0]} is not what psfir left: somebody has changed it since, {since}",
        expected=change.after,
        found=found,
        where=step,
        todo=f"put that right by hand, or leave it out with --leave {step}",
    )


def _target(one: Pull, rung: Rung) -> Target:
    """What was changed, which a lever may have put more closely than its rung: one of many policies on a role."""
    return one.facts.change.target if one.facts.change else rung.target


def _read(reader: Reader, lever: str, target: Target, share: Share) -> Json:
    return call(lambda within: reader.read(target, within=within), share, what=f"reading {lever}").state


def restore(run: Run) -> bool:
    """Carry out a restore plan in its order; the first rung that cannot be put back stops it. True if all is back."""
    back, why = True, ""
    for planned in run.plan.rungs:
        facts = run.rung((planned.step, planned.index))
        if facts and facts.held:
            continue
        run.keep_going()
        if run.control.overtaken():
            back, why = False, "a kill of the same system has begun: nothing more is put back"
            break
        back = _put_back(run, planned, facts)
        if not back:
            break
    run.write(Kind.RUN_ENDED, verdict="restored" if back else "not_restored", soaked=False, why=why)
    return back


def _put_back(run: Run, planned: PlannedRung, facts: RungFacts | None) -> bool:
    share = Share(run.kit.clock, max(RESTORE_SHARE, planned.rung.within))
    spot = Spot((planned.step, planned.index), (facts.attempt if facts else 0) + 1, Act.RESTORE, share)
    if planned.nothing:
        record(run, spot, Outcome(Result.ALREADY_SO, planned.nothing.why))
        run.write(Kind.VERIFIED, **spot.where(), held="held", says=planned.nothing.why)
        return True
    assert planned.change is not None  # noqa: S101 - a restore plan has nothing unreadable in it
    try:
        lever = run.kit.levers(planned.rung)
    except PsfirError as error:
        record(run, spot, outcome_of(error))
        return False
    outcome = facts.outcome if facts and facts.outcome else None
    if facts and facts.unsure:
        outcome = resolve(spot, lever, planned.change, Outcome(Result.UNKNOWN, "the process that restored it died"))
        record(run, spot, outcome, kind=Kind.REREAD)
    if outcome is None or outcome.result not in {Result.CHANGED, Result.ALREADY_SO}:
        outcome = pull(run, spot, lever, planned.change)
    done = outcome.result in {Result.CHANGED, Result.ALREADY_SO}
    return done and verify(run, spot, lever, planned.change)


def reversed_change(change: Change) -> Change:
    """For showing a restore: from what it is now to what it was."""
    return replace(change, before=change.after, after=change.before)
