"""`psfir playbook`: the checklist beside the clock, and the ticks."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.app.incident_kit import StandingClock, at_work, opened
from tests.app.test_playbook import TEXT
from tests.cli.keyboard import Keyboard


@pytest.fixture
def keyboard(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    board = Keyboard(tmp_path, capsys, monkeypatch)
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "playbooks" / "harmful-output.md").write_text(TEXT)
    return board


def declared(keyboard: Keyboard, minutes: float) -> str:
    """An incident whose trigger was so long ago, by the real clock."""
    now = datetime.now(UTC)
    session = at_work(keyboard.root, clock=StandingClock(now))
    return opened(session, trigger_at=now - timedelta(minutes=minutes)).id


def test_on_a_quiet_day_it_is_a_list_of_steps(keyboard: Keyboard) -> None:
    """Due after so long, with the words to say; the detail on request."""
    page = keyboard.ok("playbook", "show", "harmful-output").out
    assert "last tested never" in page
    assert "  [ ] kill-first  ops lead, due 3m: Switch it off" in page
    assert "       say:  Off it goes." in page
    assert "Off is a fact." not in page
    assert "Off is a fact." in keyboard.ok("playbook", "show", "harmful-output", "--details").out


def test_beside_an_incident_it_knows_what_is_due(keyboard: Keyboard) -> None:
    """What should be done by now is marked in words."""
    incident = declared(keyboard, 5)
    lines = keyboard.ok("playbook", "show", "harmful-output").out.splitlines()
    assert f"  beside {incident}" in lines
    due = next(line for line in lines if "kill-first" in line)
    assert due.startswith("! [ ] kill-first")
    assert due.endswith("  DUE")
    assert not next(line for line in lines if "first-word" in line).endswith("DUE")


def test_ticking_and_skipping(keyboard: Keyboard) -> None:
    """Each says what comes next; a reason is shown; a second time is refused."""
    incident = declared(keyboard, 5)
    done = keyboard.ok("playbook", "tick", "harmful-output", "kill-first")
    assert done.out.splitlines() == [
        f"kill-first done in {incident}",
        "next, for comms lead: Say something true",
        "  say:  We have switched it off.",
    ]
    keyboard.ok("playbook", "tick", "harmful-output", "first-word", "--skip", "nobody noticed")
    page = keyboard.ok("playbook", "show", "harmful-output", "--incident", incident).out
    assert "[x] kill-first" in page
    assert "[-] first-word" in page
    assert "because:  nobody noticed" in page
    done = keyboard.type("playbook", "tick", "harmful-output", "kill-first")
    assert done.code == 3
    assert "was done by asserted:alice" in done.err


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["show", "harmful-outptu"], 2, "did you mean harmful-output?"),
        (["tick", "harmful-output", "kill-fist"], 2, "did you mean kill-first?"),
        (["tick", "harmful-output", "kill-first", "--skip", " "], 2, "needs a reason"),
        (["tick", "harmful-output", "kill-first", "--incident", "INC-none"], 2, "there is no incident"),
        (["tick", "harmful-output"], 2, "Missing argument"),
    ],
)
def test_wrong_words_are_sentences(keyboard: Keyboard, words: list[str], code: int, says: str) -> None:
    """Nothing is ticked."""
    declared(keyboard, 1)
    done = keyboard.type("playbook", *words)
    assert done.code == code
    assert says in done.err
    assert keyboard.session().incident().ticks == ()


def test_somebody_unknown_reads_and_does_not_tick(keyboard: Keyboard) -> None:
    """Exit code 3."""
    declared(keyboard, 1)
    keyboard.me("")
    keyboard.ok("playbook", "show", "harmful-output")
    assert keyboard.type("playbook", "tick", "harmful-output", "kill-first").code == 3


def test_the_json(keyboard: Keyboard) -> None:
    """Of a tick and of the list alike."""
    incident = declared(keyboard, 5)
    said = keyboard.ok("playbook", "tick", "harmful-output", "kill-first", "--json").json
    assert said["schema"] == "psfir.out.playbook.tick/1"
    shown = keyboard.ok("playbook", "show", "harmful-output", "--json").json
    assert shown["incident"] == incident
    steps = shown["playbook"]["steps"]
    assert steps == said["steps"]
    keys = ["by", "due", "due_at", "id", "overdue", "reason", "say", "seat", "state", "text"]
    assert sorted(steps[0]) == keys
    assert [(step["state"], step["overdue"]) for step in steps] == [("done", False), (None, False)]
