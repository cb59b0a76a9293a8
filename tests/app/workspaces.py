"""A small workspace on the memory estate, as files, for tests that run the real commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from psfir.vendors.memory import Estate

PEOPLE = """\
schema: psfir.workspace/1
name: Test
people:
  dana: {name: Dana, roles: [on_call]}
  lee: {name: Lee, roles: [incident_commander]}
"""
"""How each psfir.yaml of these tests begins."""

PSFIR_YAML = (
    PEOPLE
    + """\
connections:
  estate: {kind: memory, path: .psfir/estate.json}
systems:
  assistant: {title: Assistant, owner: lee, vendors: [acme], runbooks: {disable: "off"}}
"""
)

SDKS = {"boto3", "botocore", "kubernetes", "ldclient", "psycopg", "slack_sdk", "jinja2"}
_MARK = "loaded:"
_NOTING = f"""
import sys
try:
    from psfir.cli.main import main
    main()
finally:
    print("{_MARK}", *sorted({{name.partition(".")[0] for name in sys.modules}}))
"""

RUNBOOK = """\
schema: psfir.runbook/1
id: "off"
title: Off
system: assistant
mode: disable
approval: {kill: 1, restore: 1, mistake: 10m}
capture:
  - source: memory
    target: {connection: estate, switch: flag}
steps:
  - id: stop
    ladder:
      - lever: memory.switch
        target: {connection: estate, switch: flag}
        set: {"on": false}
        within: 600ms
      - lever: memory.switch
        target: {connection: estate, switch: gateway}
        set: {"on": false}
        within: 5s
verify:
  - probe: memory
    target: {connection: estate, switch: gateway}
    expect: {state: {"on": false}}
    times: 2
    every: 20ms
    within: 10s
    soak: SOAK
"""

SWITCHES: dict[str, dict[str, Any]] = {
    "flag": {"state": {"on": True}, "faults": {"refuse": "approval required"}},
    "gateway": {"state": {"on": True}, "replicas": 2},
}


def lay_out(
    root: Path, *, switches: Mapping[str, Mapping[str, Any]] = SWITCHES, soak: str = "100ms", runbook: str = RUNBOOK
) -> Estate:
    """The workspace in `root`; the estate as it begins."""
    (root / "runbooks").mkdir(parents=True, exist_ok=True)
    (root / ".psfir").mkdir(exist_ok=True)
    (root / "psfir.yaml").write_text(PSFIR_YAML)
    (root / "runbooks" / "off.yaml").write_text(runbook.replace("SOAK", soak))
    return Estate.create(root / ".psfir" / "estate.json", switches)


def environment(root: Path, me: str = "dana") -> dict[str, str]:
    """What the commands are given; nothing of the machine's own settings."""
    wanted = ("PATH", "COV", "PYTHON", "LANG", "PSFIR_TEST_")
    kept = {key: value for key, value in os.environ.items() if key.startswith(wanted)}
    return {**kept, "HOME": str(root), "PSFIR_ME": me}


def psfir(root: Path, *words: str, me: str = "dana", stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """One real command in that workspace."""
    return _run(root, "-m", "psfir", *words, me=me, stdin=stdin)


def noting_sdks(root: Path, *words: str) -> tuple[subprocess.CompletedProcess[str], set[str]]:
    """The same, and which SDKs of vendors and templates it had loaded by its end."""
    done = _run(root, "-c", _NOTING, *words)
    line = next(line for line in done.stdout.splitlines()[::-1] if line.startswith(_MARK))
    return done, SDKS & set(line.removeprefix(_MARK).split())


def sdks(root: Path, *words: str) -> set[str]:
    return noting_sdks(root, *words)[1]


def _run(root: Path, *words: str, me: str = "dana", stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=root,
        env=environment(root, me),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def result(run: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The last JSON line of a command."""
    found: dict[str, Any] = json.loads(run.stdout.strip().splitlines()[-1])
    return found
