"""Five business days, from any start, by any rule, in any calendar: a table that was counted by hand."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psfir.domain.duties import CalendarWords, Roll
from psfir.errors import ContentError, UsageError
from psfir.review.business_days import Calendar, Level, due, left
from psfir.review.holiday_calendar import calendar_of, flaw, library

BERLIN = CalendarWords("berlin", "DE", "BE", zone="Europe/Berlin")
MUNICH = CalendarWords("munich", "DE", "BY", zone="Europe/Berlin")
NEW_YORK = CalendarWords("new-york", "US", zone="America/New_York")
RIYADH = CalendarWords("riyadh", "SA", zone="Asia/Riyadh")
LONDON = CalendarWords("london", "GB", "ENG", ("public",), "Europe/London")
PLAIN = CalendarWords("")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def calendar(words: CalendarWords, root: Path = Path()) -> Calendar:
    return calendar_of(words, root)


CASES = [
    # a plain week: Monday, and the end of it
    (PLAIN, "2026-11-02T10:00+00:00", Roll.NEXT_DAY_IS_ONE, "2026-11-09"),
    (PLAIN, "2026-11-02T10:00+00:00", Roll.START_DAY_IS_ONE, "2026-11-06"),
    (PLAIN, "2026-11-02T10:00+00:00", Roll.ROLLED_START_IS_ZERO, "2026-11-09"),
    (PLAIN, "2026-11-06T23:59+00:00", Roll.NEXT_DAY_IS_ONE, "2026-11-13"),
    # a weekend: the rules differ by a day
    (PLAIN, "2026-11-07T00:00+00:00", Roll.NEXT_DAY_IS_ONE, "2026-11-13"),
    (PLAIN, "2026-11-08T23:59+00:00", Roll.START_DAY_IS_ONE, "2026-11-13"),
    (PLAIN, "2026-11-07T12:00+00:00", Roll.ROLLED_START_IS_ZERO, "2026-11-16"),
    # the year's end: 25 and 26 December off in Berlin
    (BERLIN, "2026-12-19T09:00+01:00", Roll.NEXT_DAY_IS_ONE, "2026-12-28"),
    (BERLIN, "2026-12-19T09:00+01:00", Roll.ROLLED_START_IS_ZERO, "2026-12-29"),
    (BERLIN, "2026-12-23T09:00+01:00", Roll.NEXT_DAY_IS_ONE, "2026-12-31"),
    (BERLIN, "2026-12-28T09:00+01:00", Roll.NEXT_DAY_IS_ONE, "2027-01-05"),
    # Epiphany is off in Munich and not in Berlin
    (BERLIN, "2026-12-30T09:00+01:00", Roll.NEXT_DAY_IS_ONE, "2027-01-07"),
    (MUNICH, "2026-12-30T09:00+01:00", Roll.NEXT_DAY_IS_ONE, "2027-01-08"),
    # a start on a holiday, and on the evening before one
    (BERLIN, "2026-05-01T12:00+02:00", Roll.NEXT_DAY_IS_ONE, "2026-05-08"),
    (BERLIN, "2026-05-01T12:00+02:00", Roll.START_DAY_IS_ONE, "2026-05-08"),
    (BERLIN, "2026-05-01T12:00+02:00", Roll.ROLLED_START_IS_ZERO, "2026-05-11"),
    (NEW_YORK, "2026-11-25T18:00-05:00", Roll.NEXT_DAY_IS_ONE, "2026-12-03"),
    # a holiday that is observed on another day
    (NEW_YORK, "2026-07-01T12:00-04:00", Roll.NEXT_DAY_IS_ONE, "2026-07-09"),
    # the same instant is Friday in New York and Saturday in Berlin
    (NEW_YORK, "2026-11-06T23:30-05:00", Roll.NEXT_DAY_IS_ONE, "2026-11-16"),
    (BERLIN, "2026-11-06T23:30-05:00", Roll.NEXT_DAY_IS_ONE, "2026-11-13"),
    # summer time begins and ends on these Sundays; the first one is the one before Good Friday
    (BERLIN, "2026-03-29T02:30+01:00", Roll.NEXT_DAY_IS_ONE, "2026-04-07"),
    (BERLIN, "2026-10-25T02:30+02:00", Roll.NEXT_DAY_IS_ONE, "2026-10-30"),
    # where the weekend is Friday and Saturday
    (RIYADH, "2026-11-05T09:00+03:00", Roll.NEXT_DAY_IS_ONE, "2026-11-12"),
    # a leap day works like any other
    (PLAIN, "2028-02-25T09:00+00:00", Roll.NEXT_DAY_IS_ONE, "2028-03-03"),
]


@pytest.mark.parametrize(("words", "start", "roll", "day"), CASES, ids=[f"{c[1]} {c[0].name} {c[2]}" for c in CASES])
def test_the_day_is_the_one_that_was_counted_by_hand(words: CalendarWords, start: str, roll: Roll, day: str) -> None:
    """Five days each."""
    assert due(calendar(words), at(start), days=5, roll=roll, started_by="resolved").day == date.fromisoformat(day)


def test_the_last_day_is_over_at_midnight_of_its_own_zone() -> None:
    """In summer and in winter, and a day of 25 hours is 25 hours long."""
    berlin = calendar(BERLIN)
    assert berlin.end_of(date(2026, 7, 1)) == at("2026-07-02T00:00+02:00")
    assert berlin.end_of(date(2026, 12, 1)) == at("2026-12-02T00:00+01:00")
    assert berlin.end_of(date(2026, 10, 25)) - berlin.end_of(date(2026, 10, 24)) == timedelta(hours=25)


@pytest.mark.parametrize(
    ("now", "days", "overdue", "level"),
    [
        ("2026-11-02T10:00", 5, 0, Level.AMPLE),
        ("2026-11-03T10:00", 4, 0, Level.AMPLE),
        ("2026-11-04T00:00", 3, 0, Level.SOON),
        ("2026-11-05T10:00", 2, 0, Level.SOON),
        ("2026-11-06T10:00", 1, 0, Level.TOMORROW),
        ("2026-11-08T10:00", 1, 0, Level.TOMORROW),
        ("2026-11-09T00:00", 0, 0, Level.TODAY),
        ("2026-11-09T23:59", 0, 0, Level.TODAY),
        ("2026-11-10T00:00", 0, 1, Level.OVERDUE),
        ("2026-11-14T12:00", 0, 4, Level.OVERDUE),
        ("2026-11-16T12:00", 0, 5, Level.OVERDUE),
    ],
)
def test_what_is_left_is_counted_in_the_same_days(now: str, days: int, overdue: int, level: Level) -> None:
    """Warned at three, one and none; after the end, the days that have begun since."""
    end = due(calendar(PLAIN), at("2026-11-02T10:00+00:00"), days=5, roll=Roll.NEXT_DAY_IS_ONE, started_by="resolved")
    standing = left(end, at(f"{now}+00:00"))
    assert (standing.days, standing.overdue, standing.level) == (days, overdue, level)
    assert ("OVERDUE" in standing.line) == (level is Level.OVERDUE)


def test_the_days_of_the_company_are_its_own(tmp_path: Path) -> None:
    """Closed ones are off, open ones are not, whatever the law says; the file is named by the digest of its days."""
    text = "schema: psfir.closed_days/1\nclosed: [{day: 2026-12-28, until: 2026-12-30, why: off}]\nopen: [2026-12-26]\n"
    (tmp_path / "days.yaml").write_text(text)
    words = CalendarWords("own", "DE", "BE", zone="Europe/Berlin", closed_days="days.yaml")
    own = calendar(words, tmp_path)
    end = due(own, at("2026-12-23T09:00+01:00"), days=3, roll=Roll.NEXT_DAY_IS_ONE, started_by="resolved")
    assert end.day == date(2026, 12, 31)
    digest = own.identity.closed_digest
    (tmp_path / "days.yaml").write_text(text + "# a remark\n")
    assert calendar(words, tmp_path).identity.closed_digest == digest
    (tmp_path / "days.yaml").write_text(text.replace("12-30", "12-29"))
    assert calendar(words, tmp_path).identity.closed_digest != digest


def test_a_due_day_says_all_that_it_followed_from() -> None:
    """Start, rule, country, part, version of the holidays and zone, in words and as JSON."""
    end = due(calendar(BERLIN), at("2026-12-19T09:00+01:00"), days=5, roll=Roll.NEXT_DAY_IS_ONE, started_by="resolved")
    assert end.line == (
        "due by the end of Mon 28 Dec 2026: 5 business days from resolved at 2026-12-19T08:00Z; "
        "the next business day after the start counts as one; "
        f"calendar berlin: public holidays of DE-BE ({library()}), time zone Europe/Berlin"
    )
    said = end.to_json()
    assert said["at"] == "2026-12-28T23:00:00.000000Z"
    assert isinstance(said["calendar"], dict)
    assert said["calendar"]["library"] == library()


def test_without_a_calendar_only_weekends_are_off_and_that_is_said() -> None:
    """No holiday of anybody's is guessed."""
    assert calendar(PLAIN).works(date(2026, 12, 25))
    assert calendar(PLAIN).identity.line == "weekends only, no public holidays, time zone UTC"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (CalendarWords("x", "XX"), "XX"),
        (CalendarWords("x", "DE", "ZZ"), "ZZ"),
        (CalendarWords("x", "DE", "BE", ("bank",)), "bank"),
    ],
)
def test_holidays_that_nobody_knows_are_refused(words: CalendarWords, says: str) -> None:
    """By the name of what is not there, and never by counting without them."""
    with pytest.raises(UsageError, match=says):
        calendar(words)
    assert says in flaw(words)


def test_a_year_beyond_the_library_is_refused() -> None:
    """It knows no holidays there, and would answer that there are none."""
    with pytest.raises(UsageError, match="knows no holidays of DE in 2400"):
        calendar(BERLIN).works(date(2400, 1, 1))


def test_a_company_that_never_works_is_told_so(tmp_path: Path) -> None:
    """Instead of counting for ever."""
    text = "schema: psfir.closed_days/1\nclosed:\n"
    spans = [f"- {{day: {y}-01-01, until: {y}-12-31, why: closed}}\n" for y in (2026, 2027, 2028)]
    (tmp_path / "days.yaml").write_text(text + "".join(spans))
    own = calendar(CalendarWords("own", closed_days="days.yaml"), tmp_path)
    with pytest.raises(UsageError, match="nobody works"):
        due(own, at("2026-11-02T10:00+00:00"), days=5, roll=Roll.NEXT_DAY_IS_ONE, started_by="resolved")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("closed: [{day: 2026-12-28}]", "why"),
        ("closed: [{day: 2026-12-28, until: 2026-12-24, why: x}]", "must be within the year"),
        ("closed: [{day: 2026-12-28, why: x}]\nopen: [2026-12-28]", "both open and closed"),
        ("closd: []", "did you mean closed?"),
    ],
)
def test_a_wrong_file_of_days_gets_a_sentence(tmp_path: Path, line: str, says: str) -> None:
    """With its place."""
    (tmp_path / "days.yaml").write_text(f"schema: psfir.closed_days/1\n{line}\n")
    with pytest.raises(ContentError) as caught:
        calendar(CalendarWords("own", closed_days="days.yaml"), tmp_path)
    assert [problem for problem in caught.value.problems if says in problem.sentence and problem.line > 1]


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - hypothesis adds the zone
    st.integers(1, 30),
    st.sampled_from([BERLIN, NEW_YORK, RIYADH, LONDON, PLAIN]),
)
def test_rules_keep_their_order_and_end_on_a_day_that_works(start: datetime, days: int, words: CalendarWords) -> None:
    """The stricter a rule, the earlier its day; as many days lie between as were asked for."""
    begun, there = start.replace(tzinfo=UTC), calendar(words)
    ends = [due(there, begun, days=days, roll=roll, started_by="resolved").day for roll in Roll]
    assert ends == sorted(ends)
    assert all(there.works(day) for day in ends)
    assert there.count(there.day_of(begun), ends[1]) == days
