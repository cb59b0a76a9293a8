"""What tests of clocks share: facts made by hand, and one clock reckoned against them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from psfir.domain.duties import CalendarWords
from psfir.review.business_days import Calendar
from psfir.review.catalogue import Clocks, load_clocks
from psfir.review.clock import Clock
from psfir.review.clock_due import Reckoned, Reckoner
from psfir.review.clock_facts import ClockDeeds, ClockFacts, Said
from psfir.review.holiday_calendar import calendar_of

BERLIN = CalendarWords("berlin", "DE", "BE", zone="Europe/Berlin")
SHIPPED = load_clocks()
RECORDED = datetime(2026, 11, 21, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def facts(said: Mapping[str, str], *, updates: Mapping[str, str] = {}) -> ClockFacts:
    """Instants by their names; a name that begins with `sent:` is the submission of that clock's report."""
    instants: dict[str, tuple[Said, ...]] = {}
    clocks: dict[str, ClockDeeds] = {}
    for name, when in said.items():
        if name.startswith("sent:"):
            first = Said(1, "asserted:emma", RECORDED, at=at(when), data={"update": False})
            later = updates.get(name.removeprefix("sent:"))
            more = (Said(2, "asserted:emma", RECORDED, at=at(later), data={"update": True}),) if later else ()
            clocks[name.removeprefix("sent:")] = ClockDeeds(submitted=(first, *more))
        else:
            instants[name] = (Said(1, "asserted:emma", RECORDED, at=at(when)),)
    return ClockFacts(instants, clocks)


def calendar_for(clock: Clock) -> Calendar:
    """A clock's own, or Berlin's."""
    return calendar_of(clock.calendar or BERLIN, Path())


def reckon(name: str, said: ClockFacts, clocks: Clocks = SHIPPED) -> Reckoned:
    return Reckoner(clocks, said, calendar_for).of(name)
