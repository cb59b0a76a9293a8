"""`psfir init`: a workspace that works at once."""

from pathlib import Path

import pytest

from tests.cli.keyboard import Keyboard


@pytest.fixture
def keyboard(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    return Keyboard(tmp_path / "other", capsys, monkeypatch)


def test_what_is_laid_out_works_at_once(keyboard: Keyboard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Doctor passes for one of its people, and a plan can be drawn."""
    done = keyboard.ok("init", str(tmp_path / "ops"))
    assert done.out.startswith(f"laid out {tmp_path / 'ops'}: ")
    steps = [done.out.index(word) for word in ("export PSFIR_ME=", "psfir lint && psfir doctor", "psfir plan")]
    assert steps == sorted(steps), "each step works once those before it are done"
    monkeypatch.setenv("PSFIR_WORKSPACE", str(tmp_path / "ops"))
    keyboard.me("ada")
    assert keyboard.type("doctor").code == 0
    keyboard.ok("plan", "support-assistant")
    keyboard.ok("runbook", "list")


def test_the_reference_is_for_the_real_vendors(keyboard: Keyboard, tmp_path: Path) -> None:
    """Lint is content with it as it stands, and its secrets are the environment's."""
    said = keyboard.ok("init", "--reference", str(tmp_path / "ops")).out
    steps = [said.index(word) for word in ("psfir lint", "psfir lever check", "psfir range up --workspace .")]
    assert steps == sorted(steps), "the files, what they need of the real thing, and where it can be rehearsed"
    assert keyboard.ok("lint", "-w", str(tmp_path / "ops"), "--strict").out.rstrip().endswith(" 0 errors, 0 warnings")
    assert "kind: launchdarkly" in (tmp_path / "ops" / "psfir.yaml").read_text()


def test_here_is_the_default(keyboard: Keyboard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And needs no cd."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert "cd " not in keyboard.ok("init").out
    assert (tmp_path / "here" / "psfir.yaml").is_file()


def test_a_workspace_that_is_there_is_refused(keyboard: Keyboard) -> None:
    """Exit code 3, and it is as it was."""
    before = (keyboard.root / "psfir.yaml").read_text()
    done = keyboard.type("init", str(keyboard.root))
    assert done.code == 3
    assert "is there already, and not empty" in done.err
    assert (keyboard.root / "psfir.yaml").read_text() == before


def test_what_stayed_is_said(keyboard: Keyboard, tmp_path: Path) -> None:
    """A file of the same name is not overwritten, in JSON too."""
    (tmp_path / "ops" / "playbooks").mkdir(parents=True)
    (tmp_path / "ops" / "playbooks" / "harmful-output.md").write_text("ours")
    said = keyboard.ok("init", str(tmp_path / "ops"), "--json").json
    assert sorted(said) == ["kept", "made", "root", "schema"]
    assert said["kept"] == ["playbooks/harmful-output.md"]


def test_a_folder_that_cannot_be_is_a_sentence(keyboard: Keyboard, tmp_path: Path) -> None:
    """Exit code 2."""
    (tmp_path / "file").write_text("")
    assert keyboard.type("init", str(tmp_path / "file" / "ops")).code == 2
