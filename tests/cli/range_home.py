"""Somebody with a home of their own, who types `psfir range` there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from psfir.cli.main import main
from tests.cli.keyboard import Done

UP = ("range", "up", "--no-customers")


class Home:
    """Somebody with a home of their own, and no workspace. What runs on is a process, all else is typed here."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.folder = root / ".local" / "state" / "psfir" / "range"
        self._capsys = capsys

    def run(self, *words: str) -> Done:
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        said = self._capsys.readouterr()
        return Done(ended.value.code if isinstance(ended.value.code, int) else 0, said.out, said.err)

    def ok(self, *words: str) -> str:
        done = self.run(*words)
        assert done.code == 0, done
        return done.out

    def json(self, *words: str) -> dict[str, Any]:
        said = json.loads(self.ok(*words, "--json"))
        assert isinstance(said, dict)
        return said

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Up, and ready."""
        return subprocess.Popen(
            [sys.executable, "-m", "psfir", *UP, "--json", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def lives(pid: int) -> bool:
    """A process that has ended and that nobody has asked about is no living one."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def line(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The next that is not about how far it is: on a slow machine there are some."""
    assert process.stdout is not None
    said = json.loads(process.stdout.readline())
    assert isinstance(said, dict)
    return line(process) if said.get("event") == "coming_up" else said
