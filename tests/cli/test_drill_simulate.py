"""`psfir drill simulate`: the answer in plain sentences, as a picture, as a page and as JSON."""

import re
from pathlib import Path

import pytest

from tests.cli.keyboard import Keyboard, on_a_terminal

WORDS = ("drill", "simulate", "support-assistant", "--runs", "2000")


@pytest.fixture
def board(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    """The reference system, with the real vendors in its runbooks."""
    board = Keyboard(tmp_path / "kit", capsys, monkeypatch)
    board.ok("init", "--reference", str(tmp_path / "work"))
    board.root = tmp_path / "work"
    monkeypatch.setenv("PSFIR_WORKSPACE", str(board.root))
    return board


def test_the_answer_is_a_chance_with_its_interval(board: Keyboard) -> None:
    """The deadline, containment at all, quantiles, what costs most, what would help, and the caution."""
    page = board.ok(*WORDS).out
    assert re.search(r"within 15m +\d+\.\d% \(\d+\.\d% to \d+\.\d%\) of 2,000 runs are contained and proven", page)
    for part in (
        "at all ",
        "from the trigger  50% of runs by ",
        "with its detection",
        "deadline: ",
        "  acknowledge ",
        "stop-runs 1. kubernetes.replicas",
        "  pre-approval +",
        "  a second approver +",
        "  one more rung +",
        "0 declarations, 0 decisions, 0 further yeses, 0 pulls, 0 proofs",
        "never evidence",
    ):
        assert part in page, part


def test_a_seed_gives_the_same_answer_again(board: Keyboard) -> None:
    assert board.ok(*WORDS, "--seed", "7").out == board.ok(*WORDS, "--seed", "7").out
    assert board.ok(*WORDS, "--seed", "7", "--json").json["in_time"] != board.ok(*WORDS, "--json").json["in_time"]


def test_programs_get_the_same_numbers(board: Keyboard) -> None:
    """And the word that it is no evidence."""
    said = board.ok(*WORDS, "--json").json
    assert said["schema"] == "psfir.out.drill.simulate/1"
    assert said["evidence"] is False
    assert said["in_time"]["low"] < said["in_time"]["value"] < said["in_time"]["high"] <= said["contained"]["value"]
    assert sum(said["misses"].values()) == round(said["runs"] * (1 - said["in_time"]["value"]))
    assert said["quantiles"]["0.5"] < said["quantiles"]["0.75"]
    assert {one["name"] for one in said["changes"]} == {"pre-approval", "a second approver", "one more rung"}


def test_a_page_holds_all_of_it(board: Keyboard, tmp_path: Path) -> None:
    """One file with its picture, what costs, what helps and every assumption; it asks for nothing from outside."""
    path = tmp_path / "odds.html"
    board.ok(*WORDS, "--report", str(path))
    page = path.read_text()
    assert "<svg" in page
    for part in ("What costs most", "What would help", "What is assumed", "never evidence", "pre-approval"):
        assert part in page
    assert not re.search(r"<script|<link|<img|@import|src=", page)


def test_the_assumptions_are_shown_with_their_sources(board: Keyboard) -> None:
    """Each with its grade."""
    page = board.ok(*WORDS, "--priors").out
    assert "New Relic" in page
    assert "[secondary]" in page
    assert "[assumption]" in page


def test_on_a_terminal_of_eighty_columns_nothing_is_wider(board: Keyboard) -> None:
    """Without colour too."""
    said = on_a_terminal(board.root, *WORDS, NO_COLOR="1").out
    assert "never evidence" in " ".join(said.split())
    assert [line for line in said.splitlines() if len(line) > 80] == []


def test_what_is_not_there_is_refused(board: Keyboard) -> None:
    """Exit code 2 with the near miss."""
    done = board.type("drill", "simulate", "support-asistant")
    assert done.code == 2
    assert "did you mean support-assistant?" in done.err
