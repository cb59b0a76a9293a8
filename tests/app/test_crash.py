"""Promise 6: written before done. A real process is killed with SIGKILL at every record boundary of a kill."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from psfir.domain.entries import check
from psfir.records.sqlite import SqliteJournal
from tests.app.workspaces import environment, lay_out, psfir, result

CHILD = Path(__file__).with_name("crash_child.py")


def run_child(root: Path, at: int, when: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(CHILD), str(at), when, *words],
        cwd=root,
        env=environment(root),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def boundaries(root: Path, *words: str) -> int:
    whole = run_child(root, 0, "never", *words)
    found = re.search(r"appends (\d+)", whole.stderr)
    assert found, whole.stderr
    assert whole.returncode == 0, whole.stdout + whole.stderr
    return int(found[1])


def flaw(root: Path) -> str:
    """What is wrong with the chain, '' if it holds."""
    with SqliteJournal(root / ".psfir" / "record.sqlite3") as journal:
        found = check(journal.read())
    return f"{root.name}: {found}" if found else ""


def die_and_carry_on(root: Path, at: int, when: str) -> str:
    """One death and what came after it; the answer names what is wrong, '' if the truth was told."""
    estate = lay_out(root)
    died = run_child(root, at, when, "kill", "assistant", "--yes", "--json")
    if died.returncode != -signal.SIGKILL:
        return f"{at} {when}: did not die but ended with {died.returncode}: {died.stderr}"
    after = psfir(root, "resume", "--json")
    if after.returncode != 0:
        # Nothing had begun, or all had ended: then pressing again must do, and nothing more.
        after = psfir(root, "kill", "assistant", "--yes", "--json")
    told = result(after)
    if told.get("verdict") != "contained" or after.returncode != 0:
        return f"{at} {when}: {after.stdout} {after.stderr}"
    if estate.effects("gateway") != 1:
        return f"{at} {when}: {estate.effects('gateway')} side effects: {estate.writes('gateway')}"
    return flaw(root)


@pytest.mark.timeout(120)
def test_kill_minus_nine_at_every_record_boundary_ends_in_the_truth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Killed before and after every append: resume tells the truth, with one side effect and nothing lost."""
    lay_out(tmp_path / "whole")
    count = boundaries(tmp_path / "whole", "kill", "assistant", "--yes", "--json")
    assert count >= 12
    spots = [(at, when) for at in range(1, count + 1) for when in ("before", "after")]
    with ThreadPoolExecutor(3) as pool:
        wrong = list(pool.map(lambda spot: die_and_carry_on(tmp_path / f"{spot[0]}-{spot[1]}", *spot), spots))
    with capsys.disabled():
        sys.stdout.write(f"\nkilled at {len(spots)} record boundaries of one containment\n")
    assert [text for text in wrong if text] == []


@pytest.mark.timeout(120)
def test_a_restore_killed_at_every_record_boundary_puts_back_once(tmp_path: Path) -> None:
    """A restore that died is carried on: the target is put back exactly once."""

    def one(spot: tuple[int, str]) -> str:
        at, when = spot
        root = tmp_path / f"{at}-{when}"
        estate = lay_out(root)
        assert psfir(root, "kill", "assistant", "--yes").returncode == 0
        died = run_child(root, at, when, "restore", "--yes")
        if died.returncode != -signal.SIGKILL:
            return f"{at} {when}: did not die: {died.stderr}"
        after = psfir(root, "resume", "--json")
        if after.returncode != 0:
            after = psfir(root, "restore", "--yes", "--json")
        writes = [write["state"] for write in estate.writes("gateway") if write["became"] == "changed"]
        if writes != [{"on": False}, {"on": True}]:
            return f"{at} {when}: {estate.writes('gateway')} {after.stdout} {after.stderr}"
        return ""

    lay_out(tmp_path / "whole")
    assert psfir(tmp_path / "whole", "kill", "assistant", "--yes").returncode == 0
    count = boundaries(tmp_path / "whole", "restore", "--yes")
    spots = [(at, when) for at in range(1, count + 1) for when in ("before", "after")]
    with ThreadPoolExecutor(3) as pool:
        wrong = list(pool.map(one, spots))
    assert [text for text in wrong if text] == []
