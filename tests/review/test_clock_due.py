"""When each clock that ships falls due: weekends, month ends, a leap day, summer time, a start in another zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psfir.review.clock import Rule
from psfir.review.clock_due import after_year, months_later
from tests.review.clock_cases import SHIPPED, at, facts, reckon

CASES: dict[str, list[tuple[dict[str, str], str]]] = {
    "eu-ai-73-2": [
        ({"aware": "2026-11-21T03:12Z"}, "2026-12-06T03:12Z"),  # ends on a Sunday, and that moves nothing
        ({"aware": "2028-02-20T10:00+01:00"}, "2028-03-06T09:00Z"),  # over a leap day
        ({"aware": "2026-03-20T23:30+01:00"}, "2026-04-04T22:30Z"),  # summer time takes no hour of the span
        ({"aware": "2026-11-21T03:12Z", "link_established": "2026-11-25T09:00Z"}, "2026-11-25T09:00Z"),
    ],
    "eu-ai-73-3": [
        ({"aware": "2026-11-20T18:00-05:00"}, "2026-11-22T23:00Z"),
        ({"aware": "2026-12-31T12:00Z"}, "2027-01-02T12:00Z"),
    ],
    "eu-ai-73-4": [({"aware": "2026-10-24T12:00+02:00"}, "2026-11-03T10:00Z")],  # winter time gives none
    "eu-ai-26-5": [({"aware": "2028-02-29T00:00Z"}, "2028-02-29T00:00Z")],
    "eu-ai-55-1-c": [({"aware": "2026-11-21T03:12Z"}, "2026-11-21T03:12Z")],
    "gdpr-33-1": [
        ({"aware": "2026-11-20T16:00+01:00"}, "2026-11-23T15:00Z"),  # Friday to Monday
        ({"aware": "2026-03-28T12:00+01:00"}, "2026-03-31T11:00Z"),  # 13:00 by a clock on a wall in Berlin
        ({"aware": "2026-10-24T12:00+02:00"}, "2026-10-27T10:00Z"),
        ({"aware": "2028-02-27T09:00+09:00"}, "2028-03-01T00:00Z"),
    ],
    "gdpr-33-2": [({"aware": "2026-11-21T03:12+05:30"}, "2026-11-20T21:42Z")],
    "gdpr-34-1": [({"high_risk_likely": "2026-11-21T03:12Z"}, "2026-11-21T03:12Z")],
    "nis2-23-4-a": [({"aware": "2026-03-28T12:00+01:00"}, "2026-03-29T11:00Z")],
    "nis2-23-4-b": [({"aware": "2026-12-24T17:00+01:00"}, "2026-12-27T16:00Z")],
    "nis2-23-4-d": [
        ({"sent:nis2-23-4-b": "2026-01-31T10:00Z"}, "2026-02-28T10:00Z"),  # to the month's end
        ({"sent:nis2-23-4-b": "2028-01-31T10:00Z"}, "2028-02-29T10:00Z"),
        ({"sent:nis2-23-4-b": "2026-12-15T10:00Z"}, "2027-01-15T10:00Z"),
        # 1 April in Berlin, 31 March in UTC: the earlier of both ends.
        ({"sent:nis2-23-4-b": "2026-04-01T00:30+02:00"}, "2026-04-30T22:30Z"),
        ({"sent:nis2-23-4-b": "2026-03-01T00:30+01:00"}, "2026-03-28T23:30Z"),
    ],
    "dora-5-1-a": [
        ({"aware": "2026-11-21T00:00Z"}, "2026-11-22T00:00Z"),
        ({"classified_major": "2026-11-21T09:00Z"}, "2026-11-21T13:00Z"),
        ({"aware": "2026-11-21T00:00Z", "classified_major": "2026-11-21T09:00Z"}, "2026-11-21T13:00Z"),
        ({"aware": "2026-11-21T00:00Z", "classified_major": "2026-11-21T22:00Z"}, "2026-11-22T00:00Z"),
    ],
    "dora-5-2": [
        ({"aware": "2026-11-21T00:00Z", "classified_major": "2026-11-22T00:00:01Z"}, "2026-11-22T04:00:01Z"),
        ({"aware": "2026-10-24T12:00+02:00", "classified_major": "2026-10-25T12:00+01:00"}, "2026-10-25T15:00Z"),
    ],
    "dora-5-1-b": [
        ({"sent:dora-5-1-a": "2026-11-21T12:00Z"}, "2026-11-24T12:00Z"),
        ({"sent:dora-5-2": "2026-11-21T12:00Z"}, "2026-11-24T12:00Z"),
        ({"sent:dora-5-1-a": "2026-11-21T12:00Z", "sent:dora-5-2": "2026-11-22T12:00Z"}, "2026-11-24T12:00Z"),
    ],
    "dora-5-1-c": [({"sent:dora-5-1-b": "2026-08-31T12:00Z"}, "2026-09-30T12:00Z")],
    "sec-8k-105": [
        ({"determined_material": "2026-11-20T16:00-05:00"}, "2026-11-28T05:00Z"),  # over Thanksgiving
        ({"determined_material": "2026-11-21T10:00-05:00"}, "2026-11-28T05:00Z"),  # on a Saturday: Monday is one
        ({"determined_material": "2026-07-01T10:00-04:00"}, "2026-07-09T04:00Z"),  # the 4th is observed on the 3rd
        ({"determined_material": "2026-11-03T23:30-05:00"}, "2026-11-10T05:00Z"),  # Wednesday already in UTC
        ({"determined_material": "2026-12-30T10:00-05:00"}, "2027-01-07T05:00Z"),
        ({"determined_material": "2026-03-06T10:00-05:00"}, "2026-03-13T04:00Z"),  # over the start of summer time
    ],
    "hipaa-404": [
        ({"discovered": "2027-12-31T12:00Z"}, "2028-02-29T12:00Z"),
        ({"discovered": "2026-11-21T22:00-05:00"}, "2027-01-21T03:00Z"),
    ],
    "hipaa-406": [({"discovered": "2026-02-01T00:00-05:00"}, "2026-04-02T05:00Z")],
    "hipaa-408-b": [({"sent:hipaa-404": "2026-12-01T12:00Z"}, "2026-12-01T12:00Z")],
    "hipaa-408-c": [
        ({"discovered": "2026-05-31T12:00Z"}, "2027-03-02T00:00Z"),  # the end of 1 March
        ({"discovered": "2027-05-31T12:00Z"}, "2028-03-01T00:00Z"),  # of 29 February
        ({"discovered": "2027-01-01T00:30+01:00"}, "2027-03-02T00:00Z"),  # still 2026 in New York
        ({"discovered": "2026-12-31T20:00-05:00"}, "2027-03-02T00:00-05:00"),  # 2027 in UTC, which ends later
    ],
    "hipaa-410": [({"discovered": "2026-11-21T12:00Z"}, "2027-01-20T12:00Z")],
    "nydfs-500-17": [({"determined": "2026-03-06T12:00-05:00"}, "2026-03-09T17:00Z")],
    "ca-sb53-15d": [({"discovered": "2028-02-15T12:00-08:00"}, "2028-03-01T20:00Z")],
    "ca-sb53-24h": [({"imminent_risk_discovered": "2026-11-01T00:30-07:00"}, "2026-11-02T07:30Z")],
    "ny-raise-72h": [
        ({"determined": "2027-01-30T12:00-05:00"}, "2027-02-02T17:00Z"),
        (
            {"reasonably_believed": "2027-01-29T12:00-05:00", "determined": "2027-01-30T12:00-05:00"},
            "2027-02-01T17:00Z",
        ),
    ],
    "ny-raise-24h": [({"imminent_risk_discovered": "2027-03-14T01:00-05:00"}, "2027-03-15T06:00Z")],
    "cra-14-2-a": [({"aware": "2026-12-31T23:00+01:00"}, "2027-01-01T22:00Z")],
    "cra-14-2-b": [({"aware": "2028-02-28T12:00Z"}, "2028-03-02T12:00Z")],
}
ROWS = [(name, said, due) for name, cases in CASES.items() for said, due in cases]


def test_every_clock_that_is_enabled_has_its_cases() -> None:
    """None ships that was not counted by hand."""
    assert set(CASES) == {name for name, clock in SHIPPED.items() if clock.enabled}


@pytest.mark.parametrize(("name", "said", "due"), ROWS, ids=[f"{name} {list(said.values())}" for name, said, _ in ROWS])
def test_it_falls_due_when_it_was_counted_to(name: str, said: dict[str, str], due: str) -> None:
    """As an instant in UTC; of several starts the earliest end binds."""
    assert reckon(name, facts(said)).at == at(due)


@pytest.mark.parametrize("name", CASES)
def test_without_its_start_it_waits_and_says_for_what(name: str) -> None:
    """No time is guessed."""
    reckoned = reckon(name, facts({}))
    assert reckoned.at is None
    assert all(bound.missing for bound in reckoned.bounds)


def test_what_waits_for_a_report_knows_the_worst_case() -> None:
    """As if that one were sent at its own limit, and so on down the chain."""
    said = facts({"aware": "2026-11-21T00:00Z"})
    assert reckon("dora-5-1-b", said).worst == at("2026-11-25T00:00Z")
    assert reckon("dora-5-1-c", said).worst == at("2026-12-25T00:00Z")
    assert reckon("nis2-23-4-d", said).worst == at("2026-12-24T00:00Z")
    assert reckon("dora-5-1-b", said).at is None


def test_a_late_classification_starts_the_other_clock() -> None:
    """Within 24 hours it does not run, and says so; later it does."""
    early = reckon("dora-5-2", facts({"aware": "2026-11-21T00:00Z", "classified_major": "2026-11-22T00:00Z"}))
    assert early.at is None
    assert early.idle == "classified_major came within 24 hours of aware"


def informal(name: str, said: dict[str, str], **updates: str) -> dict[Rule, datetime]:
    sent = {key.replace("_", "-"): value for key, value in updates.items()}
    return {one.rule: one.at for one in reckon(name, facts(said, updates=sent)).informal}


def test_the_reading_of_1182_71_ends_with_a_working_day() -> None:
    """On a weekend or holiday it goes on to the next working day, and two days contain two working days."""
    rule = Rule.EU_1182_71
    # 15 days from Saturday 21 November end on Sunday 6 December: Monday is over at 23:00 UTC.
    assert informal("eu-ai-73-2", {"aware": "2026-11-21T12:00Z"})[rule] == at("2026-12-08T00:00+01:00")
    # Two days from Friday: Monday and Tuesday are the working days.
    assert informal("eu-ai-73-3", {"aware": "2026-11-20T12:00Z"})[rule] == at("2026-11-25T00:00+01:00")
    # 72 hours from Thursday before the weekend have one working day, Friday; Monday is the second.
    assert informal("gdpr-33-1", {"aware": "2026-11-19T12:00Z"})[rule] == at("2026-11-24T00:00+01:00")
    # From Monday on there is nothing to stretch.
    assert informal("gdpr-33-1", {"aware": "2026-11-23T12:00Z"}) == {}


def test_noon_of_the_next_working_day_is_only_to_know() -> None:
    """DORA: due on a Saturday."""
    said = {"aware": "2026-11-20T12:00Z"}
    assert reckon("dora-5-1-a", facts(said)).at == at("2026-11-21T12:00Z")
    assert informal("dora-5-1-a", said) == {Rule.NEXT_WORKING_NOON: at("2026-11-23T12:00+01:00")}
    assert informal("dora-5-1-a", {"aware": "2026-11-23T12:00Z"}) == {}


def test_the_cut_off_of_edgar_is_on_the_last_day() -> None:
    """17:30 in New York, in winter and in summer."""
    winter = informal("sec-8k-105", {"determined_material": "2026-11-20T16:00-05:00"})
    assert winter == {Rule.CUT_OFF: at("2026-11-27T17:30-05:00")}
    summer = informal("sec-8k-105", {"determined_material": "2026-07-01T10:00-04:00"})
    assert summer == {Rule.CUT_OFF: at("2026-07-08T17:30-04:00")}


def test_the_latest_update_is_another_reading() -> None:
    """The alarm counts from the first report, which is earlier."""
    said = {"sent:dora-5-1-b": "2026-11-24T12:00Z"}
    assert reckon("dora-5-1-c", facts(said)).at == at("2026-12-24T12:00Z")
    found = informal("dora-5-1-c", said, dora_5_1_b="2026-11-30T12:00Z")
    assert found[Rule.LATEST_SUBMISSION] == at("2026-12-30T12:00Z")


MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - zone beside it


@given(MOMENTS, st.integers(1, 24), st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo"]))
def test_months_go_forward_and_keep_the_day_or_the_month_s_end(start: datetime, months: int, zone: str) -> None:
    """Never into the month behind the one that is meant."""
    there = ZoneInfo(zone)
    end = months_later(start, months, there)
    before, after = start.astimezone(there), end.astimezone(there)
    assert (after.year * 12 + after.month) - (before.year * 12 + before.month) == months
    assert after.day == before.day or (after.day < before.day and (after + timedelta(days=1)).day == 1)


@given(MOMENTS, st.sampled_from(["UTC", "America/New_York", "Asia/Tokyo"]))
def test_a_year_ends_after_its_start(start: datetime, zone: str) -> None:
    """Sixty days later at the least, and within 427."""
    assert timedelta(days=60) <= after_year(start, 60, ZoneInfo(zone)) - start <= timedelta(days=427)
