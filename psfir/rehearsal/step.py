"""One tick of a drill: what has become due since the last, in the order of its scenario instants. Pure.

However seldom or often it is called, the same happens, at the same scenario instants: nothing is timed by the tick.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from psfir.domain.canon import Json
from psfir.domain.entries import Entry
from psfir.domain.values import frozen
from psfir.rehearsal.clock import SECOND
from psfir.rehearsal.evaluate import Fact, Turn, facts, turns
from psfir.rehearsal.expectation import Expectation, Expects
from psfir.rehearsal.inject import After, At, Inject
from psfir.rehearsal.log import SCHEDULER, LogDraft, LogEntry, LogKind, written
from psfir.rehearsal.scenario import Scenario
from psfir.rehearsal.state import DrillState, ExpectationState, Stage, extend, fold
from psfir.rehearsal.words import Delivery, Met

_KINDS = {Met.MET: LogKind.MET, Met.PARTIAL: LogKind.PARTIAL, Met.MISSED: LogKind.MISSED}


@frozen
class _Due:
    """Something that is due. On one instant deeds come first, then deadlines, faults, the end, injects.

    `real` orders what falls on one scenario instant because the clock stood still; `seq` what was written then.
    """

    at: int
    rank: int
    draft: LogDraft
    real: int = 0
    seq: int = 0


def step(scenario: Scenario, log: Sequence[LogEntry], *, now: int, entries: Sequence[Entry]) -> tuple[LogEntry, ...]:
    """The entries to append. `entries` is the whole record of the drill; `now` real microseconds, as in the log."""
    state, made = fold(scenario, log), list(log)
    started = state.started
    if started is None or not state.going:
        return ()
    at, known = state.clock.at(now), facts(entries, state.clock, started)
    while state.going:
        reached = [one for one in _due(state, known) if one.at <= at]
        due = min(reached, key=lambda one: _order(state, one), default=None)
        if due is None:
            break
        (entry,) = written(made, [due.draft], now)
        made.append(entry)
        state = extend(state, entry)
    return tuple(made[len(log) :])


def coming(state: DrillState) -> list[tuple[Inject, int | None]]:
    """Injects that players have not seen, with the scenario instant at which each is due; None: nobody knows yet."""
    left = [one for one in state.scenario.injects if state.injects[one.id].stage in {Stage.WAITING, Stage.HELD}]
    timed = [(one, None if state.injects[one.id].stage is Stage.HELD else due_at(state, one)) for one in left]
    return sorted(timed, key=lambda pair: (pair[1] is None, pair[1] or 0))


def due_at(state: DrillState, inject: Inject) -> int | None:
    """When it is due as things stand; None where that depends on somebody."""
    trigger, released = inject.trigger, state.injects[inject.id].released
    if isinstance(trigger, At):
        return max(trigger.seconds * SECOND, released)
    if isinstance(trigger, After):
        stands = state.expectations[trigger.expectation]
        if stands.at is not None and _came_to(stands, trigger.state):
            return max(stands.at + trigger.delay * SECOND, released)
    return None


def _came_to(stands: ExpectationState, wanted: Met) -> bool:
    """Done too late is done, for what comes after it."""
    if stands.late:
        return wanted is Met.MET
    return stands.met is wanted


def _order(state: DrillState, due: _Due) -> tuple[int, int, int, int]:
    return due.at, max(due.real, state.clock.real(due.at) or 0), due.rank, due.seq


def _due(state: DrillState, known: Sequence[Fact]) -> Iterator[_Due]:
    """Everything that may be next."""
    for name, one in state.scenario.expected.items():
        stands = state.expectations[name]
        if stands.asked is not None and stands.by in {"", SCHEDULER}:  # what a person said of it stands
            yield from _expected(state, one, stands, known)
    for inject in state.scenario.injects:
        if state.injects[inject.id].stage is Stage.WAITING and state.scenario.pace.delivery is Delivery.CLOCK:
            at = due_at(state, inject)
            if at is not None:
                yield _Due(at, 4, _inject(state, inject, at))
    yield from _faults(state)
    yield from _end(state)


def _expected(state: DrillState, one: Expectation, stands: ExpectationState, known: Sequence[Fact]) -> Iterator[_Due]:
    asked = stands.asked or 0
    found = _answer(state, one) if one.kind is Expects.POLL else turns(one, known, asked)
    turn = _next(found, stands)
    if turn is not None:
        at = max(turn.at, asked)
        late = turn.met is Met.MET and stands.due is not None and at > stands.due
        met = Met.PARTIAL if late else turn.met
        more: dict[str, Json] = {"refs": list(turn.refs), "says": turn.says, **({"late": True} if late else {})}
        yield _Due(
            at,
            0,
            LogDraft(_KINDS[met], {"expectation": one.id, "at": at, **more}),
            turn.real,
            max(turn.refs, default=0),
        )
    if stands.met is Met.PENDING and stands.due is not None:
        missed: dict[str, Json] = {"expectation": one.id, "at": stands.due, "says": "its time was over"}
        yield _Due(stands.due, 1, LogDraft(LogKind.MISSED, missed))


def _next(found: Iterator[Turn], stands: ExpectationState) -> Turn | None:
    """The turn behind the last one that is in the log."""
    if not stands.seen:
        return next(found, None)
    for turn in found:
        if turn.refs == stands.seen:
            return next(found, None)
    return None


def _answer(state: DrillState, one: Expectation) -> Iterator[Turn]:
    """The first answer of anybody who was asked. What an answer rests on is no entry of the record."""
    inject = state.scenario.inject(one.inject)
    first = next((a for a in state.answers if a.inject == one.inject), None)
    if first is None or state.expectations[one.id].met is not Met.PENDING:
        return
    correct, multi = set(inject.guide.correct), bool(inject.shown.poll and inject.shown.poll.multi)
    right = set(first.choice) == correct if multi else set(first.choice) <= correct
    says = f"{first.role} answered {', '.join(first.choice)}"
    yield Turn(Met.MET if right else Met.MISSED, first.at, (), says)


def _inject(state: DrillState, inject: Inject, at: int) -> LogDraft:
    if inject.only_if is None or inject.only_if.holds(state.states):
        return LogDraft(LogKind.FIRED, {"inject": inject.id, "at": at})
    return LogDraft(LogKind.SKIPPED, {"inject": inject.id, "at": at, "why": "its condition did not hold"})


def _faults(state: DrillState) -> Iterator[_Due]:
    for number, fault in enumerate(state.scenario.faults):
        on = state.faults.get(number)
        at = fault.at * SECOND
        if on is None:
            yield _Due(at, 2, LogDraft(LogKind.FAULT_BEGAN, {"fault": number, "at": at}))
        elif on and fault.lasts is not None:
            at += fault.lasts * SECOND
            yield _Due(at, 2, LogDraft(LogKind.FAULT_ENDED, {"fault": number, "at": at}))


def _end(state: DrillState) -> Iterator[_Due]:
    """What is due at the very instant of the end comes no more."""
    end, ends = state.scenario.end, [(state.scenario.end.after * SECOND, "its time was over")]
    if end.when and end.when.holds(state.states):
        reached = [state.expectations[test.expectation].at or 0 for test in end.when.tests]
        ends.append((max(reached), "what was to be reached was reached"))
    at, why = min(ends)
    yield _Due(at, 3, LogDraft(LogKind.ENDED, {"at": at, "why": why}))
