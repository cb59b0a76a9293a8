"""`psfir drill schedule`: what is to be rehearsed by when."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from psfir.cli.desk import Desk, common
from psfir.cli.show import columns, heading, loud

if TYPE_CHECKING:
    from psfir.rehearsal.schedule import Due

EPILOG = """\b
Examples:
  psfir drill schedule
  psfir drill schedule --every 30 --json

Exit codes: 0 nothing is overdue, 1 something is, 2 no such day."""


@click.command(epilog=EPILOG)
@click.option("--every", type=click.IntRange(1, 3660), default=90, show_default=True, help="Days between two drills.")
@click.option("--as-of", default="", metavar="DAY", help="As it will be on that day.")
@common
def schedule(desk: Desk, *, every: int, as_of: str) -> int:
    """What is due by system and by PSF statement, after a change of a runbook, and after each real incident.

    Only drills that count as evidence count, and for the 15 minutes no tabletop.
    """
    from psfir.app.drill_schedule import scheduled, today_of
    from psfir.app.remediation_terms import day

    session = desk.session()
    today = day(as_of) if as_of else today_of(session)
    rows = scheduled(session, today=today, every=every)
    late = sum(one.late for one in rows)
    desk.result("drill.schedule", {"today": today.isoformat(), "every": every, "due": [_json(one) for one in rows]})
    desk.say(heading(f"{late} overdue, {len(rows) - late} to come" if rows else "nothing is to be rehearsed"))
    for line in columns([_row(one, today) for one in rows]):
        desk.say(line)
    return 1 if late else 0


def _row(one: Due, today: date) -> tuple[str, ...]:
    last = f"last {one.last.isoformat()}" if one.last else "never"
    left = (one.due - today).days
    when = loud("overdue") if one.late else f"in {left} days" if left else "today"
    return f"{one.about.value} {one.name}", when, f"by {one.due.isoformat()}", last, one.why


def _json(one: Due) -> dict[str, str | bool | None]:
    last = one.last.isoformat() if one.last else None
    told = {"about": one.about.value, "name": one.name, "last": last, "due": one.due.isoformat()}
    return {**told, "overdue": one.late, "why": one.why}
