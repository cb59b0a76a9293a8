"""Linting a runbook of 1,000 steps beside the C YAML loader's own parse of the same text."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from benchmarks.frame import Figure, Pair, compare
from psfir.app.catalog import installed_catalog
from psfir.loading.lint import lint_workspace

AIM = 3.0
STEPS = 1000

WORKSPACE = """\
schema: psfir.workspace/1
name: Bench
people:
  dana: {name: Dana, roles: [on_call]}
  lee: {name: Lee, roles: [owner]}
connections:
  gw: {kind: http, url: https://gateway.example.com, network: one}
  estate: {kind: memory, path: .psfir/estate.json, network: two}
systems:
  assistant: {title: Assistant, owner: lee, runbooks: {disable: big}}
"""

HEAD = """\
schema: psfir.runbook/1
id: big
title: A thousand steps
system: assistant
mode: disable
steps:
"""

STEP = """\
  - id: step-{i}
    title: Stop part {i}
    ladder:
      - lever: http.request
        target:
          connection: gw
          read: {{path: /v1/{i}, pointer: /enabled}}
          apply: {{method: PUT, path: /v1/{i}, body: {{enabled: "${{value}}"}}}}
        set: {{value: false}}
        within: 100ms
"""

TAIL = """\
verify:
  - probe: memory
    target: {connection: estate, switch: assistant}
    expect: {state: {"on": false}}
"""


def figures() -> list[Figure]:
    text = HEAD + "".join(STEP.format(i=i) for i in range(STEPS)) + TAIL
    catalog = installed_catalog()
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "runbooks").mkdir()
        (root / "psfir.yaml").write_text(WORKSPACE)
        path = root / "runbooks" / "big.yaml"
        path.write_text(text)

        def ours() -> None:
            report = lint_workspace(root, paths=[path], catalog=catalog, today=date(2026, 1, 1))
            errors = [problem for problem in report.problems if not problem.warning]
            if errors or "big" not in report.budgets:
                raise RuntimeError(f"the runbook should be sound: {errors[:3]}")

        def peer() -> None:
            yaml.load(text, Loader=yaml.CSafeLoader)

        pair = Pair(f"lint: {STEPS} steps, {len(text) // 1000} kB", ours, "the C YAML loader's parse", peer, AIM)
        return [compare(pair, runs=7)]
