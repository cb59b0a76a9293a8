"""TAB: a real shell's script, what it offers, and that nothing can make it fail, print or write."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.incident_kit import opened
from tests.cli.keyboard import Keyboard

CODE = "from psfir.cli.main import main; main()"


@pytest.fixture
def keyboard(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    board = Keyboard(tmp_path, capsys, monkeypatch)
    for kind, name, text in (("runbooks", "off.yaml", "id: from-file\n"), ("playbooks", "harm.md", "")):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / name).write_text(text)
    return board


def tab(*words: str, **env: str) -> list[str]:
    """What bash is offered for the last word."""
    asked = {**os.environ, "_PSFIR_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(["psfir", *words])}
    asked |= {"COMP_CWORD": str(len(words)), **env}
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=asked, capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(keyboard: Keyboard, shell: str) -> None:
    """The script calls psfir back with its own variable; a shell that is here accepts it."""
    script = keyboard.ok("completion", shell).out
    assert f"_PSFIR_COMPLETE={shell}_complete" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True, timeout=30)
    said = keyboard.ok("completion", shell, "--json").json
    assert (said["schema"], said["shell"], said["script"] + "\n") == ("psfir.out.completion/1", shell, script)


def test_another_shell_is_refused(keyboard: Keyboard) -> None:
    """With those there are."""
    done = keyboard.type("completion", "tcsh")
    assert done.code == 2
    assert "bash" in done.err


def test_commands_options_and_names_are_offered(keyboard: Keyboard) -> None:
    """Systems, incidents, people, runbooks, playbooks, each where it may stand."""
    session = keyboard.session()
    first, second = opened(session), opened(session, "search")
    assert tab("inc") == ["incident"]
    assert tab("--w") == ["--workspace"]
    assert tab("incident", "decl") == ["declare"]
    assert tab("incident", "declare", "sup") == ["support-assistant"]
    assert tab("incident", "show", "INC") == [second.id, first.id]
    assert tab("status", first.id) == [first.id]
    assert tab("incident", "hand-over", "--to", "b") == ["bob"]
    assert tab("playbook", "show", "") == ["harm"]
    assert tab("runbook", "show", "") == ["from-file"]


def test_the_seats_of_an_incident_and_then_the_people_are_offered(keyboard: Keyboard) -> None:
    """SEAT stands first or behind the incident, PERSON behind it, and nothing behind that."""
    inc = opened(keyboard.session()).id
    assert tab("incident", "seat", "comm") == ["commander", "comms_lead"]
    assert tab("incident", "seat", "INC") == [inc]
    assert tab("incident", "seat", inc, "scr") == ["scribe"]
    assert tab("incident", "seat", "comms-lead", "") == ["alice", "bob", "carol", "dora"]
    assert tab("incident", "seat", inc, "scribe", "c") == ["carol"]
    assert tab("incident", "seat", inc, "scribe", "carol", "") == []
    assert tab("incident", "hand-over", "--seat", "deputy_c") == ["deputy_commander", "deputy_comms_lead"]


def test_severities_are_offered(keyboard: Keyboard) -> None:
    """Alone, or behind the incident."""
    inc = opened(keyboard.session()).id
    assert tab("incident", "severity", "") == ["sev1", "sev2", "sev3", "sev4", inc]
    assert tab("incident", "severity", inc, "") == ["sev1", "sev2", "sev3", "sev4"]
    assert tab("incident", "severity", "sev1", "") == []


def test_the_steps_of_the_playbook_are_offered(keyboard: Keyboard, root: Path) -> None:
    """Those of the one that was named, in its order; of one that cannot be read, none."""
    shutil.copy(root / "playbooks" / "harmful-output.md", keyboard.root / "playbooks")
    assert tab("playbook", "tick", "harmful-output", "")[:2] == ["kill-first", "take-command"]
    assert tab("playbook", "tick", "harmful-output", "kill") == ["kill-first"]
    assert tab("playbook", "tick", "harm", "") == []
    assert tab("playbook", "tick", "gone", "") == []


@pytest.mark.parametrize(
    "words",
    [
        ("frob", "x"),
        ("incident", "show", "x"),
        ("incident", "declare", ""),
        ("runbook", "show", ""),
        ("playbook", "show", ""),
    ],
)
def test_a_broken_workspace_offers_nothing(keyboard: Keyboard, words: tuple[str, ...]) -> None:
    """No sentence, no traceback, no new file."""
    shutil.rmtree(keyboard.root / ".psfir", ignore_errors=True)
    (keyboard.root / "psfir.yaml").write_bytes(b"\xff\x00: [")
    for kind in ("runbooks", "playbooks"):
        shutil.rmtree(keyboard.root / kind)
    assert tab(*words) == []
    assert sorted(path.name for path in keyboard.root.iterdir()) == ["estate.json", "psfir.yaml"]


def test_no_record_is_made_by_asking(keyboard: Keyboard) -> None:
    """TAB only looks."""
    assert tab("incident", "show", "") == []
    assert not (keyboard.root / ".psfir").exists()
    assert tab("incident", "declare", "s", PSFIR_WORKSPACE=str(keyboard.root / "gone")) == []
