"""`psfir comms status|cadence`: what each audience last heard, what is due, what waits for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from psfir.cli.comms_draft import AUDIENCES
from psfir.cli.comms_messages import to_json
from psfir.cli.complete import incidents
from psfir.cli.desk import Desk, common
from psfir.cli.show import columns, dim, hanging, heading, loud

if TYPE_CHECKING:
    from psfir.app.comms_status import Line, Waits
    from psfir.app.messages import Table
    from psfir.app.settling import Unknown

SHOWN = 20
"""So many lines of a list are named; --json has all."""


STATUS_EPILOG = """\b
Example: psfir comms status INC-20261121-k7q2xa

Exit codes: 0 shown, 1 something is overdue, 2 none such."""


@click.command(epilog=STATUS_EPILOG)
@click.argument("incident", default="", shell_complete=incidents)
@common
def status(desk: Desk, *, incident: str) -> int:
    """What each audience last heard, what is due, what is drafted, who must say yes."""
    from psfir.app import messages
    from psfir.app.comms_status import overview

    table = messages.table(desk.session(), incident)
    seen = overview(table)
    overdue = [line for line in seen.lines if line.state == "overdue"]
    desk.result(
        "comms.status",
        {
            "incident": table.incident.id,
            "audiences": [_json(line) for line in seen.lines],
            "waiting": [_waiting(table, one) for one in seen.waits],
            "promises": {"kept": seen.kept, "missed": seen.missed},
        },
    )
    desk.say(heading(f"{table.incident.id}: {table.incident.title}"))
    for line in columns([_row(line) for line in seen.lines]):
        desk.say(line)
    if seen.waits:
        desk.say(heading("Not out"))
    for one in seen.waits:
        desk.say(hanging(one.told.id, _words(one)))
    desk.say(dim(f"promises of a next message: {seen.kept} kept, {seen.missed} missed"))
    return 1 if overdue else 0


CADENCE_EPILOG = f"""Audiences: {", ".join(AUDIENCES.choices)}.

\b
Example: psfir comms cadence public 1h --reason 'nothing new since noon'

Exit codes: 0 set, 2 no such span, 3 refused."""


@click.command(epilog=CADENCE_EPILOG)
@click.argument("audience", metavar="AUDIENCE", type=AUDIENCES)
@click.argument("every")
@click.option("--incident", default="", shell_complete=incidents, help="Else the open one.")
@click.option("--reason", required=True, help="Why.")
@common
def cadence(desk: Desk, *, audience: str, every: str, incident: str, reason: str) -> int:
    """Promise AUDIENCE the next message every so often from now on."""
    from psfir.app import messages
    from psfir.app.comms_status import set_cadence
    from psfir.domain import durations
    from psfir.domain.message import Audience
    from psfir.errors import UsageError

    try:
        seconds = durations.seconds(every)
    except ValueError as error:
        raise UsageError(str(error)) from None
    table = messages.table(desk.session(), incident)
    set_cadence(table, Audience(audience), every=seconds, why=reason)
    desk.result("comms.cadence", {"audience": audience, "every": seconds})
    desk.say(f"{audience} is promised a message every {durations.show(seconds)} from the next one on")
    return 0


def _row(line: Line) -> tuple[str, str, str, str]:
    heard = f"{line.at:%H:%M}Z {line.last.message.phase.value}" if line.at and line.last and line.last.message else "-"
    due = f"next {line.due:%H:%M}Z" if line.due else ""
    state = {"overdue": loud("OVERDUE"), "soon": "soon"}.get(line.state, "")
    return line.audience.value, heard, due, f"{state}{f', {line.missed} missed' if line.missed else ''}".strip(", ")


def _words(one: Waits) -> str:
    told = one.told
    what = f"{told.message.audience.value} {told.message.phase.value}" if told.message else "erased"
    if any(unknown.under_way for unknown in one.unknown):
        return f"{what}: somebody is sending it now"
    if one.unknown:
        who = "; ".join(_unknown(unknown) for unknown in one.unknown)
        return f"{what}: {who}: look, then psfir comms settle {told.id}"
    if one.missing:
        return f"{what}: needs a yes as {' and as '.join(one.missing)}: psfir comms approve {told.id}"
    if one.left:
        return f"{what}: {one.left} {'copy is' if one.left == 1 else 'copies are'} left: psfir comms send {told.id}"
    if told.draft_only or not (told.message and told.message.channel):
        return (
            f"{what}: cleared for people to send: psfir comms text {told.id}, then psfir comms settle {told.id} --sent"
        )
    return f"{what}: cleared: psfir comms send {told.id}"


def _unknown(unknown: Unknown) -> str:
    """Which ones, by their line of the list."""
    if not unknown.lines:
        return f"nobody knows whether it went out over {unknown.channel}"
    shown = ", ".join(str(line) for line in unknown.lines[:SHOWN])
    more = f" and {len(unknown.lines) - SHOWN} more" if len(unknown.lines) > SHOWN else ""
    copies = f"{len(unknown.lines)} {'copy' if len(unknown.lines) == 1 else 'copies'}"
    return f"{copies} over {unknown.channel} may have gone out, of line {shown}{more} of the list"


def _json(line: Line) -> dict[str, Any]:
    return {
        "audience": line.audience.value,
        "last": line.last.id if line.last else None,
        "at": line.at.isoformat() if line.at else None,
        "due": line.due.isoformat() if line.due else None,
        "state": line.state,
        "missed": line.missed,
    }


def _waiting(table: Table, one: Waits) -> dict[str, Any]:
    unknown = [{**vars(each), "lines": list(each.lines)} for each in one.unknown]
    return {**to_json(one.told, table.cleared(one.told)), "unknown": unknown, "left": one.left}
