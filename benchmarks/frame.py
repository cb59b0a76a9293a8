"""How a figure is made: two things in turn, A B A B, and the ratio of their medians."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Figure:
    """`ratio` is ours over the peer's; it should not exceed `aim`. Milliseconds are this machine's, this hour's."""

    name: str
    ours_ms: float
    peer: str
    peer_ms: float
    aim: float
    runs: int

    @property
    def ratio(self) -> float:
        return self.ours_ms / self.peer_ms

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "ratio": round(self.ratio, 3), "within_aim": self.ratio <= self.aim}


@dataclass(frozen=True)
class Pair:
    """What is compared, and with what."""

    name: str
    ours: Callable[[], None]
    peer_name: str
    peer: Callable[[], None]
    aim: float


def compare(pair: Pair, *, runs: int) -> Figure:
    """One warm-up of each, then in turn, so that a machine that drifts drifts for both."""
    pair.ours()
    pair.peer()
    ours: list[float] = []
    peer: list[float] = []
    for _ in range(runs):
        ours.append(_timed(pair.ours))
        peer.append(_timed(pair.peer))
    return Figure(pair.name, round(median(ours), 3), pair.peer_name, round(median(peer), 3), pair.aim, runs)


def command(
    words: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Callable[[], None]:
    """A whole process, from start to exit; one that fails is an error, not a fast result."""

    def run() -> None:
        done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, check=False, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}: {done.stderr.decode()[-500:]}")

    return run


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


def _timed(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000
