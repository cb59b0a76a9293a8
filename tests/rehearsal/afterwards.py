"""Drills that were played, as a report is handed them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from psfir.app.clock import RealClock
from psfir.app.store import open_file
from psfir.domain import instants
from psfir.domain.canon import digest_bytes
from psfir.domain.entries import Draft
from psfir.domain.kinds import Kind
from psfir.domain.values import remade
from psfir.rehearsal import deeds
from psfir.rehearsal.report.material import Material
from psfir.rehearsal.words import Axis, Rating
from tests.rehearsal.plays import FULL, play
from tests.rehearsal.runs import EPOCH, Drill

FUNCTIONAL = FULL.replace("levers: none", "levers: range").replace(
    "duration: 1h", "duration: 1h\nlevel: functional\nsystems: [support-assistant]"
) + ('hot_wash: ["What told you?", "What was missing?"]\n')


def told(drill: Drill, **more: Any) -> Material:
    """What is known of it; digests of files that are not there are made up."""
    bare = Material(
        "RUN-20270115-k7q2xa", drill.scenario, "sha256:s", tuple(drill.log), "sha256:l", tuple(drill.record)
    )
    return remade(bare, **more)


def pulled(drill: Drill, lever: str = "memory.switch", held: str = "held", *, run: str = "r1") -> None:
    """One rung: half a second for its call, a whole one until it was seen."""
    spot = {"run": run, "step": "off", "rung": 0, "attempt": 1}
    drill.happens(Kind.INTENDED, **spot, act="apply", change={"lever": lever})
    drill.now += 0.5
    drill.happens(Kind.ENDED, **spot, result="changed", says="", found=None, took=0.5)
    drill.now += 0.5
    drill.happens(Kind.VERIFIED, run=run, step="off", rung=0, held=held, says="")


def good(folder: Path, text: str = FUNCTIONAL) -> Drill:
    """Declared after a minute, decided after three, contained and proven after five, a message after ten."""
    drill = Drill(play(folder, text))
    drill.do(deeds.join(drill.state, "lead", "ada"))
    drill.do(deeds.join(drill.state, "desk", "finn"))
    drill.wait(60)
    drill.happens(
        Kind.DECLARED, systems=["support-assistant"], severity="sev2", case="", trigger={"at": "", "source": ""}
    )
    drill.wait(120)
    drill.kill()
    pulled(drill)
    drill.wait(119)
    drill.verdict("r1", "contained", "probes")
    drill.wait(70)
    drill.do(deeds.answer(drill.state, "ask", "desk", ["The truth"], by="finn"))
    drill.do(deeds.observe(drill.state, Rating.P, "Roles were clear at once", by="fay", axis=Axis.ACTIVATE))
    drill.wait(230)
    drill.happens(Kind.SENT, message="M1", channel="status", result="sent", says="", attempt=1)
    drill.wait(3600)
    return drill


def poor(folder: Path, text: str = FUNCTIONAL) -> Drill:
    """Nothing is contained, and what is declared comes too late."""
    drill = Drill(play(folder, text))
    drill.wait(400)
    drill.happens(
        Kind.DECLARED, systems=["support-assistant"], severity="sev2", case="", trigger={"at": "", "source": ""}
    )
    drill.do(deeds.observe(drill.state, Rating.U, "Nobody led", by="fay", axis=Axis.ACTIVATE))
    drill.wait(4000)
    return drill


def kept(
    root: Path,
    drill: Drill,
    text: str = FUNCTIONAL,
    *,
    run: str = "RUN-20270115-k7q2xa",
    level: str = "functional",
) -> Path:
    """The folder that a run leaves behind in a workspace, with the record of its own."""
    folder = root / ".psfir" / "drills" / run
    (folder / "ws" / ".psfir").mkdir(parents=True)
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    about = {"run": run, "scenario": drill.scenario.id, "digest": digest_bytes(text.encode()), "level": level}
    started = instants.write(EPOCH + timedelta(microseconds=drill.log[0].real))
    (folder / "run.json").write_text(json.dumps({**about, "cut": "", "started": started}), encoding="utf-8")
    lines = (json.dumps(one.to_json()) for one in drill.log)
    (folder / "log.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    journal, _ = open_file(folder / "ws" / ".psfir" / "record.sqlite3", RealClock(), wait=1)
    try:
        for one in drill.record:
            at, data = instants.read(one.at), one.data or {}
            journal.append([Draft(at, one.incident, one.actor, one.channel, Kind(one.kind), data)])
    finally:
        journal.close()
    return folder
