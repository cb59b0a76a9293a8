"""`psfir doctor`: what a kill would need, looked at on a quiet day."""

from __future__ import annotations

import os
import sys

import click

from psfir.cli.desk import Desk, common
from psfir.cli.show import hanging, width

COLOURS = {"ok": "green", "failed": "red", "could_not_tell": "yellow"}
WORDS = {"ok": "ok", "failed": "FAILED", "could_not_tell": "COULD NOT TELL"}
EPILOG = """\b
Example: psfir doctor

Exit codes: 0 all is there, 1 something failed, 6 nothing failed but something could not be told."""


@click.command(epilog=EPILOG)
@common
def doctor(desk: Desk) -> int:
    """Check what a kill would need."""
    from psfir.app.doctor import Check, Word, examine

    checks = [*examine(desk.door(), workspace=desk.workspace), Check("terminal", Word.OK, _terminal())]
    worst = {check.word for check in checks}
    desk.result("doctor", {"ok": worst == {Word.OK}, "checks": [vars(check) for check in checks]})
    size = max(len(check.name) for check in checks)
    for check in checks:
        word = WORDS[check.word]
        line = hanging(f"{word.ljust(14)} {check.name.ljust(size)}", check.says, indent="")
        desk.say(click.style(word, fg=COLOURS[check.word]) + line.removeprefix(word))
        if check.todo and check.word is not Word.OK:
            desk.say(f"  -> {check.todo}")
    if Word.FAILED in worst:
        return 1
    return 6 if Word.COULD_NOT_TELL in worst else 0


def _terminal() -> str:
    if not sys.stdout.isatty():
        return "not a terminal: plain lines, no colour"
    return f"{width()} columns, {'no colour (NO_COLOR)' if os.environ.get('NO_COLOR') else 'colour'}"
