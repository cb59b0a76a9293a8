"""`psfir drill`: rehearsals, and the odds before one."""

from __future__ import annotations

import click

from psfir.cli.lazy import Lazy

COMMANDS: dict[str, tuple[str, str]] = {
    "simulate": ("psfir.cli.drill_simulate:simulate", "Would we make the deadline? Arithmetic, never evidence."),
}

EPILOG = """\b
Before anyone sits down:
  psfir drill simulate support-assistant   how likely the deadline is, and what would help"""


@click.group(cls=Lazy, table=COMMANDS, epilog=EPILOG)
def drill() -> None:
    """Rehearse: the same runbooks, before they are needed."""
