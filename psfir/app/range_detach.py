"""The range as a process of its own that outlives the terminal it was started from."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from psfir.app.range import ENDS_WITHIN, Warn, tell_stale
from psfir.domain.values import frozen
from psfir.errors import LeverError
from psfir.range.runfile import Claim

LOG = "range.log"
READY_WITHIN = 40.0


@frozen
class Started:
    """`said` is its first line: that it is ready, or what went wrong, for programs; `told` the same for people."""

    said: Mapping[str, Any]
    told: str
    code: int

    @property
    def ready(self) -> bool:
        return self.said.get("event") == "ready"


def start(words: Sequence[str], folder: Path, *, warn: Warn) -> Started:
    """Run `psfir WORDS`, whose first line on standard output is JSON, and wait for that line."""
    with Claim(folder):  # refused here, a second one does not write over the log of the first
        tell_stale(folder, warn)
    log = folder / LOG
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "psfir", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=descriptor,
            text=True,
            start_new_session=True,
        )
    finally:
        os.close(descriptor)
    try:
        return _awaited(process, log)
    except BaseException:  # raised again: who asked for it is gone, so it does not come up
        _end(process)
        raise


def _awaited(process: subprocess.Popen[str], log: Path) -> Started:
    """Its first line, for which it is left alone from then on."""
    assert process.stdout is not None  # noqa: S101 - it was asked for
    readable, _, _ = select.select([process.stdout], [], [], READY_WITHIN)
    if not readable:
        what = f"the range was not ready after {READY_WITHIN:.0f} s"
        raise LeverError(what, where=str(log), todo="the log may say why; try again")
    line = process.stdout.readline()
    process.stdout.close()
    started = Started(json.loads(line) if line.strip() else {}, "", 0)
    if started.ready:
        process.returncode = 0  # it is nobody's child from here on: we leave before it does
        return started
    code = process.wait()
    return Started(started.said, log.read_text(encoding="utf-8", errors="replace").strip(), code)


def _end(process: subprocess.Popen[str]) -> None:
    """Asked, so that it takes along what it has started; made to, if it is slow or we are told once more to end."""
    process.terminate()
    try:
        process.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        pass  # it is killed below
    finally:
        process.kill()
        process.wait()
