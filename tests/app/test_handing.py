"""Rungs that only a worker inside a network can pull: asked for through the record, and never waited for too long."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from psfir.domain.kinds import Kind
from psfir.domain.run import RunFacts
from psfir.vendors.memory import Estate
from tests.app.test_worker import at
from tests.app.workspaces import RUNBOOK, environment, lay_out, psfir, result
from tests.cli.killing import start

INSIDE = RUNBOOK.replace("within: 600ms", "within: WITHIN\n        runner: eu")
OPEN: dict[str, dict[str, Any]] = {"flag": {"state": {"on": True}}, "gateway": {"state": {"on": True}, "replicas": 2}}


def workspace(root: Path, *, within: str, runners: str = "[eu]", proven: str = "flag") -> Estate:
    """A first rung that only `eu` can pull; the probe looks at one of the two switches."""
    book = INSIDE.replace("WITHIN", within).replace("switch: gateway}\n    expect", f"switch: {proven}}}\n    expect")
    estate = lay_out(root, switches=OPEN, runbook=book)
    words = root / "psfir.yaml"
    words.write_text(words.read_text(encoding="utf-8") + f"runners: {runners}\n", encoding="utf-8")
    return estate


def the_run(root: Path) -> RunFacts:
    session = at(root)
    try:
        (run,) = session.incident().runs.values()
        return run
    finally:
        session.close()


def states(root: Path) -> list[str]:
    session = at(root)
    try:
        return [(entry.data or {})["state"] for entry in session.journal.read() if entry.kind == Kind.HANDED]
    finally:
        session.close()


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A worker of the runner, at work."""
    workspace(tmp_path, within="20s")
    process = start(tmp_path, "worker", "--runner", "eu", "--json")
    assert process.stdout is not None
    assert "watching" in process.stdout.readline()
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def test_the_worker_inside_pulls_it(tmp_path: Path, inside: subprocess.Popen[str]) -> None:
    """Asked, taken, answered; the kill pulls nothing further and shows what the worker did as its own run's."""
    killed = psfir(tmp_path, "kill", "assistant", "--yes", "--json")
    assert killed.returncode == 0, killed.stdout + killed.stderr
    assert result(killed)["verdict"] == "contained"
    assert states(tmp_path) == ["asked", "taken", "answered"]
    run = the_run(tmp_path)
    assert list(run.rungs) == [("stop", 0)]
    assert run.rungs["stop", 0].held
    assert not run.asked
    inside.send_signal(signal.SIGTERM)
    assert inside.wait(20) == 0


def test_without_a_worker_the_next_rung_is_pulled(tmp_path: Path) -> None:
    """Within the rung's share, and the record says in a sentence why and what would help."""
    workspace(tmp_path, within="300ms", proven="gateway")
    killed = psfir(tmp_path, "kill", "assistant", "--yes")
    assert "psfir worker --runner eu" in killed.stdout + killed.stderr
    assert states(tmp_path) == ["asked", "given_up"]
    run = the_run(tmp_path)
    assert run.rungs["stop", 1].held
    first = run.rungs["stop", 0].outcome
    assert first is not None
    assert "no worker of eu has taken it" in first.says


def test_a_worker_of_another_network_leaves_it_alone(tmp_path: Path) -> None:
    """Neither one without a runner nor one of another name takes it."""
    workspace(tmp_path, within="1s", runners="[eu, us]", proven="gateway")
    beside = [start(tmp_path, "worker", *words, "--json") for words in ((), ("--runner", "us"))]
    for process in beside:
        assert process.stdout is not None
        assert "watching" in process.stdout.readline()
    psfir(tmp_path, "kill", "assistant", "--yes")
    for process in beside:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert states(tmp_path) == ["asked", "given_up"]


def test_a_process_inside_needs_no_worker(tmp_path: Path) -> None:
    """With the runner in its environment a kill pulls it itself, and a restore puts it back."""
    workspace(tmp_path, within="5s")
    command = ("kill", "assistant", "--yes")
    refused = psfir(tmp_path, "worker", "--runner", "ue", "--once")
    assert refused.returncode == 2
    assert "there is: eu" in refused.stderr
    done = at_runner(tmp_path, *command)
    assert done.returncode == 0, done.stderr
    assert states(tmp_path) == []
    outside = psfir(tmp_path, "restore", "--yes")
    assert outside.returncode != 0
    assert "from inside eu" in outside.stderr
    assert at_runner(tmp_path, "restore", "--yes").returncode == 0


def at_runner(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["env", "PSFIR_RUNNER=eu", sys.executable, "-m", "psfir", *words],
        cwd=root,
        env=environment(root),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_linter_warns(tmp_path: Path) -> None:
    """Of a runner that psfir.yaml does not name, and of a step whose every rung needs one."""
    workspace(tmp_path, within="5s", runners="[us]")
    book = tmp_path / "runbooks" / "off.yaml"
    book.write_text(
        book.read_text().replace("within: 5s\n      - lever", "within: 5s\n        runner: eu\n      - lever")
    )
    said = psfir(tmp_path, "lint")
    assert "no runner 'eu'" in said.stdout + said.stderr
    book.write_text(book.read_text().replace("within: 5s\nverify", "within: 5s\n        runner: eu\nverify"))
    said = psfir(tmp_path, "lint")
    assert "needs a worker" in said.stdout + said.stderr


def test_a_rung_without_a_runner_is_digested_as_before(tmp_path: Path) -> None:
    """The key is left out where it says nothing, so that old yeses still name their plans."""
    lay_out(tmp_path)
    assert psfir(tmp_path, "kill", "assistant", "--yes").returncode == 0
    session = at(tmp_path)
    (plan,) = session.incident().plans.values()
    session.close()
    assert "runner" not in str(plan.to_json())
