"""`psfir drill from-incident`: what really happened, as a scenario to rehearse."""

from __future__ import annotations

import click

from psfir.cli.complete import incidents
from psfir.cli.desk import Desk, common

EPILOG = """\b
Example: psfir drill from-incident INC-20261121-k7q2xa

Exit codes: 0 written and sound (warnings are said), 1 written with errors to mend, 2 no such incident,
3 it is there already."""


@click.command("from-incident", epilog=EPILOG)
@click.argument("incident", default="", shell_complete=incidents)
@common
def from_incident(desk: Desk, *, incident: str) -> int:
    """Write a draft of a scenario from the record of a real incident.

    What the team was told becomes injects at the same offsets, what it did becomes expectations. People stand in it as
    roles; what looks private is left out. Read it before you play it.
    """
    from psfir.app.drill_replay import write
    from psfir.cli import lint_formats
    from psfir.cli.lint import text

    session = desk.session()
    found = session.incident(incident)
    made = write(session, found)
    shown = lint_formats.from_here(made.report, session.root)
    name, errors = made.path.stem, bool(made.report.errors)
    told = {"incident": found.id, "drill": name, "file": str(made.path), "left_out": made.left_out}
    desk.result("drill.from_incident", {**told, "lint": lint_formats.as_json(shown)})
    text(desk, shown)
    desk.say(f"{made.path} is written, a draft: read it, invent what is missing, then psfir drill lint {name}")
    if made.left_out:
        desk.say(f"left out: {made.left_out} texts that looked private, gave the plot away, or came too late")
    return 1 if errors else 0
