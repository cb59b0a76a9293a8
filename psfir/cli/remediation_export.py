"""`psfir remediation export`: tell GitHub or Jira what is to be done. What they say back is never the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from psfir.cli.complete import incidents
from psfir.cli.desk import Desk, common
from psfir.cli.show import columns, loud

if TYPE_CHECKING:
    from collections.abc import Iterable

    from psfir.app.remediation_export import Told


@click.command(
    epilog="\b\nExample: psfir remediation export --to issues --plan\n\n"
    "Exit codes: 0 all told, 1 something failed, 2 none such, 3 refused, 6 not known."
)
@click.argument("incident", default="", shell_complete=incidents)
@click.option("--to", required=True, metavar="CONNECTION", help="A connection of kind github or jira.")
@click.option("--plan", is_flag=True, help="Say what would be told; tells nobody.")
@click.option("--names", is_flag=True, help="Tell people's names, too, instead of their roles.")
@common
def export(desk: Desk, *, incident: str, to: str, plan: bool, names: bool) -> int:
    """Create or update an issue for each item, once, of one incident or of all."""
    from psfir.app import remediation_export as app
    from psfir.app.remediation import place

    session = desk.session(reaching=True)
    named = place(session, incident) if incident else ""
    if plan:
        due = [one for one in app.steps(session, to, named, names=names) if one.act]
        shown = [{"item": one.item.ref, "act": one.act, "closed": one.filing.closed} for one in due]
        desk.result("remediation.export", {"to": to, "plan": True, "items": shown})
        for line in columns([(one.item.ref, one.act, one.filing.title) for one in due]):
            desk.say(line)
        desk.say(f"{len(due)} to be told to {to}; nobody was told yet" if due else f"{to} knows all of it")
        return 0
    told = app.export(session, to, named, names=names)
    desk.result("remediation.export", {"to": to, "plan": False, "items": [_json(one) for one in told]})
    for line in columns([(one.ref, one.filed.ref if one.filed else "-", _words(one)) for one in told]):
        desk.say(line)
    desk.say(f"{sum(one.filed is not None for one in told)} told to {to}" if told else f"{to} knows all of it")
    return _code(told)


def _words(one: Told) -> str:
    word = one.result.value.replace("_", " ")
    return one.says if one.filed else f"{loud(word)}: {one.says}"


def _code(told: Iterable[Told]) -> int:
    from psfir.domain.message import Result

    results = {one.result for one in told}
    return 6 if Result.UNKNOWN in results else 1 if Result.FAILED in results else 0


def _json(one: Told) -> dict[str, str]:
    ref, url = (one.filed.ref, one.filed.url) if one.filed else ("", "")
    return {"item": one.ref, "act": one.act, "result": one.result.value, "says": one.says, "ref": ref, "url": url}
