"""What people ask of many items: late ones, ages, factors that came back, a table that calculates nothing."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from psfir.review.remediation_item import RemediationItem
from psfir.review.remediation_table import COLUMNS, csv_text, report_markdown, sentence
from psfir.review.remediation_views import came_back, late, repeats, report
from tests.review.remediation_deeds import AT, INC, Chain, somebody

ALICE, BOB, DORA = somebody("alice"), somebody("bob"), somebody("dora")
OTHER = "INC-20261122-bbbbbb"
KEY = ["missing_control", "AML.T0051", "LLM09"]


def two(**second: Any) -> list[RemediationItem]:
    """A closed item of one incident, an open one of another."""
    chain = Chain()
    ref = chain.add(by=ALICE, owner="bob", factor="F1", key=KEY)
    chain.done(ref, by=BOB)
    chain.verify(ref, by=DORA)
    chain.add(by=ALICE, owner="bob", factor="F2", incident=OTHER, **second)
    return list(chain.items.values())


def test_one_kind_and_the_same_tags_are_one_factor() -> None:
    """Found in two incidents: the closed item of the other one may have to be opened."""
    items = two(key=KEY)
    (found,) = repeats(items)
    assert found.spots == (f"{INC}/F1", f"{OTHER}/F2")
    assert [(item.ref, spot) for item, spot in came_back([found], {f"{OTHER}/F2"})] == [(f"{INC}/R1", f"{OTHER}/F2")]


@pytest.mark.parametrize("key", [[], KEY[:2], ["condition", *KEY[1:]]])
def test_another_kind_other_tags_or_none_are_another(key: list[str]) -> None:
    """Nothing is guessed: two factors without tags have nothing in common."""
    assert repeats(two(key=key)) == []


def test_a_person_may_say_that_they_are_one() -> None:
    """Whatever the tags."""
    (found,) = repeats(two(key=[], same_as=f"{INC}/F1"))
    assert found.key == tuple(KEY)
    assert [one.ref for one in found.items] == [f"{INC}/R1", f"{OTHER}/R1"]


def test_a_factor_without_an_item_counts() -> None:
    """An analysis names it before anybody has written an item."""
    (found,) = repeats(two(key=[])[:1], {f"{OTHER}/F9": tuple(KEY)})
    assert f"{OTHER}/F9" in found.spots


def test_twice_in_one_incident_is_no_repeat() -> None:
    """It did not come back: it is one analysis that says it twice."""
    chain = Chain()
    for factor in ("F1", "F2"):
        chain.add(by=ALICE, factor=factor, key=KEY)
    assert repeats(list(chain.items.values())) == []


def test_the_table_calculates_nothing() -> None:
    """A cell that a spreadsheet would take for a formula begins with a quote, also behind blanks."""
    chain = Chain()
    for tracker in ("=1+1", "+1", "-1", "@SUM(A1)", "  =1", "\t=1", "https://a.example"):
        chain.add(by=ALICE, tracker=tracker)
    text = csv_text(list(chain.items.values()), AT)
    rows = list(csv.DictReader(StringIO(text)))
    assert list(rows[0]) == list(COLUMNS)
    assert [row["tracker"][:1] for row in rows] == ["'"] * 6 + ["h"]


def test_the_report_counts_what_stands() -> None:
    """By state, by owner, by system; late by days; a risk that has run out is named."""
    chain = Chain()
    first = chain.add(by=ALICE, owner="bob", due=3)
    risky = chain.add(by=ALICE, owner="alice", due=3)
    chain.accept(risky, by=DORA, until=AT + timedelta(days=10))
    items, at = list(chain.items.values()), AT + timedelta(days=5)
    found = report(items, at, systems={INC: ("search",)})
    assert [one.ref for one in found.overdue] == [first]
    assert (found.states["open"], found.states["accepted_risk"]) == (1, 1)
    assert found.systems == {"search": (1, 1)}
    assert found.owners == {"bob": (1, 1)}
    assert late(items[0], at) == 3
    after = report(items, AT + timedelta(days=11), systems={INC: ("search",)})
    assert [one.ref for one in after.run_out] == [risky]
    assert f"open again: {risky}" in report_markdown(after)
    assert "its risk was accepted until 2026-12-01, OVERDUE by 9 days" in sentence(items[1], after.at)


def test_a_page_of_words_is_no_markup() -> None:
    """What somebody typed as a title makes no cell, no link and no comment."""
    chain = Chain()
    chain.add(by=ALICE, owner="a|b <!-- x", due=1)
    page = report_markdown(report(list(chain.items.values()), AT + timedelta(days=9), systems={}))
    assert r"a\|b \<!-- x" in page
