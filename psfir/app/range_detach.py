"""The range as a process of its own that outlives the terminal it was started from."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from psfir.app.range import ENDS_WITHIN, Warn, tell_stale
from psfir.domain.values import frozen
from psfir.errors import LeverError
from psfir.range.assistant.crew import Heard
from psfir.range.runfile import Claim

LOG = "range.log"
COMING = "coming_up"
SILENT = 40.0
"""Seconds after which a range that says nothing of how far it is has failed."""
_CHUNK = 65536


@frozen
class Watched:
    """Who waits for it: `warn` is told what is odd, `coming` how far it is."""

    warn: Warn
    coming: Heard


@frozen
class Started:
    """`said` is what it said last: that it is ready, or what went wrong, for programs; `told` the same for people."""

    said: Mapping[str, Any]
    told: str
    code: int

    @property
    def ready(self) -> bool:
        return self.said.get("event") == "ready"


def start(words: Sequence[str], folder: Path, watched: Watched) -> Started:
    """Run `psfir WORDS`, whose lines on standard output are JSON, and wait for the one that says that it is ready."""
    with Claim(folder):  # refused here, a second one does not write over the log of the first
        tell_stale(folder, watched.warn)
    log = folder / LOG
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "psfir", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=descriptor,
            start_new_session=True,
        )
    finally:
        os.close(descriptor)
    try:
        return _awaited(process, log, watched.coming)
    except BaseException:  # raised again: who asked for it is gone, so it does not come up
        _end(process)
        raise


def _awaited(process: subprocess.Popen[bytes], log: Path, coming: Heard) -> Started:
    """Until it is ready, from when on it is left alone, or has ended."""
    assert process.stdout is not None  # noqa: S101 - it was asked for
    said: Mapping[str, Any] = {}
    for line in _lines(process.stdout.fileno(), log):
        if line.get("event") != COMING:
            said = line
            break
        coming(line["what"], line["done"], line["of"])
    process.stdout.close()
    started = Started(said, "", 0)
    if started.ready:
        process.returncode = 0  # it is nobody's child from here on: we leave before it does
        return started
    code = process.wait()
    told = log.read_text(encoding="utf-8", errors="replace").strip()
    return Started(said, told or f"psfir: the range ended while it came up, without a word, with code {code}", code)


def _lines(pipe: int, log: Path) -> Iterator[Mapping[str, Any]]:
    """Each line as it comes; LeverError if none comes for so long."""
    held, last = b"", "it said nothing at all"
    while True:
        readable, _, _ = select.select([pipe], [], [], SILENT)
        if not readable:
            what = f"the range came no further for {SILENT:.0f} s: {last}"
            raise LeverError(what, where=str(log), todo="see what else this machine does, or bring up fewer systems")
        part = os.read(pipe, _CHUNK)
        if not part:
            return
        *lines, held = (held + part).split(b"\n")
        for line in lines:
            said = json.loads(line)
            last = f"the last it told of was {said.get('what')}, {said.get('done')} of {said.get('of')}"
            yield said


def _end(process: subprocess.Popen[bytes]) -> None:
    """Asked, so that it takes along what it has started; made to, if it is slow or we are told once more to end."""
    process.terminate()
    if process.stdout is not None:
        process.stdout.close()
    try:
        process.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        pass  # it is killed below
    finally:
        process.kill()
        process.wait()
