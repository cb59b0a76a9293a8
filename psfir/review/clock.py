"""A duty to report as data: what the law says, word for word, and what psfir counts by it. Never what applies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from psfir.domain.canon import Json, digest
from psfir.domain.duties import CalendarWords
from psfir.domain.values import frozen

NOTICE = "Computed from the recorded times and the cited text. Not legal advice: confirm with counsel."
"""Stands on everything that shows a clock."""


class Fact(StrEnum):
    """Instants that are kept apart, because laws count from different ones."""

    OCCURRED = "occurred"
    DETECTED = "detected"
    AWARE = "aware"
    LINK_ESTABLISHED = "link_established"
    CLASSIFIED_MAJOR = "classified_major"
    DISCOVERED = "discovered"
    DETERMINED = "determined"
    DETERMINED_MATERIAL = "determined_material"
    REASONABLY_BELIEVED = "reasonably_believed"
    HIGH_RISK_LIKELY = "high_risk_likely"
    IMMINENT_RISK_DISCOVERED = "imminent_risk_discovered"
    MEASURE_AVAILABLE = "measure_available"
    HANDLED = "handled"
    RANSOM_PAID = "ransom_paid"

    @property
    def line(self) -> str:
        return _FACTS[self]


_FACTS: Mapping[Fact, str] = {
    Fact.OCCURRED: "it happened",
    Fact.DETECTED: "a person or a monitor first saw it",
    Fact.AWARE: "the organisation was sure enough that it had happened",
    Fact.LINK_ESTABLISHED: "that the system caused it was established, or reasonably likely",
    Fact.CLASSIFIED_MAJOR: "it was classified as major",
    Fact.DISCOVERED: "it was known, or would have been with due care",
    Fact.DETERMINED: "it was determined that such an incident has happened",
    Fact.DETERMINED_MATERIAL: "it was determined to be material to investors",
    Fact.REASONABLY_BELIEVED: "facts were known that are enough for a reasonable belief",
    Fact.HIGH_RISK_LIKELY: "a high risk to people was found likely",
    Fact.IMMINENT_RISK_DISCOVERED: "an imminent risk of death or serious injury was found",
    Fact.MEASURE_AVAILABLE: "a measure that mends or eases it was available",
    Fact.HANDLED: "the handling of it ended",
    Fact.RANSOM_PAID: "a ransom was paid",
}


class Kind(StrEnum):
    """How a time limit is counted."""

    HOURS = "hours"
    DAYS = "days"
    BUSINESS_DAYS = "business_days"
    MONTHS = "months"
    IMMEDIATELY = "immediately"
    AFTER_CALENDAR_YEAR = "after_calendar_year"


class Grade(StrEnum):
    """How near to the official text the words are that psfir has."""

    PRIMARY = "primary"
    COPY = "copy"
    SECONDARY = "secondary"
    UNVERIFIED = "unverified"

    @property
    def line(self) -> str:
        return _GRADES[self]


_GRADES: Mapping[Grade, str] = {
    Grade.PRIMARY: "the official text or the authority's page was read",
    Grade.COPY: "a verbatim copy was read elsewhere",
    Grade.SECONDARY: "accounts of it were read",
    Grade.UNVERIFIED: "from memory",
}


class Rule(StrEnum):
    """Other ways to count, which psfir shows and never takes for the alarm."""

    EU_1182_71 = "eu_1182_71"
    NEXT_WORKING_NOON = "next_working_noon"
    CUT_OFF = "cut_off"
    LATEST_SUBMISSION = "latest_submission"


@frozen
class Beyond:
    """A limit that counts only where its start came later than so many hours after another fact."""

    fact: Fact
    hours: int


@frozen
class Limit:
    """One way in which it falls due: from a fact, or from when one of other reports was submitted (`after`)."""

    kind: Kind
    n: int = 0
    start: Fact | None = None
    after: tuple[str, ...] = ()
    beyond: Beyond | None = None

    @property
    def line(self) -> str:
        of = self.start.value if self.start else f"the submission of {' or '.join(self.after)}"
        unit = self.kind.value.replace("_", " ").removesuffix("s" if self.n == 1 else "")
        span = "at once" if self.kind is Kind.IMMEDIATELY else f"{self.n} {unit}"
        if self.kind is Kind.AFTER_CALENDAR_YEAR:
            return f"{self.n} days after the end of the year of {of}"
        late = (
            f", if that is later than {self.beyond.hours} hours after {self.beyond.fact.value}" if self.beyond else ""
        )
        return f"{span} from {of}{late}"


@frozen
class Reading:
    """An informational date: the rule by which it is counted, and what that rests on. `hour` is that of a cut-off."""

    rule: Rule
    basis: str
    hour: str = ""


@frozen
class Applies:
    """What has to be so that the duty may run at all; an empty one asks for nothing."""

    roles: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    high_risk: bool = False


@frozen
class Clock:
    """One duty. `group`: of several, only the shortest runs. `yields_to`: where that one runs, this one does not.

    `at_once`: the fact from which on it is due at once, whatever number the limits name.
    """

    id: str
    regime: str
    paragraph: str
    title: str
    who: str
    to: str
    quote: str
    source_url: str
    retrieved_on: date
    review_by: date
    grade: Grade
    limits: tuple[Limit, ...]
    read_at: str = ""
    verified_by: str = ""
    at_once: Fact | None = None
    group: str = ""
    yields_to: str = ""
    readings: tuple[Reading, ...] = ()
    calendar: CalendarWords | None = None
    applies: Applies = Applies()
    in_force_from: date | None = None
    allows_initial_report: bool = False
    delayable: bool = False
    holds_evidence: bool = False
    note: str = ""
    enabled: bool = True
    reason: str = ""
    own: bool = False

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The instants it needs, in the order in which they are asked for."""
        needed = [limit.start for limit in self.limits if limit.start]
        needed += [limit.beyond.fact for limit in self.limits if limit.beyond]
        return tuple(dict.fromkeys([*needed, *([self.at_once] if self.at_once else [])]))

    @property
    def depends_on(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for limit in self.limits for name in limit.after))

    @property
    def digest(self) -> str:
        """Of what is counted and of what it rests on: recorded when a person opens it."""
        said: dict[str, Json] = {
            "id": self.id,
            "quote": self.quote,
            "source_url": self.source_url,
            "limits": [limit.line for limit in self.limits],
        }
        return digest(said)

    def warnings(self, today: date) -> list[str]:
        """What to know before relying on it."""
        said = []
        if today > self.review_by or today > _half_a_year(self.retrieved_on):
            said.append(f"read on {self.retrieved_on}, more than six months ago: read {self.source_url} again")
        if not self.verified_by:
            said.append(f"verified by nobody yet; {self.grade.line}")
        return said


def _half_a_year(day: date) -> date:
    """Six months later, not beyond that month's end."""
    year, month = divmod(day.year * 12 + day.month + 5, 12)
    return date(year, month + 1, min(day.day, 28))
