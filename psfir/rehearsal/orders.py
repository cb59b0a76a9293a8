"""What a facilitator types, line by line: each line is one order, and gives what is to be logged, or is refused."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from fractions import Fraction

from psfir.domain import durations
from psfir.domain.near import near
from psfir.domain.values import frozen
from psfir.errors import UsageError
from psfir.rehearsal import deeds
from psfir.rehearsal.clock import SECOND
from psfir.rehearsal.inject import PlayerInject
from psfir.rehearsal.log import LogDraft
from psfir.rehearsal.state import DrillState, Stage
from psfir.rehearsal.words import Axis, Met, Rating

ALL = "all"


@frozen
class Given:
    """A line that was typed: at which scenario instant, and by whom."""

    state: DrillState
    at: int
    by: str
    rest: str

    def first(self, what: str) -> tuple[str, str]:
        """The first word, and what stands behind it."""
        word, _, rest = self.rest.partition(" ")
        if not word:
            raise UsageError(f"this needs {what}")
        return word, rest.strip()


def order(state: DrillState, line: str, *, at: int, by: str) -> LogDraft:
    """UsageError for what is no order, with the one that was probably meant."""
    word, _, rest = line.strip().partition(" ")
    if word not in ORDERS:
        raise UsageError(f"{word!r} is no order", todo=near(word, [*ORDERS, "wait", "show", "help"]))
    return ORDERS[word][1](Given(state, at, by, rest.strip()))


def until(line: str) -> int:
    """`wait 5m`: the scenario instant up to which no further order is read. `wait over` is -1."""
    word = line.partition(" ")[2].strip()
    return -1 if word == "over" else _span(word)


def _span(text: str) -> int:
    try:
        return int(durations.seconds(text) * SECOND)
    except ValueError as error:
        raise UsageError(str(error), todo="write 90s or 5m") from None


def _speed(given: Given) -> LogDraft:
    try:
        to = Fraction(given.rest)
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"{given.rest!r} is no speed", todo="1, 4 or 3/2") from None
    return deeds.speed(given.state, to, by=given.by)


def _fire(given: Given) -> LogDraft:
    name, why = given.first("the id of an inject")
    return deeds.fire(given.state, name, at=given.at, by=given.by, why=why)


def _skip(given: Given) -> LogDraft:
    name, why = given.first("the id of an inject")
    return deeds.skip(given.state, name, at=given.at, by=given.by, why=why)


def _hold(given: Given) -> LogDraft:
    name, why = given.first("the id of an inject")
    return deeds.hold(given.state, name, by=given.by, why=why)


def _add(given: Given) -> LogDraft:
    to, text = given.first("whom it is for, or all")
    roles = () if to == ALL else tuple(to.split(","))
    return deeds.add(given.state, PlayerInject(text, "", "", roles), by=given.by)


def _hint(given: Given) -> LogDraft:
    """Without a name, of the newest inject that has one left."""
    name = given.rest or next(iter(_hintable(given.state)), "")
    if not name:
        raise UsageError("nothing that came has a hint left")
    return deeds.hint(given.state, name, by=given.by)


def _hintable(state: DrillState) -> list[str]:
    given = [one.inject for one in state.hints]
    fired = {name: one.number for name, one in state.injects.items() if one.stage is Stage.FIRED}
    left = [name for name in fired if given.count(name) < len(state.scenario.inject(name).guide.hints)]
    return sorted(left, key=lambda name: -fired[name])


def _settled(met: Met) -> Callable[[Given], LogDraft]:
    def say(given: Given) -> LogDraft:
        name, why = given.first("the id of an expectation")
        return deeds.settle(given.state, name, met, by=given.by, why=why)

    return say


def _note(given: Given) -> LogDraft:
    rating, rest = given.first("a rating: P, S, M or U")
    if rating.upper() not in list(Rating):
        raise UsageError(f"{rating!r} is no rating", todo="P, S, M or U")
    axis, inject = Axis.RESPOND, ""
    while rest:
        word, _, after = rest.partition(" ")
        if word in list(Axis):
            axis = Axis(word)
        elif word.startswith("@"):
            inject = word[1:]
        else:
            break
        rest = after.strip()
    return deeds.observe(given.state, Rating(rating.upper()), rest, by=given.by, axis=axis, inject=inject)


def _there(given: Given) -> LogDraft:
    role, person = given.first("a role, and who has it")
    if not person:
        raise UsageError("who is it?", todo=f"there {role} NAME")
    return deeds.join(given.state, role, person)


def _rewind(given: Given) -> LogDraft:
    """Time is never turned back: players are told from where they play on, and the log keeps both."""
    span, why = given.first("to when")
    text = f"We play on from T+{durations.clock(_span(span) / SECOND)}. {why}".strip()
    return deeds.add(given.state, PlayerInject(text, "Back in time", "The facilitator", ()), by=given.by)


ORDERS: Mapping[str, tuple[str, Callable[[Given], LogDraft]]] = {
    "run": ("run: the clock goes on", lambda given: deeds.resume(given.state, by=given.by)),
    "pause": ("pause [WHY]: it stands still", lambda given: deeds.pause(given.state, by=given.by, why=given.rest)),
    "speed": ("speed 4: so many scenario seconds a second; compressed time is no evidence", _speed),
    "rewind": ("rewind 5m WHY: players are told to play on from there", _rewind),
    "fire": ("fire INJECT WHY", _fire),
    "skip": ("skip INJECT WHY", _skip),
    "hold": ("hold INJECT WHY", _hold),
    "release": ("release INJECT", lambda given: deeds.release(given.state, given.rest, by=given.by)),
    "add": ("add ROLE,ROLE|all TEXT: an inject of your own", _add),
    "hint": ("hint [INJECT]: the next one of its ladder", _hint),
    "met": ("met EXPECTATION WHY: your word on it", _settled(Met.MET)),
    "partial": ("partial EXPECTATION WHY", _settled(Met.PARTIAL)),
    "missed": ("missed EXPECTATION WHY", _settled(Met.MISSED)),
    "waive": ("waive EXPECTATION WHY", _settled(Met.WAIVED)),
    "note": ("note P|S|M|U [AXIS] [@INJECT] TEXT: what you saw", _note),
    "there": ("there ROLE NAME: attendance", _there),
    "abort": ("abort WHY", lambda given: deeds.abort(given.state, by=given.by, why=given.rest)),
    "end": ("end WHY: before its time", lambda given: deeds.end(given.state, at=given.at, by=given.by, why=given.rest)),
}


@frozen
class Request:
    """What a player asks for: an entry of the log, or words for the record of the drill."""

    draft: LogDraft | None = None
    note: str = ""


def request(state: DrillState, line: str, *, role: str, by: str) -> Request:
    """`answer 3 2`, `ack 3`, `decide ...`, `consult legal ...`. It names nothing but what the role was shown."""
    word, _, rest = line.strip().partition(" ")
    rest = rest.strip()
    if word == "ack":
        numbers = deeds.delivered(state, role)
        return Request(deeds.acknowledge(state, role, _number(rest) if rest else max(numbers, default=0), by=by))
    if word == "answer":
        return Request(_answer(state, rest, role=role, by=by))
    if word not in _NOTES:
        raise UsageError(f"{word!r} is nothing that a player says", todo=near(word, [*_NOTES, "answer", "ack"]))
    if not rest:
        raise UsageError(f"{word} what?")
    return Request(note=_NOTES[word].format(rest))


_NOTES: Mapping[str, str] = {"decide": "decision: {}", "consult": "consulted {}", "note": "{}"}


def _answer(state: DrillState, rest: str, *, role: str, by: str) -> LogDraft:
    try:
        number, *chosen = shlex.split(rest)
    except ValueError:
        raise UsageError("answer what?", todo="answer NUMBER CHOICE") from None
    name = deeds.delivered(state, role).get(_number(number))
    poll = state.scenario.inject(name).shown.poll if name else None
    if not name or poll is None:
        raise UsageError(f"message {number} asks {role} nothing")
    options = poll.options
    said = [options[int(one) - 1] if one.isdecimal() and 0 < int(one) <= len(options) else one for one in chosen]
    whole = " ".join(said)
    return deeds.answer(state, name, role, [whole] if whole in options else said, by=by)


def _number(text: str) -> int:
    if not text.isdecimal():
        raise UsageError(f"{text!r} is no number of a message")
    return int(text)
