"""`psfir remediation list` and `report`: they look, and write nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from psfir.cli.complete import incidents, people
from psfir.cli.desk import Desk, common
from psfir.cli.show import columns, dim, heading, loud

if TYPE_CHECKING:
    from datetime import datetime

    from psfir.review.remediation_item import RemediationItem
    from psfir.review.remediation_views import Report

as_of = click.option("--as-of", default="", metavar="DAY", help="As it stood, or will stand, at the end of that day.")
_EMPTY = "no item: psfir remediation add TITLE --factor F1 writes one down"
_HIDDEN = "none of them: psfir remediation list --all shows every item there is, closed ones too"


@click.command(
    "list",
    epilog="\b\nExample: psfir remediation list --overdue\n\n"
    "Exit codes: 0 shown, 1 --check and something is overdue, 2 none such.",
)
@click.argument("incident", default="", shell_complete=incidents)
@click.option("--all", "everything", is_flag=True, help="Also what is verified, and accepted risks.")
@click.option("--overdue", is_flag=True, help="Only what is overdue.")
@click.option("--ageing", is_flag=True, help="With the age of each; the oldest stand first.")
@click.option("--repeat-factors", is_flag=True, help="Factors that stand in more than one incident.")
@click.option("--owner", default="", shell_complete=people, help="Only that person's.")
@click.option("--csv", "as_csv", is_flag=True, help="Print a table for spreadsheets.")
@click.option("--check", is_flag=True, help="Exit 1 if anything shown is overdue.")
@as_of
@common
def list_(desk: Desk, *, incident: str, as_of: str, repeat_factors: bool, **asked: bool | str) -> int:
    """What stands: of one incident, or of all."""
    from psfir.app.remediation import moment, place
    from psfir.app.remediation_list import Asked, at_that_time, listed
    from psfir.review.remediation_table import csv_text
    from psfir.review.remediation_views import to_json

    session = desk.session()
    at = moment(session, as_of)
    if repeat_factors:
        return _repeats(desk, at)
    named = place(session, incident) if incident else ""
    words = Asked(
        named, everything=bool(asked["everything"]), overdue=bool(asked["overdue"]), owner=str(asked["owner"])
    )
    found = listed(session, words, at=at)
    desk.result("remediation.list", {"items": [to_json(one, at) for one in found]})
    if asked["as_csv"]:
        desk.say(csv_text(found, at).rstrip("\r\n"), verbatim=True)
    else:
        _rows(desk, found, at, ages=bool(asked["ageing"]))
        if not found:
            desk.say(_HIDDEN if at_that_time(session, at, incident=named) else _EMPTY)
    return 1 if asked["check"] and any(one.overdue(at) for one in found) else 0


@click.command(epilog="\b\nExample: psfir remediation report --markdown\n\nExit codes: 0 shown, 2 none such.")
@click.option("--markdown", is_flag=True, help="Print a page of Markdown.")
@as_of
@common
def report(desk: Desk, *, markdown: bool, as_of: str) -> int:
    """What stands over all incidents: ages, overdue, by owner and by system."""
    from psfir.app.remediation import moment
    from psfir.app.remediation_list import reported
    from psfir.review.remediation_table import report_json, report_markdown

    session = desk.session()
    found = reported(session, at=moment(session, as_of))
    desk.result("remediation.report", report_json(found))
    if markdown:
        desk.say(report_markdown(found).rstrip("\n"), verbatim=True)
    else:
        _report(desk, found)
    return 0


def _rows(desk: Desk, found: list[RemediationItem], at: datetime, *, ages: bool) -> None:
    from psfir.review.remediation_table import sentence
    from psfir.review.remediation_views import age

    rows = []
    for one in found:
        words = sentence(one, at)
        old = [f"{age(one, at)}d"] if ages else []
        factor = one.factor or "-"
        said = f"{one.title} ({loud(words) if one.overdue(at) or one.run_out(at) else dim(words)})"
        rows.append((one.ref, one.priority.value, factor, one.owner or "nobody", *old, said))
    for line in columns(rows):
        desk.say(line)


def _repeats(desk: Desk, at: datetime) -> int:
    from psfir.app.remediation_list import repeated
    from psfir.review.remediation_table import repeat_line

    found = repeated(desk.session(), at=at)
    shown = [{"factors": list(one.spots), "key": list(one.key), "items": [i.ref for i in one.items]} for one in found]
    desk.result("remediation.repeats", {"repeats": shown})
    for one in found:
        desk.say(repeat_line(one, at))
    if not found:
        desk.say("no factor stands in more than one incident")
    return 0


def _report(desk: Desk, found: Report) -> None:
    from psfir.review.remediation_table import repeat_line, summary

    desk.say(summary(found))
    desk.say(", ".join(f"{many} {name.replace('_', ' ')}" for name, many in found.states.items() if many) or _EMPTY)
    for title, named in (("by owner", found.owners), ("by system", found.systems)):
        if named:
            desk.say(heading(title))
            for line in columns([(name, f"{stand} stand, {late} overdue") for name, (stand, late) in named.items()]):
                desk.say(line)
    if found.overdue:
        desk.say(heading("overdue"))
        _rows(desk, list(found.overdue), found.at, ages=True)
    if found.repeats:
        desk.say(heading("factors that came back"))
        for one in found.repeats:
            desk.say(repeat_line(one, found.at))
