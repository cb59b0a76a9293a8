"""The house as DESIGN draws it is held by contracts in pyproject.toml; here they are run, and seen to bite."""

import subprocess
import sys
from pathlib import Path

import pytest

CORE = ("domain", "engine")
ROOMS = (
    *("cli", "slackbot", "server", "app", "comms", "rehearsal", "review", "assurance"),
    *("levers", "probes", "captures", "messengers", "records", "loading", "range", "vendors"),
)
FILES = ("contracts", "errors")

DOWNWARDS = "imports go only downwards"
SOCKETS = "the engine takes sockets"
TESTING = "nothing in the package imports psfir.testing"
KILL_PATH = "the kill path below the wiring reaches no library"
PURE = "words are pure"
REHEARSAL = "what a rehearsal sends by reaches no live messenger"
SDK = "a vendor's SDK is imported in psfir.vendors only"


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    call = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"
    command = [sys.executable, "-c", call]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=50)


def house(folder: Path, root: Path, rooms: tuple[str, ...]) -> Path:
    """A toy package with empty rooms under the real contracts."""
    (folder / "pyproject.toml").write_text((root / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8")
    for package in ("psfir", *(f"psfir/{room}" for room in rooms)):
        (folder / package).mkdir()
        (folder / package / "__init__.py").touch()
    for name in FILES:
        (folder / "psfir" / f"{name}.py").touch()
    return folder


def test_the_package_keeps_its_contracts(root: Path) -> None:
    """Every import of psfir goes the way the house allows."""
    done = lint(root)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("rooms", [(), CORE], ids=["none", "core"])
def test_rooms_that_are_not_open_yet_are_no_violation(tmp_path: Path, root: Path, rooms: tuple[str, ...]) -> None:
    """A room is opened by need, so the contracts hold while few or none stand."""
    done = lint(house(tmp_path, root, rooms))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("comms/fine.py", "import psfir.loading"),
        ("app/fine.py", "import psfir.levers, psfir.engine, psfir.comms"),
        ("vendors/fine.py", "import boto3, kubernetes.client, slack_sdk"),
        ("levers/fine.py", "import psfir.vendors, psfir.contracts"),
        ("testing.py", "import psfir.contracts, psfir.engine"),
    ],
)
def test_what_the_house_allows_passes(tmp_path: Path, root: Path, path: str, line: str) -> None:
    """The contracts leave the ways open that DESIGN leaves open."""
    (house(tmp_path, root, CORE + ROOMS) / "psfir" / path).write_text(f"{line}\n", encoding="utf-8")
    done = lint(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("path", "line", "contract"),
    [
        ("domain/bad.py", "import psfir.engine", DOWNWARDS),
        ("comms/bad.py", "import psfir.review", DOWNWARDS),
        ("levers/bad.py", "import psfir.probes", DOWNWARDS),
        ("stray.py", "", DOWNWARDS),
        ("engine/bad.py", "import psfir.levers", SOCKETS),
        ("engine/bad.py", "import psfir.records", SOCKETS),
        ("app/bad.py", "import psfir.testing", TESTING),
        ("engine/bad.py", "import urllib.request", KILL_PATH),
        ("engine/bad.py", "import sqlite3", KILL_PATH),
        ("contracts.py", "import click", KILL_PATH),
        ("domain/bad.py", "import os", PURE),
        ("domain/bad.py", "from os.path import join", PURE),
        ("errors.py", "import time", PURE),
        ("app/exercise.py", "import psfir.messengers", REHEARSAL),
        ("app/exercise.py", "import smtplib", REHEARSAL),
        ("levers/bad.py", "import boto3", SDK),
        ("slackbot/bad.py", "from slack_sdk import WebClient", SDK),
    ],
)
def test_each_contract_bites(tmp_path: Path, root: Path, path: str, line: str, contract: str) -> None:
    """An import the house forbids fails, and the contract it broke is named."""
    house(tmp_path, root, (*CORE, *ROOMS))
    (tmp_path / "psfir" / "testing.py").touch()
    (tmp_path / "psfir" / path).write_text(f"{line}\n", encoding="utf-8")
    done = lint(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    broken = [each for each in done.stdout.splitlines() if each.endswith("BROKEN")]
    assert any(each.startswith(contract) for each in broken), done.stdout
