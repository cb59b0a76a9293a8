"""The writes of one pull or restore: over the state that was expected, and told apart from everything else that can be.

The vendor knows no precondition and answers writes without a body. So the state is read right before, and again after.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.domain.change import Change, Held, Look, Outcome, Result
from psfir.domain.values import frozen
from psfir.errors import Busy, Drift, LeverError, NoAnswer, PsfirError
from psfir.levers.settle import states
from psfir.levers.unleash.place import Place
from psfir.levers.unleash.strategies import Deed, State, Step, differing, own_id, same, served, state_of, steps, words
from psfir.vendors.http import Deadline
from psfir.vendors.patience import PAUSES, wait
from psfir.vendors.unleash import Conflict, Unleash


@frozen
class Move:
    """From `expected` to `wanted`. `exact`: every part has to be so, not only what comes of it."""

    place: Place
    expected: State
    wanted: State
    exact: bool = False


def look(api: Unleash, place: Place, *, within: float) -> tuple[State, Mapping[str, Any]]:
    """The state now, and all that is said of the flag."""
    body = api.ask(place.get(), within=within)
    try:
        return state_of(place.here(body)), body
    except LeverError as error:
        raise type(error)(f"{place}: {api.clean(error.what)}", where=api.where, todo=error.todo) from error


def carry(api: Unleash, place: Place, change: Change, *, back: bool, within: float) -> Outcome:
    """Carry out a recorded change, or put back what it found."""
    expected, wanted = states(change, back=back)
    return move(api, Move(place, expected, wanted, exact=back), within=within)


def holds(api: Unleash, place: Place, change: Change, *, within: float) -> Look:
    """Whether everybody is served what they shall be. What is set beside that, and changes nothing, is only told."""
    state, _ = look(api, place, within=within)
    _, after = states(change)
    held = same(served(state), served(after))
    beside = differing(after, state)
    more = f"; somebody has changed {beside} since" if beside else ""
    return Look(Held.HELD if held else Held.NOT_HELD, f"{place} {words(state)}{more}")


def move(api: Unleash, wish: Move, *, within: float) -> Outcome:
    """Changed, already so, or the error that says why not.

    After a clash with another change, and after a wait for the rate limit, it is read again before it is written. A
    pull that was cut off between two writes goes on from where it is.
    """
    way = steps(wish.expected, wish.wanted)
    deadline, pauses = Deadline(within), iter(PAUSES)
    while True:
        seen, body = look(api, wish.place, within=deadline.left)
        if same(seen, wish.wanted) or (not wish.exact and same(served(seen), served(wish.wanted))):
            return Outcome(Result.ALREADY_SO, f"{wish.place} already {words(seen)}", seen)
        left = _left(seen, wish, way, where=api.where)
        done: list[Step] = []
        try:
            for step in left:
                _write(api, wish.place, step, body, within=deadline.left)
                done.append(step)
        except (Busy, Conflict) as error:
            pause = error.after if isinstance(error, Busy) else next(pauses, None)
            if pause is None or not wait(pause, deadline):
                raise _halfway(error, done) from error
        except PsfirError as error:
            raise _halfway(error, done) from error
        else:
            return _judged(api, wish, within=deadline.left)


def _left(seen: State, wish: Move, way: list[Step], *, where: str) -> list[Step]:
    """The writes that are still to be made from here; Drift if this is no place on the way."""
    for number, state in enumerate((wish.expected, *(step.after for step in way))):
        if same(seen, state):
            return way[number:]
    what = f"{wish.place} {words(seen)}, and is not as psfir saw it: somebody else has changed it"
    todo = f"{differing(wish.expected, seen)} differ"
    raise Drift(what, expected=wish.expected, found=seen, where=where, todo=todo)


def _write(api: Unleash, place: Place, step: Step, body: Mapping[str, Any], *, within: float) -> None:
    if step.deed is Deed.ADD:
        ask = place.add(step.strategy)
    elif step.deed is Deed.REMOVE:
        ask = place.remove(own_id(place.here(body), step.strategy))
    else:
        ask = place.switch(on=step.deed is Deed.ON)
    api.ask(ask, within=within)


def _halfway(error: PsfirError, done: list[Step]) -> PsfirError:
    """After a first write nobody may say that nothing was done."""
    if not done:
        return error
    before = " and ".join(step.deed.value for step in done)
    return NoAnswer(f"{error.what}; before that it {before}", where=error.where, todo=error.todo)


def _judged(api: Unleash, wish: Move, *, within: float) -> Outcome:
    try:
        state, _ = look(api, wish.place, within=within)
    except PsfirError as error:
        raise NoAnswer(f"{error.what}; the change was carried out", where=api.where, todo="read it again") from error
    if same(state, wish.wanted):
        return Outcome(Result.CHANGED, f"{wish.place} now {words(state)}", state)
    if not same(served(state), served(wish.wanted)):
        what = f"{wish.place} was answered with 200, and still {words(state)}"
        raise NoAnswer(what, where=api.where, todo="read it again")
    beside = differing(wish.wanted, state)
    says = f"{wish.place} now {words(state)}; somebody else changed {beside} at the same moment"
    return Outcome(Result.CHANGED, says, state)
