"""One rung and a hundred side by side, beside threads by hand and beside chaostoolkit: the same requests."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

from benchmarks.frame import Absent, Figure, Pair, command, compare, psfir, serving
from benchmarks.peers import CHAOSTOOLKIT, NotHere, installed

HERE = Path(__file__).parent
CHAOS = CHAOSTOOLKIT[0].replace("==", " ")

WORKSPACE = """\
schema: psfir.workspace/1
name: Bench
people:
  dana: {{name: Dana, roles: [on_call]}}
connections:
  gw: {{kind: http, url: "{url}"}}
systems:
  assistant: {{title: Assistant, owner: dana, runbooks: {{disable: many}}}}
"""

HEAD = """\
schema: psfir.runbook/1
id: many
title: Many switches
system: assistant
mode: disable
steps:
"""

STEP = """\
  - id: stop-{i}
    ladder:
      - lever: http.request
        target:
          connection: gw
          read: {{path: /switch/{i}, pointer: /enabled}}
          apply: {{method: PUT, path: /switch/{i}, body: {{enabled: "${{value}}"}}}}
        set: {{value: false}}
        within: 30s
"""

TAIL = """\
verify:
  - probe: http
    target: {connection: gw, path: /health}
    expect: {json: {enabled: false}}
    times: 1
    soak: 0s
"""


@dataclass(frozen=True)
class Size:
    """How many rungs, what ours is held to beside each peer, and how often it is measured."""

    rungs: int
    pool_aim: float
    chaos_aim: float
    runs: int


SIZES = (Size(1, 3.0, 1.3, 9), Size(100, 4.0, 1.0, 5))


def figures() -> list[Figure | Absent]:
    return [figure for size in SIZES for figure in _of(size)]


def _of(size: Size) -> list[Figure | Absent]:
    with serving("-m", "benchmarks.server", "flags") as url, TemporaryDirectory() as folder:
        desk = _Desk(url, Path(folder), size)
        requests = desk.lay_out()
        words = [sys.executable, str(HERE / "peer_pool.py"), url, *requests]
        pool = desk.beside("threads by hand, nothing written down", words, size.pool_aim)
        try:
            chaos = installed(*CHAOSTOOLKIT, program="chaos")
        except NotHere as error:
            return [pool, Absent(desk.name, CHAOS, str(error))]
        experiment = desk.root / "experiment.json"
        many = size.rungs > 1
        experiment.write_text(json.dumps(_experiment(url, requests, background=many)))
        words = [str(chaos), "--no-version-check", "--no-log-file", "run", "--no-validation", str(experiment)]
        how = "all in the background" if many else "in turn"
        return [pool, desk.beside(f"{CHAOS}, {how}", words, size.chaos_aim)]


class _Desk:
    """A workspace with that many rungs, on a server of as many flags."""

    def __init__(self, url: str, root: Path, size: Size) -> None:
        self.root = root
        self.name = ""
        self._url = url
        self._size = size
        self._requests = 0
        env = {"PATH": os.environ["PATH"], "HOME": str(root), "PSFIR_ME": "dana"}
        self._kill = command([psfir(), "kill", "assistant", "--yes", "-w", str(root)], cwd=root, env=env)
        self._status = command([psfir(), "status", "-w", str(root)], cwd=root, env=env)

    def lay_out(self) -> list[str]:
        """The requests of one kill."""
        (self.root / "runbooks").mkdir()
        (self.root / "psfir.yaml").write_text(WORKSPACE.format(url=self._url))
        steps = "".join(STEP.format(i=i) for i in range(self._size.rungs))
        (self.root / "runbooks" / "many.yaml").write_text(HEAD + steps + TAIL)
        self._status()
        (self.root / ".psfir").rename(self.root / "empty")
        self._anew()
        self._kill()
        requests = _ask(self._url, "/requests").split()
        self._requests = len(requests)
        rungs = "1 rung" if self._size.rungs == 1 else f"{self._size.rungs} rungs side by side"
        self.name = f"{rungs}, {self._requests} requests of 20 ms"
        return requests

    def beside(self, peer: str, words: Sequence[str], aim: float) -> Figure:
        theirs = command(words, cwd=self.root)
        pair = Pair(self.name, self._held(self._kill), peer, self._held(theirs), aim, before=self._anew)
        return compare(pair, runs=self._size.runs)

    def _anew(self) -> None:
        """All switches on, and a record that knows nothing."""
        shutil.rmtree(self.root / ".psfir", ignore_errors=True)
        shutil.copytree(self.root / "empty", self.root / ".psfir")
        _ask(self._url, "/reset")

    def _held(self, work: Callable[[], None]) -> Callable[[], None]:
        """That work, held to having made its requests: a run that asked for less is no fast one."""

        def run() -> None:
            work()
            if (made := len(_ask(self._url, "/requests").split())) < self._requests:
                raise RuntimeError(f"{made} requests were made where there should be {self._requests}")

        return run


def _experiment(url: str, requests: Sequence[str], *, background: bool) -> dict[str, object]:
    """The requests as actions of chaostoolkit's own HTTP provider. In the background it keeps no order among them."""
    method = []
    for number, request in enumerate(requests):
        word, _, path = request.partition(":")
        provider: dict[str, object] = {"type": "http", "url": url + path, "method": word, "timeout": 30}
        if word == "PUT":
            provider |= {"headers": {"Content-Type": "application/json"}, "arguments": {"enabled": False}}
        method.append({"type": "action", "name": f"call-{number}", "background": background, "provider": provider})
    return {"title": "Many switches", "description": "Off", "method": method, "rollbacks": []}


def _ask(url: str, path: str) -> str:
    with urlopen(url + path) as answer:
        text: str = answer.read().decode()
        return text
