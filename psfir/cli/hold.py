"""`psfir hold`: what must stay, whatever its time is and whoever asks for its erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from psfir.cli.complete import incidents
from psfir.cli.desk import Desk, common
from psfir.cli.show import hanging

if TYPE_CHECKING:
    from psfir.app.session import Session
    from psfir.domain.holds import Hold

EXIT = "\n\nExit codes: 0 done, 1 the record cannot be written, 2 wrong words, 3 refused."
WHY = click.option("--why", default="", metavar="TEXT", help="Why; it is recorded.")
name_ = click.argument("name", metavar="NAME")
incidents_ = click.argument("named", metavar="[INC]...", nargs=-1, shell_complete=incidents)


@click.group(epilog="\b\nExample: psfir hold list")
def hold() -> None:
    """Place, release and list legal holds: they win over retention and over erasure."""


@hold.command(epilog="\b\nExample: psfir hold place smith-v-acme --all --why 'letter of 20 November'" + EXIT)
@name_
@incidents_
@click.option("--all", "everything", is_flag=True, help="Everything, now and later.")
@WHY
@common
def place(desk: Desk, *, name: str, named: tuple[str, ...], everything: bool, why: str) -> int:
    """Hold incidents, or with --all everything: nothing of it is erased or discarded."""
    from psfir.app import holds
    from psfir.errors import UsageError

    if everything == bool(named):
        raise UsageError("name the incidents to hold, or say --all", todo="psfir incident list --all")
    session = desk.session()
    return _done(desk, "place", holds.place(session, name, _ids(session, named), why=why))


@hold.command(epilog="\b\nExample: psfir hold release smith-v-acme --why 'settled on 3 May'" + EXIT)
@name_
@incidents_
@WHY
@common
def release(desk: Desk, *, name: str, named: tuple[str, ...], why: str) -> int:
    """Release a hold, wholly or for single incidents."""
    from psfir.app import holds

    session = desk.session()
    return _done(desk, "release", holds.release(session, name, _ids(session, named), why=why))


@hold.command("list", epilog="\b\nExample: psfir hold list\n\nExit codes: 0 shown, 1 the record cannot be read.")
@common
def list_(desk: Desk) -> int:
    """List the holds that stand."""
    from psfir.app import holds

    return _done(desk, "list", holds.standing(desk.session()))


def _ids(session: Session, named: tuple[str, ...]) -> list[str]:
    return [session.incident(one).id for one in named]


def _done(desk: Desk, command: str, standing: tuple[Hold, ...]) -> int:
    desk.result(f"hold.{command}", {"holds": [_json(one) for one in standing]})
    for one in standing:
        desk.say(hanging("held", one.line))
    if not standing:
        desk.say("nothing is held")
    return 0


def _json(one: Hold) -> dict[str, Any]:
    return {"hold": one.name, "incident": one.incident or None, "at": one.at, "by": one.by, "why": one.why}
