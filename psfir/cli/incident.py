"""`psfir incident`: declare one, look at it, write into it. What ends one is in `incident_end`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from psfir.cli import incident_end
from psfir.cli.complete import incidents, seating, systems
from psfir.cli.desk import Desk, common
from psfir.cli.incident_words import PEOPLE_EXIT, done, split
from psfir.cli.show import columns, loud

if TYPE_CHECKING:
    from psfir.app.incident import Declared
    from psfir.app.session import Session

LONGEST_NOTE = 64 * 1024


@click.group(invoke_without_command=True, epilog="\b\nExample: psfir incident show")
@click.option("-w", "--workspace", metavar="PATH", help="The folder with psfir.yaml.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_context
def incident(ctx: click.Context, workspace: str | None, *, as_json: bool) -> int | None:
    """Declare, show, note, seat, hand over, merge, resolve, close. Alone: the list."""
    # What stands before a command's name is read by the command: see `desk.common`.
    before = ctx.find_root().params
    before.update(workspace=workspace or before.get("workspace"), as_json=as_json or before.get("as_json"))
    return int(ctx.invoke(list_)) if ctx.invoked_subcommand is None else None


@incident.command(
    epilog="\b\nExample: psfir incident declare support-assistant --case data_leakage --since '10m ago'" + PEOPLE_EXIT
)
@click.argument("systems", nargs=-1, required=True, shell_complete=systems)
@click.option("--title", default="", help="What to call it.")
@click.option("--severity", type=click.Choice(["sev1", "sev2", "sev3", "sev4"]), default="sev2", show_default=True)
@click.option("--case", type=click.Choice(["harmful_output", "data_leakage", "model_failure"]), help="What kind it is.")
@click.option("--since", default="", help="When it began: 10m, or a time with its zone. The clock counts from here.")
@click.option("--source", default="", help="Where the trigger came from: an alert, a report.")
@common
def declare(desk: Desk, *, systems: tuple[str, ...], since: str, **said: str | None) -> int:
    """Say that something is wrong with SYSTEMS. Contains nothing: that is psfir kill."""
    from psfir.app.incident import declare as declare_

    session = desk.session()
    opened = declare_(session, systems, words=_declared(session, since, said))
    if desk.json:
        return done(desk, session, opened, "incident.declare")
    desk.say(f"declared {opened.id}, {opened.severity.value}: {opened.title}")
    desk.say(f"  -> psfir kill {opened.systems[0]} --incident {opened.id}")
    return 0


def _declared(session: Session, since: str, said: dict[str, str | None]) -> Declared:
    from psfir.app.incident import Declared
    from psfir.app.incident import since as since_
    from psfir.domain.modes import PlanCase, Severity

    now = session.clock.now()
    return Declared(
        title=said["title"] or "",
        severity=Severity(said["severity"] or ""),
        case=PlanCase(said["case"]) if said["case"] else None,
        trigger_at=since_(since, now) if since else now,
        source=said["source"] or "",
    )


@incident.command("list", epilog="\b\nExample: psfir incident list --all\n\nExit codes: 0 done, 2 wrong words.")
@click.option("--all", "everything", is_flag=True, help="Closed, merged and false ones too.")
@common
def list_(desk: Desk, *, everything: bool = False) -> int:
    """List incidents that are open, not closed yet, or in which something still stands."""
    from psfir.app.analysis import awaited
    from psfir.app.incident_view import clock, flags, to_json
    from psfir.domain.wording import plain

    session = desk.session()
    now = session.clock.now()
    shown = [one for one in session.incidents() if everything or one.unfinished]
    desk.result("incident.list", {"incidents": [to_json(one, now, awaited(session, one)) for one in shown]})
    rows = [
        (one.id, one.severity.value, one.status.value, clock(one, now), "  ".join([plain(one.title), *flags(one)]))
        for one in shown
    ]
    for line in columns(rows, indent=""):
        desk.say(line)
    if not rows:
        desk.say("no incident ever" if everything else "nothing is open")
    return 0


@incident.command(epilog="\b\nExample: psfir incident show --summary\n\nExit codes: 0 done, 2 no such incident.")
@click.argument("inc", default="", shell_complete=incidents)
@click.option("--summary", is_flag=True, help="A few lines to paste into chat.")
@common
def show(desk: Desk, *, inc: str, summary: bool) -> int:
    """Show all of an incident: headline, clock, seats, what stands, runs, approvals, timeline."""
    from psfir.app import incident_view
    from psfir.app.analysis import awaited
    from psfir.cli.incident_page import page

    session = desk.session()
    found = session.incident(inc)
    entries = list(session.journal.read(found.id))
    said = incident_view.summary(session, found)
    timeline = [incident_view.entry_json(entry) for entry in entries]
    analysis = awaited(session, found)
    shown = incident_view.to_json(found, session.clock.now(), analysis)
    desk.result("incident.show", {"incident": shown, "summary": said, "timeline": timeline})
    if summary:
        desk.say(said)
        return 0
    for line in page(found, entries, session.clock.now(), analysis=analysis):
        desk.say(line)
    return 0


@incident.command(
    epilog="\b\nExample: psfir incident note 'vendor says their model was swapped at 02:50'" + PEOPLE_EXIT
)
@click.argument("words", nargs=-1, required=True, metavar="[INC] TEXT|-", shell_complete=incidents)
@common
def note(desk: Desk, *, words: tuple[str, ...]) -> int:
    """Write a line into the timeline; - reads it from standard input."""
    from psfir.app import incident_deeds
    from psfir.errors import UsageError

    session = desk.session()
    inc, text = split(session, words)
    said = " ".join(text)
    if said == "-":
        said = sys.stdin.read(LONGEST_NOTE + 1)
    if len(said) > LONGEST_NOTE:
        raise UsageError(f"a note has at most {LONGEST_NOTE} signs", todo="keep the rest as evidence")
    meant = incident_deeds.pick(session, inc, incident_deeds.Step.NOTE)
    found = incident_deeds.note(session, incident_deeds.goes_on(session, meant), said)
    where = f", in which {meant.id} goes on" if meant.id != found.id else ""
    return done(desk, session, found, "incident.note", f"noted in {found.id}{where}")


@incident.command(epilog="\b\nExample: psfir incident seat commander alice" + PEOPLE_EXIT)
@click.argument("words", nargs=-1, required=True, metavar="[INC] SEAT PERSON", shell_complete=seating)
@common
def seat(desk: Desk, *, words: tuple[str, ...]) -> int:
    """Give somebody a seat in the incident: commander, scribe, comms_lead, ops_lead, or a deputy's."""
    from psfir.app import incident_deeds
    from psfir.cli.incident_words import seat_of
    from psfir.errors import UsageError

    session = desk.session()
    inc, rest = split(session, words, exactly=2)
    if len(rest) != 2:  # noqa: PLR2004 - a seat and a person
        raise UsageError("say a seat and a person", todo="psfir incident seat commander alice")
    found = incident_deeds.pick(session, inc, incident_deeds.Step.SEAT)
    found = incident_deeds.seat(session, found, seat=seat_of(rest[0]), person=rest[1])
    return done(desk, session, found, "incident.seat", f"{rest[1]} is {seat_of(rest[0]).value} of {found.id}")


@incident.command(epilog="\b\nExample: psfir incident status\n\nExit codes: 0 done, 2 no such incident.")
@click.argument("inc", default="", shell_complete=incidents)
@common
def status(desk: Desk, *, inc: str) -> int:
    """One line: where the incident stands."""
    from psfir.app.incident_view import clock, headline, verdict_words

    session = desk.session()
    found = session.incident(inc)
    stands = f"{verdict_words(found)}, {len(found.standing)} standing"
    line = f"{headline(found)}  {clock(found, session.clock.now())}  {stands}"
    return done(desk, session, found, "incident.status", loud(line) if found.broke_glass or found.claims else line)


for command in incident_end.COMMANDS:
    incident.add_command(command)
