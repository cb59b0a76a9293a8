"""What every command has at hand: the opened workspace, and one way to say things to people and to programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from psfir.cli.paths import FOLDER
from psfir.errors import UsageError

if TYPE_CHECKING:
    from psfir.app.session import Door, Session


class Desk:
    """One call of one command. Text goes to standard output; warnings and prompts to standard error."""

    def __init__(self, workspace: Path | None, *, as_json: bool) -> None:
        self.workspace = workspace
        self.json = as_json

    def session(self, *, killing: bool = False, reaching: bool = False) -> Session:
        """Open the workspace. A kill goes on without the record, everything else stops.

        Whoever is `reaching` for what the connections lead to is told when they lead elsewhere than psfir.yaml says.
        """
        from psfir.app.session import CONNECTIONS, open_session

        session = open_session(self.door(killing=killing), workspace=self.workspace)
        if (killing or reaching) and os.environ.get(CONNECTIONS):
            self.warn(f"connections are re-pointed by {CONNECTIONS}={os.environ[CONNECTIONS]}")
        return session

    def door(self, *, killing: bool = False, channel: str = "cli", **env: str) -> Door:
        """What this command line tells a session about itself. `env` stands over the environment."""
        from psfir.app.session import Door

        return Door(
            env={**os.environ, **env} if env else os.environ,
            channel=channel,
            warn=self.warn,
            last_resort=self._last_resort,
            killing=killing,
        )

    def say(self, text: str = "", *, verbatim: bool = False) -> None:
        """To the person, as wide as the terminal unless it is for copying; silent under --json."""
        if not self.json:
            heard(text if verbatim else folded(text))

    def warn(self, text: str) -> None:
        """Loud, on standard error, also under --json."""
        heard(click.style(folded(f"psfir: {clean(text)}"), fg="yellow"), err=True)

    def result(self, command: str, value: Mapping[str, Any]) -> None:
        """The one JSON object of a command; silent without --json."""
        if self.json:
            import json

            heard(json.dumps({"schema": f"psfir.out.{command}/1", **value}, ensure_ascii=False))

    def event(self, name: str, value: Mapping[str, Any]) -> None:
        """One line of a JSON stream; a stream ends with the event `result`."""
        if self.json:
            import json

            heard(json.dumps({"event": name, **value}, ensure_ascii=False))

    @property
    def interactive(self) -> bool:
        """Whether somebody can be asked."""
        return not self.json and _is_terminal(sys.stdin) and _is_terminal(sys.stderr)

    def ask(self, question: str, *, default: bool = False) -> bool:
        """Ask on standard error. Where nobody can answer, silence is no yes, and the words lack one: UsageError."""
        if not self.interactive:
            raise UsageError("there is nobody here to ask", todo="say --yes")
        return click.confirm(question, err=True, default=default)

    @property
    def live(self) -> bool:
        """Whether to redraw in place: a real terminal that can, and nobody who asked for plain lines."""
        plain = os.environ.get("TERM") == "dumb" or os.environ.get("PSFIR_PLAIN")
        return not self.json and _is_terminal(sys.stdout) and not plain

    def _last_resort(self, line: str) -> None:
        """An entry that could be written nowhere. Under --json standard output belongs to the stream."""
        heard(line, err=self.json)


def heard(text: str, *, err: bool = False) -> None:
    """Print, as long as somebody listens. A closed pipe, a full disk or a terminal that is gone stops no command."""
    if (sys.stderr if err else sys.stdout) is None:
        return  # closed before we began
    try:
        click.echo(text, err=err, color=coloured())
    except OSError:
        deafen(err=err)


def coloured() -> bool | None:
    """False for people who asked for no colour, and for terminals that know none; else None: click looks itself.

    Told with every line, since what click is told once it has forgotten in any other thread.
    """
    return False if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" else None


def folded(text: str) -> str:
    """As wide as the terminal, if there is one."""
    if not _is_terminal(sys.stdout):
        return text
    from psfir.cli import show  # only where there is a terminal

    return show.folded(text)


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def clean(text: str) -> str:
    """Each line without anything a terminal would act on: what people and servers say is shown, never obeyed."""
    return "\n".join("".join(sign if sign.isprintable() else " " for sign in line) for line in text.split("\n"))


def deafen(*, err: bool = False) -> None:
    """Nobody listens any more: from here on that stream goes nowhere, and what is still buffered with it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2 if err else 1)
    os.close(nowhere)


def common(command: Callable[..., int | None]) -> Callable[..., int | None]:
    """Give a command `-w/--workspace` and `--json`, also before its name, and call it with a Desk as first argument."""

    @click.option("-w", "--workspace", type=FOLDER, help="The folder with psfir.yaml.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
    @wraps(command)
    def wrapped(*, workspace: Path | None, as_json: bool, **rest: Any) -> int | None:
        before = click.get_current_context().find_root().params
        if workspace is None and before.get("workspace"):
            workspace = Path(before["workspace"])
        return command(Desk(workspace, as_json=as_json or bool(before.get("as_json"))), **rest)

    return wrapped
