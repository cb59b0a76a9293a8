"""`psfir pull`: one lever by hand, held to all that a runbook is held to."""

from __future__ import annotations

from pathlib import Path

from tests.app.workspaces import lay_out, psfir, result


def test_a_lever_pulled_by_hand_is_recorded_proven_and_restorable(tmp_path: Path) -> None:
    """Psfir pull: the system's own probes prove it, and restore puts it back."""
    estate = lay_out(tmp_path)
    target = ("--target", "connection=estate", "--target", "switch=gateway")
    done = psfir(tmp_path, "pull", "memory.switch", *target, "--set", "on=false", "--yes", "--json")
    assert (done.returncode, result(done)["verdict"]) == (0, "contained")
    wrong = psfir(tmp_path, "pull", "memory.switch", *target, "--set", "onn=false", "--yes")
    assert wrong.returncode == 2
    assert "did you mean on?" in wrong.stderr
    back = psfir(tmp_path, "restore", "--yes", "--json")
    # A pull by hand asks for two people to restore; one alone is refused.
    assert back.returncode == 3
    assert estate.effects("gateway") == 1


def test_what_is_pulled_by_hand_is_checked_as_a_file_is(tmp_path: Path) -> None:
    """A value of the wrong type is refused before anything is read."""
    estate = lay_out(tmp_path)
    words = ("--target", "connection=estate", "--target", "switch=gateway", "--set", "on=maybe", "--yes")
    done = psfir(tmp_path, "pull", "memory.switch", *words)
    assert done.returncode == 2
    assert "on must be true or false" in done.stderr
    assert estate.writes() == []


def test_without_a_probe_the_end_says_changed_not_proven(tmp_path: Path) -> None:
    """Exit 5, and no verdict is claimed."""
    lay_out(tmp_path)
    (tmp_path / "runbooks" / "off.yaml").unlink()
    words = ("--target", "connection=estate", "--target", "switch=gateway", "--set", "on=false", "--yes")
    done = psfir(tmp_path, "pull", "memory.switch", *words)
    assert done.returncode == 5
    assert "CHANGED, NOT PROVEN" in done.stdout


def test_a_pull_by_hand_is_no_way_round_a_restore(tmp_path: Path) -> None:
    """What a kill switched off is not switched on by a pull; and somebody unknown pulls nothing."""
    estate = lay_out(tmp_path)
    assert psfir(tmp_path, "kill", "assistant", "--yes").returncode == 0
    words = ("--target", "connection=estate", "--target", "switch=gateway", "--set", "on=true", "--yes")
    done = psfir(tmp_path, "pull", "memory.switch", *words)
    assert done.returncode == 3
    assert "psfir restore" in done.stderr
    stranger = psfir(tmp_path, "pull", "memory.switch", *words, "--name", "bob", "--reason", "x", me="nobody")
    assert stranger.returncode == 3
    assert estate.effects("gateway") == 1
