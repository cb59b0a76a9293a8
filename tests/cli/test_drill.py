"""`psfir drill`: what there is to rehearse, what players may know of it, and whether it is sound."""

import re
from pathlib import Path

import pytest

from psfir.app.drill_lint import personal
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


def test_every_scenario_is_listed(keyboard: Keyboard) -> None:
    """With level and duration, and that it was never played."""
    lines = keyboard.ok("drill", "list").out.splitlines()
    assert len(lines) == len(list(files_of(shipped("drills").parent, "drills")))
    (line,) = [line for line in lines if "kill-switch-fails" in line]
    assert re.search(r"functional +1h30m +last run: none", line)
    said = keyboard.ok("drill", "list", "--json").json
    assert [one["last_run"] for one in said["drills"]] == [None] * len(lines)
    assert {one["id"]: one["statements"] for one in said["drills"]}["kill-switch-fails"] == [1, 2, 4]


def test_a_broken_one_is_named_and_hides_no_other(keyboard: Keyboard) -> None:
    """Exit code 1, and all others are there."""
    (keyboard.root / "drills" / "bad.yaml").write_text("schema: psfir.drill/1\nid: bad\n")
    done = keyboard.type("drill", "list")
    assert done.code == 1
    assert "bad cannot be read: " in done.out
    assert "refund-policy" in done.out


def test_an_empty_workspace_says_so(keyboard: Keyboard) -> None:
    """No scenario is taken silently from those that ship."""
    for path in files_of(keyboard.root, "drills"):
        path.unlink()
    assert keyboard.ok("drill", "list").out == "no scenario here; psfir drill new NAME writes one\n"


def test_without_being_asked_it_gives_nothing_away(keyboard: Keyboard) -> None:
    """A player may look: no inject, no expectation, no note of the facilitator, on paper or as JSON."""
    for words in (("drill", "show", "kill-switch-fails"), ("drill", "show", "kill-switch-fails", "--json")):
        page = keyboard.ok(*words).out
        assert "flag vendor" not in page
        assert "declared" not in page
        assert "on-call" in page
    told = keyboard.ok("drill", "show", "kill-switch-fails", "--spoil").out
    assert "stopped: The assistant is off and probes have seen it within 15m, critical" in told
    assert "3. still-there, 0s after stopped is missed, for commander, comms" in told
    assert keyboard.ok("drill", "show", "kill-switch-fails", "--spoil", "--json").json["drill"]["injects"]


def test_one_that_is_not_there_is_guessed_at(keyboard: Keyboard) -> None:
    """Exit code 2 with the near miss."""
    done = keyboard.type("drill", "show", "refund-polisy")
    assert done.code == 2
    assert "did you mean refund-policy?" in done.err


def test_a_new_one_is_ten_lines_and_sound(keyboard: Keyboard) -> None:
    """It passes the strict linter as it is, and none is written over another."""
    keyboard.ok("drill", "new", "wrong-prices")
    path = keyboard.root / "drills" / "wrong-prices.yaml"
    assert len(path.read_text().splitlines()) == 10
    assert "1 file, 0 errors, 0 warnings" in keyboard.ok("drill", "lint", "wrong-prices", "--strict").out
    assert keyboard.type("drill", "new", "wrong-prices").code == 3
    assert keyboard.type("drill", "new", "Wrong Prices").code == 2
    assert not (keyboard.root / "drills" / "Wrong Prices.yaml").exists()


def test_what_is_wrong_has_its_place(keyboard: Keyboard) -> None:
    """Names are looked up in the whole workspace, faults among those of the range, and `psfir lint` says the same."""
    path = keyboard.root / "drills" / "kill-switch-fails.yaml"
    text = path.read_text()
    text = text.replace("runbooks: [support-assistant-disable]", "runbooks: [support-assistant-disabl]")
    text = text.replace("fault: launchdarkly.down", "fault: launchdarkly.dwon")
    text = text.replace("kill-switch-fails/samples.txt", "gone.txt").replace("gdpr-33-1", "gdpr-33-3")
    path.write_text(text)
    for words in (("drill", "lint", "kill-switch-fails"), ("lint", str(path.parent))):
        done = keyboard.type(*words)
        assert done.code == 1
        assert (
            "there is no runbook 'support-assistant-disabl' here; did you mean support-assistant-disable?" in done.out
        )
        assert "there is no fault 'launchdarkly.dwon'; did you mean launchdarkly.down?" in done.out
        assert "there is no file 'artefacts/gone.txt' beside the scenario" in done.out
        assert "there is no legal clock 'gdpr-33-3' here; did you mean gdpr-33-" in done.out
    assert keyboard.type("drill", "lint", "--json").json["errors"] == 4


def test_an_attachment_cannot_lead_out_of_the_folder(keyboard: Keyboard) -> None:
    """Nor can it hold somebody's data."""
    path = keyboard.root / "drills" / "refund-policy.yaml"
    sound = path.read_text()
    path.write_text(sound.replace("artefacts/refund-policy/chat.txt", "../psfir.yaml"))
    assert "there is no file '../psfir.yaml' beside the scenario" in keyboard.type("drill", "lint").out
    path.write_text(sound)
    (path.parent / "artefacts" / "refund-policy" / "chat.txt").write_text("Card 4111 1111 1111 1111")
    assert "looks like a card number" in keyboard.type("drill", "lint").out


def test_invented_addresses_are_nobodys() -> None:
    """Those under names that are reserved for examples; any other address may be somebody's."""
    assert list(personal("write to ada@shop.example or bob@example.com.")) == []
    assert len(list(personal("write to ada@gmail.com"))) == 1
    assert len(list(personal("password: hunter2hunter2"))) == 1
