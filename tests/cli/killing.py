"""What tests of a kill share: an estate with two rungs, commands that run beside the test, and waiting for an entry."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from threading import Event
from typing import Any

from psfir.records.sqlite import SqliteJournal
from tests.app.workspaces import environment, psfir

TWO_RUNGS: dict[str, dict[str, Any]] = {
    "flag": {"state": {"on": True}},
    "gateway": {"state": {"on": True}, "replicas": 2},
}
PAUSE = Event()


def events(run: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """The lines of a stream."""
    return [json.loads(line) for line in run.stdout.splitlines()]


def timeline(root: Path) -> str:
    """The incident as a person sees it."""
    return psfir(root, "incident", "show").stdout


def start(root: Path, *words: str, me: str = "dana") -> subprocess.Popen[str]:
    """A command that is under way when this returns."""
    return subprocess.Popen(
        [sys.executable, "-m", "psfir", *words],
        cwd=root,
        env=environment(root, me),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(root: Path, kind: str, *, looks: int = 400) -> None:
    """Until an entry of that kind is on record."""
    record = root / ".psfir" / "record.sqlite3"
    for _ in range(looks):
        if record.is_file():
            with SqliteJournal(record) as journal:
                if any(entry.kind == kind for entry in journal.read()):
                    return
        PAUSE.wait(0.03)
    raise AssertionError(f"no entry of kind {kind} came")
