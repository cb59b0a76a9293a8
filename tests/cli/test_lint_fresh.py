"""`psfir lint` over what `psfir init` lays out, and over a secret that somebody wrote into it."""

from pathlib import Path

import pytest

from tests.cli.keyboard import Keyboard

STYLES = ("text", "json", "github", "sarif")


@pytest.fixture
def keyboard(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    return Keyboard(tmp_path / "other", capsys, monkeypatch)


@pytest.fixture
def fresh(tmp_path: Path, keyboard: Keyboard) -> Path:
    keyboard.ok("init", str(tmp_path / "fresh"))
    return tmp_path / "fresh"


def test_a_fresh_workspace_has_nothing_to_say(keyboard: Keyboard, fresh: Path) -> None:
    """No error and no warning, and each runbook has its critical path."""
    done = keyboard.ok("lint", "-w", str(fresh), "--strict")
    assert done.err == ""
    assert done.out.rstrip().endswith(" 0 errors, 0 warnings")
    for mode in ("disable", "degrade", "isolate"):
        assert f"support-assistant-{mode}  at worst " in done.out


def test_its_playbooks_are_not_rehearsed_yet(keyboard: Keyboard, fresh: Path) -> None:
    """Which is no fault of a file, but is told to programs."""
    said = keyboard.ok("lint", "-w", str(fresh), "--json").json
    assert (said["errors"], said["warnings"]) == (0, 0)
    assert sorted(said["untested"]) == sorted(path.stem for path in (fresh / "playbooks").iterdir())


@pytest.mark.parametrize("style", STYLES)
def test_a_secret_written_out_is_in_no_output(keyboard: Keyboard, fresh: Path, style: str) -> None:
    """Whoever wrote it into psfir.yaml does not find it in the log of a CI run as well."""
    path = fresh / "psfir.yaml"
    link = "connections:\n  gateway: {kind: http, url: 'https://a.example', token: hunter2canary}\n"
    path.write_text(path.read_text().replace("connections:\n", link))
    done = keyboard.type("lint", "-w", str(fresh), "--format", style)
    assert done.code == 1
    assert "must say where the secret is" in done.out
    assert "hunter2canary" not in done.out + done.err
