"""`psfir comms text|withdraw`: messages of an incident that were drafted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from psfir.cli.complete import incidents
from psfir.cli.desk import Desk, common
from psfir.cli.show import dim, heading

if TYPE_CHECKING:
    from psfir.comms.clearance import Clearance
    from psfir.comms.record import Told
    from psfir.domain.message import Written


@click.command(epilog="\b\nExample: psfir comms text MSG-k7q2xa > message.txt\n\nExit codes: 0 shown, 2 none such.")
@click.argument("message", default="")
@click.option("--incident", default="", shell_complete=incidents, help="Else the open one.")
@click.option("--preview", type=click.IntRange(0, 10), default=0, help="As so many mails, filled from its inventory.")
@common
def text(desk: Desk, *, message: str, incident: str, preview: int) -> int:
    """Print a message as people will read it, and nothing else."""
    from psfir.app import corrections
    from psfir.app import messages as app

    table = app.table(desk.session(), incident)
    told = table.message(message)
    desk.result("comms.text", {"message": to_json(told, table.cleared(told))})
    if told.message is None:
        desk.say("(its words were erased)")
        return 2
    if preview:
        show_mails(desk, corrections.mails(table.session, told, preview))
        return 0
    desk.say(told.message.subject, verbatim=True)
    desk.say()
    desk.say(told.message.body.rstrip("\n"), verbatim=True)
    return 0


WITHDRAW_EPILOG = """\b
Example: psfir comms withdraw MSG-k7q2xa --reason 'the scope is wrong'

Exit codes: 0 withdrawn, 2 none such, 3 it went out."""


@click.command(epilog=WITHDRAW_EPILOG)
@click.argument("message")
@click.option("--incident", default="", shell_complete=incidents, help="Else the open one.")
@click.option("--reason", required=True, help="Why it is not to go out.")
@common
def withdraw(desk: Desk, *, message: str, incident: str, reason: str) -> int:
    """Put a draft aside. What went out is corrected by another message instead."""
    from psfir.app import messages as app

    table = app.table(desk.session(), incident)
    told = table.message(message)
    app.withdraw(table, told, reason)
    desk.result("comms.withdraw", {"message": told.id})
    desk.say(f"{told.id} is withdrawn")
    return 0


def to_json(told: Told, cleared: Clearance) -> dict[str, Any]:
    """A message as programs get it."""
    return {
        "id": told.id,
        "digest": told.digest,
        "class": told.kind.value,
        "text": told.message.to_json() if told.message else None,
        "fields": dict(told.fields),
        "approved_by": [one.actor.id for one in cleared.counted],
        "needs": list(cleared.missing),
        "cleared": cleared.enough,
        "withdrawn": told.withdrawn or None,
        "sendings": [{**vars(one), "counts": dict(one.counts)} for one in told.sendings],
    }


def show_mails(desk: Desk, mails: Sequence[tuple[str, Written]]) -> None:
    """As they will be read; whom they are for is only hinted at."""
    for whom, mail in mails:
        desk.say(dim(f"for {whom}"))
        desk.say(heading(mail.subject))
        for line in mail.body.rstrip("\n").split("\n"):
            desk.say(f"  {line}" if line else "")
        desk.say()
