"""Put back what containments recorded, newest first: exactly, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from psfir.contracts import Target
from psfir.domain import differences
from psfir.domain.budget import reading_share
from psfir.domain.canon import Json, digest
from psfir.domain.change import Change, NothingToDo, Outcome, Result
from psfir.domain.kinds import Kind
from psfir.domain.plan import Plan, PlannedRung, Verb
from psfir.domain.run import RungFacts
from psfir.domain.runbook import Runbook, Rung
from psfir.domain.standing import Pull
from psfir.engine.hands import Hands, through
from psfir.engine.kit import Run
from psfir.engine.plan import Desk
from psfir.engine.pull import Act, Spot, outcome_of, overtaken, pull, record, resolve, same, verify
from psfir.engine.share import Share, call
from psfir.engine.work import Work, together
from psfir.errors import Drift, PsfirError, Refusal

RESTORE_SHARE = 60.0
"""What putting back one rung may take at least; a rung with a larger share of its own keeps that."""

_NAMED = 5


def draw_restore(runbook: Runbook, pulls: Iterable[Pull], desk: Desk, rung_of: Callable[[Pull], Rung]) -> Plan:
    """Read every standing pull side by side. Drift anywhere refuses the whole plan, with what differs."""
    newest_first = [(one, rung_of(one)) for one in reversed(list(pulls))]
    found = _read(newest_first, desk)
    planned: list[PlannedRung] = []
    # A target that was pulled twice is what the newer pull found, once that one is back: the older is held to it.
    will_be: dict[str, Json] = {}
    drifted: list[Drift] = []
    for one, rung in newest_first:
        name = _name(one, rung)
        try:
            planned.append(_plan_one(one, rung, desk, will_be.get(name, found[name])))
        except Drift as drift:
            drifted.append(drift)
            continue
        will_be[name] = planned[-1].change.before if planned[-1].change else will_be.get(name, found[name])
    if drifted:
        raise drifted[0] if len(drifted) == 1 else _all_of(drifted)
    runs = dict.fromkeys(one.run for one, _ in newest_first)
    return Plan(Verb.RESTORE, runbook, tuple(planned), ",".join(runs))


def _read(pulls: Sequence[tuple[Pull, Rung]], desk: Desk) -> dict[str, Json]:
    """Each target once; the errors of all, if there are any."""
    share = Share(desk.clock, reading_share(len(pulls)))
    places = {_name(one, rung): (rung, _target(one, rung)) for one, rung in pulls}
    answers = Hands(desk.clock).all([_look(desk, *place, share) for place in places.values()])
    errors = [answer.error for answer in answers if answer.error is not None]
    if len(errors) > 1:
        said = "; ".join(dict.fromkeys(str(error) for error in errors[:_NAMED]))
        todo = "try again, or leave out what cannot be read with --leave SYSTEM"
        raise Refusal(f"{len(errors)} of {len(places)} targets cannot be read: {said}", todo=todo) from errors[0]
    return {name: answer.get() for name, answer in zip(places, answers, strict=True)}


def _look(desk: Desk, rung: Rung, target: Target, share: Share) -> Work[Json]:
    reader = desk.readers(rung)
    reading = yield from call(lambda within: reader.read(target, within=within), share, what=f"reading {rung.lever}")
    return reading.state


def _all_of(drifted: Sequence[Drift]) -> Refusal:
    what = "; ".join(f"{one.where}: {one.what}" for one in drifted[:_NAMED])
    more = f"; and {len(drifted) - _NAMED} more" if len(drifted) > _NAMED else ""
    leave = " ".join(f"--leave {one.where}" for one in drifted)
    return Refusal(
        f"{len(drifted)} targets are not what psfir left: {what}{more}", todo=f"put them right by hand, or {leave}"
    )


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


def _name(one: Pull, rung: Rung) -> str:
    return digest({"lever": rung.lever, "target": dict(_target(one, rung))})


def restore(run: Run) -> bool:
    """Carry out a restore plan. True if all is back."""
    return through(restoring(run), run.kit.clock)


def restoring(run: Run) -> Work[bool]:
    """As a piece of work. What belongs together goes back in the plan's order, and stops at what cannot be put back."""
    back = _Back(run)
    yield from together([back.one_by_one(rungs) for rungs in _apart(run)])
    run.write(Kind.RUN_ENDED, verdict="restored" if back.whole else "not_restored", soaked=False, why=back.why)
    return back.whole


def _apart(run: Run) -> list[list[PlannedRung]]:
    """The plan in parts that may go side by side: different systems, unless both have pulled one target."""
    parts: dict[str, list[PlannedRung]] = {}
    part_of: dict[str, str] = {}
    for planned in run.plan.rungs:
        target = dict(planned.change.target if planned.change else planned.rung.target)
        names = [f"system {run.control.system_of(planned.step.partition('/')[0])}"]
        names.append(digest({"lever": planned.rung.lever, "target": target}))
        into = part_of.get(names[0], names[0])
        if (other := part_of.get(names[1], into)) != into:
            parts[into] = parts.get(into, []) + parts.pop(other, [])
            part_of = {name: into if part == other else part for name, part in part_of.items()}
        part_of |= dict.fromkeys(names, into)
        parts.setdefault(into, []).append(planned)
    order = {id(planned): number for number, planned in enumerate(run.plan.rungs)}
    return [sorted(part, key=lambda planned: order[id(planned)]) for part in parts.values()]


class _Back:
    """How far a restore has come."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.whole = True
        self.why = ""

    def one_by_one(self, rungs: Sequence[PlannedRung]) -> Work[None]:
        for planned in rungs:
            facts = self.run.rung((planned.step, planned.index))
            if facts and facts.held:
                continue
            self.run.keep_going()
            if overtaken(self.run, (planned.step, planned.index)):
                self.whole, self.why = False, "a kill of the same system has begun: nothing more is put back"
                return
            if not (yield from _put_back(self.run, planned, facts)):
                self.whole = False
                return


def _put_back(run: Run, planned: PlannedRung, facts: RungFacts | None) -> Work[bool]:
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
        unclear = Outcome(Result.UNKNOWN, "the process that restored it died")
        outcome = yield from resolve(spot, lever, planned.change, unclear)
        record(run, spot, outcome, kind=Kind.REREAD)
    if outcome is None or outcome.result not in {Result.CHANGED, Result.ALREADY_SO}:
        outcome = yield from pull(run, spot, lever, planned.change)
    done = outcome.result in {Result.CHANGED, Result.ALREADY_SO}
    return done and (yield from verify(run, spot, lever, planned.change))


def reversed_change(change: Change) -> Change:
    """For showing a restore: from what it is now to what it was."""
    return replace(change, before=change.after, after=change.before)
