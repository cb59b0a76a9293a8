"""`psfir demo`: the whole of it on a tiny estate, by the very commands a person would type."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from shlex import join, quote
from shutil import which
from sysconfig import get_path
from typing import Any

import click

from psfir.app.demo import FIRST, SECOND, SYSTEM, Demo
from psfir.app.demo import demo as lay_out
from psfir.app.session import Door, Session, open_session
from psfir.cli import show
from psfir.cli.desk import Desk
from psfir.cli.paths import FOLDER
from psfir.domain.incident import Incident
from psfir.domain.plan import Verb
from psfir.domain.timeline import short
from psfir.domain.values import frozen
from psfir.domain.verdict import Verdict

EPILOG = """\b
Examples:
  psfir demo
  psfir demo --dir /tmp/try-psfir --json

\b
Exit codes: 0 contained, proven and restored; 1 some step did not end as it should."""

KILL = ("kill", SYSTEM, "--reason", "promises refunds", "--since", "3m", "--case", "harmful_output", "--yes")


@frozen
class Act:
    """One command of the demo, why it is typed, by whom, and the exit code it must have."""

    why: str
    words: tuple[str, ...]
    who: str = FIRST
    code: int = 0


@click.command(short_help="Kill, prove and restore on a tiny estate.", epilog=EPILOG)
@click.option("--dir", "folder", type=FOLDER, default=Path("psfir-demo"), show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def demo(*, folder: Path, as_json: bool) -> int:
    """Lay out a workspace, kill its assistant, prove it, restore it, and show the record.

    The workspace stays: every other command can be tried on it.
    """
    desk = Desk(None, as_json=as_json)
    laid = lay_out(folder)
    desk.say(show.heading("A support assistant answers customers, and has begun to promise refunds nobody authorised."))
    desk.say(f"workspace: {laid.root}")
    stage = Stage(desk, laid)
    for act in ends(stage.session().incidents()):
        stage.play(act)
    stage.play(Act("Contain it. The flag vendor will refuse: watch the next rung.", KILL))
    incident = stage.incident()
    stage.play(
        Act("Put it back? That takes two people, and one has said yes.", ("restore", incident.id, "--yes"), code=3)
    )
    stage.play(_second_yes(laid, stage.incident()))
    stage.play(Act("Now it may go back on.", ("restore", incident.id, "--yes")))
    stage.play(Act("Nobody has altered the record.", ("audit", "verify")))
    stage.play(Act("And this is what it says.", ("incident", "show", incident.id)))
    return _end(desk, stage, folder)


def ends(incidents: Iterable[Incident]) -> list[Act]:
    """What is left open of an earlier demo is ended first: this kill would join it, and its clock."""
    acts = []
    for one in incidents:
        if one.open:
            why = "An earlier demo left this incident open. The estate is laid out anew, so it is ended."
            acts.append(Act(why, ("incident", "resolve", one.id, "--anyway", "an earlier demo"), who=SECOND))
            acts.append(Act("And closed.", ("incident", "close", one.id, "--anyway", "an earlier demo"), who=SECOND))
    return acts


class Stage:
    """Plays acts as real commands in the demo's workspace. Under --json their output is kept quiet."""

    def __init__(self, desk: Desk, laid: Demo) -> None:
        self.acts: list[dict[str, Any]] = []
        self._desk = desk
        self._laid = laid

    def play(self, act: Act) -> None:
        self._desk.say(f"\n{show.heading(act.why)}\n{show.dim(f'{act.who}$')} psfir {join(act.words)}")
        sys.stdout.flush()
        quiet = subprocess.DEVNULL if self._desk.json else None
        done = subprocess.run(  # noqa: S603 - our own program, our own words
            [sys.executable, "-m", "psfir", *act.words],
            cwd=self._laid.root,
            env={**os.environ, "PSFIR_ME": act.who, "PSFIR_WORKSPACE": str(self._laid.root)},
            stdin=subprocess.DEVNULL,
            stdout=quiet,
            stderr=quiet,
            check=False,
        )
        self.acts.append({"who": act.who, "command": join(act.words), "exit": done.returncode, "wanted": act.code})

    @property
    def failed(self) -> bool:
        return any(act["exit"] != act["wanted"] for act in self.acts)

    def session(self) -> Session:
        return open_session(Door(env=os.environ), workspace=self._laid.root)

    def incident(self) -> Incident:
        """The one this demo has opened: the newest."""
        return self.session().incidents()[-1]


def _second_yes(laid: Demo, incident: Incident) -> Act:
    """The other person signs, so that the record can tell them from the first at the same keyboard."""
    restores = [plan for plan in incident.plans.values() if plan.verb is Verb.RESTORE]
    digest = short(restores[-1].digest) if restores else "none"
    if laid.key:
        words = ("approve", digest, "--sign", str(laid.key.relative_to(laid.root)), "--yes")
        return Act(f"{SECOND.capitalize()} looks at the plan and signs.", words, who=SECOND)
    loud = ("approve", digest, "--break-glass", "--reason", "a demo where no SSH key can be made", "--yes")
    return Act("Nobody can sign here: break the glass, loudly.", loud)


def way_here() -> list[str]:
    """What makes a shell find this psfir, where it would find another one or none."""
    script = Path(get_path("scripts")) / "psfir"
    found = which("psfir")
    if not script.is_file() or (found and Path(found).resolve() == script.resolve()):
        return []
    return [f"export PATH={quote(str(script.parent))}:$PATH"]


def _end(desk: Desk, stage: Stage, folder: Path) -> int:
    incident = stage.incident()
    kill = incident.last_kill(SYSTEM)
    verdict = kill.verdict if kill else Verdict.UNKNOWN
    good = not stage.failed and verdict is Verdict.CONTAINED and not incident.standing
    desk.result(
        "demo",
        {
            "workspace": str(folder.resolve()),
            "incident": incident.id,
            "verdict": verdict.value,
            "restored": not incident.standing,
            "acts": stage.acts,
        },
    )
    desk.say(show.heading("\nYours to try:"))
    for line in (
        *way_here(),
        f"cd {folder}",
        f"export PSFIR_ME={FIRST}",
        "psfir",
        f"psfir kill {SYSTEM} --mode degrade",
        "psfir lint",
    ):
        desk.say(f"  {line}")
    return 0 if good else 1
