"""What lint says of calendars and of files of closed days."""

from pathlib import Path

import pytest

from psfir.app.lint import lint
from psfir.loading.workspace import load_workspace
from tests.app.workspaces import PSFIR_YAML, lay_out
from tests.loading.desk import REAL, TODAY


def said(root: Path, block: str) -> list[str]:
    """Errors and warnings of psfir.yaml with this block in it."""
    lay_out(root)
    (root / "psfir.yaml").write_text(PSFIR_YAML + block)
    report = lint(root, (), catalog=REAL, today=TODAY)
    return [str(one) for one in report.problems if one.file == "psfir.yaml" and one.rule != "coverage"]


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ("review: {calendars: {a: {country: XX}}}", "XX not available"),
        ("review: {calendars: {a: {country: DE, subdivision: ZZ}}}", "subdivision ZZ"),
        ("review: {calendars: {a: {subdivision: BE}}}", "is a part of no country"),
        ("review: {calendars: {a: {country: DE, zone: Berlin}}}", "no time zone"),
        ("review: {calendars: {a: {closed_days: gone.yaml}}}", "gone.yaml cannot be read as closed days"),
        ("review: {calendar: b, calendars: {a: {country: DE}}}", "there is no calendar 'b'"),
        ("review: {calendars: {a: {}}, people: {dan: a}}", "there is no person 'dan'; did you mean dana?"),
        ("review: {calendars: {a: {}}, people: {dana: b}}", "there is no calendar 'b'"),
        ("review: {calendars: {a: {}}, systems: {assistnt: a}}", "did you mean assistant?"),
        ("review: {legal: {systems: {assistnt: {high_risk: true}}}}", "did you mean assistant?"),
        ("review: {retention: 7}", "is not between 30 and"),
        ("review: {rca: {roll: next_day}}", "did you mean next_day_is_one?"),
    ],
)
def test_what_a_block_names_is_there(tmp_path: Path, block: str, says: str) -> None:
    """Each slip has its place and what was probably meant."""
    found = [line for line in said(tmp_path, block + "\n") if says in line]
    assert len(found) == 1
    assert not found[0].startswith("psfir.yaml:0")


def test_a_sound_block_is_read(tmp_path: Path) -> None:
    """A person's calendar goes before the system's, and what one system says by law before what all say."""
    block = (
        "review:\n  calendars: {a: {country: DE}, b: {country: US}, c: {}}\n  calendar: c\n  people: {dana: a}\n"
        "  systems: {assistant: b}\n"
        "  legal: {roles: [controller], high_risk: false, systems: {assistant: {high_risk: true, data: []}}}\n"
    )
    assert said(tmp_path, block) == []
    review = load_workspace(tmp_path / "psfir.yaml").review
    assert [review.calendar_of(*who).name for who in (("dana", "assistant"), ("lee", "assistant"), ("lee", "x"))] == [
        "a",
        "b",
        "c",
    ]
    legal = review.legal_of("assistant")
    assert (legal.roles, legal.data, legal.jurisdictions, legal.high_risk) == (("controller",), (), None, True)
    assert review.legal_of("other").high_risk is False
