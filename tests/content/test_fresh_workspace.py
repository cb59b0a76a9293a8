"""What `psfir init` lays out works as it stands: lint is silent, and each mode contains, proves and can be put back."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from psfir.app.catalog import installed_catalog
from psfir.app.init import lay_out
from psfir.app.lint import lint
from psfir.domain.modes import Mode
from psfir.vendors.memory import Estate


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return lay_out(tmp_path / "ops").root


@pytest.fixture
def quick(workspace: Path) -> Path:
    """The same with looks and soaks cut short, for what does not depend on them."""
    for path in (workspace / "runbooks").iterdir():
        text = path.read_text(encoding="utf-8")
        assert "soak: 2s" in text
        assert "every: 250ms" in text
        cut = text.replace("soak: 2s", "soak: 100ms").replace("every: 250ms", "every: 20ms")
        path.write_text(cut, encoding="utf-8")
    return workspace


def psfir(workspace: Path, *words: str, me: str = "ada") -> tuple[int, list[dict[str, Any]]]:
    """The exit code, and each line of JSON that came."""
    env = {**os.environ, "PSFIR_ME": me, "HOME": str(workspace)}
    command = [sys.executable, "-m", "psfir", *words, "-w", str(workspace), "--json"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=50)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_lint_says_nothing(workspace: Path) -> None:
    """No error and no warning; the worst case of every runbook was worked out."""
    report = lint(workspace, (), catalog=installed_catalog(), today=date(2026, 11, 21))
    assert [str(problem) for problem in report.problems] == []
    assert sorted(report.budgets) == [f"support-assistant-{mode}" for mode in sorted(Mode)]


def test_nothing_is_said_to_be_rehearsed(workspace: Path) -> None:
    """Lint knows that no playbook of a fresh workspace was ever tested."""
    report = lint(workspace, (), catalog=installed_catalog(), today=date(2026, 11, 21))
    assert sorted(report.untested) == sorted(path.stem for path in (workspace / "playbooks").iterdir())


@pytest.mark.parametrize(
    ("mode", "state"),
    [
        (Mode.DISABLE, {"on": False, "answers": "live", "model": "large", "tools": True}),
        (Mode.DEGRADE, {"on": True, "answers": "canned", "model": "large", "tools": False}),
        (Mode.ISOLATE, {"on": True, "answers": "live", "model": "large", "tools": False}),
    ],
)
def test_each_mode_contains(quick: Path, mode: Mode, state: dict[str, object]) -> None:
    """A kill in each mode ends contained after its soak, and every replica does what the mode says."""
    code, lines = psfir(quick, "kill", "support-assistant", "--mode", mode.value, "--yes")
    assert code == 0, lines[-1:]
    assert lines[-1]["event"] == "result"
    estate = Estate(quick / ".psfir" / "estate.json")
    assert list(estate.served("support-assistant").values()) == [state] * 3
    assert list(estate.served("support-assistant-agents").values()) == [{"tools": False}] * 2


def test_the_second_way_goes_on_when_the_first_is_away(quick: Path) -> None:
    """Without the flag vendor every step is achieved by its second rung, past it."""
    words = (quick / "psfir.yaml").read_text(encoding="utf-8")
    away = words.replace("path: .psfir/estate.json", "path: .psfir/gone.json", 1)
    (quick / "psfir.yaml").write_text(away, encoding="utf-8")
    code, lines = psfir(quick, "kill", "support-assistant", "--yes")
    assert code == 0, lines[-1:]
    served = Estate(quick / ".psfir" / "estate.json").served("support-assistant")
    assert {state["on"] for state in served.values()} == {False}


def test_one_person_alone_cannot_put_it_back(quick: Path) -> None:
    """The rule of two holds from the first day: the restore is refused, and everything stays off."""
    assert psfir(quick, "kill", "support-assistant", "--yes")[0] == 0
    assert psfir(quick, "restore", "--yes")[0] == 3
    assert psfir(quick, "restore", "--yes", me="ben")[0] == 3, "two names from one login are one person"
    served = Estate(quick / ".psfir" / "estate.json").served("support-assistant")
    assert {state["on"] for state in served.values()} == {False}


def test_a_mistaken_degrade_is_taken_back_by_one(quick: Path) -> None:
    """The runbook that costs little lets one person take it back within ten minutes, exactly."""
    estate = Estate(quick / ".psfir" / "estate.json")
    before = {name: dict(estate.read(name, within=1).state) for name in estate.switches()}
    assert psfir(quick, "kill", "support-assistant", "--mode", "degrade", "--yes")[0] == 0
    code, lines = psfir(quick, "restore", "--mistake", "--yes")
    assert code == 0, lines[-1:]
    assert {name: dict(estate.read(name, within=1).state) for name in estate.switches()} == before


def test_the_private_folder_is_nobody_else_s(workspace: Path) -> None:
    """The folder that will hold record and evidence can be read by its owner alone, and git leaves it out."""
    assert (workspace / ".psfir").stat().st_mode & 0o077 == 0
    assert ".psfir/" in (workspace / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_every_runbook_is_listed(workspace: Path) -> None:
    """Whatever ships is found by its id, and none of it is broken."""
    code, lines = psfir(workspace, "runbook", "list")
    assert code == 0
    assert {book["id"] for book in lines[-1]["runbooks"]} == {f"support-assistant-{mode}" for mode in Mode}
    assert not lines[-1]["broken"]
