"""The clocks that ship: each says where its words were read and when, and counts by the number that they say."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from psfir.review.catalogue import SHIPPED as FOLDER
from psfir.review.catalogue import flaw_of
from psfir.review.clock import Fact, Grade, Limit
from psfir.review.clock import Kind as Counted
from psfir.review.clock_file import numbers_in
from tests.review.clock_cases import SHIPPED

ENABLED = sorted(name for name, clock in SHIPPED.items() if clock.enabled)
DISABLED = sorted(set(SHIPPED) - set(ENABLED))


def test_each_file_is_called_by_its_id() -> None:
    """One file a clock."""
    assert {path.stem for path in FOLDER.glob("*")} == set(SHIPPED)


@pytest.mark.parametrize("name", ENABLED)
def test_the_number_is_that_of_the_quote(name: str) -> None:
    """Every number that is counted by stands in the words of the law, and a clock without one has none to say."""
    counted = {limit.n for limit in SHIPPED[name].limits if limit.kind is not Counted.IMMEDIATELY}
    assert counted <= numbers_in(SHIPPED[name].quote)


def test_the_quotes_say_no_number_that_is_not_counted_by() -> None:
    """Whatever number of hours or days a quote says is a limit, or the condition of one."""
    left = {}
    for name in ENABLED:
        clock = SHIPPED[name]
        known = {limit.n for limit in clock.limits} | {limit.beyond.hours for limit in clock.limits if limit.beyond}
        left[name] = numbers_in(clock.quote) - known
    # The paragraph that it points to.
    assert {name: said for name, said in left.items() if said} == {"hipaa-408-b": {164, 404}}


@pytest.mark.parametrize("name", SHIPPED)
def test_it_says_where_and_when_it_was_read(name: str) -> None:
    """An official address, the day, and the day by which it must be read again: within half a year."""
    clock = SHIPPED[name]
    assert clock.source_url.startswith("https://")
    assert timedelta(0) < clock.review_by - clock.retrieved_on <= timedelta(days=184)


@pytest.mark.parametrize("name", ENABLED)
def test_what_is_enabled_was_read_word_for_word(name: str) -> None:
    """Nothing from memory."""
    assert SHIPPED[name].grade is not Grade.UNVERIFIED
    assert len(SHIPPED[name].quote.split()) > 5


@pytest.mark.parametrize("name", DISABLED)
def test_what_is_not_read_is_off_and_says_why(name: str) -> None:
    """It can be seen in the catalogue, and is never proposed."""
    assert SHIPPED[name].reason
    assert SHIPPED[name].grade in {Grade.SECONDARY, Grade.UNVERIFIED}


def test_the_graph_has_no_circle_and_no_loose_end() -> None:
    """Each clock that waits for a submission waits for one that is there, and never for its own."""
    assert flaw_of(SHIPPED) is None


def test_a_circle_and_a_loose_end_are_found() -> None:
    """The check above bites, also over a corner."""
    first, second = SHIPPED["nis2-23-4-b"], SHIPPED["nis2-23-4-d"]
    round_it = replace(first, limits=(Limit(Counted.HOURS, 1, after=(second.id,)),))
    flaw = flaw_of({**SHIPPED, first.id: round_it})
    assert flaw is not None
    assert "waits for its own submission" in flaw[1]
    loose = replace(first, yields_to="nis2-23-4-q")
    flaw = flaw_of({**SHIPPED, first.id: loose})
    assert flaw is not None
    assert "did you mean nis2-23-4-" in flaw[1]


def test_data_older_than_half_a_year_warns() -> None:
    """From the day after, and from `review_by` where that is earlier."""
    clock = replace(
        SHIPPED["gdpr-33-1"], retrieved_on=date(2026, 8, 31), review_by=date(2027, 6, 1), verified_by="emma"
    )
    assert clock.warnings(date(2027, 2, 28)) == []
    assert "more than six months ago" in clock.warnings(date(2027, 3, 1))[0]
    assert replace(clock, review_by=date(2026, 9, 30)).warnings(date(2026, 10, 1)) != []


def test_what_nobody_verified_says_so() -> None:
    """With how it was read."""
    assert SHIPPED["nydfs-500-17"].warnings(date(2026, 11, 21)) == [
        "verified by nobody yet; the official text or the authority's page was read"
    ]


def test_every_fact_has_a_sentence_and_starts_something() -> None:
    """Apart from the two that say when it happened and when it was seen, which no law counts from."""
    used = {fact for clock in SHIPPED.values() for fact in clock.facts}
    assert set(Fact) - used == {Fact.OCCURRED, Fact.DETECTED, Fact.HANDLED}
    assert all(fact.line for fact in Fact)


def test_numbers_are_read_in_digits_and_in_words() -> None:
    """As laws write them."""
    assert numbers_in("within seventy-two hours, ten days or four business days, 24 hours; twenty") == {
        72,
        10,
        4,
        24,
        20,
    }
