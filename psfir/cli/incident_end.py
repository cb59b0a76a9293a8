"""The incident commands that change what an incident is: its severity, its hands, its end."""

from __future__ import annotations

import click

from psfir.cli.complete import incidents, people, seats, severities
from psfir.cli.desk import Desk, common
from psfir.cli.incident_words import PEOPLE_EXIT, done, seat_of, split
from psfir.errors import UsageError


@click.command(epilog="\b\nExample: psfir incident severity sev1" + PEOPLE_EXIT)
@click.argument("words", nargs=-1, required=True, metavar="[INC] SEV", shell_complete=severities)
@common
def severity(desk: Desk, *, words: tuple[str, ...]) -> int:
    """Say how bad it is: sev1 is the worst."""
    from psfir.app import incident_deeds
    from psfir.domain.modes import Severity

    session = desk.session()
    inc, rest = split(session, words, exactly=1)
    if len(rest) != 1 or rest[0] not in {one.value for one in Severity}:
        raise UsageError(f"{' '.join(rest)!r} is no severity", todo="sev1, sev2, sev3 or sev4")
    found = incident_deeds.pick(session, inc, incident_deeds.Step.SEVERITY)
    found = incident_deeds.severity(session, found, Severity(rest[0]))
    return done(desk, session, found, "incident.severity", f"{found.id} is {found.severity.value}")


@click.command(epilog="\b\nExample: psfir incident merge INC-20261121-k7q2xa INC-20261121-b3m5zz" + PEOPLE_EXIT)
@click.argument("words", nargs=-1, required=True, metavar="[INC] INTO", shell_complete=incidents)
@common
def merge(desk: Desk, *, words: tuple[str, ...]) -> int:
    """Go on with INC in another incident."""
    from psfir.app import incident_deeds

    session = desk.session()
    inc, rest = split(session, words, exactly=1)
    if len(rest) != 1:
        raise UsageError("say into which incident", todo="psfir incident merge INC INTO")
    into = session.incident(rest[0])
    found = incident_deeds.merge(session, incident_deeds.pick(session, inc, incident_deeds.Step.MERGE), into=into)
    return done(desk, session, found, "incident.merge", f"{found.id} goes on in {into.id}")


@click.command(epilog="\b\nExample: psfir incident reopen INC-20261121-k7q2xa" + PEOPLE_EXIT)
@click.argument("inc", default="", shell_complete=incidents)
@common
def reopen(desk: Desk, *, inc: str) -> int:
    """It was not over."""
    from psfir.app import incident_deeds

    session = desk.session()
    found = incident_deeds.reopen(session, incident_deeds.pick(session, inc, incident_deeds.Step.REOPEN))
    return done(desk, session, found, "incident.reopen", f"{found.id} is open again")


@click.command("false-alarm", epilog="\b\nExample: psfir incident false-alarm" + PEOPLE_EXIT)
@click.argument("inc", default="", shell_complete=incidents)
@common
def false_alarm(desk: Desk, *, inc: str) -> int:
    """Nothing was wrong. Refused while something is still switched off."""
    from psfir.app import incident_deeds

    session = desk.session()
    found = incident_deeds.false_alarm(session, incident_deeds.pick(session, inc, incident_deeds.Step.FALSE_ALARM))
    return done(desk, session, found, "incident.false_alarm", f"{found.id} was a false alarm")


@click.command("hand-over", epilog="\b\nExample: psfir incident hand-over --to bob" + PEOPLE_EXIT)
@click.argument("inc", default="", shell_complete=incidents)
@click.option("--to", "person", required=True, shell_complete=people, help="Who takes the seat.")
@click.option(
    "--seat", "seat", default="commander", show_default=True, shell_complete=seats, help="Which seat changes hands."
)
@common
def hand_over(desk: Desk, *, inc: str, person: str, seat: str) -> int:
    """Give a seat to somebody else, and print what to paste for them."""
    from psfir.app import incident_deeds
    from psfir.app.incident_view import summary, to_json

    session = desk.session()
    found = incident_deeds.pick(session, inc, incident_deeds.Step.HAND_OVER)
    found = incident_deeds.hand_over(session, found, to=person, seat=seat_of(seat))
    said = summary(session, found)
    desk.result("incident.hand_over", {"incident": to_json(found, session.clock.now()), "summary": said})
    desk.say(f"{person} is {seat_of(seat).value.replace('_', ' ')} of {found.id}. Paste this:")
    desk.say()
    desk.say(said)
    return 0


@click.command(epilog="\b\nExample: psfir incident resolve" + PEOPLE_EXIT)
@click.argument("inc", default="", shell_complete=incidents)
@click.option("--anyway", default="", metavar="REASON", help="Although the verdict says no. Recorded, and shown.")
@common
def resolve(desk: Desk, *, inc: str, anyway: str) -> int:
    """The danger is over. Starts the clock of the root cause analysis."""
    from psfir.app import incident_deeds
    from psfir.app.overview import unsaid
    from psfir.domain.wording import short

    session = desk.session()
    found = incident_deeds.pick(session, inc, incident_deeds.Step.RESOLVE)
    found = incident_deeds.resolve(session, found, anyway=anyway)
    if anyway.strip() and not desk.json:
        desk.warn(f"{found.id} was resolved ANYWAY; the reason is in the record")
    standing = f"; {len(found.standing)} changes still stand" if found.standing else ""
    said = f"{found.id} is resolved{standing}. The RCA clock begins now: 5 business days."
    for plan, yeses in unsaid(session, found):
        so_far = f"{len(yeses.counted)} of {yeses.needed} yeses"
        said += f"\n  its {plan.verb.value} still waits, with {so_far}: psfir approve {short(plan.digest)}"
    return done(desk, session, found, "incident.resolve", said)


@click.command(epilog="\b\nExample: psfir incident close" + PEOPLE_EXIT)
@click.argument("inc", default="", shell_complete=incidents)
@click.option("--anyway", default="", metavar="REASON", help="Although changes still stand and are to stay.")
@common
def close(desk: Desk, *, inc: str, anyway: str) -> int:
    """Nothing is left to do."""
    from psfir.app import incident_deeds

    session = desk.session()
    found = incident_deeds.pick(session, inc, incident_deeds.Step.CLOSE)
    found = incident_deeds.close(session, found, anyway=anyway)
    return done(desk, session, found, "incident.close", f"{found.id} is closed")


COMMANDS = (severity, merge, reopen, false_alarm, hand_over, resolve, close)
