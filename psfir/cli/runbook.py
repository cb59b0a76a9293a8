"""`psfir runbook`: what psfir can carry out here, and how long each takes at worst."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from psfir.cli.complete import runbooks
from psfir.cli.desk import Desk, common
from psfir.cli.show import columns, hanging, heading, loud

if TYPE_CHECKING:
    from psfir.domain.budget import Budget
    from psfir.domain.runbook import Runbook, Rung


@click.group(epilog="\b\nExample: psfir runbook list")
def runbook() -> None:
    """List and show runbooks."""


@runbook.command("list", epilog="\b\nExample: psfir runbook list\n\nExit codes: 0 all can be read, 1 one cannot.")
@common
def list_(desk: Desk) -> int:
    """All runbooks with system, mode and worst case."""
    from psfir.app.runbooks import shelf
    from psfir.domain.budget import worst_case
    from psfir.domain.durations import show as span

    found = shelf(desk.session())
    books = [(book, worst_case(book)) for book in found.books]
    desk.result("runbook.list", {"runbooks": [_head(b, w) for b, w in books], "broken": dict(found.broken)})
    for line in columns([(b.id, b.system, b.mode.value, span(w.total), b.title) for b, w in books], indent=""):
        desk.say(line)
    for name, why in found.broken.items():
        desk.say(loud(f"{name} cannot be read: {why}"))
    if not books and not found.broken:
        desk.say("no runbook here; psfir init lays out some")
    return 1 if found.broken else 0


@runbook.command(
    epilog="\b\nExample: psfir runbook show support-assistant-disable\n\nExit codes: 0 shown, 2 none such."
)
@click.argument("name", metavar="ID", shell_complete=runbooks)
@common
def show(desk: Desk, *, name: str) -> int:
    """One runbook: its ladders, its probes, and the worst case share by share."""
    from psfir.app.runbooks import one
    from psfir.domain import runbook as words

    book, budget = one(desk.session(), name)
    shares = [{"name": s.name, "seconds": s.seconds, "how": s.how} for s in budget.shares]
    shown: dict[str, Any] = {"runbook": words.to_json(book), "worst_case": {**_head(book, budget), "shares": shares}}
    desk.result("runbook.show", shown)
    for line in (*_page(book), *_worst(budget)):
        desk.say(line)
    return 0


def _head(book: Runbook, budget: Budget) -> dict[str, Any]:
    return {
        "id": book.id,
        "title": book.title,
        "system": book.system,
        "mode": book.mode.value,
        "covers": [case.value for case in book.covers],
        "deadline": budget.deadline,
        "total": budget.total,
        "fits": budget.fits,
        "soak": book.soak,
    }


def _page(book: Runbook) -> Iterator[str]:
    from psfir.domain.durations import show as span

    yield heading(f"{book.id}: {book.title}")
    yield f"  {book.mode.value} {book.system}; yeses: kill {book.approval.kill}, restore {book.approval.restore}"
    yield f"  covers: {', '.join(case.value for case in book.covers) or 'nothing'}; playbook: {book.playbook or 'none'}"
    for step in book.steps:
        yield ""
        after = f" (after {', '.join(step.after)})" if step.after else ""
        yield heading(f"step {step.id}{after}")
        for number, rung in enumerate(step.ladder, start=1):
            yield hanging(f"{number}.", _rung(rung))
    yield ""
    yield heading("proof")
    yield from columns(
        [
            (use.id, f"{use.probe} at {use.connection}, {use.times} in a row, soak {span(use.soak)}")
            for use in book.verify
        ]
    )


def _rung(rung: Rung) -> str:
    from psfir.domain.canon import canonical
    from psfir.domain.durations import show as span

    tries = f", {rung.retries + 1} tries" if rung.retries else ""
    target = " ".join(f"{key}={canonical(value).decode()}" for key, value in rung.target.items())
    return f"{rung.lever} {target} -> {canonical(rung.set).decode()} within {span(rung.within)}{tries}"


def _worst(budget: Budget) -> Iterator[str]:
    from psfir.domain.durations import show as span

    yield ""
    says = f"worst case {span(budget.total)} of {span(budget.deadline)}"
    yield heading(says) if budget.fits else loud(f"{says}: TOO LONG")
    yield from columns([(span(share.seconds).rjust(8), share.name, share.how) for share in budget.shares])
