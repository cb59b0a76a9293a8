"""`psfir plan`: what a kill would do today."""

from __future__ import annotations

import click

from psfir.app.choose import Aim
from psfir.app.plan import draw
from psfir.cli import complete, planview
from psfir.cli.desk import Desk, common
from psfir.domain.modes import Mode

MODES = click.Choice([mode.value for mode in Mode])

EPILOG = """\b
Examples:
  psfir plan support-assistant
  psfir plan support-assistant --mode degrade --json

Exit codes: 0 drawn; 1 no rung of a plan could be read (a kill would still try them), or the record cannot be;
2 wrong words or file; 3 refused."""


@click.command(short_help="Show what a kill would do; touches nothing.", epilog=EPILOG)
@click.argument("systems", metavar="[SYSTEM]...", nargs=-1, shell_complete=complete.systems)
@click.option("--mode", type=MODES, help="How: off, reduced, or cut off. Default: disable.")
@click.option(
    "--runbook", default="", metavar="ID", shell_complete=complete.runbooks, help="This runbook and no other."
)
@click.option(
    "--where", default="", metavar="KEY=VALUE", help="All systems with this vendor, owner, audience or label."
)
@click.option("--all", "everything", is_flag=True, help="All systems.")
@common
def plan(desk: Desk, *, systems: tuple[str, ...], mode: str | None, runbook: str, where: str, everything: bool) -> int:
    """Read the world and show what a kill would change, what it would hit, and how long it can take.

    Holds nothing that can write. The digest is what people approve.
    """
    session = desk.session(reaching=True)
    drawn = draw(session, Aim(systems, where, everything, Mode(mode) if mode else None, runbook))
    plans = drawn.plans
    desk.say("\n".join(planview.several(plans, drawn.left_out, session.catalog, in_full=True)))
    desk.say()
    how = f" --runbook {runbook}" if runbook else f" --mode {mode}" if mode else ""
    kill = f"psfir kill {' '.join(one.runbook.system for one in plans)}{how}"
    blind = [one.runbook.system for one in plans if not planview.readable(one)]
    for system in blind:
        desk.say(f"next: psfir lever check {system}")
    desk.say(f"  or: {kill}" if blind else f"next: {kill}")
    desk.result("plan", {"plans": [planview.as_json(one, session.catalog) for one in plans]})
    return 1 if blind else 0
