"""Public holidays, from the `holidays` library: its data changes between versions, so the version is part of the name.

The library takes 70 ms, so it is imported only for a calendar that names a country: who looks at what is open and has
none does not pay for it.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from psfir.domain.duties import CalendarWords
from psfir.errors import UsageError
from psfir.review.business_days import Calendar, Identity
from psfir.review.closed_days import ClosedDays, load_closed_days

if TYPE_CHECKING:
    from holidays import HolidayBase

WEEKEND = 5


def library() -> str:
    """Which one it is, as it stands beside each day that was counted by it."""
    from holidays.version import __version__ as version  # noqa: PLC0415 - see above

    return f"holidays {version}"


def calendar_of(words: CalendarWords, root: Path) -> Calendar:
    """The calendar that psfir.yaml describes; UsageError where no such holidays are known."""
    own = load_closed_days(root, words.closed_days)
    public = _public(words) if words.country else None
    closed, opened = frozenset(own.closed), frozenset(own.open)

    def works(day: date) -> bool:
        if day in closed or day in opened:
            return day in opened
        if public is None:
            return day.weekday() < WEEKEND
        if not public.start_year <= day.year <= public.end_year:
            raise UsageError(
                f"{library()} knows no holidays of {words.country} in {day.year}", todo="count this one by hand"
            )
        return bool(public.is_working_day(day))

    return Calendar(_identity(words, own), works)


def flaw(words: CalendarWords) -> str:
    """Why there are no such holidays, "" where there are: for lint."""
    try:
        _public(words)
    except UsageError as error:
        return error.what
    return ""


def _public(words: CalendarWords) -> HolidayBase:
    import holidays  # noqa: PLC0415 - see above

    try:
        return holidays.country_holidays(words.country, subdiv=words.subdivision or None, categories=words.categories)
    except (NotImplementedError, ValueError) as error:  # how the library says that it has none
        raise UsageError(f"{library()}: {error}", where=f"calendar {words.name}", todo="psfir lint") from None


def _identity(words: CalendarWords, own: ClosedDays) -> Identity:
    return Identity(
        name=words.name,
        country=words.country,
        subdivision=words.subdivision,
        categories=words.categories if words.country else (),
        zone=words.zone,
        library=library() if words.country else "",
        closed_days=words.closed_days,
        closed_digest=own.digest if words.closed_days else "",
    )
