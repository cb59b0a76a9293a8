"""One write of a flag or AI Config: over the state that was expected, and told apart from everything else that can be.

The vendor knows no precondition for these patches. So the state is read right before, and the answer, which is the
whole thing, says whether somebody else was between.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Look, Outcome, Result
from psfir.domain.values import frozen
from psfir.errors import Busy, Drift, LeverError, NoAnswer, PsfirError
from psfir.levers.launchdarkly.place import FLAG, Place
from psfir.levers.launchdarkly.targeting import PARTS, State, differing, instructions, same, served, state_of, words
from psfir.levers.launchdarkly.waiting import waiting_for
from psfir.levers.settle import states
from psfir.vendors.http import Deadline
from psfir.vendors.launchdarkly import Conflict, LaunchDarkly, NotValid, Said
from psfir.vendors.patience import PAUSES, wait


@frozen
class Move:
    """From `expected` to `wanted`. `comment` goes to the vendor's audit log, `force` lets what is pending fail.

    `exact`: what has to be so is every part of the state, not only what comes of it.
    """

    place: Place
    expected: State
    wanted: State
    comment: str
    force: bool = False
    exact: bool = False


def look(api: LaunchDarkly, place: Place, *, within: float) -> tuple[State, Said]:
    """The state now, and the whole answer."""
    said = api.ask(place.get(), within=within)
    try:
        return state_in(place, said.body), said
    except LeverError as error:
        raise type(error)(f"{place}: {api.clean(error.what)}", where=api.where, todo=error.todo) from error


def state_in(place: Place, body: Mapping[str, Any]) -> State:
    return state_of(body, place.here(body), switch=place.kind == FLAG)


def carry(api: LaunchDarkly, place: Place, change: Change, *, back: bool, within: float) -> Outcome:
    """Carry out a recorded change, or put back what it found."""
    expected, wanted = states(change, back=back)
    comment = f"psfir: put back as found before this: {change.why}" if back else f"psfir: {change.why}"
    force = change.detail.get("ignore_conflicts") is True
    return move(api, Move(place, expected, wanted, comment, force, exact=back), within=within)


def holds(api: LaunchDarkly, place: Place, change: Change, *, within: float) -> Look:
    """Whether everybody is served what they shall be. What is set beside that, and changes nothing, is only told."""
    state, _ = look(api, place, within=within)
    _, after = states(change)
    held = same(served(state), served(after))
    beside = _differs(after, state)
    more = f"; somebody has changed {beside} since" if beside else ""
    return Look(Held.HELD if held else Held.NOT_HELD, f"{place} {words(state)}{more}")


def move(api: LaunchDarkly, wish: Move, *, within: float) -> Outcome:
    """Changed, already so, or the error that says why not.

    After a clash with another change, and after a wait for the rate limit, it is read again before it is written.
    """
    deadline, pauses = Deadline(within), iter(PAUSES)
    while True:
        seen, _ = look(api, wish.place, within=deadline.left)
        if same(seen, wish.wanted) or (not wish.exact and same(served(seen), served(wish.wanted))):
            return Outcome(Result.ALREADY_SO, f"{wish.place} already {words(seen)}", seen)
        if not same(seen, wish.expected):
            what = f"{wish.place} {words(seen)}, and is not as psfir saw it: somebody else has changed it"
            todo = f"{_differs(wish.expected, seen)} differ"
            raise Drift(what, expected=wish.expected, found=seen, where=api.where, todo=todo)
        try:
            return _judged(api, wish, _write(api, wish, deadline))
        except (Busy, Conflict) as error:
            pause = error.after if isinstance(error, Busy) else next(pauses, None)
            if pause is None or not wait(pause, deadline):
                raise


def _write(api: LaunchDarkly, wish: Move, deadline: Deadline) -> Said:
    parts = differing(wish.expected, wish.wanted)
    body: dict[str, Json] = {"comment": wish.comment, "instructions": instructions(wish.wanted, parts)}
    actions = tuple(PARTS[part] for part in parts)
    try:
        return api.ask(wish.place.patch(body, actions, {}), within=deadline.left)
    except NotValid as error:
        pending = _pending(api, wish.place, error, deadline)
        if not wish.force:
            todo = "set ignore_conflicts: true to let it fail, or take it away in LaunchDarkly"
            raise NotValid(f"{error.what}; in the way is {pending}", where=api.where, todo=todo) from error
        return api.ask(wish.place.patch(body, actions, {"ignoreConflicts": "true"}), within=deadline.left)


def _pending(api: LaunchDarkly, place: Place, error: NotValid, deadline: Deadline) -> str:
    """What waits for this flag. If nothing does, the patch itself was no good, and the error stands as it is."""
    try:
        waits = waiting_for(api, place, within=deadline.left)
    except PsfirError as unread:
        what = f"{error.what}; whether a pending change is in the way could not be told: {unread.what}"
        raise NotValid(what, where=api.where) from error
    if not waits:
        raise error
    return " and ".join(waits)


def _judged(api: LaunchDarkly, wish: Move, said: Said) -> Outcome:
    try:
        state = state_in(wish.place, said.body)
    except PsfirError as error:
        raise NoAnswer(f"{error.what}; the change was sent and may be in", where=api.where) from error
    if same(state, wish.wanted):
        return Outcome(Result.CHANGED, f"{wish.place} now {words(state)}", state)
    if set(differing(state, wish.wanted)) & set(differing(wish.expected, wish.wanted)):
        what = f"{wish.place} was answered with 200, and still {words(state)}"
        raise NoAnswer(what, where=api.where, todo="read it again")
    beside = _differs(wish.wanted, state)
    says = f"{wish.place} now {words(state)}; somebody else changed {beside} at the same moment"
    return Outcome(Result.CHANGED, says, state)


def _differs(one: State, other: State) -> str:
    return ", ".join((*differing(one, other), *(["variations"] if _variations_differ(one, other) else [])))


def _variations_differ(one: State, other: State) -> bool:
    return not same(one["variations"], other["variations"])
