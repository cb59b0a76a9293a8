"""`psfir drill run`, `resume` and `stop`: the facilitator's process."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import click

from psfir.cli.complete import drills
from psfir.cli.desk import Desk, common
from psfir.errors import Refusal, UsageError

if TYPE_CHECKING:
    from psfir.app.drill_run import Conductor, Faults
    from psfir.app.drill_run_folder import RunFolder
    from psfir.domain.canon import Json

_ENDS_WITHIN, _GLANCE = 30.0, 0.05

RUN_EPILOG = """\b
Examples:
  psfir drill run refund-policy
  psfir drill run kill-switch-fails --reference --cut 30m
  psfir drill run refund-policy --solo

\b
One order a line; `help` lists them. Players join with `psfir drill join`. The abort word ends it at once.

Exit codes: 0 it was played to its end, 1 it was broken off, 2 no such scenario, 3 refused."""


@click.command("run", epilog=RUN_EPILOG)
@click.argument("scenario", shell_complete=drills)
@click.option("--cut", default="", metavar="NAME", help="A shorter or longer version of it.")
@click.option("--speed", default="", metavar="N", help="Scenario seconds a second; other than 1 it is practice.")
@click.option("--reference", is_flag=True, help="On the reference system instead of a copy of this workspace.")
@click.option("--solo", is_flag=True, help="Alone in this terminal, in all roles, half an hour if there is such a cut.")
@common
def run(desk: Desk, *, scenario: str, speed: str, **words: Any) -> int:
    """Lead a drill: lay it out, bring its range up, let happen what is due, and record it at the end."""
    from psfir.app.clock import RealClock
    from psfir.app.drill_run_lay import Wanted, lay
    from psfir.app.lint import root_of

    wanted = Wanted(scenario, words["cut"], _speed(speed), reference=words["reference"], solo=words["solo"])
    folder = lay(root_of(desk.workspace, (), os.environ), wanted, clock=RealClock(), env=os.environ)
    return lead(desk, folder)


RESUME_EPILOG = """\b
Examples:
  psfir drill resume
  psfir drill resume RUN-20261121-k7q2xa --share

Exit codes: 0 it was played to its end, 1 it was broken off, 2 no such run, 3 somebody leads it, or it is over."""


@click.command("resume", epilog=RESUME_EPILOG)
@click.argument("name", metavar="[RUN]", default="")
@click.option(
    "--share", is_flag=True, help="Lead it together with whoever does, who stays the one process that writes."
)
@common
def resume(desk: Desk, *, name: str, share: bool) -> int:
    """Go on with a drill whose process died, at the same instant of scenario time."""
    from psfir.cli.drill_run_join import shared

    folder = led(desk, name)
    if share and folder.led():
        return shared(desk, folder, me())
    return lead(desk, folder, again=True)


@click.command(
    "stop",
    epilog="\b\nExample: psfir drill stop RUN-20261121-k7q2xa"
    "\n\n\b\nExit codes: 0 it is over, its range is down and it is recorded; 2 no such run.",
)
@click.argument("name", metavar="[RUN]", default="")
@common
def stop(desk: Desk, *, name: str) -> int:
    """Break a drill off, also one whose process died: its range is ended, and what there is of it is recorded."""
    from psfir.cli.drill_run_join import shared

    folder = led(desk, name)
    if folder.led():
        shared(desk, folder, me(), lines=["abort stopped by a command"])
        _left(folder)
    lead(desk, folder, again=True, lines=["abort stopped by a command"])  # what was done by then is not done twice
    desk.say(f"{folder.name} is over")
    return 0


def _left(folder: RunFolder) -> None:
    """Whoever led it ends its range and records it; one that is too slow for that is refused the lead below."""
    from threading import Event

    from psfir.app.clock import RealClock

    clock, nobody = RealClock(), Event()
    begun = clock.elapsed()
    while folder.led() and clock.elapsed() - begun < _ENDS_WITHIN:
        clock.wait(nobody, _GLANCE)


def lead(desk: Desk, folder: RunFolder, *, again: bool = False, lines: list[str] | None = None) -> int:
    """From here until it is over, whatever happens: then its range is down, and the live record knows of it."""
    from psfir.app.drill_run_range import DrillRange
    from psfir.cli.demo_stage import ended_whole
    from psfir.cli.range_coming import coming

    scenario = folder.scenario()
    with ExitStack() as stack:
        stack.enter_context(folder.lead())
        stack.enter_context(ended_whole())
        ground = DrillRange(folder, scenario, os.environ, desk.warn)
        stack.callback(ground.down)
        with coming(desk) as told:
            if not lines:
                ground.up(told)
        conductor = _conductor(desk, folder, ground.faults)
        try:
            _play(desk, conductor, again=again, lines=lines)
        finally:
            _ended(desk, conductor)
    return 1 if conductor.state.aborted else 0


def _conductor(desk: Desk, folder: RunFolder, faults: Faults) -> Conductor:
    from psfir.app.clock import RealClock
    from psfir.app.drill_run import Conductor
    from psfir.app.drill_run_record import played

    session = played(folder, desk.door(), me())
    return Conductor(folder, RealClock(), read=lambda after: session.journal.read(after=after), faults=faults)


def _play(desk: Desk, conductor: Conductor, *, again: bool, lines: list[str] | None) -> None:
    from psfir.app.drill_run_lead import Lead, Seat
    from psfir.rehearsal import deeds
    from psfir.rehearsal.told import line

    folder, state = conductor.folder, conductor.state
    if state.over:
        return
    if again and state.started is not None:
        first = conductor.take_up(me())
    else:
        pace = Fraction(folder.about["speed"])
        first = conductor.do(deeds.start(conductor.scenario, by=me(), cut=folder.about["cut"], speed=pace))
    if folder.about["solo"]:
        from psfir.cli.drill_run_solo import alone

        alone(desk, conductor, lines=lines if lines is not None else typed())
        return

    def say(text: str) -> None:
        desk.say(text)
        desk.event("line", {"says": text})

    leading = Lead(conductor, Seat(me(), desk.door(), say))
    for text in (
        conductor.scenario.safety.banner,
        f"{folder.name}: psfir drill join {folder.name} --role ROLE --name YOU",
    ):
        say(text)
    say(line(conductor.state, first))
    leading.listen(lines if lines is not None else typed())
    leading.run()


def _ended(desk: Desk, conductor: Conductor) -> None:
    """Broken off if its leader was; then recorded, once."""
    from psfir.app.drill_run_record import live, record
    from psfir.rehearsal import deeds
    from psfir.rehearsal.told import ending

    if conductor.state.started is None:
        return
    if not conductor.state.over:
        conductor.do(deeds.abort(conductor.state, by=me(), why="whoever led it was stopped"))
    folder = conductor.folder
    entry = record(live(folder, desk.door()), folder, conductor.state, conductor.entries)
    said: dict[str, Json] = {"run": folder.name, "over": conductor.state.over, **(entry.data or {})}
    for text in (*ending(conductor.state), f"recorded as entry {entry.seq} of {folder.live}"):
        desk.say(text)
    desk.event("result", {"schema": "psfir.out.drill.run/1", **said})


def typed() -> Iterator[str]:
    """What is typed, or comes through a pipe, line by line."""
    while sys.stdin is not None and (one := sys.stdin.readline()):
        yield one.rstrip("\n")


def led(desk: Desk, name: str) -> RunFolder:
    """The run that is meant, by somebody who may lead it: who plays may not, since that writes into the live record."""
    from psfir.app.drill_run_home import DRILL, joined

    if joined(os.environ) is not None:
        raise Refusal("this shell plays in a drill and leads none", todo=f"lead it from another one, without {DRILL}")
    return found(desk, name)


def found(desk: Desk, name: str) -> RunFolder:
    """The run that is meant, also from within its own shell."""
    from psfir.app.drill_run_folder import run_of
    from psfir.app.drill_run_home import joined
    from psfir.app.lint import root_of

    inside = joined(os.environ)
    if inside is not None:
        return run_of(inside.parents[3], name or str(inside.parent))
    return run_of(root_of(desk.workspace, (), os.environ), name)


def me() -> str:
    """Whoever leads, as the log names them."""
    from psfir.app.identity import login

    return os.environ.get("PSFIR_ME", "").strip() or login()


def _speed(text: str) -> Fraction | None:
    try:
        found_speed = Fraction(text) if text else None
    except (ValueError, ZeroDivisionError):
        found_speed = Fraction(0)
    if found_speed is not None and found_speed <= 0:
        raise UsageError(f"--speed {text} is no speed", todo="1, 4 or 3/2")
    return found_speed
