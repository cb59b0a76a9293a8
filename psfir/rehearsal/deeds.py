"""What people do in a drill: each gives the entry to append, or says why not. Also while the clock stands still."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from psfir.domain.canon import Json
from psfir.domain.near import near
from psfir.errors import Refusal, UsageError
from psfir.rehearsal.inject import PlayerInject
from psfir.rehearsal.log import LogDraft, LogKind
from psfir.rehearsal.scenario import Scenario
from psfir.rehearsal.state import DrillState, Stage
from psfir.rehearsal.words import Axis, Met, Rating

_MET = {Met.MET: LogKind.MET, Met.PARTIAL: LogKind.PARTIAL, Met.MISSED: LogKind.MISSED, Met.WAIVED: LogKind.WAIVED}


def start(scenario: Scenario, *, by: str, cut: str = "", speed: Fraction | None = None) -> LogDraft:
    """The first entry of every log."""
    pace = str(speed or scenario.pace.speed)
    told: dict[str, Json] = {"scenario": scenario.id, "version": scenario.version, "cut": cut, "speed": pace}
    return LogDraft(LogKind.STARTED, told, by)


def pause(state: DrillState, *, by: str, why: str = "") -> LogDraft:
    _going(state)
    if not state.clock.running:
        raise Refusal("the clock stands still already")
    return LogDraft(LogKind.PAUSED, {"why": why}, by)


def resume(state: DrillState, *, by: str) -> LogDraft:
    _going(state)
    if state.clock.running:
        raise Refusal("the clock is running")
    return LogDraft(LogKind.RESUMED, {}, by)


def speed(state: DrillState, to: Fraction, *, by: str) -> LogDraft:
    """From now on so many scenario seconds a real second."""
    _going(state)
    if to <= 0:
        raise UsageError(f"{to} is no speed", todo="1, 4 or 3/2; to stop the clock, pause it")
    return LogDraft(LogKind.SPEED, {"speed": str(to)}, by)


def fire(state: DrillState, name: str, *, at: int, by: str, why: str) -> LogDraft:
    """By hand, whatever became of it before; only what players have seen cannot be sent again."""
    if _stage(state, name) is Stage.FIRED:
        raise Refusal(f"{name} was fired already", todo="add an inject of your own instead")
    return LogDraft(LogKind.FIRED, {"inject": name, "at": at, "why": _reason(why)}, by)


def skip(state: DrillState, name: str, *, at: int, by: str, why: str) -> LogDraft:
    """It comes no more, unless somebody fires it by hand."""
    if _stage(state, name) is Stage.FIRED:
        raise Refusal(f"{name} was fired already: players have seen it")
    return LogDraft(LogKind.SKIPPED, {"inject": name, "at": at, "why": _reason(why)}, by)


def hold(state: DrillState, name: str, *, by: str, why: str) -> LogDraft:
    """It waits until it is released or fired."""
    if _stage(state, name) is not Stage.WAITING:
        raise Refusal(f"{name} is {_stage(state, name).value}: there is nothing to hold")
    return LogDraft(LogKind.HELD, {"inject": name, "why": _reason(why)}, by)


def release(state: DrillState, name: str, *, by: str) -> LogDraft:
    """It comes at its time, or at once if that is over."""
    if _stage(state, name) is not Stage.HELD:
        raise Refusal(f"{name} is {_stage(state, name).value}: nobody holds it")
    return LogDraft(LogKind.RELEASED, {"inject": name}, by)


def add(state: DrillState, shown: PlayerInject, *, by: str) -> LogDraft:
    """An inject made up on the spot."""
    _going(state)
    _known(shown.to, state.scenario.roles, "role")
    if not shown.body.strip():
        raise UsageError("an empty inject says nothing", todo="say what players read")
    told: dict[str, Json] = {"to": list(shown.to), "from": shown.sender, "title": shown.title, "body": shown.body}
    return LogDraft(LogKind.ADDED, told, by)


def hint(state: DrillState, name: str, *, by: str) -> LogDraft:
    """The next rung of an inject's ladder of hints."""
    if _stage(state, name) is not Stage.FIRED:
        raise Refusal(f"players have not seen {name} yet: a hint would give it away")
    given = sum(one.inject == name for one in state.hints)
    if given >= len(state.scenario.inject(name).guide.hints):
        raise Refusal(f"{name} has no {'further ' if given else ''}hint")
    return LogDraft(LogKind.HINT, {"inject": name, "number": given + 1}, by)


def settle(state: DrillState, name: str, met: Met, *, by: str, why: str) -> LogDraft:
    """The evaluator's word on an expectation; it stands against whatever the record says later."""
    _going(state)
    _known([name], state.expectations, "expectation")
    if met not in _MET:
        raise UsageError(f"{met.value} is nothing that somebody can say of it", todo=", ".join(_MET))
    return LogDraft(_MET[met], {"expectation": name, "says": _reason(why), "why": why}, by)


def answer(state: DrillState, name: str, role: str, choice: Sequence[str], *, by: str) -> LogDraft:
    """A role's answer to a poll; its first one counts."""
    if _stage(state, name) is not Stage.FIRED:
        raise Refusal("nobody has asked that yet")
    shown = state.scenario.inject(name).shown
    if shown.poll is None or not shown.for_role(role):
        raise Refusal(f"{role} was not asked there")
    _known(choice, shown.poll.options, "answer")
    if len(choice) != 1 and not (shown.poll.multi and choice):
        raise UsageError("one answer is to be chosen", todo=", ".join(shown.poll.options))
    if any(one.inject == name and one.role == role for one in state.answers):
        raise Refusal(f"{role} has answered already: the first answer counts")
    return LogDraft(LogKind.ANSWERED, {"inject": name, "role": role, "choice": list(choice)}, by)


def observe(state: DrillState, rating: Rating, text: str, *, by: str, axis: Axis, inject: str = "") -> LogDraft:
    """The evaluator's quick note."""
    _going(state)
    _known([inject] if inject else [], state.injects, "inject")
    told: dict[str, Json] = {"rating": rating.value, "axis": axis.value, "text": text, "inject": inject}
    return LogDraft(LogKind.OBSERVED, told, by)


def join(state: DrillState, role: str, person: str) -> LogDraft:
    """Also late: whoever joins is shown what this role may know by then."""
    if state.over:
        raise Refusal("the drill is over")
    _known([role], state.scenario.roles, "role")
    return LogDraft(LogKind.JOINED, {"role": role, "person": person}, person)


def acknowledge(state: DrillState, role: str, number: int, *, by: str) -> LogDraft:
    """Somebody says that they have read it. What their role was not handed, they cannot have."""
    _going(state)
    if number not in delivered(state, role):
        raise UsageError(f"there is no message {number} for {role}")
    return LogDraft(LogKind.ACKNOWLEDGED, {"inject": number, "role": role}, by)


def take_up(state: DrillState, at: int, *, by: str) -> LogDraft:
    """Another process leads it from here on, from the scenario instant at which the last one was seen alive."""
    if state.over:
        raise Refusal("the drill is over")
    return LogDraft(LogKind.TAKEN_UP, {"at": at}, by)


def end(state: DrillState, *, at: int, by: str, why: str) -> LogDraft:
    """Before its time. What is open is missed."""
    _going(state)
    return LogDraft(LogKind.ENDED, {"at": at, "why": _reason(why)}, by)


def delivered(state: DrillState, role: str) -> dict[int, str]:
    """What this role was handed, by number: the inject's id, "" for one that was made up on the spot."""
    scenario = state.scenario
    planned = {one.number: name for name, one in state.injects.items() if one.stage is Stage.FIRED}
    own = {number: name for number, name in planned.items() if scenario.inject(name).shown.for_role(role)}
    return {**own, **{one.number: "" for one in state.added if one.shown.for_role(role)}}


def abort(state: DrillState, *, by: str, why: str) -> LogDraft:
    """Anybody may, at any time: it has got real, or somebody thinks so."""
    if state.over:
        raise Refusal("the drill is over")
    return LogDraft(LogKind.ABORTED, {"why": _reason(why)}, by)


def _stage(state: DrillState, name: str) -> Stage:
    _going(state)
    _known([name], state.injects, "inject")
    return state.injects[name].stage


def _going(state: DrillState) -> None:
    if not state.going:
        raise Refusal("the drill is over" if state.over else "the drill has not begun")


def _known(names: Sequence[str], known: Mapping[str, object] | Sequence[str], what: str) -> None:
    for name in names:
        if name not in known:
            raise UsageError(f"there is no {what} {name!r}", todo=near(name, known))


def _reason(why: str) -> str:
    if not why.strip():
        raise UsageError("this needs a reason, which is logged", todo="say why")
    return why.strip()
