"""`psfir comms draft|text|withdraw`: messages of an incident."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from psfir.cli.complete import incidents
from psfir.cli.desk import Desk, common
from psfir.cli.paths import FILE
from psfir.cli.show import columns, dim, hanging, heading, loud

if TYPE_CHECKING:
    from psfir.app.messages import Sheet, Table
    from psfir.comms.choose import Wanted
    from psfir.comms.clearance import Clearance
    from psfir.comms.fill import Gap
    from psfir.comms.record import Told
    from psfir.domain.canon import Json
    from psfir.domain.message import Written

AUDIENCES = (
    *("public", "product", "customers", "individuals", "enterprise", "support"),
    *("internal", "executive", "regulator", "vendor", "partners", "press"),
)
PHASES = ("holding", "scope", "contained", "progress", "monitoring", "resolved", "follow_up", "correction")
CASES = ("harmful_output", "data_leakage", "model_failure")

DRAFT_EPILOG = """\b
Examples:
  psfir comms draft                                   the next word to the public
  psfir comms draft --audience customers --phase scope
  psfir comms draft --set more='Order numbers are not affected.'
  psfir comms draft --phase correction --audience customers --inventory wrong.csv --preview 3

Exit codes: 0 drafted, 2 no template or a field is open, 3 the record does not support it."""


@click.command(epilog=DRAFT_EPILOG)
@click.argument("incident", default="", shell_complete=incidents)
@click.option("--audience", type=click.Choice(AUDIENCES), default="public", show_default=True, help="Who reads it.")
@click.option("--phase", type=click.Choice(PHASES), default=None, help="Default: what they are to hear next.")
@click.option("--case", type=click.Choice(CASES), default=None, help="Which failure; default what the record says.")
@click.option("--variant", default="", help="Which of several templates for the same point.")
@click.option("--language", default="", help="Default: the first of psfir.yaml's.")
@click.option("--channel", default="", help="By which channel; default the only one that leads there.")
@click.option("--set", "said", multiple=True, metavar="FIELD=VALUE", help="What fills a field; may be repeated.")
@click.option("--supersedes", default="", metavar="MESSAGE", help="The message that went out wrong.")
@click.option("--inventory", type=FILE, default=None, help="Rows that a correction is filled from: .csv or .json.")
@click.option("--preview", type=click.IntRange(0, 10), default=0, help="Show so many mails of it; record nothing.")
@click.option("--show", "only_show", is_flag=True, help="Show what it would be; record nothing.")
@common
def draft(desk: Desk, *, incident: str, said: Sequence[str], supersedes: str, only_show: bool, **words: Any) -> int:
    """Fill a template with what the record tells, and ask for the rest."""
    from psfir.app import messages as app

    table = app.table(desk.session(), incident)
    wanted = _wanted(table, **words)
    values = _said(said)
    file: Path | None = words["inventory"]
    made = app.sheet(table, wanted, values, channel=words["channel"], inventory=file)
    for notice in made.choice.notices:
        desk.warn(notice)
    only_show = only_show or bool(words["preview"])
    if made.filled.gaps and desk.interactive and not only_show:
        values |= _ask(made.filled.gaps)
        made = app.sheet(table, wanted, values, channel=words["channel"], inventory=file)
    if only_show or made.filled.gaps:
        return _unfinished(desk, made, mails=_mails(table, made, words["preview"]))
    told = app.record(table, made, supersedes=supersedes)
    after = table.cleared(told)
    desk.result("comms.draft", {"message": to_json(told, after)})
    _page(desk, made, told)
    _next(desk, told, after)
    return 0


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
        _filled(desk, corrections.mails(table.session, told, preview))
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


def _wanted(table: Table, **words: Any) -> Wanted:
    from psfir.app.messages import next_phase
    from psfir.comms.choose import Wanted
    from psfir.domain.message import Audience, Phase
    from psfir.domain.modes import PlanCase
    from psfir.domain.values import remade

    case = PlanCase(words["case"]) if words["case"] else table.incident.case
    lang = words["language"] or table.session.workspace.comms.languages[0]
    audience = Audience(words["audience"])
    wanted = Wanted(audience, Phase.HOLDING, lang, case, table.incident.severity, words["variant"])
    phase = Phase(words["phase"]) if words["phase"] else next_phase(table, wanted)
    return remade(wanted, phase=phase)


def _said(pairs: Sequence[str]) -> dict[str, Json]:
    from psfir.errors import UsageError

    values: dict[str, Json] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise UsageError(f"{pair!r} is not FIELD=VALUE", todo="--set count=120")
        values[name.strip()] = value
    return values


def _ask(gaps: Sequence[Gap]) -> dict[str, Json]:
    """One question for each field that is open; what cannot be taken is asked again with the reason."""
    from psfir.comms.values import checked
    from psfir.errors import PsfirError

    answers: dict[str, Json] = {}
    for gap in gaps:
        if not gap.askable:
            continue
        while True:
            given = click.prompt(f"{gap.field.name}: {gap.field.line}", err=True, default="", show_default=False)
            try:
                answers[gap.field.name] = checked(gap.field, given)
                break
            except PsfirError as error:
                click.echo(f"  {error}", err=True)
    return answers


def _mails(table: Table, made: Sheet, count: int) -> list[tuple[str, Written]]:
    from psfir.app.corrections import previewed
    from psfir.errors import UsageError

    if not count or made.filled.gaps:
        return []
    if made.inventory is None:
        raise UsageError("there are no rows to preview", todo="--inventory FILE")
    return previewed(table.session, made.filled.text(), made.inventory.inventory, count)


def _unfinished(desk: Desk, made: Sheet, *, mails: Sequence[tuple[str, Written]]) -> int:
    gaps = made.filled.gaps
    title, body = made.filled.text() if not gaps else ("", "")
    shown = {"title": title, "body": body, "class": made.kind.value, "gaps": [_gap(gap) for gap in gaps]}
    shown["mails"] = [{"for": whom, "subject": mail.subject, "body": mail.body} for whom, mail in mails]
    desk.result("comms.draft", {"message": None, "draft": shown})
    if mails:
        _filled(desk, mails)
    elif not gaps:
        _page(desk, made, None)
    if not gaps:
        return 0
    desk.say(heading(f"{made.filled.template.key} cannot be drafted yet"))
    for line in columns([(gap.field.name, gap.field.line, gap.why) for gap in gaps]):
        desk.say(line)
    asked = " ".join(f"--set {gap.field.name}=..." for gap in gaps if gap.askable)
    if asked:
        desk.say(f"next: psfir comms draft {asked}")
    return 2


def _filled(desk: Desk, mails: Sequence[tuple[str, Written]]) -> None:
    """As they will be read; whom they are for is only hinted at."""
    for whom, mail in mails:
        desk.say(dim(f"for {whom}"))
        desk.say(heading(mail.subject))
        for line in mail.body.rstrip("\n").split("\n"):
            desk.say(f"  {line}" if line else "")
        desk.say()


def _gap(gap: Gap) -> dict[str, Any]:
    return {"field": gap.field.name, "line": gap.field.line, "why": gap.why, "askable": gap.askable}


def _page(desk: Desk, made: Sheet, told: Told | None) -> None:
    title, body = made.filled.text()
    desk.say(heading(title))
    for line in body.rstrip("\n").split("\n"):
        desk.say(f"  {line}" if line else "")
    desk.say()
    desk.say(dim("filled from"))
    rows = [(name, str(one.source), _short(one.value)) for name, one in made.filled.values.items()]
    for line in columns(rows):
        desk.say(line)
    if made.inventory:
        count = made.inventory.listed.count
        desk.say(hanging("rows", f"{count}, a mail each" if made.inventory.merged else f"{count}, counted"))
    where = made.channel.name if made.channel else "no channel leads there: it can be copied with psfir comms text"
    desk.say(hanging("goes by", where))
    if told:
        desk.say(hanging(told.id, f"{made.kind.value}, {told.digest[:23]}"))


def _short(value: Json) -> str:
    text = "; ".join(str(one) for one in value) if isinstance(value, list) else str(value)
    return text if len(text) <= 100 else text[:99] + "…"  # noqa: PLR2004 - one line of a terminal


def _next(desk: Desk, told: Told, after: Clearance) -> None:
    if after.enough:
        desk.say(f"next: psfir comms send {told.id}")
        return
    desk.say(loud(f"needs a yes as {' and as '.join(after.missing)}"))
    desk.say(f"next: psfir comms approve {told.id}")
