"""A long incident, made of a real one: what a run with its probes, people and playbook leaves in the record."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.frame import command, psfir
from benchmarks.kill import HEAD, OVER_HTTP, WORKSPACE
from psfir.domain.canon import Json
from psfir.domain.entries import Draft, Entry
from psfir.domain.kinds import Kind
from psfir.records.sqlite import SqliteJournal

_ABOUT = ("a", "b", "c", "d", "e")


def kill(root: Path, url: str) -> list[Entry]:
    """A workspace with one rung and one probe, and what its first kill leaves in the record."""
    (root / "runbooks").mkdir()
    (root / "psfir.yaml").write_text(WORKSPACE.format(connection=f'{{kind: http, url: "{url}"}}'))
    (root / "runbooks" / "one.yaml").write_text(HEAD + OVER_HTTP)
    command([psfir(), "kill", "assistant", "--yes", "-w", str(root)], cwd=root, env=env(root))()
    with SqliteJournal(root / ".psfir" / "record.sqlite3") as journal:
        return list(journal.read())


def env(root: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(root), "PSFIR_ME": "dana"}


def drafts(real: Sequence[Entry], length: int) -> Iterator[Draft]:
    """The entries of a kill up to where its probes begin, then as many others as make up `length`.

    Of ten, seven are a probe's sights, one a look at the rung, one a note and one a tick of a playbook.
    """
    begun = next(number for number, one in enumerate(real) if one.kind == Kind.VERIFIED) + 1
    run = next(str(one.data["run"]) for one in real if one.kind == Kind.RUN_STARTED and one.data)
    for one in real[:begun]:
        yield Draft(
            datetime.fromisoformat(one.at), one.incident, one.actor, one.channel, Kind(one.kind), one.data or {}
        )
    at = datetime.fromisoformat(real[begun - 1].at)
    for number in range(length - begun):
        at += timedelta(milliseconds=250)
        kind, data = _later(number, run)
        yield Draft(at, real[0].incident, "asserted:dana", "cli", kind, data)


def _later(number: int, run: str) -> tuple[Kind, dict[str, Json]]:
    turn = number % 10
    if turn == 7:
        return Kind.VERIFIED, {"run": run, "step": "stop", "rung": 0, "held": "held", "says": "/enabled is false"}
    if turn == 8:
        return Kind.NOTE, {"text": f"the queue is down to {number} and still falling", "about": "note"}
    if turn == 9:
        step = f"step-{number // 10 % 30}"
        return Kind.TICKED, {"playbook": "harmful-output", "step": step, "state": "done", "reason": ""}
    held = "held" if number // 10 % 2 else "not_held"
    sights: list[Json] = [
        {"replica": f"http://10.0.0.{part}:8080", "held": held, "says": f"answered 200, assistant is {number}"}
        for part in range(2)
    ]
    return Kind.SEEN, {"run": run, "probe": f"probe-{_ABOUT[turn % 5]}", "phase": "probes", "sights": sights}
