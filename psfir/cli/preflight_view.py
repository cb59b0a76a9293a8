"""What `psfir lever check` shows: a line a rung, and under it whatever one has to know."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from threading import Lock

import click

from psfir.app.preflight import Cause, Checked, Preflight, bare, cause
from psfir.cli.desk import Desk
from psfir.cli.show import hanging, heading

COLOURS = {"ready": "green", "beware": "yellow", "could_not_tell": "yellow", "would_fail": "red"}
WORDS = {"ready": "ready", "beware": "beware", "could_not_tell": "COULD NOT TELL", "would_fail": "WOULD FAIL"}
TALLY = {
    "ready": "ready",
    "beware": "to beware of",
    "could_not_tell": "could not be told",
    "would_fail": "would fail tonight",
}
_WIDEST = max(map(len, WORDS.values()))


@contextmanager
def progress(desk: Desk) -> Iterator[Callable[[Checked], None]]:
    """How many rungs have been looked at, on a line of its own that is gone at the end; only on a terminal."""
    if desk.json or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
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
    """Grouped by runbook, in its own order; what several rungs have in their way is said once, below them."""
    shared = {cause(each.rungs[0], each.finding): number for number, each in enumerate(found.causes, 1)}
    for (system, runbook), rungs in groupby(found.rungs, key=lambda one: (one.system, one.runbook)):
        yield heading(f"{system}: {runbook}")
        for one in rungs:
            yield from _rung(one, shared)
    if shared:
        yield heading("in the way of several")
    for number, each in enumerate(found.causes, 1):
        yield from _cause(number, each)
    for name, why in sorted(found.broken.items()):
        yield _worded("would_fail", f"runbook {name} cannot be read: {why}", indent="")
    if not found.rungs and not found.broken:
        yield "no runbook is for this system; write one in runbooks/ (psfir lint checks it)"
    else:
        yield heading(_counted(found))


def _counted(found: Preflight) -> str:
    """The last line, which is enough on a good day."""
    said = [f"{count} {TALLY[ready.value]}" for ready, count in found.counts.items() if count]
    said += [f"{len(found.broken)} runbook{'s' * (len(found.broken) > 1)} cannot be read"] if found.broken else []
    return f"{len(found.rungs)} rung{'s' * (len(found.rungs) != 1)}: {', '.join(said)}"


def _cause(number: int, each: Cause) -> Iterator[str]:
    """What is in the way of several, whose they are, and the cure once."""
    says = bare(each.finding.says)
    yield _worded(each.finding.ready.value, f"cause {number}, {len(each.rungs)} rungs on {each.connection}: {says}")
    for runbook, rungs in groupby(each.rungs, key=lambda one: one.runbook):
        yield hanging(f"    {runbook}", ", ".join(f"{one.step} {one.number}" for one in rungs), indent="")
    if each.finding.todo:
        yield hanging("      ->", each.finding.todo, indent="")


def _rung(one: Checked, shared: Mapping[tuple[str, ...], int]) -> Iterator[str]:
    numbers = list(dict.fromkeys(shared[key] for finding in one.findings if (key := cause(one, finding)) in shared))
    why = f" (cause {' and '.join(map(str, numbers))} below)" if numbers else ""
    place = f"{one.step}, rung {one.number}: {one.rung.lever} on {one.rung.connection}"
    yield _worded(one.ready.value, place + why)
    for finding in one.findings:
        if cause(one, finding) in shared:
            continue
        mark = "" if finding.ready.value == "ready" else f"{WORDS[finding.ready.value]}: "
        yield hanging(f"    {finding.matter.value}", f"{mark}{finding.says}", indent="")
        if finding.todo and finding.ready.value != "ready":
            yield hanging("      ->", finding.todo, indent="")


def _worded(word: str, text: str, *, indent: str = "  ") -> str:
    head = WORDS[word].ljust(_WIDEST)
    line = hanging(f"{indent}{head}", text, indent="")
    return line.replace(head, click.style(head, fg=COLOURS[word]), 1)
