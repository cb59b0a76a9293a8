"""Instants: one spelling, in UTC, in which text sorts as time does."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psfir.domain.instants import read, write

INSTANTS = st.datetimes(
    datetime(1, 1, 2),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(9999, 12, 30),  # noqa: DTZ001 - the same
    timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-11-21T03:12:00Z", "2026-11-21T03:12:00.000000Z"),
        ("2026-11-21T03:12:00+01:00", "2026-11-21T02:12:00.000000Z"),
        ("2026-11-21 03:12:00.5-02:30", "2026-11-21T05:42:00.500000Z"),
        ("20261121T031200Z", "2026-11-21T03:12:00.000000Z"),
        ("2026-03-29T02:30:00+01:00", "2026-03-29T01:30:00.000000Z"),
        ("2024-02-29T23:59:59.999999-00:01", "2024-03-01T00:00:59.999999Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_an_instant_has_one_spelling(text: str, written: str) -> None:
    """Whatever offset it came with; the year always has four digits."""
    assert write(read(text)) == written
    assert read(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2026-11-21T03:12:00", "no time zone; add Z or an offset"),
        ("2026-11-21", "no time zone"),
        ("", "Invalid isoformat string"),
        ("yesterday", "Invalid isoformat string"),
        ("2026-11-21T25:00:00Z", "hour"),
        ("2026-02-30T00:00:00Z", "day"),
        ("0001-01-01T00:00:00+00:01", "outside the years 1 to 9999"),
        ("9999-12-31T23:59:59-00:01", "outside the years 1 to 9999"),
    ],
)
def test_what_is_no_instant(text: str, says: str) -> None:
    """A sentence; in particular a time without a zone is not taken for UTC or for this machine's."""
    with pytest.raises(ValueError, match=says):
        read(text)


def test_a_time_without_a_zone_is_not_written() -> None:
    """Written as this machine's local time it would be another instant on the next machine."""
    with pytest.raises(ValueError, match="no time zone"):
        write(datetime(2026, 11, 21, 3, 12))  # noqa: DTZ001 - that it is refused is the point


@given(INSTANTS)
def test_an_instant_reads_back(at: datetime) -> None:
    """The same instant to the microsecond, and the same text again."""
    assert read(write(at)) == at
    assert write(read(write(at))) == write(at)
    assert len(write(at)) == len("2026-11-21T03:12:00.000000Z")


@given(INSTANTS, INSTANTS)
def test_text_sorts_as_time_does(one: datetime, other: datetime) -> None:
    """A record can be searched by comparing text, across all offsets and centuries."""
    assert (write(one) < write(other)) == (one < other)


def test_the_hour_that_comes_twice_is_two_instants() -> None:
    """When clocks go back, 02:30 in Berlin happens twice, an hour apart."""
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=berlin)
    assert write(first) == "2026-10-25T00:30:00.000000Z"
    assert write(first.replace(fold=1)) == "2026-10-25T01:30:00.000000Z"


def test_the_hour_that_never_comes_is_one_instant_all_the_same() -> None:
    """When clocks go forward, 02:30 in Berlin does not exist; what a person meant by it is told once, in UTC."""
    missing = datetime(2026, 3, 29, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert write(missing) == write(read(write(missing))) == "2026-03-29T01:30:00.000000Z"
