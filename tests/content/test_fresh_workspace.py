"""What `psfir init` lays out works as it stands: lint is silent, and each mode contains, proves and can be put back."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from psfir.app.init import lay_out
from psfir.app.lint import lint
from psfir.domain.modes import Mode
from psfir.vendors.memory import Estate


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return lay_out(tmp_path / "ops").root


def psfir(workspace: Path, *words: str, me: str = "ada") -> tuple[int, list[dict[str, Any]]]:
    """The exit code, and each line of JSON that came."""
    env = {**os.environ, "PSFIR_ME": me, "HOME": str(workspace)}
    command = [sys.executable, "-m", "psfir", *words, "-w", str(workspace), "--json"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=50)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_lint_says_nothing(workspace: Path) -> None:
    """No error and no warning; the worst case of every runbook was worked out."""
    report = lint(workspace, (), today=date(2026, 11, 21), env={})
    assert [str(problem) for problem in report.problems] == []
    assert sorted(report.budgets) == [f"support-assistant-{mode}" for mode in sorted(Mode)]


def test_nothing_is_said_to_be_rehearsed(workspace: Path) -> None:
    """Lint knows that no playbook of a fresh workspace was ever tested."""
    report = lint(workspace, (), today=date(2026, 11, 21), env={})
    assert sorted(report.untested) == ["data-leakage", "harmful-output", "model-failure"]


@pytest.mark.parametrize(
    ("mode", "state"),
    [
        (Mode.DISABLE, {"on": False, "answers": "live", "model": "large", "tools": True}),
        (Mode.DEGRADE, {"on": True, "answers": "canned", "model": "large", "tools": False}),
        (Mode.ISOLATE, {"on": True, "answers": "live", "model": "large", "tools": False}),
    ],
)
def test_each_mode_contains(workspace: Path, mode: Mode, state: dict[str, object]) -> None:
    """A kill in each mode ends contained after its soak, and every replica does what the mode says."""
    code, lines = psfir(workspace, "kill", "support-assistant", "--mode", mode.value, "--yes")
    assert code == 0, lines[-1:]
    assert lines[-1]["event"] == "result"
    estate = Estate(workspace / ".psfir" / "estate.json")
    assert list(estate.served("support-assistant").values()) == [state] * 3
    assert list(estate.served("support-assistant-agents").values()) == [{"tools": False}] * 2


def test_the_second_way_goes_on_when_the_first_is_away(workspace: Path) -> None:
    """Without the flag vendor every step is achieved by its second rung, past it."""
    words = (workspace / "psfir.yaml").read_text(encoding="utf-8")
    away = words.replace("path: .psfir/estate.json", "path: .psfir/gone.json", 1)
    (workspace / "psfir.yaml").write_text(away, encoding="utf-8")
    code, lines = psfir(workspace, "kill", "support-assistant", "--yes")
    assert code == 0, lines[-1:]
    served = Estate(workspace / ".psfir" / "estate.json").served("support-assistant")
    assert {state["on"] for state in served.values()} == {False}


def test_one_person_alone_cannot_put_it_back(workspace: Path) -> None:
    """The rule of two holds from the first day: the restore is refused, and everything stays off."""
    assert psfir(workspace, "kill", "support-assistant", "--yes")[0] == 0
    assert psfir(workspace, "restore", "--yes")[0] == 3
    assert psfir(workspace, "restore", "--yes", me="ben")[0] == 3, "two names from one login are one person"
    served = Estate(workspace / ".psfir" / "estate.json").served("support-assistant")
    assert {state["on"] for state in served.values()} == {False}


def test_a_mistaken_degrade_is_taken_back_by_one(workspace: Path) -> None:
    """The runbook that costs little lets one person take it back within ten minutes, exactly."""
    estate = Estate(workspace / ".psfir" / "estate.json")
    before = {name: dict(estate.read(name, within=1).state) for name in estate.switches()}
    assert psfir(workspace, "kill", "support-assistant", "--mode", "degrade", "--yes")[0] == 0
    code, lines = psfir(workspace, "restore", "--mistake", "--yes")
    assert code == 0, lines[-1:]
    assert {name: dict(estate.read(name, within=1).state) for name in estate.switches()} == before


def test_the_private_folder_is_nobody_else_s(workspace: Path) -> None:
    """The folder that will hold record and evidence can be read by its owner alone, and git leaves it out."""
    assert (workspace / ".psfir").stat().st_mode & 0o077 == 0
    assert ".psfir/" in (workspace / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_both_playbooks_and_runbooks_can_be_shown(workspace: Path) -> None:
    """Whatever ships can be looked at by its id."""
    for mode in Mode:
        assert psfir(workspace, "runbook", "show", f"support-assistant-{mode}")[0] == 0
    for name in ("harmful-output", "data-leakage", "model-failure"):
        assert psfir(workspace, "playbook", "show", name)[0] == 0
