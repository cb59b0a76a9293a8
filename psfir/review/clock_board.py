"""The clocks of one incident as people see them: what may run, when it is due, what it waits for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum

from psfir.domain import instants
from psfir.domain.canon import Json
from psfir.domain.values import frozen, remade
from psfir.review.catalogue import Clocks
from psfir.review.clock import NOTICE, Clock
from psfir.review.clock_applies import May, Proposal
from psfir.review.clock_due import CalendarFor, Reckoned, Reckoner
from psfir.review.clock_facts import ClockDeeds, ClockFacts


class State(StrEnum):
    """What people did with it."""

    PROPOSED = "proposed"
    OPEN = "open"
    SET_ASIDE = "set_aside"
    SUBMITTED = "submitted"


class Timing(StrEnum):
    """Where its time stands."""

    WAITS = "waits"
    RUNNING = "running"
    DUE_NOW = "due_now"
    OVERDUE = "overdue"
    DELAYED = "delayed"
    DONE = "done"
    STOPPED = "stopped"


@frozen
class ClockRow:
    """One clock in one incident. `due` is the alarm; `behind` is the clock that runs in its place."""

    clock: Clock
    state: State
    timing: Timing
    proposal: Proposal
    deeds: ClockDeeds
    reckoned: Reckoned
    due: datetime | None
    now: datetime
    behind: str = ""
    stale: bool = False

    @property
    def left(self) -> float | None:
        """Seconds until it is due, below nothing once it is over."""
        return (self.due - self.now).total_seconds() if self.due else None

    @property
    def alarms(self) -> bool:
        """Whether somebody has to do something now: open, and due."""
        return self.state is State.OPEN and self.timing in {Timing.OVERDUE, Timing.DUE_NOW}

    @property
    def waits_for(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(bound.missing for bound in self.reckoned.bounds if bound.missing))

    @property
    def late(self) -> bool:
        """Whether it was submitted after it was due."""
        sent = self.deeds.first_submitted
        return sent is not None and self.due is not None and sent > self.due and not self.reckoned.immediate


def board(
    clocks: Clocks, facts: ClockFacts, proposals: dict[str, Proposal], *, now: datetime, calendar_for: CalendarFor
) -> list[ClockRow]:
    """Every clock that may run, or that somebody touched: those that alarm first, then by their due time."""
    reckoner = Reckoner(clocks, facts, calendar_for)
    rows = [
        _row(clock, facts, proposals[clock.id], reckoner, now)
        for clock in clocks.values()
        if proposals[clock.id].may is not May.NO or clock.id in facts.clocks
    ]
    rows = [_behind(row, rows, reckoner) for row in rows]
    last = datetime.max.replace(tzinfo=now.tzinfo)
    return sorted(rows, key=lambda row: (_ORDER.index(row.state), row.due or row.reckoned.worst or last, row.clock.id))


_ORDER = [State.OPEN, State.PROPOSED, State.SUBMITTED, State.SET_ASIDE]


def _row(clock: Clock, facts: ClockFacts, proposal: Proposal, reckoner: Reckoner, now: datetime) -> ClockRow:
    deeds, reckoned = facts.of(clock.id), reckoner.of(clock.id)
    until = deeds.delayed.at if deeds.delayed else None
    due = max(reckoned.at, until) if reckoned.at and until else reckoned.at
    state = _state(deeds)
    stale = deeds.opened is not None and deeds.opened.data["digest"] != clock.digest
    timing = _timing(state, reckoned, due, now)
    if timing in {Timing.RUNNING, Timing.DUE_NOW, Timing.OVERDUE} and until and until > now:
        timing = Timing.DELAYED
    return ClockRow(clock, state, timing, proposal, deeds, reckoned, due, now, stale=stale)


def _state(deeds: ClockDeeds) -> State:
    if deeds.first_submitted is not None:
        return State.SUBMITTED
    if deeds.set_aside:
        return State.SET_ASIDE
    return State.OPEN if deeds.opened else State.PROPOSED


def _timing(state: State, reckoned: Reckoned, due: datetime | None, now: datetime) -> Timing:
    if state is State.SUBMITTED:
        return Timing.DONE
    if state is State.SET_ASIDE or reckoned.idle:
        return Timing.STOPPED
    if due is None:
        return Timing.WAITS
    if reckoned.immediate:
        return Timing.DUE_NOW
    return Timing.OVERDUE if now >= due else Timing.RUNNING


def _behind(row: ClockRow, rows: Iterable[ClockRow], reckoner: Reckoner) -> ClockRow:
    """Only the shortest of a group runs, and one that yields stops where the other runs. Opened ones alone count."""
    if row.state not in {State.OPEN, State.PROPOSED} or row.due is None:
        return row
    other = row.clock.yields_to
    if other and reckoner.of(other).at is not None:
        return remade(row, timing=Timing.STOPPED, behind=other)
    rivals = [one for one in rows if one.clock.group and one.clock.group == row.clock.group and one.state is State.OPEN]
    shorter = [one for one in rivals if one.due is not None and (one.due, one.clock.id) < (row.due, row.clock.id)]
    if not shorter or row.state is not State.OPEN:
        return row
    return remade(row, timing=Timing.STOPPED, behind=min(shorter, key=lambda one: (one.due, one.clock.id)).clock.id)


def clock_json(clock: Clock, today: date) -> dict[str, Json]:
    """The data of one clock itself."""
    return {
        "id": clock.id,
        "regime": clock.regime,
        "paragraph": clock.paragraph,
        "title": clock.title,
        "who": clock.who,
        "to": clock.to,
        "quote": clock.quote,
        "source_url": clock.source_url,
        "read_at": clock.read_at or None,
        "retrieved_on": clock.retrieved_on.isoformat(),
        "review_by": clock.review_by.isoformat(),
        "verified_by": clock.verified_by or None,
        "grade": clock.grade.value,
        "limits": [limit.line for limit in clock.limits],
        "facts": [fact.value for fact in clock.facts],
        "in_force_from": clock.in_force_from.isoformat() if clock.in_force_from else None,
        "enabled": clock.enabled,
        "reason": clock.reason or None,
        "own": clock.own,
        "note": clock.note or None,
        "digest": clock.digest,
        "warnings": list(clock.warnings(today)),
    }


def facts_json(facts: ClockFacts) -> dict[str, Json]:
    """Each instant with all that was said of it, the last word last."""
    return {
        name: [
            {"at": _at(one.at), "by": one.by, "recorded_at": _at(one.recorded_at), "why": one.why, "entry": one.seq}
            for one in said
        ]
        for name, said in facts.instants.items()
    }


def to_json(row: ClockRow) -> dict[str, Json]:
    """Everything a row says, with the notice."""
    clock, deeds = row.clock, row.deeds
    return {
        **clock_json(clock, row.now.date()),
        "state": row.state.value,
        "timing": row.timing.value,
        "may_run": row.proposal.may.value,
        "may_run_says": row.proposal.says,
        "due": _at(row.due),
        "left": row.left,
        "strict": _at(row.reckoned.at),
        "immediately": row.reckoned.immediate,
        "counted": row.reckoned.binding.limit.line if row.reckoned.binding else None,
        "bounds": [{"line": bound.limit.line, "due": _at(bound.at)} for bound in row.reckoned.bounds],
        "waits_for": list(row.waits_for),
        "worst": _at(row.reckoned.worst),
        "behind": row.behind or None,
        "informational": [
            {"rule": one.rule.value, "at": _at(one.at), "basis": one.basis} for one in row.reckoned.informal
        ],
        "delayed_until": _at(deeds.delayed.at if deeds.delayed else None),
        "submitted": [_at(one.at) for one in deeds.submitted],
        "late": row.late,
        "set_aside": {"by": deeds.aside.by, "why": deeds.aside.why} if deeds.set_aside and deeds.aside else None,
        "changed_since_opened": row.stale,
        "notice": NOTICE,
    }


def _at(at: datetime | None) -> str | None:
    return instants.write(at) if at else None
