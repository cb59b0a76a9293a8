"""One pull of one lever: the intention is durable before the world is touched; what is unclear is read, not assumed."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from psfir.contracts import Lever
from psfir.domain.canon import Json, canonical
from psfir.domain.change import Change, Held, Look, Outcome, Result
from psfir.domain.durations import show
from psfir.domain.kinds import Kind
from psfir.domain.run import RungKey
from psfir.domain.values import frozen
from psfir.engine.kit import Late, Run
from psfir.engine.share import HEADROOM, Share, call
from psfir.engine.work import Answer, Pause, Signal, Work
from psfir.errors import Busy, Declined, Denied, Drift, NoAnswer, PsfirError, Refusal, Unreachable

POLL_FIRST, POLL_MOST = 0.1, 2.0


class Act(StrEnum):
    """The two ways in which a change can be carried out."""

    APPLY = "apply"
    RESTORE = "restore"


@frozen
class Spot:
    """Which rung, which try, in which direction, within which share."""

    key: RungKey
    attempt: int
    act: Act
    share: Share

    def where(self) -> dict[str, Json]:
        return {"step": self.key[0], "rung": self.key[1]}


def pull(run: Run, spot: Spot, lever: Lever, change: Change) -> Work[Outcome]:
    """Intend, act, record. What comes back as unknown has already been read once, if the share allowed it."""
    run.write(Kind.INTENDED, **spot.where(), attempt=spot.attempt, act=spot.act.value, change=change.to_json())
    outcome = yield from _act(run, spot, lever, change)
    if outcome.result is Result.UNKNOWN and spot.share.left > 0:
        outcome = yield from resolve(spot, lever, change, outcome)
    record(run, spot, outcome)
    return outcome


def record(run: Run, spot: Spot, outcome: Outcome, *, kind: Kind = Kind.ENDED) -> None:
    """Write down what became of it."""
    more: dict[str, Json] = {} if kind is Kind.REREAD else {"attempt": spot.attempt, "took": round(spot.share.spent, 3)}
    run.write(kind, **spot.where(), result=outcome.result.value, says=outcome.says, found=outcome.found, **more)


def _act(run: Run, spot: Spot, lever: Lever, change: Change) -> Work[Outcome]:
    act = lever.apply if spot.act is Act.APPLY else lever.restore
    what = f"{lever.about.name} {spot.act.value}"

    def late(answer: Answer[Outcome]) -> None:
        run.late.put(_late(spot.key, answer))

    try:
        return (yield from call(lambda within: act(change, within=within), spot.share, what=what, late=late))
    except PsfirError as error:
        return outcome_within(spot.share, error)


def outcome_within(share: Share, error: PsfirError) -> Outcome:
    """The same as `outcome_of`; what asks for more patience than the share has left is not tried again."""
    outcome, left = outcome_of(error), share.left
    if outcome.after <= left:
        return outcome
    says = f"{outcome.says}; {_patience(outcome.after, left)}: not tried again"
    return replace(outcome, says=says, again=False)


def _patience(after: float, left: float) -> str:
    return f"it asks to be left alone for {show(round(after))}, and {show(round(left, 1))} of the share is left"


def outcome_of(error: PsfirError) -> Outcome:
    """Which outcome an error means. Only errors that say nothing was done may be called failed or refused."""
    if isinstance(error, Drift):
        return Outcome(Result.REFUSED, str(error), _plain(error.found))
    if isinstance(error, (Refusal, Declined, Denied)):
        return Outcome(Result.REFUSED, str(error))
    if isinstance(error, NoAnswer):
        return Outcome(Result.UNKNOWN, str(error))
    if isinstance(error, Busy):
        return Outcome(Result.FAILED, str(error), again=True, after=error.after or 0.0)
    # What is left: nothing was sent, there is no such target, or a part (catalog, secret) could not be had.
    return Outcome(Result.FAILED, str(error), again=isinstance(error, Unreachable))


def resolve(spot: Spot, lever: Lever, change: Change, unclear: Outcome) -> Work[Outcome]:
    """Read the target to learn what became of an act whose answer never came."""
    change = toward(change, spot.act)
    what = f"reading {lever.about.name} again"
    try:
        reading = yield from call(lambda within: lever.read(change.target, within=within), spot.share, what=what)
    except PsfirError as error:
        return Outcome(Result.UNKNOWN, f"{unclear.says}; {error}")
    found = reading.state
    if same(found, change.after):
        return Outcome(Result.CHANGED, f"{unclear.says}; read again: it has landed", found)
    if same(found, change.before):
        return Outcome(Result.UNKNOWN, f"{unclear.says}; read again: not landed so far", found)
    return Outcome(Result.UNKNOWN, f"{unclear.says}; read again: neither as before nor as wanted", found)


def verify(run: Run, spot: Spot, lever: Lever, change: Change) -> Work[bool]:
    """Ask until the vendor's own state holds, or the share is used up. The last answer is recorded.

    Who asks to be left alone is asked again only then, and not at all if that lies beyond the share.
    """
    goal = toward(change, spot.act)
    pause = POLL_FIRST
    seen = Look(Held.COULD_NOT_TELL, "no time was left to look")
    while spot.share.left > 0:
        newest, after = yield from look(spot, lever, goal)
        # One that the end of the share cut short takes nothing back from the one before it.
        cut_short = newest.held is Held.COULD_NOT_TELL and spot.share.left <= HEADROOM
        seen = seen if cut_short and seen.held is Held.NOT_HELD else newest
        if seen.held is Held.HELD or after > spot.share.left or _over(run, spot):
            break
        yield from _wait(run, spot, max(pause, after))
        pause = min(pause * 2, POLL_MOST)
    run.write(Kind.VERIFIED, **spot.where(), held=seen.held.value, says=seen.says)
    return seen.held is Held.HELD


def _over(run: Run, spot: Spot) -> bool:
    """Whether looking on makes no sense: it was let go of, or a kill is at work on what was to be put back."""
    return run.control.let_go.is_set() or (spot.act is Act.RESTORE and overtaken(run, spot.key))


def overtaken(run: Run, key: RungKey) -> bool:
    """Whether a kill has begun of what a restore is putting back: its steps are named `run/step`."""
    return run.control.overtaken(key[0].partition("/")[0])


def _wait(run: Run, spot: Spot, seconds: float) -> Work[None]:
    """Between two looks, in slices, so that a long wait ends as soon as it makes no sense any more."""
    left = min(seconds, spot.share.left)
    while left > 0 and not _over(run, spot):
        yield Pause(min(left, POLL_MOST), run.control.let_go)
        left -= POLL_MOST


def toward(change: Change, act: Act) -> Change:
    """The change as seen in the direction it is carried out: a restore goes from `after` to `before`."""
    return change if act is Act.APPLY else replace(change, before=change.after, after=change.before)


def same(one: Json, other: Json) -> bool:
    """Whether two states are the same JSON, however their numbers are spelled."""
    return one == other if isinstance(one, str) and isinstance(other, str) else canonical(one) == canonical(other)


def look(spot: Spot, lever: Lever, goal: Change, *, stop: Signal | None = None) -> Work[tuple[Look, float]]:
    """One look, and for how many seconds it asks to be left alone. `stop` ends the waiting for it."""
    what = f"verifying {lever.about.name}"
    try:
        seen = yield from call(lambda within: lever.verify(goal, within=within), spot.share, what=what, stop=stop)
    except PsfirError as error:
        after, left = outcome_of(error).after, spot.share.left
        beyond = f"; {_patience(after, left)}: not asked again" if after > left else ""
        return Look(Held.COULD_NOT_TELL, f"{error}{beyond}"), after
    return seen, 0.0


def _late(key: RungKey, answer: Answer[Outcome]) -> Late:
    if isinstance(answer.error, PsfirError):
        outcome = outcome_of(answer.error)
        return Late(key, outcome.says, outcome.result.value)
    if answer.error is not None:
        return Late(key, f"{type(answer.error).__name__}: {answer.error}", Result.UNKNOWN.value)
    outcome = answer.get()
    return Late(key, outcome.says, outcome.result.value)


def _plain(found: object) -> Json:
    return found if isinstance(found, (str, int, float, bool, dict, list, type(None))) else str(found)
