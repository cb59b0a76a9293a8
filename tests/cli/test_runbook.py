"""`psfir runbook`: what psfir can carry out, and how long it takes at worst."""

from pathlib import Path

import pytest

from psfir.loading.content import files_of, shipped
from tests.cli.keyboard import Keyboard


@pytest.fixture
def keyboard(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    """A workspace as init lays it out."""
    board = Keyboard(tmp_path / "kit", capsys, monkeypatch)
    board.ok("init", str(tmp_path / "work"))
    board.root = tmp_path / "work"
    monkeypatch.setenv("PSFIR_WORKSPACE", str(board.root))
    return board


def test_every_runbook_is_listed(keyboard: Keyboard) -> None:
    """With system, mode and worst case."""
    lines = keyboard.ok("runbook", "list").out.splitlines()
    assert len(lines) == len(list(shipped("runbooks").glob("*.yaml")))
    assert any(line.split()[:3] == ["support-assistant-disable", "support-assistant", "disable"] for line in lines)
    said = keyboard.ok("runbook", "list", "--json").json
    keys = ["covers", "deadline", "fits", "id", "mode", "soak", "system", "title", "total"]
    assert sorted(said["runbooks"][0]) == keys


def test_a_broken_one_is_named_and_hides_no_other(keyboard: Keyboard) -> None:
    """Exit code 1, and all others are there."""
    (keyboard.root / "runbooks" / "bad.yaml").write_text("schema: psfir.runbook/1\nid: bad\n")
    done = keyboard.type("runbook", "list")
    assert done.code == 1
    assert "bad cannot be read: " in done.out
    assert "support-assistant-disable" in done.out
    assert list(keyboard.type("runbook", "list", "--json").json["broken"]) == ["bad"]


def test_one_is_shown_with_its_ladder_and_worst_case(keyboard: Keyboard) -> None:
    """Each rung, each probe, each share, and the sum against the deadline."""
    page = keyboard.ok("runbook", "show", "support-assistant-disable").out
    for part in (
        "yeses: kill 1, restore 2",
        "step stop-answering",
        "  1.  memory.switch",
        "proof",
        "worst case ",
        " of 15m",
    ):
        assert part in page
    said = keyboard.ok("runbook", "show", "support-assistant-disable", "--json").json
    assert said["runbook"]["id"] == "support-assistant-disable"
    shares = said["worst_case"]["shares"]
    assert sum(share["seconds"] for share in shares) == said["worst_case"]["total"]


def test_one_that_is_too_long_is_loud(keyboard: Keyboard) -> None:
    """Lint refuses it, and so does nobody overlook it here."""
    path = next(iter(files_of(keyboard.root, "runbooks")))
    text = path.read_text()
    assert "within: 10s" in text
    path.write_text(text.replace("within: 10s", "within: 20m"))
    assert "TOO LONG" in keyboard.type("runbook", "show", path.stem).out


def test_one_that_is_not_there_is_guessed_at(keyboard: Keyboard) -> None:
    """Exit code 2 with the near miss."""
    done = keyboard.type("runbook", "show", "support-asistant-disable")
    assert done.code == 2
    assert "did you mean support-assistant-disable?" in done.err


def test_an_empty_workspace_says_so(keyboard: Keyboard) -> None:
    """No runbook is taken silently from those that ship."""
    for path in files_of(keyboard.root, "runbooks"):
        path.unlink()
    assert keyboard.ok("runbook", "list").out == "no runbook here; psfir init lays out some\n"
