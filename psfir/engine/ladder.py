"""Climb down one step's ladder: a rung that fails, is refused, hangs or does not hold gives way to the next."""

from __future__ import annotations

from dataclasses import replace

from psfir.contracts import Lever
from psfir.domain.change import Change, NothingToDo, Outcome, Result
from psfir.domain.kinds import Kind
from psfir.domain.plan import PlannedRung
from psfir.domain.run import RungFacts
from psfir.domain.values import frozen
from psfir.engine.handing import hand_over
from psfir.engine.kit import Run
from psfir.engine.pull import Act, Spot, outcome_of, outcome_within, pull, record, resolve, same, verify
from psfir.engine.share import Share, call
from psfir.engine.work import Pause, Work
from psfir.errors import PsfirError

_ACHIEVED = {Result.CHANGED, Result.ALREADY_SO}
_PAUSE = 0.5


@frozen
class _Try:
    """One try of one rung."""

    planned: PlannedRung
    lever: Lever
    spot: Spot


def climb(run: Run, step: str) -> Work[bool]:
    """Pull the rungs of a step until one holds; True if one does. What an earlier process finished stays done."""
    for planned in run.plan.of(step):
        facts = run.rung((planned.step, planned.index))
        if facts and facts.held:
            return True
        if facts and facts.look is not None:
            continue
        if run.control.stop_pulling.is_set():
            return False
        run.keep_going()
        if (yield from pull_rung(run, planned, facts)):
            return True
    return False


def climb_again(run: Run, step: str) -> Work[bool]:
    """The same step once more, from today's world: what still is as wanted is seen to be so and left alone."""
    for planned in run.plan.of(step):
        facts = run.rung((planned.step, planned.index))
        if run.control.stop_pulling.is_set():
            return False
        run.keep_going()
        if facts is not None and (yield from pull_rung(run, planned, replace(facts, change=None))):
            return True
    return False


def pull_rung(run: Run, planned: PlannedRung, facts: RungFacts | None) -> Work[bool]:
    """Whether it holds. One that belongs inside another network is handed to whoever works there."""
    if planned.rung.runner not in {"", run.kit.runner}:
        return (yield from hand_over(run, planned))
    return (yield from _rung(run, planned, facts))


def _rung(run: Run, planned: PlannedRung, facts: RungFacts | None) -> Work[bool]:
    """All tries of one rung. Only what is known not to have landed is tried again."""
    first = (facts.attempt if facts else 0) + 1
    last = first + planned.rung.retries
    unfinished = facts if facts and facts.change else None
    for attempt in range(first, last + 1):
        share = Share(run.kit.clock, planned.rung.within)
        spot = Spot((planned.step, planned.index), attempt, Act.APPLY, share)
        try:
            lever = run.kit.levers(planned.rung)
        except PsfirError as error:
            record(run, spot, outcome_of(error))
            return False
        held, failed = yield from _once(run, _Try(planned, lever, spot), unfinished)
        if held or failed is None or attempt == last:
            return held
        unfinished = None
        yield from _pause(run, share, max(failed.after, _PAUSE * attempt))
        if run.control.stop_pulling.is_set():
            return False
    return False


def _pause(run: Run, share: Share, seconds: float) -> Work[None]:
    """Between two tries, inside the share of the first. In slices, so that nobody who stops the pulling waits."""
    pause = Share(run.kit.clock, min(seconds, share.left))
    while pause.left > 0 and not run.control.stop_pulling.is_set():
        if (yield Pause(min(pause.left, _PAUSE), run.control.let_go)):
            return


def _once(run: Run, one: _Try, unfinished: RungFacts | None) -> Work[tuple[bool, Outcome | None]]:
    """One try: whether it holds, and how it failed where another try makes sense."""
    if unfinished and unfinished.change:
        done = yield from _pick_up(run, one, unfinished)
        if done is not None:
            achieved = done.result in _ACHIEVED
            return achieved and (yield from verify(run, one.spot, one.lever, unfinished.change)), None
    try:
        planned = yield from _change(
            run, one, fresh=one.planned.change is None or unfinished is not None or one.spot.attempt > 1
        )
    except PsfirError as error:
        outcome = outcome_within(one.spot.share, error)
        record(run, one.spot, outcome)
        return False, outcome if outcome.again else None
    outcome, change = yield from _pull(run, one, planned)
    if outcome.result in _ACHIEVED:
        return (yield from verify(run, one.spot, one.lever, change)), None
    return False, outcome if outcome.again else None


def _pull(run: Run, one: _Try, planned: Change | NothingToDo) -> Work[tuple[Outcome, Change]]:
    """Pull once; if the target has drifted meanwhile, read and plan it once more inside the same share."""
    for again in (False, True):
        if isinstance(planned, NothingToDo):
            outcome = Outcome(Result.ALREADY_SO, planned.why)
            record(run, one.spot, outcome)
            rung = one.planned.rung
            return outcome, Change(rung.lever, rung.target, planned.after, planned.after, planned.why)
        outcome = yield from pull(run, one.spot, one.lever, planned)
        if again or outcome.result is not Result.REFUSED or outcome.found is None:
            return outcome, planned
        try:
            planned = yield from _change(run, one, fresh=True)
        except PsfirError:
            # The refusal stands as the outcome: that reading failed as well adds nothing a person can use.
            return outcome, one.planned.change or _none(one)
    raise AssertionError("the loop above returns in its second turn")


def _none(one: _Try) -> Change:
    rung = one.planned.rung
    return Change(rung.lever, rung.target, None, None, "could not be planned")


def _change(run: Run, one: _Try, *, fresh: bool) -> Work[Change | NothingToDo]:
    """The plan's change, or one planned from a reading of this moment."""
    if not fresh and one.planned.change:
        return one.planned.change
    rung = one.planned.rung
    what = f"reading {rung.lever}"
    reading = yield from call(lambda within: one.lever.read(rung.target, within=within), one.spot.share, what=what)
    return one.lever.plan(rung.target, reading, run.plan.runbook.mode, rung.set)


def _pick_up(run: Run, one: _Try, facts: RungFacts) -> Work[Outcome | None]:
    """What an earlier process left: its outcome if it has one, else by reading; None if it is seen not to have landed.

    What cannot be read stays unknown, and is not pulled a second time: the next rung is.
    """
    assert facts.change is not None  # noqa: S101 - the caller looked
    if facts.outcome is not None and facts.outcome.result is not Result.UNKNOWN:
        return facts.outcome
    unclear = Outcome(Result.UNKNOWN, "the process that pulled it died before it could record what became of it")
    outcome = yield from resolve(one.spot, one.lever, facts.change, unclear)
    record(run, one.spot, outcome, kind=Kind.REREAD)
    not_landed = outcome.found is not None and same(outcome.found, facts.change.before)
    return None if not_landed and outcome.result is Result.UNKNOWN else outcome
