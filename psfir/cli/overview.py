"""`psfir` alone: what is open, what runs, what waits for me, what to type next."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from psfir.cli.desk import Desk, common

if TYPE_CHECKING:
    from psfir.app.overview import Overview, Waiting
    from psfir.app.session import Session

SHOWN = 12


@click.command("overview")
@common
def overview(desk: Desk) -> int:
    """What is open, what runs, what waits for me, and the next command."""
    from psfir.app import overview as app

    if desk.workspace is None and app.nowhere(os.environ):
        return _begin(desk)
    session = desk.session()
    seen = app.overview(session)
    desk.result("overview", _json(session, seen))
    for line in _lines(session, seen):
        desk.say(line)
    return 0


def _begin(desk: Desk) -> int:
    desk.result("overview", {"workspace": None, "next": "psfir init"})
    desk.say("no workspace here: `psfir init` lays one out, and `psfir demo` shows a kill from end to end")
    desk.say("inside one, `psfir` says what is open and what waits for you; elsewhere say psfir -w DIR")
    return 0


def _lines(session: Session, seen: Overview) -> Iterator[str]:
    from psfir.app.analysis import awaited
    from psfir.cli.incident_page import head, last_runs
    from psfir.cli.show import hanging, heading

    for one in (*seen.open, *seen.left):
        yield from head(one, session.clock.now(), analysis=awaited(session, one))
        yield from last_runs(one, [r for r in seen.running if r.incident == one.id])
        yield ""
    if not seen.open:
        yield heading(f"{session.workspace.name}: nothing is open")
    mine = [one for one in seen.waiting if one.mine]
    others = [one for one in seen.waiting if not one.mine]
    for title, waiting in (("Waits for you", mine), ("Waits for others", others)):
        if waiting:
            yield heading(title)
            for wanted in waiting[:SHOWN]:
                yield hanging("", wanted.what)
                yield f"      {wanted.whom}: {wanted.command}" if wanted.whom else f"      {wanted.command}"
            if len(waiting) > SHOWN:
                yield f"  and {len(waiting) - SHOWN} more"
    if not session.actor.known:
        yield hanging("", "psfir does not know you: set PSFIR_ME to your id in psfir.yaml (psfir whoami)", indent="")
    yield f"next: {seen.next}"


def _json(session: Session, seen: Overview) -> dict[str, Any]:
    from psfir.app.analysis import awaited
    from psfir.app.incident_view import to_json

    now = session.clock.now()
    return {
        "workspace": str(session.root),
        "me": str(session.actor),
        "open": [to_json(one, now, awaited(session, one)) for one in seen.open],
        "left": [to_json(one, now, awaited(session, one)) for one in seen.left],
        "running": [{"incident": r.incident, "run": r.run.id, "alive": r.alive} for r in seen.running],
        "waiting": [_waiting(one) for one in seen.waiting],
        "next": seen.next,
    }


def _waiting(one: Waiting) -> dict[str, Any]:
    return {
        "incident": one.incident,
        "what": one.what,
        "command": one.command,
        "mine": one.mine,
        "whom": one.whom,
        "later": one.later,
    }
