"""The demo on a tiny estate: a file that stands for production, with a flag vendor that refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psfir.app.demo import FIRST, SYSTEM, tiny
from psfir.cli import show
from psfir.cli.demo_stage import DECLARE, KILL, Act, Stage, ended_whole, outcome, resolved, second_yes, way_here
from psfir.cli.desk import Desk


def play(desk: Desk, folder: Path) -> int:
    laid = tiny(folder)
    desk.say(show.heading("A support assistant answers customers, and has begun to promise refunds nobody authorised."))
    desk.say(f"workspace: {laid.root}")
    stage = Stage(desk, laid)
    with ended_whole():
        told = _acts(stage)
    desk.result("demo", told)
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
    return 0 if told["good"] else 1


def _acts(stage: Stage) -> dict[str, Any]:
    stage.play(Act("Say that something is wrong, and since when.", (*DECLARE, "--since", "3m")))
    stage.play(Act("Contain it. The flag vendor will refuse: watch the next rung.", KILL))
    incident = stage.incident()
    stage.play(
        Act("Put it back? That takes two people, and one has said yes.", ("restore", incident.id, "--yes"), code=3)
    )
    stage.play(second_yes(stage.laid, stage.incident()))
    stage.play(Act("Now it may go back on.", ("restore", incident.id, "--yes")))
    stage.play(resolved(incident))
    stage.play(Act("Nobody has altered the record.", ("audit", "verify")))
    stage.play(Act("And this is what it says.", ("incident", "show", incident.id)))
    return outcome(stage)
