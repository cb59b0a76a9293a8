"""Somebody at the keyboard: types one command in this process, and has its exit code and both streams."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from psfir.app.session import Session
from psfir.cli.main import main
from tests.app.incident_kit import at_work, lay_out


@dataclass(frozen=True)
class Done:
    """What one command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


class Keyboard:
    """`root` is a workspace; the person's name can be changed between commands."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = lay_out(root)
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        monkeypatch.setenv("HOME", str(root))
        monkeypatch.setenv("PSFIR_WORKSPACE", str(root))
        self.me("alice")

    def me(self, name: str) -> None:
        self._monkeypatch.setenv("PSFIR_ME", name)

    def type(self, *words: str, stdin: str = "") -> Done:
        self._monkeypatch.setattr(sys, "stdin", StringIO(stdin))
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        said = self._capsys.readouterr()
        code = ended.value.code
        return Done(code if isinstance(code, int) else 0, said.out, said.err)

    def ok(self, *words: str, stdin: str = "") -> Done:
        done = self.type(*words, stdin=stdin)
        assert done.code == 0, done
        return done

    def session(self, me: str = "alice") -> Session:
        """The same workspace for a test's own hands."""
        return at_work(self.root, me)


def on_a_terminal(root: Path, *words: str, typed: str = "", columns: int = 80, **env: str) -> Done:
    """The real command as a process on a real terminal; both its streams come back as one."""
    master, slave = pty.openpty()
    subprocess.run(["stty", "cols", str(columns), "rows", "40"], stdin=slave, check=True)
    inherited = {key: found for key, found in os.environ.items() if key not in {"COLUMNS", "LINES"}}
    whole = {**inherited, "HOME": str(root), "PSFIR_WORKSPACE": str(root), "TERM": "xterm", "PSFIR_ME": "alice", **env}
    code = f"from psfir.cli.main import main; main({list(words)!r})"
    command = [sys.executable, "-c", code]
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=whole)
    os.close(slave)
    os.write(master, typed.encode())
    said = _read_all(master, process)
    return Done(process.wait(timeout=40), said, "")


def _read_all(master: int, process: subprocess.Popen[bytes]) -> str:
    parts: list[bytes] = []
    end = time.monotonic() + 40
    while time.monotonic() < end:
        try:
            part = os.read(master, 65536)
        except OSError:  # how Linux says that the other end of a terminal is closed
            break
        if not part:
            break
        parts.append(part)
    process.poll()
    os.close(master)
    return b"".join(parts).decode(errors="replace").replace("\r\n", "\n")
