"""Business days, counted by a stated rule in a stated calendar, so that whoever counts again gets the same day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from psfir.domain import instants
from psfir.domain.canon import Json
from psfir.domain.duties import Roll
from psfir.domain.values import frozen
from psfir.errors import UsageError

_DAY = timedelta(days=1)
_LOOKED = 366
"""Days to look through for the next one that works, before a calendar is taken for one without any."""


@frozen
class Identity:
    """Which calendar it was: enough to count again, and printed wherever a date is that came of it."""

    name: str = ""
    country: str = ""
    subdivision: str = ""
    categories: tuple[str, ...] = ()
    zone: str = "UTC"
    library: str = ""
    closed_days: str = ""
    closed_digest: str = ""

    @property
    def line(self) -> str:
        """In a sentence, as documents print it."""
        if self.country:
            place = f"{self.country}-{self.subdivision}" if self.subdivision else self.country
            days = f"{' and '.join(self.categories)} holidays of {place} ({self.library})"
        else:
            days = "weekends only, no public holidays"
        own = f", closed days of {self.closed_days} ({self.closed_digest[:19]})" if self.closed_days else ""
        named = f"calendar {self.name}: " if self.name else ""
        return f"{named}{days}{own}, time zone {self.zone}"

    def to_json(self) -> dict[str, Json]:
        return {**vars(self), "categories": list(self.categories), "line": self.line}


@frozen
class Calendar:
    """`works` says whether somebody works on a day of this calendar's zone."""

    identity: Identity
    works: Callable[[date], bool] = field(repr=False)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.identity.zone)

    def day_of(self, at: datetime) -> date:
        """Which day it is there at an instant."""
        return at.astimezone(self.zone).date()

    def end_of(self, day: date) -> datetime:
        """The instant at which a day is over there: midnight, wherever summer time puts it."""
        return datetime.combine(day + _DAY, time(), self.zone).astimezone(UTC)

    def at(self, day: date, hour: time) -> datetime:
        """A time of day there."""
        return datetime.combine(day, hour, self.zone).astimezone(UTC)

    def next(self, day: date) -> date:
        """The day itself if somebody works on it, else the first one after it."""
        for ahead in range(_LOOKED):
            if self.works(day + ahead * _DAY):
                return day + ahead * _DAY
        raise UsageError(f"nobody works for a year after {day}", where=self.identity.line, todo="check its closed days")

    def count(self, after: date, until: date) -> int:
        """Business days after one day, up to another one and with it."""
        return sum(self.works(after + n * _DAY) for n in range(1, (until - after).days + 1))


class Level(StrEnum):
    """How near it is. Somebody is to be warned whenever it changes."""

    AMPLE = "ample"
    SOON = "soon"
    TOMORROW = "tomorrow"
    TODAY = "today"
    OVERDUE = "overdue"


WARNED = {3: Level.SOON, 1: Level.TOMORROW, 0: Level.TODAY}
"""By business days left."""


@frozen
class Due:
    """The last day, the instant at which it is over, and everything that it followed from."""

    start: datetime
    started_by: str
    days: int
    roll: Roll
    day: date
    at: datetime
    calendar: Calendar

    @property
    def line(self) -> str:
        """What a document prints."""
        start = f"{self.started_by} at {instants.write(self.start)[:16]}Z"
        counted = f"{self.days} business days from {start}; {self.roll.line}; {self.calendar.identity.line}"
        return f"due by the end of {self.day:%a %d %b %Y}: {counted}"

    def to_json(self) -> dict[str, Json]:
        return {
            "day": self.day.isoformat(),
            "at": instants.write(self.at),
            "days": self.days,
            "start": {"event": self.started_by, "at": instants.write(self.start)},
            "roll": self.roll.value,
            "calendar": self.calendar.identity.to_json(),
        }


@frozen
class Left:
    """`days` are those after today up to the last one; behind it, `overdue` are those that have begun since."""

    days: int
    overdue: int
    level: Level

    @property
    def line(self) -> str:
        if self.level is Level.OVERDUE:
            return f"OVERDUE by {_days(self.overdue)}" if self.overdue else "OVERDUE"
        return "due today" if self.level is Level.TODAY else f"{_days(self.days)} left"


def due(calendar: Calendar, start: datetime, *, days: int, roll: Roll, started_by: str) -> Due:
    """The day on which the last of so many business days falls."""
    first = calendar.day_of(start)
    if roll is Roll.ROLLED_START_IS_ZERO:
        first = calendar.next(first)
    day = calendar.next(first if roll is Roll.START_DAY_IS_ONE else first + _DAY)
    for _ in range(days - 1):
        day = calendar.next(day + _DAY)
    return Due(start, started_by, days, roll, day, calendar.end_of(day), calendar)


def left(due: Due, now: datetime) -> Left:
    """How long there is, by the days of its own calendar."""
    today, calendar = due.calendar.day_of(now), due.calendar
    if now >= due.at:
        return Left(0, calendar.count(due.day, today), Level.OVERDUE)
    days = calendar.count(today, due.day)
    level = next((level for limit, level in sorted(WARNED.items()) if days <= limit), Level.AMPLE)
    return Left(days, 0, level)


def _days(count: int) -> str:
    return f"{count} business day{'' if count == 1 else 's'}"
