"""`psfir slack`: the manifest of the Slack app, its check, and the app itself. What it does is in another door."""

from __future__ import annotations

import signal
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from psfir.cli.desk import Desk, common
from psfir.errors import UsageError

if TYPE_CHECKING:
    from psfir.app.session import Session

RUN_EXIT = """\b
Examples:
  psfir slack run
  psfir slack run --exercise        the app of drills, with tokens of its own

Exit codes: 0 ended by you; 1 Slack does not answer or refuses the token; 2 psfir.yaml lacks what it needs;
3 refused: live and drill bear one token."""


@click.group(epilog="\b\nExample: psfir slack manifest")
def slack() -> None:
    """The Slack app: its manifest, its check, and the app itself."""


def _part(name: str) -> Any:  # noqa: ANN401 - a module
    """Doors do not know each other: this one starts the other by name, as the shell would."""
    return import_module(f"psfir.slackbot.{name}")


@slack.command(epilog="\b\nExample: psfir slack manifest > manifest.json\n\nExit codes: 0 printed, 2 no workspace.")
@click.option("--url", default="", metavar="HTTPS", help="For HTTP instead of Socket Mode: where Slack reaches you.")
@click.option("--exercise", is_flag=True, help="The app of drills.")
@common
def manifest(desk: Desk, *, url: str, exercise: bool) -> int:
    """Print the app's manifest for Slack: least scopes, each with its reason on standard error."""
    import json

    part = _part("manifest")
    app = desk.session().workspace.slack
    if url and not url.startswith("https://"):
        raise UsageError(f"{url!r} is not an https address", todo="Slack posts to nothing else")
    made, scopes = part.manifest(app, url=url, exercise=exercise), part.scopes(app)
    desk.result("slack.manifest", {"manifest": made, "scopes": scopes})
    desk.say(json.dumps(made, indent=2), verbatim=True)
    if not desk.json:
        for scope, why in (scopes if url else {**scopes, **part.SOCKET}).items():
            click.echo(f"{scope}: {why}", err=True)
    return 0


@slack.command(
    epilog="\b\nExample: psfir slack doctor\n\nExit codes: 0 all well, 1 something is wrong, 2 no slack block."
)
@click.option("--exercise", is_flag=True, help="The app of drills.")
@common
def doctor(desk: Desk, *, exercise: bool) -> int:
    """Check tokens, scopes, the home channel, how fast Slack answers, and both clocks."""
    findings = _part("doctor").look(_session(desk), exercise=exercise)
    desk.result("slack.doctor", {"findings": [vars(one) for one in findings]})
    for one in findings:
        desk.say(f"{one.held}  {one.what}" + (f"\n  -> {one.todo}" if one.todo else ""))
    return 0 if all(one.held == "ok" for one in findings) else 1


@slack.command(epilog=RUN_EXIT)
@click.option("--exercise", is_flag=True, help="The app of drills, with its own tokens and channel.")
@click.option("--port", type=click.IntRange(0, 65535), help="Take signed HTTP at this port, not Socket Mode.")
@common
def run(desk: Desk, *, exercise: bool, port: int | None) -> int:
    """Run the app until you end it. Several may run on one record; one of them posts.

    No kill needs it: what people press here are the same deeds as at a terminal.
    """
    part = _part("run")
    app = part.App(_session(desk), exercise=exercise, warn=desk.warn)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: app.over.set())
    part.serve(app, port=port, say=desk.say)
    return 0


def _session(desk: Desk) -> Session:
    return desk.session(reaching=True)
