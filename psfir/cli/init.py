"""`psfir init`: a workspace to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from psfir.cli.desk import Desk, common
from psfir.cli.paths import FOLDER

EPILOG = """\b
Example: psfir init ops/psfir

Exit codes: 0 laid out, 2 the folder cannot be written, 3 there is a psfir.yaml already."""


@click.command(epilog=EPILOG)
@click.argument("folder", metavar="[DIR]", default=".", type=FOLDER)
@click.option(
    "--reference",
    is_flag=True,
    help="Lay out the reference system on LaunchDarkly, Kubernetes and AWS, instead of one that works at once.",
)
@common
def init(desk: Desk, *, folder: Path, reference: bool) -> int:
    """Lay out a workspace in DIR, or here."""
    from psfir.app.init import lay_out

    laid = lay_out(folder, reference=reference)
    desk.result("init", {"root": str(laid.root), "made": list(laid.made), "kept": list(laid.kept)})
    desk.say(f"laid out {laid.root}: {len(laid.made)} files")
    for name in laid.kept:
        desk.say(f"  kept {name} as it is")
    go = "" if folder == Path() else f"cd {folder} && "
    desk.say("next:")
    desk.say("  1. fill in psfir.yaml: people, systems, connections (secrets by reference only)")
    desk.say("  2. export PSFIR_ME=<your id in psfir.yaml>")
    if reference:
        desk.say(f"  3. {go}read runbooks/README.md: what each runbook pulls, and what your system has to have for it")
        desk.say("  4. psfir lint && psfir doctor")
        desk.say("  5. psfir lever check --all: what would fail tonight, and which secret is missing")
        desk.say("  6. psfir range up --workspace . --detach: rehearse it on a simulated estate, without secrets;")
        desk.say('     eval "$(psfir range env)" points this shell at it, and psfir kill kills nothing real')
        return 0
    desk.say(f"  3. {go}psfir lint && psfir doctor")
    desk.say("  4. psfir plan support-assistant")
    return 0
