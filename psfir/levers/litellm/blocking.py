"""Blocking one thing on every replica of a gateway, and letting it through again.

A state says for each replica whether it blocks, `None` where it cannot tell, and beside that what must not have
been changed by somebody else. A pull that was cut off between two replicas is therefore seen, and goes on.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from psfir.contracts import Target
from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Look, NothingToDo, Outcome, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.errors import Drift, LeverError, NoAnswer, NoSuchTarget, PsfirError, Refusal, Unreachable, UsageError
from psfir.levers.settle import same
from psfir.vendors.http import Deadline
from psfir.vendors.litellm import LiteLLM

State = Mapping[str, Any]
PLACES = "blocked"


class Blocked(ABC):
    """One kind of thing that can be blocked: how it is read at one replica, and by which call it is switched."""

    word: str
    path: str

    def __init__(self, api: LiteLLM) -> None:
        self.api = api

    @abstractmethod
    def id(self, target: Target) -> str: ...

    @abstractmethod
    def at(self, target: Target, place: int, deadline: Deadline) -> tuple[bool, State]:
        """Whether this replica blocks it, and what else belongs to its state."""

    @abstractmethod
    def body(self, target: Target) -> Json: ...

    @abstractmethod
    def sure(self, target: Target) -> bool:
        """Whether what is read at a replica is what that replica does, and not only what the database says."""

    def name(self, target: Target) -> str:
        return f"{self.word} {self.id(target)}"


def look(thing: Blocked, target: Target, *, within: float) -> State:
    """As all replicas say. An error only where none of them can tell."""
    deadline, places = Deadline(within), thing.api.places
    blocked: list[bool | None] = []
    rest: State | None = None
    silent: list[PsfirError] = []
    for place in range(len(places)):
        share = Deadline(deadline.left / (len(places) - place))
        try:
            now, beside = thing.at(target, place, share)
        except (Unreachable, NoSuchTarget) as error:  # one that has not heard of it yet may do so any moment
            silent.append(error)
            blocked.append(None)
            continue
        rest = rest or beside
        blocked.append(now)
    if rest is None:
        raise silent[0]
    return {PLACES: blocked, **rest}


def planned(thing: Blocked, name: str, target: Target, reading: Json, mode: Mode) -> Change | NothingToDo:
    state = _state(reading)
    after = {**state, PLACES: [True] * len(state[PLACES])}
    if same(state, after):
        return NothingToDo(f"{thing.name(target)} is {words(after)} already", after)
    why = f"{thing.name(target)} is {words(state)}; to {mode.value} it, it is blocked on every replica"
    return Change(name, dict(target), dict(state), after, why)


def move(thing: Blocked, change: Change, *, block: bool, within: float) -> Outcome:
    """Block it wherever it is not, or the other way round, if nothing else about it was changed meanwhile."""
    deadline, target, name = Deadline(within), change.target, thing.name(change.target)
    way = (change.before, change.after) if block else (change.after, change.before)
    expected, wanted = map(_state, way)
    if not block and set(wanted[PLACES]) - {None} != {False}:
        what = f"{name} was {words(wanted)} before: what it was for all of them is not known"
        raise Refusal(what, where=thing.api.where, todo="unblock it in LiteLLM if that is right")
    seen = look(thing, target, within=deadline.left / 2)
    places = [place for place, now in enumerate(seen[PLACES]) if now is not block]
    if same(seen, wanted) or (not places and _rest(seen) == _rest(expected)):
        return Outcome(Result.ALREADY_SO, f"{name} is {words(seen)} already", dict(seen))
    if _rest(seen) != _rest(expected) or len(seen[PLACES]) != len(expected[PLACES]):
        what = f"{name} is not as psfir saw it: somebody else has changed it, or the list of replicas"
        todo = f"{', '.join(_differing(seen, expected)) or 'replicas'} differ"
        raise Drift(what, expected=dict(expected), found=dict(seen), where=thing.api.where, todo=todo)
    _send(thing, target, places, block, deadline)
    now = {**wanted, PLACES: [block] * len(seen[PLACES])}
    return Outcome(Result.CHANGED, f"{name} is now {words(now)}", now)


def _send(thing: Blocked, target: Target, places: list[int], block: bool, deadline: Deadline) -> None:  # noqa: FBT001 - which of the two calls
    """Tell each of these replicas, also when another one is away: those that serve are those that matter."""
    path = thing.path if block else thing.path.replace("block", "unblock")
    wrong: list[PsfirError] = []
    for number, place in enumerate(places):
        try:
            thing.api.post(place, path, thing.body(target), within=deadline.left / (len(places) - number))
        except LeverError as error:
            wrong.append(error)
            if number + 1 == len(wrong) and not isinstance(error, NoAnswer | Unreachable):
                raise  # the first said no, and the others have the same database
    if len(wrong) == len(places) and wrong:
        raise next((error for error in wrong if isinstance(error, NoAnswer)), wrong[0])
    if wrong:
        what = f"{thing.name(target)}: {len(places) - len(wrong)} of {len(places)} replicas know: {wrong[0].what}"
        raise NoAnswer(what, where=thing.api.where)


def looked(thing: Blocked, change: Change, *, within: float) -> Look:
    """Held once every replica is as wanted, and not before all of them could tell."""
    seen, name = look(thing, change.target, within=within), thing.name(change.target)
    block = True in _state(change.after)[PLACES]
    says = f"{name} is {words(seen)}"
    if (not block) in seen[PLACES]:
        return Look(Held.NOT_HELD, says)
    if None in seen[PLACES]:
        return Look(Held.COULD_NOT_TELL, says)
    if block and len(seen[PLACES]) > 1 and not thing.sure(change.target):
        todo = "give the connection the key itself, to be tried on each replica"
        return Look(Held.COULD_NOT_TELL, f"{says}, says the database; what each replica remembers it does not: {todo}")
    return Look(Held.HELD, says)


def found(thing: Blocked, target: Target, *, within: float) -> list[Finding]:
    """What a look beforehand can tell."""
    state, api = look(thing, target, within=within), thing.api
    away = [api.places[place] for place, now in enumerate(state[PLACES]) if now is None]
    says = f"{thing.name(target)} is {words(state)}"
    findings = [Finding(Matter.TARGET, Ready.READY, says)]
    findings += [Finding(Matter.TARGET, Ready.BEWARE, f"{one} cannot tell") for one in away]
    right = "only a proxy admin's key may block, and LiteLLM does not say beforehand whether this is one"
    findings.append(Finding(Matter.PERMISSION, Ready.BEWARE, right, "pull it once in a drill"))
    if not api.named:
        todo = "name the replicas of the connection"
        says = "each replica remembers for itself, and only the url is known: the others follow when they look again"
        findings.append(Finding(Matter.TARGET, Ready.BEWARE, says, todo))
    return findings


def words(state: State) -> str:
    now = state[PLACES]
    if len(now) == 1:
        return "blocked" if now[0] else "not blocked"
    away = f", {now.count(None)} cannot tell" if None in now else ""
    return f"blocked on {now.count(True)} of {len(now)} replicas{away}"


def _state(value: Json) -> State:
    if not isinstance(value, Mapping) or not isinstance(value.get(PLACES), list):
        raise UsageError("this is no state of something that a gateway blocks", todo="read it again")
    return value


def _rest(state: State) -> dict[str, Json]:
    return {key: value for key, value in state.items() if key != PLACES}


def _differing(one: State, other: State) -> list[str]:
    return sorted(key for key in {*_rest(one), *_rest(other)} if not same(one.get(key), other.get(key)))
