"""`psfir range`: a simulated estate that real clients talk to, and everything that can go wrong on it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from psfir.cli import complete
from psfir.cli.desk import Desk, common
from psfir.cli.paths import FILE
from psfir.range.limits import MOST

if TYPE_CHECKING:
    from psfir.app.range import Ended, Found

EPILOG = """\b
Examples:
  psfir range up --detach
  eval "$(psfir range env)"
  psfir range fault launchdarkly.down --for 30s
  psfir kill support-assistant
  psfir range down"""


@click.group("range", epilog=EPILOG)
def range_() -> None:
    """A simulated estate to pull real levers on: bring it up, set it faults, look at it, end it."""


UP_EPILOG = """\b
Examples:
  psfir range up
  psfir range up --detach --systems 3 --seed 7
  psfir range up --faults faults.yaml --json

\b
Everything is on 127.0.0.1. ^C ends it, and so does `psfir range down`.

Exit codes: 0 it was up, and was ended; 1 it did not come up; 2 wrong command or file; 3 one is up already."""


@range_.command(epilog=UP_EPILOG)
@click.option("--systems", type=click.IntRange(1, MOST), default=1, show_default=True, help="How many assistants.")
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="The same questions, and the same answers to them.",
)
@click.option("--faults", type=FILE, help="A script of faults to begin with.")
@click.option("--no-customers", is_flag=True, help="Nobody talks to the assistants.")
@click.option("--detach", is_flag=True, help="In the background; return when it is ready.")
@click.option("--quiet", is_flag=True, help="No line for every second.")
@common
def up(desk: Desk, *, detach: bool, quiet: bool, faults: Path | None, **rest: Any) -> int:
    """Bring the range up, and show second by second what its customers get."""
    from psfir.app.range_up import Options
    from psfir.cli import range_up

    customers = not rest["no_customers"]
    options = Options(rest["systems"], rest["seed"], named=desk.workspace, customers=customers, faults=faults)
    if detach:
        return range_up.detached(desk, options)
    return range_up.foreground(desk, options, quiet=quiet)


@range_.command(
    epilog="\b\nExample: psfir range status --json\n\nExit codes: 0 one is up, 1 none is, or it does not answer."
)
@common
def status(desk: Desk) -> int:
    """What is up, since when, what goes wrong on it, and what its customers get."""
    from psfir.cli import range_view

    said = _found(desk).client.status()
    desk.result("range.status", {"up": True, **said})
    for line in range_view.page(said):
        desk.say(line)
    return 0


ENV_EPILOG = """\b
Examples:
  eval "$(psfir range env)"
  eval "$(psfir range env --unset)"
  psfir range env --json

Exit codes: 0 printed, 1 no range is up."""


@range_.command(epilog=ENV_EPILOG)
@click.option("--unset", is_flag=True, help="Take away again what this shell has of a range, up or not.")
@common
def env(desk: Desk, *, unset: bool) -> int:
    """Print what points this shell, psfir in it, and other tools at the range."""
    from shlex import quote

    from psfir.app.range_shell import exported, left

    if unset:
        names = left(os.environ)
        desk.result("range.env", {"unset": names})
        for name in names:
            desk.say(f"unset {name}", verbatim=True)
        if not names:
            desk.warn("this shell has no variables of a range")
        return 0
    variables = exported(_found(desk).client.environment())
    desk.result("range.env", {"env": variables})
    for name, value in variables.items():
        desk.say(f"export {name}={quote(value)}", verbatim=True)
    return 0


FAULT_EPILOG = """\b
Examples:
  psfir range fault
  psfir range fault launchdarkly.down --after 5s --for 30s
  psfir range fault wire.latency --set on=kubernetes --set by=3s
  psfir range fault --from faults.yaml

\b
Exit codes: 0 listed, or on, or waiting for its time; 1 no range is up;
2 no such fault or setting, or the file is wrong."""


@range_.command(epilog=FAULT_EPILOG)
@click.argument("name", required=False, shell_complete=complete.faults)
@click.option("--after", default="", metavar="SPAN", help="Not now, but so much later.")
@click.option("--for", "lasting", default="", metavar="SPAN", help="How long; default until it is healed.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="One of its settings.")
@click.option("--from", "script", type=FILE, help="All faults of a script.")
@common
def fault(desk: Desk, *, name: str | None, script: Path | None, **words: str | tuple[str, ...]) -> int:
    """Let something go wrong; without a name, list what can."""
    from psfir.app.range import order
    from psfir.cli import range_view
    from psfir.errors import UsageError

    if script and (name or any(words.values())):
        raise UsageError("a script says all by itself", todo="name either a fault or --from FILE")
    if not script and not name:
        if any(words.values()):
            raise UsageError("which fault?", todo="psfir range fault lists them")
        return range_view.listing(desk)
    if script:
        from psfir.app.range_script import Script

        scripted = Script(script)
        found = _found(desk)
        with scripted.carried_out() as orders:
            said = found.client.begin(orders)
    else:
        ordered = order(name or "", words["settings"], str(words["after"]), str(words["lasting"]))
        found = _found(desk)
        said = found.client.begin([ordered])
    desk.result("range.fault", {**_of(found), **said})
    for one in said["began"]:
        desk.say(range_view.standing(one))
    desk.say(f"on {found.called}")
    return 0


HEAL_EPILOG = """\b
Examples:
  psfir range heal
  psfir range heal launchdarkly.down

Exit codes: 0 healed, also if nothing was wrong; 1 no range is up; 2 no such fault."""


@range_.command(epilog=HEAL_EPILOG)
@click.argument("name", required=False, shell_complete=complete.faults)
@common
def heal(desk: Desk, *, name: str | None) -> int:
    """End one fault, or all of them, those that wait too."""
    found = _found(desk)
    said = found.client.heal(name or "")
    desk.result("range.heal", {**_of(found), **said})
    for one in said["ended"]:
        desk.say(f"{one['fault']} is {'over' if one['on'] else 'not going to begin'}")
    if not said["ended"]:
        desk.say(f"{name} was not on" if name else "nothing was wrong")
    desk.say(f"on {found.called}")
    return 0


@range_.command(epilog="\b\nExample: psfir range reset\n\nExit codes: 0 as it came up, 1 no range is up.")
@common
def reset(desk: Desk) -> int:
    """Put everything back to how it came up: faults, flags, pods, policies, numbers. Addresses stay."""
    from psfir.cli.range_coming import coming

    found = _found(desk)
    with coming(desk) as told:
        said = found.client.reset(told)
    desk.result("range.reset", {**_of(found), **said})
    desk.say(
        f"{found.called} is as it came up, after {said['took'] * 1000:.0f} ms; {len(said['ended'])} fault(s) ended"
    )
    return 0


@range_.command(epilog="\b\nExample: psfir range down\n\nExit codes: 0 none is up any more, 1 it did not end.")
@common
def down(desk: Desk) -> int:
    """End the range, and wait until it has ended."""
    from psfir.app.range import NoRange, end
    from psfir.app.range_shell import points_at
    from psfir.cli import range_view

    try:
        ended = end(desk.workspace, os.environ, desk.warn)
    except NoRange as none:
        desk.result("range.down", {"of": None, "was_up": False, "took": None})
        desk.say(none.what)
        return 0
    desk.result("range.down", {**_of(ended), "was_up": True, "took": round(ended.took, 3)})
    desk.say(f"{ended.called} is down")
    if points_at(ended.folder, os.environ):
        desk.say("this shell still points at it:")
        desk.say(f"  {range_view.UNSET}", verbatim=True)
    return 0


def _of(found: Found | Ended) -> dict[str, str | None]:
    """Which range it befell; null is the one of no workspace."""
    return {"of": str(found.workspace) if found.workspace else None}


def _found(desk: Desk) -> Found:
    from psfir.app.range import find

    return find(desk.workspace, os.environ, desk.warn)
