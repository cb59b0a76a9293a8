"""`psfir comms draft`: a template, filled with what the record tells, and the rest asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from psfir.cli.comms_messages import show_mails, to_json
from psfir.cli.complete import incidents
from psfir.cli.desk import Desk, common
from psfir.cli.paths import FILE
from psfir.cli.show import columns, dim, hanging, heading, loud
from psfir.domain.message import Audience, Phase
from psfir.domain.modes import PlanCase

if TYPE_CHECKING:
    from psfir.app.messages import Sheet, Table
    from psfir.comms.choose import Wanted
    from psfir.comms.clearance import Clearance
    from psfir.comms.fill import Gap
    from psfir.comms.record import Told
    from psfir.domain.canon import Json
    from psfir.domain.message import Written

AUDIENCES = click.Choice([one.value for one in Audience])
PHASES = click.Choice([one.value for one in Phase])
CASES = click.Choice([one.value for one in PlanCase])

DRAFT_EPILOG = """\b
Examples:
  psfir comms draft                                   the next word to the public
  psfir comms draft --audience customers --phase scope
  psfir comms draft --set more='Order numbers are not affected.'
  psfir comms draft --phase correction --audience customers --inventory wrong.csv --preview 3

Exit codes: 0 drafted, 2 no template or a field is open, 3 the record does not support it."""


@click.command(epilog=DRAFT_EPILOG)
@click.argument("incident", default="", shell_complete=incidents)
@click.option("--audience", type=AUDIENCES, default="public", show_default=True, help="Who reads it.")
@click.option("--phase", type=PHASES, default=None, help="Default: what they are to hear next.")
@click.option("--case", type=CASES, default=None, help="Which failure; default what the record says.")
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
    from psfir.domain.people import Deed

    table = app.table(desk.session(), incident)
    only_show = only_show or bool(words["preview"])
    asks = desk.interactive and not only_show
    if asks:
        table.session.need(Deed.DRAFT)  # before anybody has typed anything
    wanted = _wanted(table, asks=asks, **words)
    values = _said(said)
    file: Path | None = words["inventory"]
    made = app.sheet(table, wanted, values, channel=words["channel"], inventory=file)
    for notice in made.choice.notices:
        desk.warn(notice)
    answers: dict[str, str] = {}
    while asks and any(gap.askable for gap in made.filled.gaps):
        answers = _ask(made.filled.gaps, answers)
        tried = app.sheet(table, wanted, values | answers, channel=words["channel"], inventory=file)
        if _fits(table, tried):
            made = tried
    if only_show or made.filled.gaps:
        typed = {**words, "incident": incident, "supersedes": supersedes}
        return _unfinished(desk, made, mails=_mails(table, made, words["preview"]), again=_again(typed, said))
    told = app.record(table, made, supersedes=supersedes)
    after = table.cleared(told)
    desk.result("comms.draft", {"message": to_json(told, after)})
    _page(desk, made, told)
    _next(desk, told, after)
    return 0


def _wanted(table: Table, *, asks: bool, **words: Any) -> Wanted:
    from psfir.app.messages import next_phase, turns_on_case
    from psfir.comms.choose import Wanted
    from psfir.domain.values import remade

    case = PlanCase(words["case"]) if words["case"] else table.incident.case
    lang = words["language"] or table.session.workspace.comms.languages[0]
    audience = Audience(words["audience"])
    wanted = Wanted(audience, Phase.HOLDING, lang, case, table.incident.severity, words["variant"])
    phase = Phase(words["phase"]) if words["phase"] else next_phase(table, wanted)
    wanted = remade(wanted, phase=phase)
    if asks and case is None and turns_on_case(table, wanted):
        asked = click.prompt("which failure is it", type=CASES, err=True)
        wanted = remade(wanted, case=PlanCase(asked))
    return wanted


def _said(pairs: Sequence[str]) -> dict[str, Json]:
    from psfir.errors import UsageError

    values: dict[str, Json] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise UsageError(f"{pair!r} is not FIELD=VALUE", todo="--set count=120")
        values[name.strip()] = value
    return values


def _ask(gaps: Sequence[Gap], before: Mapping[str, str]) -> dict[str, str]:
    """One question for each field that is open; what cannot be taken is asked again with the reason.

    What was answered `before` stands there already: return takes it as it is.
    """
    from psfir.comms.values import checked
    from psfir.errors import PsfirError

    answers: dict[str, str] = {}
    for gap in gaps:
        if not gap.askable:
            continue
        name, known = gap.field.name, before.get(gap.field.name, "")
        while True:
            given: str = click.prompt(f"{name}: {gap.field.line}", err=True, default=known, show_default=bool(known))
            try:
                checked(gap.field, given)
            except PsfirError as error:
                click.echo(f"  {error}", err=True)
                continue
            answers[name] = given
            break
    return answers


def _fits(table: Table, made: Sheet) -> bool:
    """Whether the words may go out; if not, why, and nothing that was typed is lost."""
    from psfir.app.messages import held
    from psfir.errors import Refusal

    if made.filled.gaps:  # what nobody can be asked for
        return True
    try:
        held(table, made)
    except Refusal as error:
        click.echo(f"  {error}", err=True)
        return False
    return True


def _again(words: Mapping[str, Any], said: Sequence[str]) -> list[str]:
    """The words that were typed, for a command that fills what is still open."""
    import shlex

    found = [words["incident"]] if words["incident"] else []
    for name in ("audience", "phase", "case", "variant", "language", "channel", "supersedes", "inventory"):
        if words[name] and (name, words[name]) != ("audience", Audience.PUBLIC.value):
            found += [f"--{name}", str(words[name])]
    for pair in said:
        found += ["--set", pair]
    return [shlex.quote(one) for one in found]


def _mails(table: Table, made: Sheet, count: int) -> list[tuple[str, Written]]:
    from psfir.app.corrections import previewed
    from psfir.errors import UsageError

    if not count or made.filled.gaps:
        return []
    if made.inventory is None:
        raise UsageError("there are no rows to preview", todo="--inventory FILE")
    return previewed(table.session, made.filled.text(), made.inventory.inventory, count)


def _unfinished(desk: Desk, made: Sheet, *, mails: Sequence[tuple[str, Written]], again: Sequence[str]) -> int:
    from psfir.comms.template import Source

    gaps = made.filled.gaps
    title, body = made.filled.text() if not gaps else ("", "")
    shown = {"title": title, "body": body, "class": made.kind.value, "gaps": [_gap(gap) for gap in gaps]}
    shown["mails"] = [{"for": whom, "subject": mail.subject, "body": mail.body} for whom, mail in mails]
    desk.result("comms.draft", {"message": None, "draft": shown})
    if mails:
        show_mails(desk, mails)
    elif not gaps:
        _page(desk, made, None)
    if not gaps:
        return 0
    desk.say(heading(f"{made.filled.template.key} cannot be drafted yet"))
    for line in columns([(gap.field.name, gap.field.line, gap.why) for gap in gaps]):
        desk.say(line)
    asked = [f"--set {gap.field.name}=..." for gap in gaps if gap.askable]
    if any(gap.field.source is Source.CASE for gap in gaps):
        asked.insert(0, "--case ...")
        desk.say(f"the failure is one of: {', '.join(CASES.choices)}")
    if asked:
        desk.say(f"next: psfir comms draft {' '.join((*again, *asked))}")
    return 2


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
