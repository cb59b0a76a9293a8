"""`psfir plan` says how much of the world it could read, and does not call a plan drawn that saw nothing."""

from pathlib import Path

from tests.app.workspaces import lay_out, psfir, result

FINE = {"state": {"on": True}}


def test_a_plan_of_which_nothing_could_be_read_is_not_drawn(tmp_path: Path) -> None:
    """It exits 1, counts, sends to the check first, and says that a kill would try the rungs all the same."""
    lay_out(tmp_path, switches={})
    done = psfir(tmp_path, "plan", "assistant")
    assert done.returncode == 1
    assert "0 of 2 rungs could be read: a kill would try them all the same" in done.stdout
    assert done.stdout.splitlines()[-2:] == [
        "next: psfir lever check assistant",
        "  or: psfir kill assistant",
    ]
    (plan,) = result(psfir(tmp_path, "plan", "assistant", "--json"))["plans"]
    assert plan["readable"] == 0
    assert psfir(tmp_path, "plan", "assistant", "--json").returncode == 1


def test_a_plan_of_which_some_could_be_read_is_drawn(tmp_path: Path) -> None:
    """The count stands in it, and the next thing is the kill."""
    lay_out(tmp_path, switches={"flag": FINE})
    done = psfir(tmp_path, "plan", "assistant")
    assert done.returncode == 0
    assert "1 of 2 rungs could be read: a kill would try the other one all the same" in done.stdout
    assert done.stdout.splitlines()[-1] == "next: psfir kill assistant"


def test_a_plan_of_which_all_could_be_read_counts_nothing(tmp_path: Path) -> None:
    """What goes without saying is not said."""
    lay_out(tmp_path, switches={"flag": FINE, "gateway": FINE})
    done = psfir(tmp_path, "plan", "assistant")
    assert done.returncode == 0
    assert "could be read" not in done.stdout
