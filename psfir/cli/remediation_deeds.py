"""What people do with remediation items, one command a deed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from psfir.cli.complete import incidents, people
from psfir.cli.desk import Desk, common
from psfir.cli.paths import FILE

if TYPE_CHECKING:
    from psfir.app.session import Session
    from psfir.review.remediation_item import RemediationItem

EXIT = "\n\nExit codes: 0 done, 2 none such, 3 refused."
PRIORITIES = ("p0", "p1", "p2", "p3")
TYPES = ("mitigate", "prevent", "detect", "process")
C = TypeVar("C", bound=Callable[..., object])

item_ = click.argument("item", metavar="ITEM")
evidence_ = click.option(
    "--evidence", multiple=True, metavar="WHAT", help="'[entry 12]', the digest of a kept file, or a link. Repeatable."
)
sign_ = click.option("--sign", type=FILE, default=None, metavar="KEY", help="Sign with this SSH key.")


def terms(command: C) -> C:
    """Who does it by when: the same words for a new item and for one that changes hands."""
    for option in (
        click.option("--tracker", default="", metavar="URL", help="Where else it is followed."),
        click.option("--verify", default="", metavar="HOW", help="How somebody will tell that it helps."),
        click.option("--verifier", default="", shell_complete=people, help="Who is to look; not the owner."),
        click.option("--due", default="", metavar="DAY", help="By when; default by its priority."),
        click.option("--priority", default="", type=click.Choice(["", *PRIORITIES]), metavar="P", help="p0 to p3."),
        click.option("--owner", default="", shell_complete=people, help="Who does it."),
    ):
        command = option(command)
    return command


@click.command(
    epilog="\b\nExample: psfir remediation add 'Hold prompts back until evaluated' --factor F1 --owner bob" + EXIT
)
@click.argument("title")
@click.option("--incident", default="", shell_complete=incidents, help="Default the open one, else the newest.")
@click.option("--factor", default="", metavar="F1", help="The factor of the analysis that it answers.")
@click.option(
    "--type",
    "kind",
    default="prevent",
    show_default=True,
    type=click.Choice(["mitigate", "prevent", "detect", "process"]),
)
@click.option("--same-as", default="", metavar="INC/F1", help="That factor is the same one: its items open again.")
@terms
@common
def add(desk: Desk, *, title: str, incident: str, kind: str, **said: str) -> int:
    """Write down what is to be done."""
    from psfir.app import remediation as app
    from psfir.app.remediation_terms import Wanted
    from psfir.review.remediation_item import ItemType
    from psfir.review.remediation_views import to_json

    session = desk.session()
    done = app.add(session, session.incident(incident), Wanted(title=title, **said), kind=ItemType(kind))
    item, now = done.item, session.clock.now()
    back = [{"item": one.ref, "factor": spot} for one, spot in done.back]
    again = [one.ref for one in done.reopened]
    desk.result("remediation.add", {"item": to_json(item, now), "reopened": again, "came_back": back})
    desk.say(f"{item.ref}: {item.title}; owner {item.owner or 'nobody yet'}, due {item.due.isoformat()}")
    for one in done.reopened:
        desk.warn(f"{one.ref} is open again: its factor came back")
    for one, spot in done.back:
        desk.warn(f"{one.ref} was closed, and its factor is here again ({spot})")
        desk.warn(f"if it is the same: psfir remediation reopen {one.ref} --same-as {spot}")
    return 0


@click.command(epilog="\b\nExample: psfir remediation take R1 --due 2026-12-19" + EXIT)
@item_
@terms
@common
def take(desk: Desk, *, item: str, **said: str) -> int:
    """Take it in hand, or give it to --owner; what else you say changes with it."""
    from psfir.app import remediation as app
    from psfir.app.remediation_terms import Wanted

    return _deed(desk, "take", item, lambda session, one: app.take(session, one, Wanted(**said)))


@click.command(epilog="\b\nExample: psfir remediation block R1 --why 'waits for the vendor'" + EXIT)
@item_
@click.option("--why", default="", help="What it waits for.")
@common
def block(desk: Desk, *, item: str, why: str) -> int:
    """Say that it cannot go on, and why. It stays due."""
    from psfir.app import remediation as app

    return _deed(desk, "block", item, lambda session, one: app.block(session, one, why=why))


@click.command(epilog="\b\nExample: psfir remediation done R1 --evidence https://git.example.com/pull/7" + EXIT)
@item_
@evidence_
@common
def done(desk: Desk, *, item: str, evidence: tuple[str, ...]) -> int:
    """Say that it is done. It stays open until somebody else has verified it."""
    from psfir.app import remediation as app

    return _deed(desk, "done", item, lambda session, one: app.done(session, one, evidence))


@click.command(epilog="\b\nExample: psfir remediation verify R1 --evidence '[entry 12]'" + EXIT)
@item_
@evidence_
@click.option("--reason", default="", help="What you looked at.")
@sign_
@common
def verify(desk: Desk, *, item: str, evidence: tuple[str, ...], reason: str, sign: Path | None) -> int:
    """Close it. You are not its owner and did not do it; two names from one login are one person, unless signed."""
    from psfir.app import remediation as app
    from psfir.app.approve import Yes

    return _deed(desk, "verify", item, lambda session, one: app.verify(session, one, evidence, Yes(reason, sign)))


@click.command(
    "accept-risk", epilog="\b\nExample: psfir remediation accept-risk R1 --until 2027-01-31 --why 'is rare'" + EXIT
)
@item_
@click.option("--until", required=True, metavar="DAY", help="When it is open again.")
@click.option("--why", default="", help="Why that is better than doing it.")
@sign_
@common
def accept_risk(desk: Desk, *, item: str, until: str, why: str, sign: Path | None) -> int:
    """Live with it until a day. It takes the right to review, and is not the owner's to say."""
    from psfir.app import remediation as app
    from psfir.app.approve import Yes

    return _deed(
        desk, "accept-risk", item, lambda session, one: app.accept(session, one, until=until, yes=Yes(why, sign))
    )


@click.command(epilog="\b\nExample: psfir remediation reopen R1 --why 'it happened again'" + EXIT)
@item_
@click.option("--why", default="", help="What showed that it did not help.")
@click.option("--same-as", default="", metavar="INC/F1", help="Its factor came back as that one.")
@common
def reopen(desk: Desk, *, item: str, why: str, same_as: str) -> int:
    """Open it again."""
    from psfir.app import remediation as app

    return _deed(desk, "reopen", item, lambda session, one: app.reopen(session, one, why=why, same_as=same_as))


def _deed(desk: Desk, name: str, ref: str, deed: Callable[[Session, RemediationItem], RemediationItem]) -> int:
    from psfir.app.remediation import find
    from psfir.review.remediation_item import State
    from psfir.review.remediation_table import sentence
    from psfir.review.remediation_views import to_json

    session = desk.session()
    item = deed(session, find(session, ref))
    now = session.clock.now()
    desk.result(f"remediation.{name}", {"item": to_json(item, now)})
    desk.say(f"{item.ref}: {sentence(item, now)}; owner {item.owner or 'nobody yet'}")
    if item.state is State.DONE:
        whom = item.verifier or "somebody else"
        desk.say(f"next, {whom}: psfir remediation verify {item.ref} --evidence WHAT")
    return 0
