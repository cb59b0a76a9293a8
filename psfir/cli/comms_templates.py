"""`psfir comms list|show|revoke|check`: templates before anything goes wrong."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from psfir.cli.complete import people, templates
from psfir.cli.desk import Desk, common
from psfir.cli.show import columns, dim, hanging, heading, loud

if TYPE_CHECKING:
    from psfir.app.templates import Shelf
    from psfir.comms.check import Row, Yes
    from psfir.comms.ledger import Given
    from psfir.comms.template import Template


@click.command("list", epilog="\b\nExample: psfir comms list --audience public\n\nExit codes: 0 listed.")
@click.option("--audience", default="", help="Only for these readers.")
@common
def list_(desk: Desk, *, audience: str) -> int:
    """Every template of the workspace, and whether it may be used today."""
    shelf, now = at_hand(desk)
    from psfir.app.templates import today

    day = today(shelf.workspace, now)
    found = [(one, shelf.standing(one, day)) for one in shelf.templates if audience in {"", one.audience.value}]
    desk.result("comms.list", {"templates": [_json(one, yes) for one, yes in found]})
    for problem in shelf.problems:
        desk.warn(str(problem))
    for line in columns([(one.key, one.channel, _state(yes.state.value), yes.says) for one, yes in found]):
        desk.say(line)
    if not found:
        desk.say("no templates here: comms_templates/<audience>/<phase>.<language>.md")
    return 0


@click.command(epilog="\b\nExample: psfir comms show public-holding\n\nExit codes: 0 shown, 2 none such.")
@click.argument("template", shell_complete=templates)
@click.option("--language", default="", help="Of a template that is there in several.")
@common
def show(desk: Desk, *, template: str, language: str) -> int:
    """One template: its text, what fills its fields, who approved it."""
    shelf, now = at_hand(desk)
    from psfir.app.templates import today

    one = shelf.one(template, language)
    yes = shelf.standing(one, today(shelf.workspace, now))
    yeses = shelf.ledger.of(one.key)
    desk.result("comms.show", {"template": _whole(one, yes), "approvals": [given(each) for each in yeses]})
    desk.say(heading(f"{one.key}: {one.title}"))
    desk.say(dim(f"  {one.file}, for {one.channel}, {one.digest[:23]}"))
    desk.say(hanging("", f"{_state(yes.state.value)}: {yes.says}"))
    desk.say()
    for line in one.body.splitlines():
        desk.say(f"  {line}")
    if one.fields:
        desk.say(heading("Fields"))
    for line in columns([(each.name, each.source.value, each.line) for each in one.fields.values()]):
        desk.say(line)
    return 0


@click.command(epilog="\b\nExample: psfir comms revoke public-holding\n\nExit codes: 0 gone, 2 none such, 3 refused.")
@click.argument("template", shell_complete=templates)
@click.option("--language", default="", help="Of a template that is there in several.")
@click.option("--by", default="", metavar="PERSON", shell_complete=people, help="Whose yes; default yours.")
@common
def revoke(desk: Desk, *, template: str, language: str, by: str) -> int:
    """Take a yes to TEMPLATE out of the ledger."""
    from psfir.app import templates as app

    session = desk.session()
    shelf = app.shelf(session.root, session.workspace)
    one = shelf.one(template, language)
    app.revoke(session, shelf, one, by=by)
    desk.result("comms.revoke", {"template": one.key, "by": by or session.actor.id})
    desk.say(f"{by or session.actor.id}'s yes to {one.key} is gone")
    return 0


@click.command(
    epilog="\b\nExample: psfir comms check     in CI, before a release\n\n"
    "Exit codes: 0 all that must ship may be used, 1 something may not, 2 a file is wrong."
)
@click.option("--all", "everything", is_flag=True, help="Also the templates that need not ship.")
@common
def check(desk: Desk, *, everything: bool) -> int:
    """Whether every template that must ship is there, whole and approved. Needs no record and no identity."""
    from psfir.app import templates as app

    shelf, now = at_hand(desk)
    found = app.check(shelf, now)
    rows = [row for row in found.rows if row.required or everything]
    bad = [row for row in rows if row.required and not row.state.good]
    problems = [str(problem) for problem in found.problems]
    desk.result("comms.check", {"good": found.good, "rows": [_row(row) for row in rows], "problems": problems})
    for problem in problems:
        desk.say(loud(problem))
    for line in columns([(row.cell, row.lang, _state(row.state.value), row.says) for row in rows]):
        desk.say(line)
    if not any(row.required for row in rows):
        desk.say("comms_templates/required.yaml names nothing that must ship")
    required = sum(row.required for row in rows)
    desk.say(f"{required - len(bad)} of {required} that must ship may be used" + ("" if found.good else ": not ready"))
    return 0 if found.good else 1


def at_hand(desk: Desk) -> tuple[Shelf, datetime]:
    """From the files alone: a check in CI has no record and is nobody."""
    import os

    from psfir.app.clock import RealClock
    from psfir.app.lint import root_of
    from psfir.app.templates import shelf

    return shelf(root_of(desk.workspace, (), os.environ)), RealClock().now()


def _state(state: str) -> str:
    return state.replace("_", " ").upper() if state not in {"approved", "expires_soon"} else state.replace("_", " ")


def _json(one: Template, yes: Yes) -> dict[str, Any]:
    return {
        "id": one.id,
        "language": one.lang,
        "audience": one.audience.value,
        "phase": one.phase.value,
        "variant": one.variant,
        "channel": one.channel,
        "file": one.file,
        "digest": one.digest,
        "state": yes.state.value,
        "says": yes.says,
        "until": yes.until.isoformat() if yes.until else None,
    }


def _whole(one: Template, yes: Yes) -> dict[str, Any]:
    fields = [
        {"name": each.name, "type": each.type.value, "source": each.source.value, "line": each.line, "edit": each.edit}
        for each in one.fields.values()
    ]
    return {**_json(one, yes), "title": one.title, "body": one.body, "author": one.author, "fields": fields}


def given(one: Given) -> dict[str, Any]:
    """A yes of the ledger as programs get it."""
    return {name: value if isinstance(value, str) else value.isoformat() for name, value in vars(one).items()}


def _row(row: Row) -> dict[str, Any]:
    until = row.until.isoformat() if row.until else None
    return {**vars(row), "state": row.state.value, "until": until, "by": list(row.by)}
