"""Before any verdict: take in late answers, and look once more at what is not known, and at what may be undone."""

from __future__ import annotations

from queue import Empty

from psfir.domain.budget import REREAD_SHARE
from psfir.domain.change import Held, Outcome, Result
from psfir.domain.kinds import Kind
from psfir.domain.plan import PlannedRung
from psfir.domain.run import RungKey
from psfir.engine.kit import Run
from psfir.engine.pull import Act, Spot, look, record, resolve, verify
from psfir.engine.share import Share
from psfir.engine.work import Work, together
from psfir.errors import PsfirError

_SHOWN = 5


def reread(run: Run) -> Work[None]:
    """All unknown outcomes side by side within one small share."""
    yield from _read_again(run, _take_in_late(run) | {(p.step, p.index) for p in run.plan.rungs if _unsure(run, p)})


def reread_late(run: Run) -> Work[None]:
    """The same for those alone that have answered since. Nobody who has left the soak waits for that."""
    late = _take_in_late(run)
    if not run.control.leave_soak.is_set():
        yield from _read_again(run, late)


def look_again(run: Run) -> Work[str]:
    """What held may have been put back since, by a controller or by somebody, and no probe need have seen it.

    That one could not be looked at takes nothing back; the answer says of which that is so. Whoever has left the soak
    waits for none of them.
    """
    share = Share(run.kit.clock, REREAD_SHARE)
    held = [p for p in run.plan.rungs if (facts := run.rung((p.step, p.index))) is not None and facts.held]
    unasked: dict[RungKey, str] = {}
    if run.control.leave_soak.is_set():
        return "the soak was left, and no lever was asked again" if held else ""
    yield from together([_still(run, planned, share, unasked) for planned in held])
    said = [
        f"{step}, rung {index + 1} could not be asked again: {why}" for (step, index), why in sorted(unasked.items())
    ]
    return "; ".join(said[:_SHOWN]) + (f"; and {len(said) - _SHOWN} more" if len(said) > _SHOWN else "")


def _still(run: Run, planned: PlannedRung, share: Share, unasked: dict[RungKey, str]) -> Work[None]:
    key = planned.step, planned.index
    facts = run.rung(key)
    if facts is None or facts.change is None:
        return
    spot = Spot(key, facts.attempt, Act.APPLY, share)
    try:
        lever = run.kit.levers(planned.rung)
    except PsfirError as error:
        unasked[key] = str(error)  # what held by then is all that can be said
        return
    still, _ = yield from look(spot, lever, facts.change, stop=run.control.leave_soak)
    if still.held is Held.NOT_HELD:
        run.write(Kind.VERIFIED, **spot.where(), held=still.held.value, says=f"no longer: {still.says}")
    elif still.held is Held.COULD_NOT_TELL:
        unasked[key] = still.says


def _read_again(run: Run, keys: set[RungKey]) -> Work[None]:
    share = Share(run.kit.clock, REREAD_SHARE)
    unclear = [p for p in run.plan.rungs if (p.step, p.index) in keys]
    yield from together([_one(run, planned, share) for planned in unclear])


def _take_in_late(run: Run) -> set[RungKey]:
    """Record what abandoned calls have answered after all; the answer is which rungs that concerns."""
    keys: set[RungKey] = set()
    while True:
        try:
            late = run.late.get_nowait()
        except Empty:
            return keys
        run.write(Kind.LATE, step=late.key[0], rung=late.key[1], result=late.result, says=late.says)
        keys.add(late.key)


def _unsure(run: Run, planned: PlannedRung) -> bool:
    facts = run.rung((planned.step, planned.index))
    return facts is not None and facts.unsure


def _one(run: Run, planned: PlannedRung, share: Share) -> Work[None]:
    facts = run.rung((planned.step, planned.index))
    if facts is None or facts.change is None:
        return
    spot = Spot((planned.step, planned.index), facts.attempt, Act.APPLY, share)
    says = facts.outcome.says.partition("; read again")[0] if facts.outcome else "no outcome was recorded"
    unclear = Outcome(Result.UNKNOWN, says)
    try:
        lever = run.kit.levers(planned.rung)
    except PsfirError as error:
        record(run, spot, Outcome(Result.UNKNOWN, f"{unclear.says}; {error}"), kind=Kind.REREAD)
        return
    outcome = yield from resolve(spot, lever, facts.change, unclear)
    record(run, spot, outcome, kind=Kind.REREAD)
    if outcome.result is Result.CHANGED:
        # It has landed after all: this may be what makes its step hold.
        yield from verify(run, spot, lever, facts.change)
