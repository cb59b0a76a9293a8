"""`python -m benchmarks.soak [SECONDS]`: systems killed, verified and restored from four processes while things break.

The record is in PostgreSQL; its server crashes, freezes and is cut off, and the levers refuse, hang and lie, at random.
Every verdict is held against the world it speaks of. Printed are counts; anything untrue ends it with exit code 1.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from threading import Event
from typing import Any

from psfir.app.session import Door, open_session
from psfir.cli.main import main as psfir
from psfir.domain.entries import check
from psfir.vendors.memory import Estate
from tests.cli.fleets import Fleet, names
from tests.postgres import Cluster
from tests.records.stores import laid

SYSTEMS, PROCESSES = 20, 4
FAULTS: list[dict[str, Any]] = [{}, {}, {}, {"refuse": "approval required"}, {"hang": 30.0}, {"lie": True}]
NONE = {"refuse": None, "hang": None, "lie": None}
MEMORY = 64 * 1024
"""Kilobytes by which a process may grow between its first quarter and its end."""
PAUSE = Event()


class Actor:
    """One process: takes a system nobody else has at the moment, and does with it what people do."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.random = random.Random(seed)  # noqa: S311 - no secret: the same seed breaks the same things
        self.counts: Counter[str] = Counter()
        self.untrue: list[str] = []
        self.estate = Estate(root / ".psfir" / "estate.json")

    def work(self, seconds: float) -> dict[str, Any]:
        end, first = time.monotonic() + seconds, 0
        quarter = time.monotonic() + seconds / 4
        while time.monotonic() < end:
            with self._one() as system:
                if system:
                    self._cycle(system)
            if not first and time.monotonic() > quarter:
                first = _resident()
        return {"counts": self.counts, "untrue": self.untrue, "memory": [first or _resident(), _resident()]}

    @contextmanager
    def _one(self) -> Iterator[str]:
        name = self.random.choice(names(SYSTEMS))
        with (self.root / f"{name}.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield ""
            else:
                yield name

    def _cycle(self, system: str) -> None:
        self.estate.fault(system, **(NONE | self.random.choice(FAULTS)))
        done = self._do("kill", system, "--yes")
        if done is None:
            return
        self._true(system, "kill", done)
        self.estate.fault(system, **NONE)
        if self.random.random() < 0.5 and (looked := self._do("verify", done["incident"])):
            self._true(system, "verify", looked)
        self._do("restore", done["incident"], "--yes")

    def _true(self, system: str, deed: str, done: dict[str, Any]) -> None:
        off = self.estate.read(system, within=5.0).state == {"on": False}
        verdict = done["verdict"]
        self.counts[f"{deed} {verdict}"] += 1
        # Partly contained says neither: one probe saw it off and another could not yet.
        if off is not {"contained": True, "not_contained": False}.get(verdict, off):
            self.untrue.append(f"{deed} of {system} says {verdict}, and it is {'off' if off else 'on'}")

    def _do(self, *words: str) -> dict[str, Any] | None:
        """Its result; None where it was refused, since the record was away or there was nothing to do."""
        out, err = io.StringIO(), io.StringIO()
        code = 0
        with redirect_stdout(out), redirect_stderr(err):
            try:
                psfir([*words, "--json"])
            except SystemExit as ended:
                code = int(ended.code or 0)
        self.counts[words[0]] += 1
        if "a bug in psfir" in err.getvalue():
            self.untrue.append(err.getvalue())
        last = json.loads(out.getvalue().strip().splitlines()[-1]) if out.getvalue().strip() else {}
        if last.get("event") != "result":
            self.counts[f"{words[0]} refused ({code})"] += 1
            return None
        return dict(last)


def _resident() -> int:
    """Kilobytes now, not at most."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() // 1024


def breaking(server: Cluster, name: str, seconds: float) -> Counter[str]:
    """Something happens to the server every few seconds."""
    chance, counts, end = random.Random(1), Counter[str](), time.monotonic() + seconds  # noqa: S311 - as above
    while time.monotonic() < end:
        PAUSE.wait(min(chance.uniform(2, 8), max(0.0, end - time.monotonic())))
        how = chance.choice(["frozen", "cut off", "crashed"])
        counts[how] += 1
        if how == "crashed":
            server.stop(crash=True)
            server.start()
            continue
        with server.frozen() if how == "frozen" else server.cut_off(name):
            PAUSE.wait(chance.uniform(0.3, 2.0))
    return counts


def soak(root: Path, server: Cluster, seconds: float) -> int:
    place = laid(server)
    estate = Fleet(root, SYSTEMS).lay_out()
    words = root / "psfir.yaml"
    words.write_text(words.read_text(encoding="utf-8") + f"store: {place}\n", encoding="utf-8")
    for book in (root / "runbooks").iterdir():
        text = book.read_text(encoding="utf-8").replace("soak: 0s", "soak: 300ms")
        text = text.replace("within: 20s", "within: 1s").replace("times: 1", "times: 2")
        book.write_text(text, encoding="utf-8")
    env = {**os.environ, "PSFIR_ME": "dana", "PSFIR_WORKSPACE": str(root), "HOME": str(root)}
    command = [sys.executable, "-m", "benchmarks.soak", str(seconds), str(root)]
    actors = [
        subprocess.Popen([*command, str(seed)], env=env, stdout=subprocess.PIPE, text=True) for seed in range(PROCESSES)
    ]
    broken = breaking(server, place.rpartition("/")[2], seconds)
    told = [json.loads(actor.communicate(timeout=300)[0].splitlines()[-1]) for actor in actors]
    for name in names(SYSTEMS):
        estate.fault(name, **NONE)
    return report(root, told, broken)


def report(root: Path, told: list[dict[str, Any]], broken: Counter[str]) -> int:
    counts: Counter[str] = sum((Counter(one["counts"]) for one in told), Counter())
    untrue = [line for one in told for line in one["untrue"]]
    door = Door(env={"PSFIR_ME": "dana", "HOME": str(root)})
    open_session(door, workspace=root).close()
    session = open_session(door, workspace=root)
    entries = list(session.journal.read())
    runs = [run for incident in session.incidents() for run in incident.runs.values()]
    left = [run.id for run in runs if run.ended is None]
    flaw = check(entries)
    spools = list((root / ".psfir" / "spool").glob("*.jsonl"))
    session.close()
    grown = [after - before for before, after in (one["memory"] for one in told)]
    say = sys.stdout.write
    for name, count in sorted(counts.items()):
        say(f"{count:6}  {name}\n")
    say(
        f"server: {dict(broken)}\n{len(entries)} entries, {len(runs)} runs, chain {'whole' if flaw is None else flaw}\n"
    )
    say(f"left running: {left or 'none'}; spools left: {len(spools)}; processes grew by {grown} kB\n")
    for line in untrue:
        say(f"UNTRUE: {line}\n")
    return int(bool(untrue or flaw or left or spools or max(grown) > MEMORY))


def main(words: list[str]) -> int:
    seconds = float(words[0]) if words else 180.0
    if len(words) == 3:
        sys.stdout.write(json.dumps(Actor(Path(words[1]), int(words[2])).work(seconds)) + "\n")
        return 0
    server = Cluster()
    try:
        with tempfile.TemporaryDirectory(prefix="psfir-soak-") as folder:
            return soak(Path(folder) / "work", server, seconds)
    finally:
        server.remove()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
