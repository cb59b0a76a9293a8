"""`psfir kill` of one http.request rung with one probe, beside a script that somebody wrote by hand for the same."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

from benchmarks.frame import Figure, Pair, command, compare, psfir

AIM = 1.5
HERE = Path(__file__).parent

WORKSPACE = """\
schema: psfir.workspace/1
name: Bench
people:
  dana: {{name: Dana, roles: [on_call]}}
connections:
  gw: {{kind: http, url: "{url}"}}
systems:
  assistant: {{title: Assistant, owner: dana, runbooks: {{disable: one}}}}
"""

RUNBOOK = """\
schema: psfir.runbook/1
id: one
title: One rung
system: assistant
mode: disable
steps:
  - id: stop
    ladder:
      - lever: http.request
        target:
          connection: gw
          read: {path: /state, pointer: /enabled}
          apply: {method: PUT, path: /state, body: {enabled: "${value}"}}
        set: {value: false}
        within: 10s
verify:
  - probe: http
    target: {connection: gw, path: /health}
    expect: {json: {enabled: false}}
    times: 1
    soak: 0s
"""


def figures() -> list[Figure]:
    server = subprocess.Popen([sys.executable, str(HERE / "server.py")], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        with TemporaryDirectory() as folder:
            return [_figure(Path(folder), url)]
    finally:
        server.terminate()
        server.wait()


def _figure(root: Path, url: str) -> Figure:
    (root / "runbooks").mkdir()
    (root / "psfir.yaml").write_text(WORKSPACE.format(url=url))
    (root / "runbooks" / "one.yaml").write_text(RUNBOOK)
    env = {"PATH": os.environ["PATH"], "HOME": str(root), "PSFIR_ME": "dana"}
    kill = command([psfir(), "kill", "assistant", "--yes", "-w", str(root)], cwd=root, env=env)

    def ours() -> None:
        _ask(url, "/reset")
        kill()

    ours()
    requests = _ask(url, "/requests").split()
    record = root / ".psfir" / "record.sqlite3"
    with sqlite3.connect(record) as db:
        rows = db.execute("SELECT count(*) FROM entries").fetchone()[0]
    peer_command = command(
        [sys.executable, str(HERE / "peer_kill.py"), str(root), url, str(rows), *requests], cwd=root, env=env
    )

    def peer() -> None:
        _ask(url, "/reset")
        peer_command()

    name = f"kill: one rung, one probe, {len(requests)} requests of 20 ms, {rows} rows"
    return compare(Pair(name, ours, "a script by hand", peer, AIM), runs=15)


def _ask(url: str, path: str) -> str:
    with urlopen(url + path) as answer:
        text: str = answer.read().decode()
        return text
