"""`psfir comms lint`: what must not stand in a template or a message, why, and a better wording."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from psfir.cli.complete import incidents, templates
from psfir.cli.desk import Desk, common
from psfir.cli.show import dim, hanging, heading, loud

if TYPE_CHECKING:
    from psfir.comms.finding import Finding

EPILOG = """\b
Examples:
  psfir comms lint                       every template, with made-up facts
  psfir comms lint public-holding MSG-k7q2xa

Exit codes: 0 nothing keeps a text from going out, 1 something does, 2 none such."""


@click.command(epilog=EPILOG)
@click.argument("names", metavar="[TEMPLATE|MESSAGE]...", nargs=-1, shell_complete=templates)
@click.option("--incident", default="", shell_complete=incidents, help="A message: of which incident.")
@click.option("--hints/--no-hints", default=True, help="Advice that keeps nothing from going out; default shown.")
@common
def lint(desk: Desk, *, names: tuple[str, ...], incident: str, hints: bool) -> int:
    """Look for what does harm in a text: guesses, promises, personal data, secrets, words that belong to others."""
    found = {
        name: [one for one in findings if hints or one.level.value == "error"]
        for name, findings in _all(desk, names, incident)
    }
    errors = sum(one.level.value == "error" for findings in found.values() for one in findings)
    desk.result("comms.lint", {"texts": {name: [_json(one) for one in each] for name, each in found.items()}})
    for name, findings in found.items():
        if findings:
            desk.say(heading(name))
        for one in findings:
            mark = loud("error") if one.level.value == "error" else dim("hint ")
            where = "title" if one.line == 0 else f"line {one.line}"
            quoted = f"{one.text!r} " if one.text else "it "
            desk.say(hanging(mark, f"{where}: {quoted}{one.says} ({one.rule}). {one.better}"))
    hinted = sum(map(len, found.values())) - errors
    desk.say(f"{len(found)} texts, {errors} errors, {hinted} hints")
    return 1 if errors else 0


def _all(desk: Desk, names: tuple[str, ...], incident: str) -> Iterator[tuple[str, list[Finding]]]:
    from psfir.app import messages as app
    from psfir.app.comms_lint import of_message, of_template
    from psfir.cli.comms_approve import MESSAGE
    from psfir.cli.comms_templates import at_hand
    from psfir.comms.pack import load_packs
    from psfir.errors import UsageError

    shelf, _ = at_hand(desk)
    rules = load_packs(shelf.root, shelf.workspace.comms.packs)
    for name in names or [one.key for one in shelf.templates]:
        if not name.upper().startswith(MESSAGE):
            for one in shelf.all(name):
                yield one.key, of_template(shelf.workspace, one, rules)
            continue
        table = app.table(desk.session(), incident)
        told = table.message(name)
        if told.message is None:
            raise UsageError(f"the words of {told.id} were erased")
        yield told.id, of_message(table.session, told.message)


def _json(one: Finding) -> dict[str, Any]:
    return {**vars(one), "level": one.level.value}
