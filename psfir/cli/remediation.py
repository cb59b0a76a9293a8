"""`psfir remediation`: what follows from an analysis, from the first word of it until somebody else has verified it."""

from __future__ import annotations

import click

from psfir.cli.lazy import Lazy

COMMANDS: dict[str, tuple[str, str]] = {
    "add": ("psfir.cli.remediation_deeds:add", "Write down what is to be done."),
    "list": ("psfir.cli.remediation_list:list_", "What stands, what is late, which factor came back."),
    "take": ("psfir.cli.remediation_deeds:take", "Take an item in hand, or give it to somebody."),
    "block": ("psfir.cli.remediation_deeds:block", "Say that an item cannot go on, and why."),
    "done": ("psfir.cli.remediation_deeds:done", "Say that an item is done."),
    "verify": ("psfir.cli.remediation_deeds:verify", "Close an item of somebody else, with evidence."),
    "accept-risk": ("psfir.cli.remediation_deeds:accept_risk", "Live with it until a day."),
    "reopen": ("psfir.cli.remediation_deeds:reopen", "Open an item again."),
    "report": ("psfir.cli.remediation_list:report", "Numbers, ages, owners, systems."),
    "export": ("psfir.cli.remediation_export:export", "Tell GitHub or Jira, one way and once."),
}
EPILOG = """\b
From a factor to its end:
  psfir remediation add 'Hold prompts back until evaluated' --factor F1 --owner bob
  psfir remediation done R1 --evidence https://git.example.com/pull/7
  psfir remediation verify R1 --evidence '[entry 12]'      somebody else"""


@click.group(cls=Lazy, table=COMMANDS, epilog=EPILOG)
def remediation() -> None:
    """What follows from an analysis. An item closes on verification by somebody else, not on "done"."""
