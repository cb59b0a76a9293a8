"""`psfir comms`: templates that are approved beforehand, and the messages that are made of them."""

from __future__ import annotations

import click

from psfir.cli.lazy import Lazy

COMMANDS: dict[str, tuple[str, str]] = {
    "list": ("psfir.cli.comms_templates:list_", "Every template, and whether it may be used."),
    "show": ("psfir.cli.comms_templates:show", "One template: text, fields, approvals."),
    "approve": ("psfir.cli.comms_approve:approve", "Say yes to a template, or to a message."),
    "revoke": ("psfir.cli.comms_templates:revoke", "Take a yes back."),
    "draft": ("psfir.cli.comms_draft:draft", "Fill a template for an incident."),
    "text": ("psfir.cli.comms_messages:text", "Print a message as people will read it."),
    "send": ("psfir.cli.comms_send:send", "Send a cleared message, once."),
    "settle": ("psfir.cli.comms_send:settle", "Say what became of a try that nobody knows of."),
    "status": ("psfir.cli.comms_status:status", "What each audience last heard, and what is due."),
    "cadence": ("psfir.cli.comms_status:cadence", "How often an audience hears."),
    "withdraw": ("psfir.cli.comms_messages:withdraw", "Put a draft aside."),
    "lint": ("psfir.cli.comms_lint:lint", "What must not stand in a text, and a better wording."),
    "preview": ("psfir.cli.comms_preview:preview", "All templates on one page, to read, print and edit."),
    "check": ("psfir.cli.comms_templates:check", "Exit 1 unless all that must ship is approved."),
}

EPILOG = """\b
Before anything goes wrong:
  psfir comms check                        what is missing, unapproved, altered or expired
  psfir comms approve public-holding       say yes to the text as it is now"""


@click.group(cls=Lazy, table=COMMANDS, epilog=EPILOG)
def comms() -> None:
    """Templates, drafts, approvals, sending: what people are told."""
