"""What is seen of a range while it comes up: how far it is, where somebody looks on for longer than a moment."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import monotonic  # noqa: TID251 - how long somebody has been waiting
from typing import Any

import click

from psfir.app.range_detach import COMING as EVENT
from psfir.cli.desk import Desk, deafen

MOMENT, EVERY = 1.0, 0.5
"""Nothing is said in the first second, and then no more often than somebody can read."""


class Coming:
    """On a terminal one line that is redrawn, on standard error; under --json an event, if that is a `stream`."""

    def __init__(self, desk: Desk, *, stream: bool) -> None:
        self._desk = desk
        self._stream = stream
        self._begun = monotonic()
        self._next = MOMENT
        self._drawn = self._over = False

    def __call__(self, what: str, done: int, of: int) -> None:
        if self._over or monotonic() - self._begun < self._next:
            return
        self._next = monotonic() - self._begun + EVERY
        if self._stream:
            self._desk.event(EVENT, {"what": what, "done": done, "of": of})
        self._draw(sentence({"what": what, "done": done, "of": of}))

    def _draw(self, line: str) -> None:
        if self._desk.json or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
            return
        try:
            click.echo(f"\r\x1b[2K{line}", err=True, nl=False, color=True)  # to clear is no colour
        except OSError:
            deafen(err=True)  # the terminal is gone; the range ends by the signal that says so
        self._drawn = bool(line)

    def end(self) -> None:
        """No trace of it is left, and whatever still comes is not said."""
        self._over = True
        if self._drawn:
            self._draw("")


@contextmanager
def coming(desk: Desk, *, stream: bool = False) -> Iterator[Coming]:
    """For as long as somebody waits."""
    told = Coming(desk, stream=stream)
    try:
        yield told
    finally:
        told.end()


def sentence(said: Mapping[str, Any]) -> str:
    return f"the range is on its way: {said['done']} of {said['of']} {said['what']}"
