"""psfir.yaml's `review:` block: calendars, when an analysis falls due, what the company is by law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from psfir.domain.values import frozen

PSF_DAYS = 5
PSF_RETENTION = 30


class Starts(StrEnum):
    """Which event starts the days in which the analysis is written."""

    RESOLVED = "resolved"
    CONTAINED = "contained"
    DECLARED = "declared"
    TRIGGERED = "triggered"


class Roll(StrEnum):
    """Which day counts as the first; from the strictest to the most lenient."""

    START_DAY_IS_ONE = "start_day_is_one"
    NEXT_DAY_IS_ONE = "next_day_is_one"
    ROLLED_START_IS_ZERO = "rolled_start_is_zero"

    @property
    def line(self) -> str:
        return _ROLLS[self]


_ROLLS: Mapping[Roll, str] = {
    Roll.START_DAY_IS_ONE: "the day of the start counts as one if it is a business day, else the next one does",
    Roll.NEXT_DAY_IS_ONE: "the next business day after the start counts as one",
    Roll.ROLLED_START_IS_ZERO: "a start on no business day moves to the next one, and the one after that counts as one",
}


@frozen
class CalendarWords:
    """Where somebody works: the public holidays of a country or part of it, the company's own days, the time zone."""

    name: str
    country: str = ""
    subdivision: str = ""
    categories: tuple[str, ...] = ("public",)
    zone: str = "UTC"
    closed_days: str = ""


@frozen
class RcaRule:
    """In how many business days the written analysis is due, from what, and counted how."""

    days: int = PSF_DAYS
    start: Starts = Starts.RESOLVED
    roll: Roll = Roll.NEXT_DAY_IS_ONE


@frozen
class Retention:
    """For how many days files stay once all is done: what was captured, who a message went to, older records."""

    evidence: int = PSF_RETENTION
    lists: int = PSF_RETENTION
    copies: int = PSF_RETENTION


@frozen
class Legal:
    """What the company is and handles, as far as somebody said so. None is not known, which rules out nothing."""

    roles: tuple[str, ...] | None = None
    data: tuple[str, ...] | None = None
    jurisdictions: tuple[str, ...] | None = None
    high_risk: bool | None = None

    def over(self, below: Legal) -> Legal:
        """What is said here, and where that is nothing, what lies below."""
        return Legal(
            roles=below.roles if self.roles is None else self.roles,
            data=below.data if self.data is None else self.data,
            jurisdictions=below.jurisdictions if self.jurisdictions is None else self.jurisdictions,
            high_risk=below.high_risk if self.high_risk is None else self.high_risk,
        )


@frozen
class Review:
    """The whole block. A person's calendar goes before that of the system, and that before the default one."""

    calendars: Mapping[str, CalendarWords] = field(default_factory=dict)
    calendar: str = ""
    people: Mapping[str, str] = field(default_factory=dict)
    systems: Mapping[str, str] = field(default_factory=dict)
    rca: RcaRule = field(default_factory=RcaRule)
    retention: Retention = field(default_factory=Retention)
    legal: Legal = field(default_factory=Legal)
    legal_systems: Mapping[str, Legal] = field(default_factory=dict)

    def calendar_of(self, person: str = "", system: str = "") -> CalendarWords:
        """Without any, weekends alone are off, in UTC: the earliest day that anybody could mean."""
        name = self.people.get(person) or self.systems.get(system) or self.calendar
        return self.calendars[name] if name else CalendarWords("")

    def legal_of(self, system: str) -> Legal:
        """What holds for one system: its own words go before those for all."""
        return self.legal_systems.get(system, Legal()).over(self.legal)
