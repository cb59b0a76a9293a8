"""`psfir comms preview`: all templates with made-up facts, for those who read, print and edit them."""

from __future__ import annotations

from pathlib import Path

import click

from psfir.cli.desk import Desk, common
from psfir.cli.paths import FILE

EPILOG = """\b
Examples:
  psfir comms preview                          templates.html, for a browser and for paper
  psfir comms preview --format docx            templates.docx, for Word

Exit codes: 0 written, 2 it cannot be."""


@click.command(epilog=EPILOG)
@click.option("-o", "--out", type=FILE, default=None, help="Where to; default templates.html or templates.docx here.")
@click.option(
    "--format", "form", type=click.Choice(["html", "docx"]), default="html", show_default=True, help="As what."
)
@common
def preview(desk: Desk, *, out: Path | None, form: str) -> int:
    """Every template as people will read it, with its approval, its expiry and what lint finds."""
    from psfir.app.comms_preview import preview as made_of
    from psfir.app.comms_preview import render
    from psfir.app.save import save
    from psfir.cli.comms_templates import at_hand

    shelf, now = at_hand(desk)
    made = made_of(shelf, now)
    path = out or Path(f"templates.{form}")
    save(path, render(made, form))
    usable = sum(one.yes.state.good for one in made.leaves)
    desk.result(
        "comms.preview",
        {"file": str(path), "templates": len(made.leaves), "approved": usable, "problems": list(made.problems)},
    )
    for problem in made.problems:
        desk.warn(problem)
    desk.say(f"{path}: {len(made.leaves)} templates, of which {usable} may be used")
    return 0
