"""When a duty falls due, strictly read, and what other readings would say. Nothing here decides whether it applies.

The alarm is the earliest instant that can be defended: hours and days are spans of 24 hours from the start. Months and
years are counted in UTC and in the calendar's own zone, and the earlier one stands. Business days end with the day.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from psfir.domain.duties import Roll
from psfir.domain.values import frozen
from psfir.errors import UsageError
from psfir.review.business_days import Calendar
from psfir.review.business_days import due as business_due
from psfir.review.catalogue import Clocks
from psfir.review.clock import Clock, Kind, Limit, Reading, Rule
from psfir.review.clock_facts import ClockFacts

CalendarFor = Callable[[Clock], Calendar]
WORKED = 2
"""Working days that a period of two days or more has at least, Reg. 1182/71 Art. 3(5)."""
_DECEMBER = 12


@frozen
class Bound:
    """One limit of a clock. Without `at` it waits for `missing`; `worst` is then the latest that may still come."""

    limit: Limit
    start: datetime | None = None
    at: datetime | None = None
    worst: datetime | None = None
    missing: str = ""
    idle: str = ""


@frozen
class Informal:
    """Another reading: a date to know of, never the alarm."""

    rule: Rule
    at: datetime
    basis: str


@frozen
class Reckoned:
    """All limits of one clock; of those that run, the earliest binds."""

    bounds: tuple[Bound, ...]
    at: datetime | None
    worst: datetime | None
    binding: Bound | None
    informal: tuple[Informal, ...] = ()

    @property
    def immediate(self) -> bool:
        return self.binding is not None and self.binding.limit.kind is Kind.IMMEDIATELY

    @property
    def idle(self) -> str:
        """Why it does not run at all, where each of its limits says so."""
        return self.bounds[0].idle if all(bound.idle for bound in self.bounds) else ""


class Reckoner:
    """Every clock of one incident against what was recorded; calendars are asked for only where one counts days."""

    def __init__(self, clocks: Clocks, facts: ClockFacts, calendar_for: CalendarFor) -> None:
        self._clocks = clocks
        self._facts = facts
        self._calendar_for = calendar_for
        self._known: dict[str, Reckoned] = {}

    def of(self, name: str) -> Reckoned:
        """One clock; those it waits for first."""
        if name not in self._known:
            self._known[name] = self._reckon(self._clocks[name])
        return self._known[name]

    def _reckon(self, clock: Clock) -> Reckoned:
        bounds = tuple(self._bound(clock, limit) for limit in clock.limits)
        at = min((bound.at for bound in bounds if bound.at is not None), default=None)
        binding = next((bound for bound in bounds if at is not None and bound.at == at), None)
        once = self._facts.at(clock.at_once) if clock.at_once else None
        if once is not None and at is not None and once < at:
            binding = Bound(Limit(Kind.IMMEDIATELY, start=clock.at_once), start=once, at=once)
            at = once
        worst = min((bound.worst for bound in bounds if bound.worst is not None), default=None)
        informal = self._informal(clock, binding) if binding else ()
        return Reckoned(bounds, at, worst, binding, informal)

    def _bound(self, clock: Clock, limit: Limit) -> Bound:
        if limit.start:
            start = self._facts.at(limit.start)
            if start is None:
                return Bound(limit, missing=limit.start.value)
            return self._if_late(clock, limit, start)
        start = min((at for name in limit.after if (at := self._submitted(name))), default=None)
        if start is not None:
            return Bound(limit, start, self._ends(clock, limit, start))
        latest = max((at for name in limit.after if (at := self._latest(name))), default=None)
        worst = self._ends(clock, limit, latest) if latest else None
        return Bound(limit, worst=worst, missing=f"the submission of {' or '.join(limit.after)}")

    def _if_late(self, clock: Clock, limit: Limit, start: datetime) -> Bound:
        """A limit may count only where its start came late enough after another fact."""
        if limit.beyond:
            other = self._facts.at(limit.beyond.fact)
            if other is None:
                return Bound(limit, start, missing=limit.beyond.fact.value)
            if start - other <= timedelta(hours=limit.beyond.hours):
                says = f"{limit.start} came within {limit.beyond.hours} hours of {limit.beyond.fact.value}"
                return Bound(limit, start, idle=says)
        return Bound(limit, start, self._ends(clock, limit, start))

    def _submitted(self, name: str) -> datetime | None:
        return self._facts.of(name).first_submitted

    def _latest(self, name: str) -> datetime | None:
        """When the report that this one waits for is due itself, or would be at the worst."""
        before = self.of(name)
        return before.at or before.worst

    def _ends(self, clock: Clock, limit: Limit, start: datetime) -> datetime:
        try:
            return self._end(clock, limit, start)
        except OverflowError:
            raise UsageError(f"{clock.id}: {limit.line} from {start:%Y-%m-%d} is beyond all calendars") from None

    def _end(self, clock: Clock, limit: Limit, start: datetime) -> datetime:
        if limit.kind is Kind.HOURS:
            return start + timedelta(hours=limit.n)
        if limit.kind is Kind.DAYS:
            return start + timedelta(days=limit.n)
        if limit.kind is Kind.IMMEDIATELY:
            return start
        calendar = self._calendar_for(clock)
        if limit.kind is Kind.BUSINESS_DAYS:
            return business_due(calendar, start, days=limit.n, roll=Roll.NEXT_DAY_IS_ONE, started_by="").at
        count = months_later if limit.kind is Kind.MONTHS else after_year
        return min(count(start, limit.n, UTC), count(start, limit.n, calendar.zone))

    def _informal(self, clock: Clock, binding: Bound) -> tuple[Informal, ...]:
        found = []
        for reading in clock.readings:
            at = self._read(clock, reading, binding)
            if at is not None and at != binding.at:
                found.append(Informal(reading.rule, at, reading.basis))
        return tuple(found)

    def _read(self, clock: Clock, reading: Reading, binding: Bound) -> datetime | None:
        if binding.at is None or binding.start is None or binding.limit.kind is Kind.IMMEDIATELY:
            return None
        if reading.rule is Rule.LATEST_SUBMISSION:
            last = max(
                (at for name in binding.limit.after if (at := self._facts.of(name).last_submitted)), default=None
            )
            return self._ends(clock, binding.limit, last) if last else None
        calendar = self._calendar_for(clock)
        if reading.rule is Rule.EU_1182_71:
            return eu_1182_71(calendar, binding.start, binding.at, in_hours=binding.limit.kind is Kind.HOURS)
        if reading.rule is Rule.NEXT_WORKING_NOON:
            day = calendar.day_of(binding.at)
            return None if calendar.works(day) else calendar.at(calendar.next(day), time(12))
        # The instant at which a day is over belongs to the next one.
        last_day = calendar.day_of(binding.at - timedelta(microseconds=1))
        return calendar.at(last_day, time.fromisoformat(reading.hour))


def months_later(start: datetime, months: int, zone: tzinfo) -> datetime:
    """The same day and time of another month, or that month's last day."""
    local = start.astimezone(zone)
    year, month = divmod(local.year * _DECEMBER + local.month - 1 + months, _DECEMBER)
    last = (date(year + month // 11, (month + 1) % _DECEMBER + 1, 1) - timedelta(days=1)).day
    return local.replace(year=year, month=month + 1, day=min(local.day, last)).astimezone(UTC)


def after_year(start: datetime, days: int, zone: tzinfo) -> datetime:
    """So many days from the end of the calendar year in which it started."""
    return datetime(start.astimezone(zone).year + 1, 1, 1, tzinfo=zone).astimezone(UTC) + timedelta(days=days)


def eu_1182_71(calendar: Calendar, start: datetime, at: datetime, *, in_hours: bool) -> datetime:
    """The last hour of the last day: of the next working day, and with two working days in the period at least.

    The day of the start is not counted. Periods in hours do not end later because they end on a day off.
    """
    first, last = calendar.day_of(start), calendar.day_of(at)
    end = last if in_hours else calendar.next(last)
    while calendar.count(first, end) < WORKED and at - start >= timedelta(days=2):
        end = calendar.next(end + timedelta(days=1))
    return at if in_hours and end == last else calendar.end_of(end)
