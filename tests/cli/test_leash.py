"""A command on a leash is the command itself, until whoever holds it is gone."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from psfir.cli import leash
from tests.app.workspaces import RUNBOOK, environment, lay_out
from tests.cli.killing import wait_for

pytestmark = pytest.mark.timeout(60)
SLOW = RUNBOOK.replace("within: 10s\n    soak", "within: 5m\n    soak")


def begun(root: Path, theirs: int, *words: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    command = [*leash.COMMAND, *words]
    return subprocess.Popen(
        command,
        cwd=root,
        env=environment(root),
        stdin=theirs,
        stdout=pipe,
        stderr=pipe,
        text=True,
        process_group=0,
    )


def test_a_command_on_a_leash_is_the_command(tmp_path: Path) -> None:
    """Its words, what it says, its exit code; to read from the leash it is given nothing."""
    lay_out(tmp_path)
    with leash.held() as theirs, begun(tmp_path, theirs, "kill", "assistant") as command:
        out, err = command.communicate(timeout=30)
    assert command.returncode == 2
    assert out.startswith("kill assistant  (disable, runbook off)\n")
    assert "there is nobody here to ask" in err


def test_let_go_it_ends_though_a_kill_is_under_way(tmp_path: Path) -> None:
    """At once and by no word of its own: nobody is there whom it could tell, and the record has what it was at."""
    lay_out(tmp_path, switches={"flag": {"state": {"on": True}}}, runbook=SLOW)
    with leash.held() as theirs:
        command = begun(tmp_path, theirs, "kill", "assistant", "--yes")
        wait_for(tmp_path, "rung.intended")
    with command:
        command.communicate(timeout=10)
    assert command.returncode == -signal.SIGKILL
