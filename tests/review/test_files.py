"""What lint says of calendars and of files of closed days."""

from pathlib import Path

import pytest

from psfir.app.lint import lint
from psfir.loading.workspace import load_workspace
from tests.app.workspaces import PSFIR_YAML, RUNBOOK, lay_out
from tests.loading.desk import REAL, TODAY
from tests.review.test_clock_file import GOOD


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
        ("review: {retention: {evidence: 7}}", "is not between 30 and"),
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


HIGH_RISK = "review: {legal: {roles: [provider], jurisdictions: [eu], high_risk: true}}\n"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "say `alters_evidence`"),
        ("alters_evidence: false\n", ""),
        ("alters_evidence: true\n", "containment must not; take what alters into a runbook of its own"),
    ],
)
def test_lint_asks_of_a_high_risk_system_whether_evidence_is_altered(tmp_path: Path, line: str, says: str) -> None:
    """And refuses a runbook that would keep containment waiting."""
    lay_out(tmp_path, runbook=RUNBOOK + line)
    (tmp_path / "psfir.yaml").write_text(PSFIR_YAML + HIGH_RISK)
    report = lint(tmp_path, (), catalog=REAL, today=TODAY)
    found = [problem.sentence for problem in report.problems if problem.rule == "evidence"]
    assert bool(found) is bool(says)
    assert not says or says in found[0]


def test_lint_refuses_an_altering_runbook_that_keeps_nothing(tmp_path: Path) -> None:
    """Also where no mode names it."""
    capture = "capture:\n  - source: memory\n    target: {connection: estate, switch: flag}\n"
    lay_out(tmp_path, runbook=RUNBOOK.replace(capture, "alters_evidence: true\n"))
    (tmp_path / "psfir.yaml").write_text(PSFIR_YAML.replace(', runbooks: {disable: "off"}', "") + HIGH_RISK)
    report = lint(tmp_path, (), catalog=REAL, today=TODAY)
    found = [problem.sentence for problem in report.problems if problem.rule == "evidence"]
    assert found == ["it alters a high-risk system and captures nothing before: causes could not be found any more"]


def test_a_word_that_no_clock_asks_for_is_probably_a_slip(tmp_path: Path) -> None:
    """It would keep a duty out of sight; a place below one that is asked for is none, nor a word of one's own clock."""
    block = "review: {legal: {roles: [contoller, supplier], data: [personal], jurisdictions: [eu-de, eu, uk]}}\n"
    found = [line for line in said(tmp_path, block) if "no clock asks for" in line]
    assert "'contoller' under roles; did you mean controller?" in found[0]
    assert "'supplier'" in found[1]
    assert "'uk'" in found[2]
    (tmp_path / "clocks").mkdir()
    (tmp_path / "clocks" / "own-1.yaml").write_text(GOOD + "applies: {roles: [supplier]}\n")
    assert not [line for line in said(tmp_path, block) if "'supplier'" in line]


def test_lint_reads_the_clocks_of_a_workspace(tmp_path: Path) -> None:
    """Each slip is told in its own file."""
    lay_out(tmp_path)
    (tmp_path / "clocks").mkdir()
    (tmp_path / "clocks" / "own-1.yaml").write_text(GOOD.replace("n: 12", "n: 10"))
    (tmp_path / "clocks" / "own-2.yaml").write_text(GOOD.replace("start: aware", "after: [own-1]"))
    (tmp_path / "clocks" / "own-3.yaml").write_text(
        GOOD.replace("own-1", "own-3").replace("start: aware", "after: [own-3]")
    )
    report = lint(tmp_path, (), catalog=REAL, today=TODAY)
    found = {problem.file: problem.sentence for problem in report.problems if problem.file.startswith("clocks/")}
    assert "the quote does not say 10" in found["clocks/own-1.yaml"]
    assert "ids are used once" in found["clocks/own-2.yaml"]
    assert "its own submission" in found["clocks/own-3.yaml"]
