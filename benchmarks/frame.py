"""How a figure is made: two things in turn, A B A B, and the ratio of their medians."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

CHECKOUT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Figure:
    """`ratio` is ours over the peer's; it should not exceed `aim`. Milliseconds are this machine's, this hour's.

    `most_ms`, where there is one, is what ours should not exceed on any machine.
    """

    name: str
    ours_ms: float
    peer: str
    peer_ms: float
    aim: float
    runs: int
    most_ms: float | None = None

    @property
    def ratio(self) -> float:
        return self.ours_ms / self.peer_ms

    @property
    def within(self) -> bool:
        return self.ratio <= self.aim and (self.most_ms is None or self.ours_ms <= self.most_ms)

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "ratio": round(self.ratio, 3), "within_aim": self.within}


@dataclass(frozen=True)
class Absent:
    """A figure whose peer cannot be had on this machine, and why: no ratio, and no reason to stop."""

    name: str
    peer: str
    why: str


def nothing() -> None:
    """What is done before a run where nothing has to be."""


@dataclass(frozen=True)
class Pair:
    """What is compared, and with what. `before` is done before each run of either, and not measured.

    `timer` tells the seconds that a run is counted in: those of the wall, if nothing else is said.
    """

    name: str
    ours: Callable[[], None]
    peer_name: str
    peer: Callable[[], None]
    aim: float
    before: Callable[[], None] = nothing
    most_ms: float | None = None
    timer: Callable[[], float] = time.perf_counter


def compare(pair: Pair, *, runs: int) -> Figure:
    """One warm-up of each, then in turn, so that a machine that drifts drifts for both."""
    ours: list[float] = []
    peer: list[float] = []
    for _ in range(runs + 1):
        for took, work in ((ours, pair.ours), (peer, pair.peer)):
            pair.before()
            took.append(_timed(work, pair.timer))
    middle = [round(median(took[1:]), 3) for took in (ours, peer)]
    return Figure(pair.name, middle[0], pair.peer_name, middle[1], pair.aim, runs, pair.most_ms)


def command(
    words: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Callable[[], None]:
    """A whole process, from start to exit; one that fails is an error, not a fast result."""

    def run() -> None:
        done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, check=False, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}: {done.stderr.decode()[-500:]}")

    return run


@contextmanager
def serving(*words: str) -> Iterator[str]:
    """A server as a process of its own, while the block runs: the line that it says when it is ready."""
    command = [sys.executable, *words]
    server = subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        said = server.stdout.readline().strip()
        if not said:
            raise RuntimeError(f"{' '.join(words)} did not start")
        yield said
    finally:
        server.terminate()
        server.communicate()


def psfir() -> str:
    """The console script of this environment: what people run."""
    return str(Path(sys.executable).with_name("psfir"))


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "system": platform.system(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "sqlite": sqlite3.sqlite_version,
    }


def _timed(work: Callable[[], None], timer: Callable[[], float]) -> float:
    begun = timer()
    work()
    return (timer() - begun) * 1000
