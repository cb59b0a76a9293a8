"""`psfir pull`: one lever by hand, planned, recorded and restorable like any other."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import click

from psfir.app.adhoc import ByHand, by_hand, no_way_back
from psfir.app.choose import Aim
from psfir.app.plan import Drawn, plan_runbook
from psfir.app.session import Session
from psfir.cli import complete
from psfir.cli.desk import Desk, common
from psfir.cli.kill import Asked, contain
from psfir.domain.canon import Json, canonical
from psfir.domain.durations import seconds
from psfir.domain.modes import Mode
from psfir.domain.people import Deed
from psfir.domain.plan import Plan
from psfir.errors import UsageError

EPILOG = """\b
Examples:
  psfir pull memory.switch --target connection=estate --target switch=assistant --set on=false
  psfir pull http.request --target connection=gateway --target 'read={"path": "/v1/route", "pointer": "/on"}' ...

\b
A value is read as JSON where it is JSON (false, 0, "text", {...}), else as text.

Exit codes: 0 contained, 1 not contained, 2 wrong words, or nobody here to ask and no --yes,
3 refused, 4 partly contained, 5 changed, but not proven, 6 the probes could not tell."""


@click.command(short_help="Pull one lever, without a runbook.", epilog=EPILOG)
@click.argument("lever", shell_complete=complete.levers)
@click.option("--target", multiple=True, metavar="KEY=VALUE", help="What exactly; `connection` is one of them.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="What it is to become.")
@click.option("--system", default="", shell_complete=complete.systems, help="The system; may be left out if only one.")
@click.option("--mode", type=click.Choice([m.value for m in Mode]), help="How; default the lever's first.")
@click.option("--within", default="60s", show_default=True, help="The rung's whole share.")
@click.option("--incident", default="", shell_complete=complete.incidents, help="Join this incident.")
@click.option("--reason", default="", help="Why, for the record.")
@click.option("--name", default="", help="Who you are, where psfir does not know you.")
@click.option("--contains", is_flag=True, help="Say that it alters nothing causes are found by; takes --reason.")
@click.option("--details", is_flag=True, help="Show the whole plan, as psfir plan does.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@common
def pull(desk: Desk, *, lever: str, target: tuple[str, ...], settings: tuple[str, ...], **words: Any) -> int:
    """Pull one lever on one target.

    The system's own runbook lends its probes; without them nothing is proven (exit 5).
    """
    try:
        within = seconds(words["within"])
    except ValueError as error:
        raise UsageError(str(error)) from error
    mode = Mode(words["mode"]) if words["mode"] else None
    given = ByHand(lever, _pairs("target", target), _pairs("set", settings), words["system"], mode, within)
    typed = replace(given, incident=words["incident"], contains=words["contains"])
    reason = _reason(words["reason"].strip(), contains=typed.contains)
    asked = Asked(Aim(), words["incident"], reason, name=words["name"], yes=words["yes"], details=words["details"])
    return contain(desk, asked, lambda session: Drawn((_plan(session, typed),)))


def _plan(session: Session, typed: ByHand) -> Plan:
    if not session.actor.known:
        session.need(Deed.NOTE)  # anybody may kill by a runbook; choosing the lever takes somebody psfir.yaml names
    plan = plan_runbook(session, by_hand(session, typed))
    no_way_back(session, plan)
    return plan


def _reason(reason: str, *, contains: bool) -> str:
    """What somebody says of a lever by hand stands in the record with why."""
    if contains and not reason:
        raise UsageError("--contains is recorded with why", todo="--reason REASON")
    return f"it only contains, and alters no evidence: {reason}" if contains else reason


def _pairs(what: str, given: tuple[str, ...]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for pair in given:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UsageError(f"--{what} {pair!r} is not KEY=VALUE")
        found[key] = _value(value)
    return found


def _value(text: str) -> Json:
    try:
        found: Json = json.loads(text)
    except (ValueError, RecursionError):
        return text
    try:
        canonical(found)
    except ValueError as error:
        raise UsageError(str(error)) from error
    return found
