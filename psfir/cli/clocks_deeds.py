"""`psfir clocks record|open|set-aside|submitted|delay|acknowledge`: what people say of instants and duties."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from psfir.cli.complete import clocks_words, facts_words, runbooks_words
from psfir.cli.desk import Desk, common
from psfir.cli.incident_words import PEOPLE_EXIT, split
from psfir.cli.paths import FILE
from psfir.errors import UsageError

if TYPE_CHECKING:
    from psfir.app.session import Session
    from psfir.domain.incident import Incident

WHY = click.option("--why", default="", metavar="TEXT", help="Why; it is recorded.")


@click.command(
    "record", epilog="\b\nExample: psfir clocks record aware --at '2h ago' --why 'on-call saw names'" + PEOPLE_EXIT
)
@click.argument("words", nargs=-1, required=True, metavar="[INC] FACT", shell_complete=facts_words)
@click.option("--at", default="", metavar="TIME", help="When it was: 2h ago, or a time with its zone. Default now.")
@click.option("--take-back", is_flag=True, help="It was not so: the instant counts no more.")
@WHY
@common
def record(desk: Desk, *, words: tuple[str, ...], at: str, take_back: bool, why: str) -> int:
    """Record when FACT was; a later entry corrects an earlier one."""
    from psfir.app import clocks as app
    from psfir.domain.near import near
    from psfir.review.clock import Fact

    session, incident, name = _meant(desk, words)
    facts = [fact.value for fact in Fact]
    name = name.lower().replace("-", "_")
    if name not in facts:
        raise UsageError(f"there is no fact {name!r}", todo=near(name, facts))
    when = None if take_back else app.been(at, session.clock.now())
    app.record(session, incident, Fact(name), at=when, why=why)
    said = f"at {when:%Y-%m-%d %H:%M:%S}Z" if when else "taken back"
    return _done(desk, session, incident, "clocks.record", f"{name} {said}, in {incident.id}")


@click.command(
    "open", epilog="\b\nExample: psfir clocks open gdpr-33-1 --why 'names of customers were shown'" + PEOPLE_EXIT
)
@click.argument("words", nargs=-1, required=True, metavar="[INC] CLOCK", shell_complete=clocks_words)
@WHY
@common
def open(desk: Desk, *, words: tuple[str, ...], why: str) -> int:  # noqa: A001 - the command's own name
    """Say that CLOCK is taken to apply; from here on it alarms."""
    from psfir.app import clocks as app

    session, incident, name = _meant(desk, words)
    app.open_(session, incident, name, why=why)
    return _done(desk, session, incident, "clocks.open", f"{name} is open in {incident.id}", name)


@click.command(
    "set-aside", epilog="\b\nExample: psfir clocks set-aside gdpr-33-1 --why 'no personal data, see note'" + PEOPLE_EXIT
)
@click.argument("words", nargs=-1, required=True, metavar="[INC] CLOCK", shell_complete=clocks_words)
@WHY
@common
def set_aside(desk: Desk, *, words: tuple[str, ...], why: str) -> int:
    """Say that CLOCK does not apply. It stays in the record, with who said so and why."""
    from psfir.app import clocks as app

    session, incident, name = _meant(desk, words)
    app.set_aside(session, incident, name, why=why)
    return _done(desk, session, incident, "clocks.set-aside", f"{name} is set aside in {incident.id}")


@click.command(
    "submitted", epilog="\b\nExample: psfir clocks submitted gdpr-33-1 --at '5m ago' --receipt A-123" + PEOPLE_EXIT
)
@click.argument("words", nargs=-1, required=True, metavar="[INC] CLOCK", shell_complete=clocks_words)
@click.option("--at", default="", metavar="TIME", help="When: 2h ago, or a time with its zone. Default now.")
@click.option("--receipt", default="", metavar="TEXT", help="What the authority gave for it.")
@click.option("--update", is_flag=True, help="It updates one that was submitted before.")
@common
def submitted(desk: Desk, *, words: tuple[str, ...], at: str, receipt: str, update: bool) -> int:
    """Say that the report of CLOCK went out; what waits for it starts with that."""
    from psfir.app import clocks as app

    session, incident, name = _meant(desk, words)
    when = app.been(at, session.clock.now())
    app.submitted(session, incident, name, at=when, receipt=receipt, update=update)
    return _done(desk, session, incident, "clocks.submitted", f"{name} submitted, in {incident.id}", name)


@click.command(
    "delay",
    epilog="\b\nExample: psfir clocks delay hipaa-404 --until 2026-12-31T12:00Z --document letter.pdf --why 'FBI asked'"
    + PEOPLE_EXIT,
)
@click.argument("words", nargs=-1, required=True, metavar="[INC] CLOCK", shell_complete=clocks_words)
@click.option("--until", required=True, metavar="TIME", help="When the delay ends: a time with its zone.")
@click.option("--document", required=True, type=FILE, help="Who asked for it; its digest is kept.")
@WHY
@common
def delay(desk: Desk, *, words: tuple[str, ...], until: str, document: Path, why: str) -> int:
    """Record that law enforcement asks to wait with CLOCK."""
    from psfir.app import clocks as app

    session, incident, name = _meant(desk, words)
    app.delay(session, incident, name, until=app.moment(until), document=document, why=why)
    return _done(desk, session, incident, "clocks.delay", f"{name} delayed, in {incident.id}", name)


@click.command(
    "acknowledge",
    epilog="\b\nExample: psfir clocks acknowledge purge-index --why 'snapshot checked, authority told'" + PEOPLE_EXIT,
)
@click.argument("words", nargs=-1, required=True, metavar="[INC] RUNBOOK", shell_complete=runbooks_words)
@WHY
@common
def acknowledge(desk: Desk, *, words: tuple[str, ...], why: str) -> int:
    """Say legal's yes to RUNBOOK altering its system, once evidence of it was kept."""
    from psfir.app import clocks as app

    session, incident, name = _meant(desk, words)
    app.acknowledge(session, incident, name, why=why)
    return _done(desk, session, incident, "clocks.acknowledge", f"{name} may alter its system, in {incident.id}")


def _meant(desk: Desk, words: tuple[str, ...]) -> tuple[Session, Incident, str]:
    session = desk.session()
    inc, rest = split(session, words, exactly=1)
    if len(rest) != 1:
        raise UsageError("say one thing, and before it the incident if there are several", todo="psfir clocks --help")
    return session, session.incident(inc), rest[0]


def _done(desk: Desk, session: Session, incident: Incident, command: str, text: str, clock: str = "") -> int:
    """The deed in a sentence, then the clock it was about as it now stands."""
    from psfir.app.clocks import clockwork
    from psfir.cli.clocks import as_json, block
    from psfir.review.clock import NOTICE

    work = clockwork(session, incident)
    desk.result(command, as_json(work))
    desk.say(text)
    for row in work.rows:
        if row.clock.id == clock:
            for line in block(row):
                desk.say(line)
    desk.say(NOTICE)
    return 0
