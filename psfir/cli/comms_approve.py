"""`psfir comms approve`: say yes to a template beforehand, or to a message as people will read it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from psfir.cli.comms_messages import to_json
from psfir.cli.comms_templates import given
from psfir.cli.complete import incidents, templates
from psfir.cli.desk import Desk, common
from psfir.cli.paths import FILE
from psfir.cli.show import heading, loud

if TYPE_CHECKING:
    from psfir.comms.template import Template

DAY = click.DateTime(["%Y-%m-%d"])
MESSAGE = "MSG-"

EPILOG = """\b
Examples:
  psfir comms approve public-holding            a template, as it is now
  psfir comms approve --all --as legal          every template that you have not approved
  psfir comms approve MSG-k7q2xa                a message
  psfir comms approve MSG-k7q2xa --sign ~/.ssh/id_ed25519

Exit codes: 0 recorded, 2 none such, 3 you may not, or have already."""


@click.command(epilog=EPILOG)
@click.argument("names", metavar="TEMPLATE|MESSAGE...", nargs=-1, shell_complete=templates)
@click.option("--all", "everything", is_flag=True, help="Every template that you have not approved as it is now.")
@click.option("--as", "role", default="", metavar="ROLE", help="A template: in which of your roles.")
@click.option("--until", type=DAY, default=None, help="A template: the last day; default a year from now.")
@click.option("--conditions", default="", metavar="TEXT", help="A template: what your yes depends on.")
@click.option("--incident", default="", shell_complete=incidents, help="A message: of which incident.")
@click.option("--sign", type=FILE, default=None, metavar="KEY", help="A message: sign with this SSH key.")
@click.option("--break-glass", is_flag=True, help="A message: enough alone, loud, and needs --reason.")
@click.option("--reason", default="", help="A message: why.")
@click.option("--yes", is_flag=True, help="Do not show the text and ask.")
@common
def approve(desk: Desk, *, names: tuple[str, ...], everything: bool, yes: bool, **words: Any) -> int:
    """Say yes to a text. Any change of it makes the yes void."""
    from psfir.errors import UsageError

    if bool(names) == everything:
        raise UsageError("name templates or a message, or say --all")
    messages = [name for name in names if name.upper().startswith(MESSAGE) or name.startswith("sha256:")]
    if messages and len(names) > 1:
        raise UsageError("a message is approved by itself: whoever says yes has read it")
    if messages:
        return _message(desk, messages[0], yes=yes, words=words)
    return _templates(desk, names, yes=yes, words=words)


def _message(desk: Desk, ref: str, *, yes: bool, words: dict[str, Any]) -> int:
    from psfir.app import messages as app
    from psfir.app.approve import Yes
    from psfir.domain.people import Deed

    session = desk.session()
    session.need(Deed.BREAK_GLASS if words["break_glass"] else Deed.APPROVE_MESSAGE)
    table = app.table(session, words["incident"])
    told = table.message(ref)
    if told.message and not yes:
        _show(desk, told.message.subject, told.message.body)
        if not desk.ask(f"approve {told.id} to {told.message.audience.value} as it stands here?"):
            return 3
    key: Path | None = words["sign"]
    after = app.approve(table, told, Yes(words["reason"], key, words["break_glass"]))
    desk.result("comms.approve", {"message": to_json(told, after)})
    desk.say(f"your yes to {told.id} is recorded, for an hour")
    if after.enough:
        desk.say(f"next: psfir comms send {told.id}")
    else:
        desk.say(loud(f"still needs a yes as {' and as '.join(after.missing)}"))
    return 0


def _templates(desk: Desk, names: tuple[str, ...], *, yes: bool, words: dict[str, Any]) -> int:
    from psfir.app import templates as app
    from psfir.domain.people import Deed

    session = desk.session()
    session.need(Deed.APPROVE_TEMPLATE)
    shelf = app.shelf(session.root, session.workspace)
    chosen = [shelf.one(name) for name in names] or shelf.left_to(session.actor.id)
    if not chosen:
        desk.say("you have approved every template as it is now")
        desk.result("comms.approve", {"approvals": []})
        return 0
    agreed = [one for one in chosen if yes or _agrees(desk, one)]
    until = words["until"].date() if words["until"] else None
    terms = {"role": words["role"], "until": until, "conditions": words["conditions"]}
    found = app.approve(session, shelf, agreed, **terms) if agreed else []
    desk.result("comms.approve", {"approvals": [given(one) for one in found]})
    for one in found:
        desk.say(f"approved {one.key} as {one.role} until {one.until}: {one.sha256[:23]}")
    if found:
        desk.say("next: commit comms_templates/approvals.yaml")
    return 0 if agreed else 3


def _agrees(desk: Desk, one: Template) -> bool:
    _show(desk, f"{one.key}: {one.title}", one.body)
    return desk.ask(f"approve this text of {one.key}?")


def _show(desk: Desk, title: str, body: str) -> None:
    desk.say(heading(title))
    for line in body.splitlines():
        desk.say(f"  {line}")
