"""Where a drill stands: a fold over its log. What fired, what is expected and how that stands, who answered what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from enum import StrEnum
from fractions import Fraction
from typing import Any

from psfir.domain.values import frozen, remade
from psfir.errors import RecordError
from psfir.rehearsal.clock import SECOND, ScenarioClock
from psfir.rehearsal.inject import PlayerInject
from psfir.rehearsal.log import SCHEDULER, LogEntry, LogKind
from psfir.rehearsal.scenario import Scenario
from psfir.rehearsal.words import Axis, Met, Rating


class Stage(StrEnum):
    """What became of an inject so far."""

    WAITING = "waiting"
    HELD = "held"
    FIRED = "fired"
    SKIPPED = "skipped"


@frozen
class InjectState:
    """`number` counts what players were handed, from 1; `at` is the scenario instant at which it was due."""

    stage: Stage = Stage.WAITING
    at: int = 0
    by: str = ""
    why: str = ""
    number: int = 0
    released: int = 0


@frozen
class ExpectationState:
    """`asked` is None until its inject fires. `refs` are entries of the record; `seen` the last ones that counted."""

    met: Met = Met.UNASKED
    asked: int | None = None
    due: int | None = None
    at: int | None = None
    refs: tuple[int, ...] = ()
    says: str = ""
    by: str = ""
    late: bool = False
    seen: tuple[int, ...] = ()


@frozen
class Hint:
    """One that was given; `number` from 1."""

    inject: str
    number: int
    at: int


@frozen
class Answer:
    """What a role chose at a poll."""

    inject: str
    role: str
    choice: tuple[str, ...]
    by: str
    at: int


@frozen
class Observation:
    """What the evaluator wrote down."""

    rating: Rating
    axis: Axis
    text: str
    inject: str
    by: str
    at: int


@frozen
class Added:
    """An inject that the facilitator made up on the spot."""

    number: int
    at: int
    shown: PlayerInject


@frozen
class DrillState:
    """All that is known of a run. `over` is why it is, "" while it is not; `ended_at` in scenario time."""

    scenario: Scenario
    clock: ScenarioClock = ScenarioClock()
    started: int | None = None
    over: str = ""
    aborted: bool = False
    ended_at: int | None = None
    injects: Mapping[str, InjectState] = field(default_factory=dict)
    expectations: Mapping[str, ExpectationState] = field(default_factory=dict)
    hints: tuple[Hint, ...] = ()
    answers: tuple[Answer, ...] = ()
    observations: tuple[Observation, ...] = ()
    added: tuple[Added, ...] = ()
    joined: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    acknowledged: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    faults: Mapping[int, bool] = field(default_factory=dict)
    last: int = 0

    @property
    def going(self) -> bool:
        """Whether it has begun and is not over; also while it is paused."""
        return self.started is not None and not self.over

    @property
    def states(self) -> Mapping[str, Met]:
        """How each expectation stands, for conditions. One nobody was asked for yet is pending."""
        unasked = Met.UNASKED
        return {n: Met.PENDING if one.met is unasked else one.met for n, one in self.expectations.items()}

    @property
    def delivered(self) -> int:
        """How many injects players were handed."""
        return sum(one.number > 0 for one in self.injects.values()) + len(self.added)


def fold(scenario: Scenario, log: Iterable[LogEntry]) -> DrillState:
    """RecordError, with its number, for an entry that makes no sense."""
    state = DrillState(
        scenario,
        injects={one.id: InjectState() for one in scenario.injects},
        expectations={name: ExpectationState() for name in scenario.expected},
    )
    for entry in log:
        state = extend(state, entry)
    return state


def extend(state: DrillState, entry: LogEntry) -> DrillState:
    """The state with one more entry."""
    if entry.seq <= state.last:
        raise RecordError(f"entry {entry.seq} of the drill's log comes behind entry {state.last}: the order is wrong")
    try:
        return remade(_STEPS[entry.kind](state, entry, entry.data), last=entry.seq)
    except (KeyError, TypeError, ValueError) as error:
        what = f"{type(error).__name__}: {error}"
        raise RecordError(f"entry {entry.seq} ({entry.kind}) of the drill's log makes no sense ({what})") from error


_Data = Mapping[str, Any]
_Step = Callable[[DrillState, LogEntry, _Data], DrillState]


def _started(state: DrillState, entry: LogEntry, data: _Data) -> DrillState:
    clock = state.clock.started(entry.real, Fraction(data["speed"]))
    asked = {name: _asked(state, name, 0) for name, one in state.scenario.expected.items() if not one.inject}
    return remade(state, started=entry.real, clock=clock, expectations={**state.expectations, **asked})


def _asked(state: DrillState, name: str, at: int) -> ExpectationState:
    due = state.scenario.expected[name].due
    return ExpectationState(Met.PENDING, asked=at, due=None if due is None else at + due * SECOND)


def _clock(turn: Callable[[ScenarioClock, LogEntry], ScenarioClock]) -> _Step:
    return lambda state, entry, _: remade(state, clock=turn(state.clock, entry))


def _over(state: DrillState, entry: LogEntry, data: _Data) -> DrillState:
    at = data.get("at", state.clock.at(entry.real))
    aborted = entry.kind is LogKind.ABORTED
    if not aborted:
        left = {n: _left(one, at) for n, one in state.expectations.items() if one.met is Met.PENDING}
        state = remade(state, expectations={**state.expectations, **left})
    return remade(state, over=data["why"], aborted=aborted, ended_at=at, clock=state.clock.paused(entry.real))


def _left(one: ExpectationState, at: int) -> ExpectationState:
    return remade(one, met=Met.MISSED, at=at, says="the drill was over")


def _inject(state: DrillState, name: str, changed: InjectState, asked: Mapping[str, ExpectationState]) -> DrillState:
    state.injects[name]  # a KeyError is told with the entry's number
    more = {**state.expectations, **asked}
    return remade(state, injects={**state.injects, name: changed}, expectations=more)


def _fired(state: DrillState, entry: LogEntry, data: _Data) -> DrillState:
    name, at = data["inject"], data["at"]
    fired = InjectState(Stage.FIRED, at, entry.by, data.get("why", ""), number=state.delivered + 1)
    own = [one.id for one in state.scenario.inject(name).expect]
    # What somebody waived before it was asked stays waived.
    asked = {one: _asked(state, one, at) for one in own if state.expectations[one].by in {"", SCHEDULER}}
    return _inject(state, name, fired, asked)


def _skipped(state: DrillState, entry: LogEntry, data: _Data) -> DrillState:
    skipped = InjectState(Stage.SKIPPED, data["at"], entry.by, data["why"])
    return _inject(state, data["inject"], skipped, {})


def _held(state: DrillState, entry: LogEntry, data: _Data) -> DrillState:
    held = InjectState(Stage.HELD, state.clock.at(entry.real), entry.by, data["why"])
    return _inject(state, data["inject"], held, {})


def _released(state: DrillState, entry: LogEntry, data: _Data) -> DrillState:
    """What was held comes at its time, or at once if that has passed meanwhile."""
    return _inject(state, data["inject"], InjectState(released=state.clock.at(entry.real)), {})


def _added(state: DrillState, entry: LogEntry, data: _Data) -> DrillState:
    shown = PlayerInject(data["body"], data["title"], data["from"], tuple(data["to"]))
    new = Added(state.delivered + 1, state.clock.at(entry.real), shown)
    return remade(state, added=(*state.added, new))


def _settled(state: DrillState, entry: LogEntry, data: _Data) -> DrillState:
    name = data["expectation"]
    before, refs = state.expectations[name], tuple(data.get("refs", ()))
    after = remade(
        before,
        met=Met(entry.kind.value.partition(".")[2]),
        at=data.get("at", state.clock.at(entry.real)),
        refs=refs,
        says=data.get("says", data.get("why", "")),
        by=entry.by,
        late=bool(data.get("late")),
        seen=refs or before.seen,
    )
    return remade(state, expectations={**state.expectations, name: after})


def _hint(state: DrillState, entry: LogEntry, data: _Data) -> DrillState:
    given = Hint(data["inject"], data["number"], state.clock.at(entry.real))
    return remade(state, hints=(*state.hints, given))


def _answered(state: DrillState, entry: LogEntry, data: _Data) -> DrillState:
    at = state.clock.at(entry.real)
    new = Answer(data["inject"], data["role"], tuple(data["choice"]), entry.by, at)
    return remade(state, answers=(*state.answers, new))


def _observed(state: DrillState, entry: LogEntry, data: _Data) -> DrillState:
    at = state.clock.at(entry.real)
    words = Rating(data["rating"]), Axis(data["axis"]), data["text"], data["inject"]
    return remade(state, observations=(*state.observations, Observation(*words, entry.by, at)))


def _joined(state: DrillState, _: LogEntry, data: _Data) -> DrillState:
    role, person = data["role"], data["person"]
    people = tuple(dict.fromkeys((*state.joined.get(role, ()), person)))
    return remade(state, joined={**state.joined, role: people})


def _acknowledged(state: DrillState, entry: LogEntry, data: _Data) -> DrillState:
    people = tuple(dict.fromkeys((*state.acknowledged.get(data["inject"], ()), entry.by)))
    return remade(state, acknowledged={**state.acknowledged, data["inject"]: people})


def _fault(*, on: bool) -> _Step:
    return lambda state, _, data: remade(state, faults={**state.faults, data["fault"]: on})


_STEPS: Mapping[LogKind, _Step] = {
    LogKind.STARTED: _started,
    LogKind.TAKEN_UP: _clock(lambda clock, entry: clock.taken_up(entry.real, entry.data["at"])),
    LogKind.PAUSED: _clock(lambda clock, entry: clock.paused(entry.real)),
    LogKind.RESUMED: _clock(lambda clock, entry: clock.resumed(entry.real)),
    LogKind.SPEED: _clock(lambda clock, entry: clock.at_speed(entry.real, Fraction(entry.data["speed"]))),
    LogKind.ENDED: _over,
    LogKind.ABORTED: _over,
    LogKind.FIRED: _fired,
    LogKind.SKIPPED: _skipped,
    LogKind.HELD: _held,
    LogKind.RELEASED: _released,
    LogKind.ADDED: _added,
    LogKind.HINT: _hint,
    LogKind.MET: _settled,
    LogKind.PARTIAL: _settled,
    LogKind.MISSED: _settled,
    LogKind.WAIVED: _settled,
    LogKind.ANSWERED: _answered,
    LogKind.OBSERVED: _observed,
    LogKind.JOINED: _joined,
    LogKind.ACKNOWLEDGED: _acknowledged,
    LogKind.FAULT_BEGAN: _fault(on=True),
    LogKind.FAULT_ENDED: _fault(on=False),
}
