"""`psfir drill brief`: the sheet that lies on the table before a drill."""

from __future__ import annotations

import os
from pathlib import Path

import click

from psfir.cli.complete import drills
from psfir.cli.desk import Desk, common
from psfir.cli.paths import FILE
from psfir.errors import UsageError

EPILOG = """\b
Examples:
  psfir drill brief refund-policy --role comms
  psfir drill brief refund-policy --facilitator --html facilitator.html

Exit codes: 0 shown or written, 2 no such scenario or role."""


@click.command("brief", epilog=EPILOG)
@click.argument("name", metavar="ID", shell_complete=drills)
@click.option("--role", default="", help="For one role alone.")
@click.option("--facilitator", is_flag=True, help="All of it, for whoever leads: not for players.")
@click.option("--html", "page", type=FILE, help="Write it as a page to print.")
@common
def brief(desk: Desk, *, name: str, role: str, facilitator: bool, page: Path | None) -> int:
    """One page to print: what players may know beforehand, or all of it for whoever leads."""
    from psfir.app.drills import one
    from psfir.app.lint import root_of
    from psfir.pages.web import html
    from psfir.rehearsal.brief import facilitator_brief, player_brief, text

    scenario = one(root_of(desk.workspace, (), os.environ), name)
    if role and role not in scenario.roles:
        raise UsageError(f"there is no role {role!r}", todo=f"--role {', '.join(scenario.roles)}")
    document = facilitator_brief(scenario) if facilitator else player_brief(scenario, role)
    if page is not None:
        page.write_text(html(document), encoding="utf-8")
    lines = list(text(document))
    desk.result("drill.brief", {"brief": lines, "file": str(page) if page else None})
    for line in [f"{page} is written"] if page else lines:
        desk.say(line)
    return 0
