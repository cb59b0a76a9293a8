"""`psfir kill` of one rung with one probe, over HTTP and on Kubernetes, beside a script that somebody wrote by hand."""

from __future__ import annotations

import os
import sqlite3
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

from benchmarks.frame import Figure, Pair, command, compare, psfir, serving

HERE = Path(__file__).parent

WORKSPACE = """\
schema: psfir.workspace/1
name: Bench
people:
  dana: {{name: Dana, roles: [on_call]}}
connections:
  gw: {connection}
systems:
  assistant: {{title: Assistant, owner: dana, runbooks: {{disable: one}}}}
"""

HEAD = """\
schema: psfir.runbook/1
id: one
title: One rung
system: assistant
mode: disable
"""

OVER_HTTP = """\
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


ON_KUBERNETES = """\
steps:
  - id: stop
    ladder:
      - lever: kubernetes.replicas
        target: {connection: gw, namespace: bench, deployment: agent}
        set: {replicas: 0}
        within: 10s
verify:
  - probe: kubernetes.pods
    target: {connection: gw, namespace: bench, deployment: agent}
    expect: {pods: 0}
    times: 1
    soak: 0s
"""

KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: here
contexts: [{{name: here, context: {{cluster: here, user: me}}}}]
clusters: [{{name: here, cluster: {{server: "{url}"}}}}]
users: [{{name: me, user: {{token: bench-token-for-nobody}}}}]
"""


@dataclass(frozen=True)
class Case:
    """One kill: what the server is, how psfir reaches it, what it pulls, and what it is held to."""

    name: str
    server: str
    connection: str
    runbook: str
    peer: str
    aim: float


CASES = (
    Case("kill", "flag", '{{kind: http, url: "{url}"}}', OVER_HTTP, "a script by hand", 1.5),
    Case(
        "kill on Kubernetes",
        "kubernetes",
        "{{kind: kubernetes, kubeconfig: kubeconfig}}",
        ON_KUBERNETES,
        "the official ApiClient, one request after the other",
        1.2,
    ),
)


def figures() -> list[Figure]:
    return [_measured(case) for case in CASES]


def _measured(case: Case) -> Figure:
    with serving("-m", "benchmarks.server", case.server) as url, TemporaryDirectory() as folder:
        return _figure(case, Path(folder), url)


def _figure(case: Case, root: Path, url: str) -> Figure:
    (root / "runbooks").mkdir()
    (root / "psfir.yaml").write_text(WORKSPACE.format(connection=case.connection.format(url=url)))
    (root / "runbooks" / "one.yaml").write_text(HEAD + case.runbook)
    if case.server == "kubernetes":
        (root / "kubeconfig").write_text(KUBECONFIG.format(url=url))
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

    name = f"{case.name}: one rung, one probe, {len(requests)} requests of 20 ms, {rows} rows"
    return compare(Pair(name, ours, case.peer, peer, case.aim), runs=15)


def _ask(url: str, path: str) -> str:
    with urlopen(url + path) as answer:
        text: str = answer.read().decode()
        return text
