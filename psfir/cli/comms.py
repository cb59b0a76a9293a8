"""`psfir comms`: templates that are approved beforehand, and the messages that are made of them."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS: dict[str, tuple[str, str]] = {
    "list": ("psfir.cli.comms_templates:list_", "Every template, and whether it may be used."),
    "show": ("psfir.cli.comms_templates:show", "One template: text, fields, approvals."),
    "approve": ("psfir.cli.comms_approve:approve", "Say yes to a template, or to a message."),
    "revoke": ("psfir.cli.comms_templates:revoke", "Take a yes back."),
    "draft": ("psfir.cli.comms_messages:draft", "Fill a template for an incident."),
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


class Lazy(click.Group):
    """Loads a sub-command's module only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)  # noqa: S101 - a wrong table row is our own bug
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=Lazy, epilog=EPILOG)
def comms() -> None:
    """Templates, drafts, approvals, sending: what people are told."""
