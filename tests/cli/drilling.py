"""People at a drill: the facilitator's process and players' processes, real ones, with what each was sent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from psfir.app.drill_run_folder import RunFolder, run_of
from tests.app.incident_kit import lay_out
from tests.rehearsal.plays import FULL

HEAD = """\
schema: psfir.drill/1
id: small
title: Something is odd
safety: {banner: EXERCISE EXERCISE EXERCISE, levers: LEVERS, comms: sink, abort_word: REAL WORLD}
objectives: [{id: contain, text: Contain in time, psf: 2}]
"""


def stage(root: Path, *, text: str = FULL, levers: str = "none") -> Path:
    """A workspace with one scenario, `small`, and an estate that says what was done to it."""
    lay_out(root)
    (root / "drills").mkdir()
    (root / "drills" / "small.yaml").write_text(text.replace("levers: none", f"levers: {levers}"), encoding="utf-8")
    return root


class Process:
    """One psfir at work. Its lines of JSON, one by one."""

    def __init__(self, root: Path, *words: str, me: str = "alice", env: Mapping[str, str] | None = None) -> None:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PSFIR")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "psfir", *words, "--json"],
            cwd=root,
            env={**kept, "HOME": str(root), "PSFIR_WORKSPACE": str(root), "PSFIR_ME": me, **(env or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said: list[dict[str, Any]] = []

    def type(self, *lines: str) -> None:
        assert self._process.stdin is not None
        for line in lines:
            self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def until(self, *words: str) -> dict[str, Any]:
        """The next line that holds all of these; an end before it is told with all that was said."""
        assert self._process.stdout is not None
        for raw in self._process.stdout:
            said: dict[str, Any] = json.loads(raw)
            self.said.append(said)
            if all(word in raw for word in words):
                return said
        raise AssertionError((words, self.said, self.err()))

    def err(self) -> str:
        assert self._process.stderr is not None
        return self._process.stderr.read()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def end(self, within: float = 40.0) -> int:
        """Its exit code."""
        out, err = self._process.communicate(timeout=within)
        self.said += [json.loads(line) for line in out.splitlines()]
        self.last_words = err
        return self._process.returncode

    @property
    def heard(self) -> str:
        """All that ever came out of it."""
        return "\n".join(json.dumps(one, ensure_ascii=False) for one in self.said)

    def close(self) -> None:
        if self._process.poll() is None:
            self.kill()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None and not stream.closed:
                stream.close()


class Table:
    """A workspace, and everybody at work in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._all: list[Process] = []

    @property
    def run(self) -> RunFolder:
        return run_of(self.root)

    def start(self, *words: str, me: str = "alice", env: Mapping[str, str] | None = None) -> Process:
        one = Process(self.root, *words, me=me, env=env)
        self._all.append(one)
        return one

    def lead(self, *words: str) -> Process:
        """A drill that has begun."""
        one = self.start("drill", "run", "small", *words)
        one.until("began, led by")
        return one

    def join(self, role: str, name: str) -> Process:
        one = self.start("drill", "join", "--role", role, "--name", name)
        one.until('"view"')
        return one

    def close(self) -> None:
        for one in self._all:
            one.close()
