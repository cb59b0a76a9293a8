"""`psfir playbook`: the checklist beside the incident's clock, and the ticks. psfir never runs one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from psfir.cli.complete import incidents, playbooks, steps
from psfir.cli.desk import Desk, common
from psfir.cli.incident_words import PEOPLE_EXIT
from psfir.cli.show import dim, hanging, heading, loud

if TYPE_CHECKING:
    from psfir.app.playbook import Row
    from psfir.app.session import Session
    from psfir.domain.incident import Incident
    from psfir.domain.playbook import Playbook


@click.group(epilog="\b\nExample: psfir playbook show harmful-output")
def playbook() -> None:
    """Show a playbook and tick its steps."""


@playbook.command(epilog="\b\nExample: psfir playbook show harmful-output\n\nExit codes: 0 shown, 2 none such.")
@click.argument("name", metavar="ID", shell_complete=playbooks)
@click.option("--incident", default="", shell_complete=incidents, help="Whose clock and ticks; else the open one's.")
@click.option("--details", is_flag=True, help="The detail of each step too.")
@common
def show(desk: Desk, *, name: str, incident: str, details: bool) -> int:
    """The checklist: what is ticked, what is due, what to say."""
    from psfir.app import playbook as app

    session = desk.session()
    book = app.load(session, name)
    beside = session.incident(incident) if incident else _open_one(session)
    rows = app.checklist(book, beside, session.clock.now())
    shown = {"id": book.id, "title": book.title, "digest": book.digest, "steps": [_json(row) for row in rows]}
    desk.result("playbook.show", {"playbook": shown, "incident": beside.id if beside else None})
    for line in _page(book, rows, beside, details=details):
        desk.say(line)
    return 0


@playbook.command(epilog="\b\nExample: psfir playbook tick harmful-output kill-first" + PEOPLE_EXIT)
@click.argument("name", metavar="PLAYBOOK", shell_complete=playbooks)
@click.argument("step", shell_complete=steps)
@click.option("--incident", default="", shell_complete=incidents, help="Else the open one.")
@click.option("--skip", default=None, metavar="REASON", help="It was not done, and why.")
@common
def tick(desk: Desk, *, name: str, step: str, incident: str, skip: str | None) -> int:
    """Record that STEP is done, or skipped."""
    from psfir.app import playbook as app

    session = desk.session()
    book = app.load(session, name)
    found = app.tick(session, session.incident(incident), book, step, skip=skip)
    rows = app.checklist(book, found, session.clock.now())
    desk.result("playbook.tick", {"incident": found.id, "playbook": book.id, "steps": [_json(row) for row in rows]})
    desk.say(f"{step} {'done' if skip is None else 'skipped'} in {found.id}")
    left = next((row for row in rows if row.left), None)
    if left:
        desk.say(f"next, for {left.step.seat.value.replace('_', ' ')}: {left.step.text}")
        if left.step.say:
            desk.say(hanging("say:", left.step.say))
    return 0


def _open_one(session: Session) -> Incident | None:
    """The open incident if there is just one: a checklist can be read without any."""
    opened = [one for one in session.incidents() if one.open]
    return opened[0] if len(opened) == 1 else None


def _json(row: Row) -> dict[str, Any]:
    from psfir.domain import instants

    return {
        "id": row.step.id,
        "text": row.step.text,
        "seat": row.step.seat.value,
        "due": row.step.due,
        "due_at": instants.write(row.due_at) if row.due_at else None,
        "say": row.step.say,
        "state": row.tick.state if row.tick else "done" if row.run else None,
        "reason": row.tick.reason if row.tick else None,
        "by": row.tick.actor if row.tick else row.run.actor if row.run else None,
        "overdue": row.overdue,
    }


def _page(book: Playbook, rows: Sequence[Row], beside: Incident | None, *, details: bool) -> Iterator[str]:
    tested = book.last_tested or "never"
    yield heading(f"{book.id}: {book.title}")
    yield dim(f"  last reviewed {book.last_reviewed}, last tested {tested}; psfir records the ticks and runs nothing")
    if beside:
        yield f"  beside {beside.id}"
    for row in rows:
        yield from _row(row)
        if row.step.say:
            yield hanging("       say:", row.step.say)
        if details and row.step.detail:
            yield from (f"         {line}" for line in row.step.detail.splitlines())


def _row(row: Row) -> Iterator[str]:
    from psfir.domain.durations import show as span

    marks = {"done": "[x]", "skipped": "[-]"}
    mark = marks[row.tick.state] if row.tick else "[x]" if row.run else "[ ]"
    when = f"{row.due_at:%H:%M}Z" if row.due_at else span(row.step.due)
    line = hanging(f"{mark} {row.step.id}", f"{row.step.seat.value.replace('_', ' ')}, due {when}: {row.step.text}")
    yield f"{loud('! ')}{line.removeprefix('  ')}{loud('  DUE')}" if row.overdue else line
    if row.run:
        yield hanging("       by:", f"psfir kill, {row.run.id}")
    if row.tick and row.tick.reason:
        yield hanging("       because:", row.tick.reason)
