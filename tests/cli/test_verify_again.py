"""Looking again once it is over, and what the plan says to type next."""

from pathlib import Path

from tests.app.workspaces import lay_out, psfir, result


def test_what_was_put_back_is_not_looked_at_again(tmp_path: Path) -> None:
    """A restored system answers, as it should: that is no failed containment, and nobody is told to kill."""
    lay_out(tmp_path)
    assert psfir(tmp_path, "kill", "assistant", "--yes").returncode == 0
    restored = psfir(tmp_path, "restore", "--yes", me="lee")
    assert restored.returncode == 0, restored.stdout + restored.stderr
    before = result(psfir(tmp_path, "incident", "show", "--json"))
    looked = psfir(tmp_path, "verify")
    assert looked.returncode == 3
    assert "has been put back" in looked.stderr
    assert "psfir kill" not in looked.stdout + looked.stderr
    after = result(psfir(tmp_path, "incident", "show", "--json"))
    assert after["incident"]["runs"] == before["incident"]["runs"]


def test_the_next_line_of_a_plan_kills_by_the_same_runbook(tmp_path: Path) -> None:
    """Pasted, it carries out what was read."""
    lay_out(tmp_path)
    assert psfir(tmp_path, "plan", "assistant", "--runbook", "off").stdout.rstrip().endswith("--runbook off")
    assert psfir(tmp_path, "plan", "assistant", "--mode", "disable").stdout.rstrip().endswith("--mode disable")
