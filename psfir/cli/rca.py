"""`psfir rca`: the written analysis, from the record to its publication."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from psfir.cli.complete import incidents, people
from psfir.cli.desk import Desk, common
from psfir.cli.paths import FILE
from psfir.cli.show import columns, dim, hanging, heading, loud

if TYPE_CHECKING:
    from psfir.app.rca import Checked

EPILOG = """\b
From a resolved incident to a published analysis:
  psfir rca new                       lay it out from the record, in reviews/
  psfir rca refresh                   renew what the record tells; your words stay
  psfir rca check                     what is missing, what is weak
  psfir rca submit                    then psfir rca review, then psfir rca publish"""

EXIT = "\n\nExit codes: 0 done, 1 something is missing, 2 none such, 3 refused."
incident_ = click.argument("incident", default="", shell_complete=incidents)


@click.group(epilog=EPILOG)
def rca() -> None:
    """The written root cause analysis, due five business days after the incident is resolved."""


@rca.command(epilog="\b\nExample: psfir rca new INC-20261121-k7q2xa --facilitator gita" + EXIT)
@incident_
@click.option("--owner", default="", shell_complete=people, help="Who answers for it; default the system's owner.")
@click.option("--facilitator", default="", shell_complete=people, help="Who leads the review, and was no responder.")
@common
def new(desk: Desk, *, incident: str, owner: str, facilitator: str) -> int:
    """Lay out the analysis of an incident from its record."""
    from psfir.app import rca as app

    session = desk.session()
    found = session.incident(incident)
    path = app.new(session, found, owner=owner, facilitator=facilitator)
    shown = str(path.relative_to(session.root))
    desk.result("rca.new", {"incident": found.id, "file": shown})
    desk.say(f"{shown} is laid out: write where it says so, and leave the rest to the record")
    desk.say(f"next: psfir rca check {found.id}")
    return 0


@rca.command(epilog="\b\nExample: psfir rca refresh --take timeline" + EXIT)
@incident_
@click.option("--take", "names", multiple=True, metavar="BLOCK", help="Give an edited block back to the record.")
@common
def refresh(desk: Desk, *, incident: str, names: tuple[str, ...]) -> int:
    """Renew what psfir wrote and nobody touched. No word of yours changes."""
    from psfir.app import rca as app
    from psfir.app.remediation import returned

    session = desk.session()
    done = app.refresh(session, session.incident(incident), take_back=names)
    desk.result("rca.refresh", {"written": list(done.written), "kept": list(done.kept), "lost": list(done.lost)})
    desk.say(f"renewed: {', '.join(done.written) or 'nothing has changed'}")
    if done.kept:
        desk.say(hanging("yours:", f"{', '.join(done.kept)} (edited, so left alone; --take NAME gives one back)"))
    if done.lost:
        desk.say(hanging("taken out:", ", ".join(done.lost)))
    for item, spot in returned(session, session.incident(incident)):
        desk.warn(f"{item.ref} was closed, and its factor is here again ({spot})")
        desk.warn(f"if it is the same: psfir remediation reopen {item.ref} --same-as {spot}")
    return 0


@rca.command(epilog="\b\nExample: psfir rca check" + EXIT)
@incident_
@common
def check(desk: Desk, *, incident: str) -> int:
    """What is missing, or weak, with its line."""
    from psfir.app import rca as app

    session = desk.session()
    found = app.checked(session, session.incident(incident))
    desk.result("rca.check", _json(found))
    _page(desk, found)
    return 0 if found.whole else 1


@rca.command(epilog="\b\nExample: psfir rca submit" + EXIT)
@incident_
@common
def submit(desk: Desk, *, incident: str) -> int:
    """Hand it to its reviewers."""
    from psfir.app import rca as app

    return _step(desk, incident, "submit", app.submit)


@rca.command(epilog="\b\nExample: psfir rca review --sign ~/.ssh/id_ed25519" + EXIT)
@incident_
@click.option("--sign", type=FILE, default=None, metavar="KEY", help="Sign with this SSH key.")
@click.option("--reason", default="", help="What you have to say of it.")
@common
def review(desk: Desk, *, incident: str, sign: Path | None, reason: str) -> int:
    """Say yes to the text as it stands. Any change of it makes the yes void."""
    from psfir.app import rca as app
    from psfir.app.approve import Yes

    return _step(desk, incident, "review", lambda session, one: app.review(session, one, Yes(reason, sign)))


@rca.command(epilog="\b\nExample: psfir rca publish" + EXIT)
@incident_
@common
def publish(desk: Desk, *, incident: str) -> int:
    """Publish what was reviewed."""
    from psfir.app import rca as app

    return _step(desk, incident, "publish", app.publish)


@rca.command(
    epilog="\b\nExample: psfir rca export --format pdf --audience external -o outside.pdf"
    "\n\nExit codes: 0 written, 1 it holds what must not go outside, 2 none such, or it cannot be written."
)
@incident_
@click.option(
    "--format", "form", type=click.Choice(["html", "docx", "pdf"]), default="html", show_default=True, help="As what."
)
@click.option(
    "--audience",
    type=click.Choice(["internal", "external"]),
    default="internal",
    show_default=True,
    help="For whom; external is redacted, and looked through.",
)
@click.option("-o", "--out", type=FILE, default=None, help="Where to; default the incident's number, here.")
@common
def export(desk: Desk, *, incident: str, form: str, audience: str, out: Path | None) -> int:
    """Write the analysis as a page, for Word or as PDF."""
    from psfir.app.rca_export import exported, render
    from psfir.app.save import save

    session = desk.session()
    found = session.incident(incident)
    made = exported(session, found, external=audience == "external")
    path = out or Path(f"{found.id}{'-external' if audience == 'external' else ''}.{form}")
    if not made.found:
        save(path, render(made.document, form))
    desk.result(
        "rca.export",
        {
            "incident": found.id,
            "file": "" if made.found else str(path),
            "status": made.status,
            "left_out": [vars(one) for one in made.left_out],
            "found": [{"section": section, **vars(one)} for section, one in made.found],
        },
    )
    for section, one in made.found:
        desk.say(hanging(f"{section}:", f"{one.text!r} {one.says}. {one.better}"))
    if made.found:
        desk.say(
            f"nothing is written: {len(made.found)} places hold what must not go outside; mend them in the analysis"
        )
        return 1
    if made.left_out:
        desk.say(
            f"left out: {sum(one.count for one in made.left_out)} things, named at its end; read it before it goes out"
        )
    desk.say(f"{path}: {made.status.lower()}")
    return 0


def _step(desk: Desk, incident: str, name: str, deed: Callable[..., Checked]) -> int:
    session = desk.session()
    found = deed(session, session.incident(incident))
    desk.result(f"rca.{name}", _json(found))
    done = {"submit": "submitted", "review": "your yes is recorded", "publish": "published"}[name]
    desk.say(f"{found.analysis.incident}: {done}, {found.analysis.digest[:23]}")
    after = {"submit": "psfir rca review", "review": "psfir rca publish"}.get(name)
    if after:
        desk.say(f"next: {after} {found.analysis.incident}")
    return 0


def _page(desk: Desk, found: Checked) -> None:
    desk.say(heading(f"{found.analysis.incident}: {found.analysis.title}"))
    rows = [
        (str(one.line or "-"), loud("missing") if one.error else dim("weak"), f"{one.says} -> {one.todo}")
        for one in found.lacks
    ]
    for line in columns(rows):
        desk.say(line)
    errors = sum(one.error for one in found.lacks)
    yeses = ", ".join(one.actor.id for one in found.approvals) or "nobody yet"
    desk.say(f"{errors} missing, {len(found.lacks) - errors} weak; reviewed as it stands by {yeses}")


def _json(found: Checked) -> dict[str, Any]:
    return {
        "incident": found.analysis.incident,
        "digest": found.analysis.digest,
        "owner": found.analysis.owner,
        "whole": found.whole,
        "lacks": [vars(one) for one in found.lacks],
        "approved_by": [one.actor.id for one in found.approvals],
    }
