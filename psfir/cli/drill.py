"""`psfir drill`: rehearsals, and the odds before one."""

from __future__ import annotations

import click

from psfir.cli.lazy import Lazy

COMMANDS: dict[str, tuple[str, str]] = {
    "list": ("psfir.cli.drill_scenarios:list_", "All scenarios with level and duration."),
    "show": ("psfir.cli.drill_scenarios:show", "One scenario, without what players must not know."),
    "lint": ("psfir.cli.drill_scenarios:lint_", "Check scenarios, also whether they are any good."),
    "new": ("psfir.cli.drill_scenarios:new", "Write a scenario of ten lines that can be played."),
    "from-incident": ("psfir.cli.drill_replay:from_incident", "A draft of a scenario from a real incident."),
    "report": ("psfir.cli.drill_report:report", "What a drill came to, and what is to be done better."),
    "schedule": ("psfir.cli.drill_schedule:schedule", "What is to be rehearsed by when."),
    "run": ("psfir.cli.drill_run:run", "Lead a drill, until it is over and recorded."),
    "join": ("psfir.cli.drill_run_join:join", "Play in a drill that somebody leads."),
    "resume": ("psfir.cli.drill_run:resume", "Go on with a drill whose process died."),
    "stop": ("psfir.cli.drill_run:stop", "Break a drill off."),
    "brief": ("psfir.cli.drill_run_brief:brief", "One page to print, for players or for whoever leads."),
    "simulate": ("psfir.cli.drill_simulate:simulate", "Would we make the deadline? Arithmetic, never evidence."),
}

EPILOG = """\b
Before anyone sits down:
  psfir drill list
  psfir drill simulate support-assistant   how likely the deadline is, and what would help"""


@click.group(cls=Lazy, table=COMMANDS, epilog=EPILOG)
def drill() -> None:
    """Rehearse: the same runbooks, before they are needed."""
