"""docs/clocks.md lists every clock, fact, grade, rule and key as they are, and its examples load."""

from pathlib import Path

import pytest

from psfir.domain.duties import Roll
from psfir.loading.shapes import Key
from psfir.review.catalogue import load_clocks
from psfir.review.clock import Fact, Grade
from psfir.review.clock_file import CLOCK, LIMIT, read_clock
from psfir.review.closed_days import CLOSED_DAYS, load_closed_days
from tests.docs.pages import blocks, table


@pytest.fixture
def page(root: Path) -> Path:
    return root / "docs" / "clocks.md"


def test_every_clock_that_ships_is_listed(page: Path) -> None:
    """Where it stands in the law, how it is counted, and how it was read."""
    wanted = [
        (
            name,
            clock.paragraph,
            "; ".join(limit.line for limit in clock.limits),
            clock.grade if clock.enabled else "off",
        )
        for name, clock in sorted(load_clocks().items())
    ]
    assert table(page, "clock", "where", "counted", "grade") == wanted


def test_every_fact_grade_and_rule_is_explained(page: Path) -> None:
    """In the words of the code."""
    assert table(page, "fact", "when") == [(fact.value, fact.line) for fact in Fact]
    assert table(page, "grade", "means") == [(grade.value, grade.line) for grade in Grade]
    rolls = table(page, "roll", "means", "Saturday 19 December 2026, Berlin, five days")
    assert [row[:2] for row in rolls] == [(roll.value, roll.line) for roll in Roll]


def _said(keys: tuple[Key, ...]) -> list[tuple[str, str]]:
    return [(key.name, (key.doc + (", required" if key.required else "")).replace("`", "")) for key in keys]


def test_every_key_is_listed(page: Path) -> None:
    """Of a clock, of its limits, and of a file of closed days."""
    assert table(page, "key of a clock", "is") == _said(CLOCK.keys)
    assert table(page, "key of a limit", "is") == _said(LIMIT.keys)
    assert [row[0] for row in table(page, "key", "is")] == [
        key.name for key in CLOSED_DAYS.keys if key.name != "schema"
    ]


def test_the_examples_load(page: Path, tmp_path: Path) -> None:
    """The clock and the closed days, each without a problem."""
    days, clock = blocks(page, "yaml")
    (tmp_path / "days.yaml").write_text(days.text, encoding="utf-8")
    (tmp_path / "clock.yaml").write_text(clock.text, encoding="utf-8")
    assert len(load_closed_days(tmp_path, "days.yaml").closed) == 5
    loaded = read_clock(tmp_path / "clock.yaml")
    assert loaded.problems.found == []
    assert loaded.value.warnings(loaded.value.retrieved_on) == []
