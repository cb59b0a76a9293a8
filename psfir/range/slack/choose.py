"""Which Slack the range has: the package where it is found and may run, and otherwise the console, which says why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from psfir.errors import UsageError
from psfir.range.clock import RangeClock
from psfir.range.slack.console import SlackConsole
from psfir.range.slack.package import SlackPackage, Unavailable

Slack: TypeAlias = SlackConsole | SlackPackage

VARIABLE = "PSFIR_LOCAL_SLACK"
PLACE = Path("node_modules/local-slack-linux-x64/bin/local-slack")


def started(
    clock: RangeClock, *, say: Callable[[str], object], environ: Mapping[str, str], folders: Sequence[Path]
) -> Slack:
    """Its `note` says which it is, and why. `folders` are where npm may have installed it."""
    binary = found(environ, folders)
    why = f"Slack is a console: local-slack is not installed ({VARIABLE} names no file, nor is there {PLACE})"
    if binary is not None:
        try:
            return SlackPackage(binary).start()
        except Unavailable as error:
            why = f"Slack is a console: local-slack cannot be shut off from the network here ({error})"
    return SlackConsole(clock, say=say, why=why).start()


def found(environ: Mapping[str, str], folders: Sequence[Path]) -> Path | None:
    """The binary; UsageError if the variable names something that is none."""
    if named := environ.get(VARIABLE):
        if not Path(named).is_file():
            raise UsageError(f"{VARIABLE}: there is no file {named}", todo="name the binary local-slack, or unset it")
        return Path(named).absolute()
    places = (folder / PLACE for folder in folders)
    return next((place.absolute() for place in places if place.is_file()), None)
