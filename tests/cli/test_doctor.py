"""`psfir doctor`: one line a check, its word beside its colour, and an exit code that tells what it came to."""

from pathlib import Path

import pytest

from psfir.app.doctor import Check, Word
from tests.cli.keyboard import Keyboard, on_a_terminal


@pytest.fixture
def keyboard(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    return Keyboard(tmp_path, capsys, monkeypatch)


def test_all_is_there(keyboard: Keyboard) -> None:
    """Every line begins with ok."""
    lines = keyboard.ok("doctor").out.splitlines()
    assert all(line.startswith("ok ") for line in lines)
    assert lines[-1].split(maxsplit=2)[1:] == ["terminal", "not a terminal: plain lines, no colour"]


def test_something_is_missing(keyboard: Keyboard) -> None:
    """The word, the reason, the cure, and exit code 1."""
    (keyboard.root / "estate.json").unlink()
    keyboard.me("mallory")
    done = keyboard.type("doctor")
    assert done.code == 1
    assert "FAILED         connection estate" in done.out
    assert "-> set PSFIR_ME to your id" in done.out


def test_something_cannot_be_told(keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is neither fine nor failed: a word and an exit code of its own."""
    odd = [Check("odd", Word.COULD_NOT_TELL, "no way to look")]
    monkeypatch.setattr("psfir.app.doctor.examine", lambda *_, **__: odd)
    done = keyboard.type("doctor")
    assert done.code == 6
    assert done.out.startswith("COULD NOT TELL odd")


def test_outside_a_workspace(keyboard: Keyboard, tmp_path: Path) -> None:
    """The one thing to cure is said."""
    done = keyboard.type("doctor", "-w", str(tmp_path / "gone"))
    assert done.code == 1
    assert done.out.splitlines()[0].endswith("holds no psfir.yaml")
    assert done.out.splitlines()[1] == "  -> psfir init lays one out"


def test_on_a_narrow_terminal_it_can_be_read(keyboard: Keyboard) -> None:
    """No line is wider, no word is cut, and what does not fit behind a name stands below it."""
    workspace = keyboard.root / "psfir.yaml"
    workspace.write_text(workspace.read_text().replace("estate:", "estate-with-a-rather-long-name:"))
    plain = on_a_terminal(keyboard.root, "doctor", columns=60, NO_COLOR="1").out.replace("\r", "")
    assert "ok             connection estate-with-a-rather-long-name\n    " in plain
    assert [line for line in plain.splitlines() if len(line) > 60 and len(line.split()) > 1] == []


def test_the_json(keyboard: Keyboard) -> None:
    """Each check with its word, and whether all are fine."""
    said = keyboard.ok("doctor", "--json").json
    assert sorted(said) == ["checks", "ok", "schema"]
    assert said["ok"] is True
    assert {tuple(sorted(check)) for check in said["checks"]} == {("name", "says", "todo", "word")}


def test_the_terminal_is_described(keyboard: Keyboard) -> None:
    """Its width, and whether colour is wanted."""
    assert "70 columns, colour" in on_a_terminal(keyboard.root, "doctor", columns=70).out
    assert "70 columns, no colour (NO_COLOR)" in on_a_terminal(keyboard.root, "doctor", columns=70, NO_COLOR="1").out
