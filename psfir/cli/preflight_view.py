"""What `psfir lever check` shows: a line a rung, and under it whatever one has to know."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from threading import Lock
from typing import TYPE_CHECKING

import click

from psfir.cli.desk import Desk
from psfir.cli.show import hanging, heading

if TYPE_CHECKING:
    from psfir.app.preflight import Checked, Preflight

COLOURS = {"ready": "green", "beware": "yellow", "could_not_tell": "yellow", "would_fail": "red"}
WORDS = {"ready": "ready", "beware": "beware", "could_not_tell": "COULD NOT TELL", "would_fail": "WOULD FAIL"}
_WIDEST = max(map(len, WORDS.values()))


@contextmanager
def progress(desk: Desk) -> Iterator[Callable[[Checked], None]]:
    """How many rungs have been looked at, on a line of its own that is gone at the end; only on a terminal."""
    if desk.json or not sys.stderr.isatty():
        yield lambda _: None
        return
    guard, done = Lock(), 0

    def told(checked: Checked) -> None:
        nonlocal done
        with guard:
            done += 1
            click.echo(f"\r\x1b[Klooked at {done}: {checked.runbook} {checked.rung.lever}", err=True, nl=False)

    try:
        yield told
    finally:
        click.echo("\r\x1b[K", err=True, nl=False)


def page(found: Preflight) -> Iterator[str]:
    """Grouped by runbook, in its own order."""
    for (system, runbook), rungs in groupby(found.rungs, key=lambda one: (one.system, one.runbook)):
        yield heading(f"{system}: {runbook}")
        for one in rungs:
            yield from _rung(one)
    for name, why in sorted(found.broken.items()):
        yield _worded("would_fail", f"runbook {name} cannot be read: {why}", indent="")
    if not found.rungs and not found.broken:
        yield "no runbook is for this system; write one in runbooks/ (psfir lint checks it)"


def _rung(one: Checked) -> Iterator[str]:
    yield _worded(one.ready.value, f"{one.step}, rung {one.number}: {one.rung.lever} on {one.rung.connection}")
    for finding in one.findings:
        mark = "" if finding.ready.value == "ready" else f"{WORDS[finding.ready.value]}: "
        yield hanging(f"    {finding.matter.value}", f"{mark}{finding.says}", indent="")
        if finding.todo and finding.ready.value != "ready":
            yield hanging("      ->", finding.todo, indent="")


def _worded(word: str, text: str, *, indent: str = "  ") -> str:
    head = WORDS[word].ljust(_WIDEST)
    line = hanging(f"{indent}{head}", text, indent="")
    return line.replace(head, click.style(head, fg=COLOURS[word]), 1)
