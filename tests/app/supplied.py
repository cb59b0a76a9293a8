"""A team's own workspace for tests: the reference with every name another one, a gate of their own, and odd things."""

from __future__ import annotations

import re
from pathlib import Path
from shutil import rmtree

from psfir.app.demo_range import quicker
from psfir.app.init import lay_out

SYSTEM, GATE = "claims-helper", "claims-gate"
_NAMES = (
    ("support-assistant", SYSTEM),
    ("support-agent", "claims-bot"),
    ("support-answers", "claims-answers"),
    ("support-digest", "claims-nightly"),
    ("support-static", "claims-static"),
    ("ingress: support", "ingress: claims-front"),
    ("assistants", "claims"),
    ("production", "live"),
    ("gateway_", "claims_"),
    ("LAUNCHDARKLY_", "CLAIMS_FLAGS_"),
)
_CONNECTIONS = (
    ("flags-trigger", "ld-backup"),
    ("prod-eu", "cluster-1"),
    ("aws-prod", "aws-main"),
    ("flags", "ld"),
    ("assistant", "site"),
    ("metrics", "prom"),
)
_QUICKER_STILL = (
    ("[3s]", "[1s]"),
    ("soak: 3s", "soak: 200ms"),
    ("every: 300ms", "every: 100ms"),
)
_MORE = """\
  # Of the team's own making.
  gate:
    kind: http
    url: https://gate.example.com/api
    token: file:gate-token
    headers: {X-Team: "env:CLAIMS_GATE_TEAM"}
    vendor: own
  aws-us: {kind: aws, region: us-east-1, account: "210987654321"}
  cluster-2: {kind: kubernetes, context: prod-us}
  toggles: {kind: unleash, url: "https://unleash.example.com", token: "env:UNLEASH_TOKEN", client_token: "file:client"}
  llm:
    kind: litellm
    url: https://llm.example.com
    token: env:LITELLM_ADMIN
    replicas: ["https://llm-1.example.com", "https://llm-2.example.com"]
  flag-file: {kind: flagd, file: flags/claims.json}
  kill-tool: {kind: command, argv: [/usr/local/bin/claims-kill, --site, eu], env: [LANG]}
"""
_FLAGS = """\
{
  "flags": {"claims-helper": {"state": "ENABLED", "variants": {"live": true, "off": false}, "defaultVariant": "live"}}
}
"""
_SYSTEM = """\
  claims-gate:
    title: Gate before the claims
    owner: finn
    runbooks: {disable: claims-gate-off}
"""
_GATE_OFF = """\
schema: psfir.runbook/1
id: claims-gate-off
title: Shut the gate
system: claims-gate
mode: disable
approval: {kill: 1, restore: 2}
steps:
  - id: shut
    ladder:
      - lever: http.request
        target:
          connection: gate
          read: {path: /gate, pointer: /open}
          apply: {method: POST, path: /gate/moves, body: {set: "${value}"}}
        set: {value: false}
        within: 10s
  - id: no-tools
    ladder:
      - lever: http.request
        target:
          connection: gate
          read: {path: "/tools?team=claims", pointer: /mode}
          apply: {method: PUT, path: "/tools/${value}"}
          restore: {method: DELETE, path: /tools/limit}
        set: {value: none}
        within: 10s
verify:
  - id: shut
    probe: http
    target: {connection: gate, path: /health}
    expect: {status: 503, text: closed for claims}
    times: 2
    every: 50ms
    within: 20s
    soak: 100ms
  - id: says-shut
    probe: http
    target: {connection: gate, path: /gate}
    expect: {json: {open: false}, not_text: welcome}
    times: 2
    every: 50ms
    within: 20s
    soak: 100ms
  - id: queue-stands
    probe: prometheus
    target: {connection: gate, query: 'claims_queue_open{team=~"a|b"}'}
    expect: {equals: 0}
    times: 2
    every: 50ms
    within: 20s
    soak: 100ms
"""


def own_workspace(root: Path) -> Path:
    """Nothing in it is called as it is on the range itself, which is beside it, in the folder `range`."""
    lay_out(root, reference=True)
    rmtree(root / "drills")  # they rehearse another system
    for path in sorted((root / "runbooks").rglob("*.yaml")):
        text = renamed(quicker(path.read_text()))
        for slow, quick in _QUICKER_STILL:
            text = text.replace(slow, quick)
        text = re.sub(r"(    probe: (?:http|kubernetes\.\w+)\n)", r"\1    times: 2\n    every: 50ms\n", text)
        path.write_text(text)
    (root / "runbooks" / "claims-gate-off.yaml").write_text(_GATE_OFF)
    words = renamed((root / "psfir.yaml").read_text())
    words = words.replace("\nsystems:\n", f"{_MORE}\nsystems:\n{_SYSTEM}", 1)
    allowed = root.parent / "range" / "programs" / "kill-tool"
    (root / "psfir.yaml").write_text(f"{words}\ncommands: {{allow: [/usr/local/bin/claims-kill, {allowed}]}}\n")
    (root / "flags").mkdir()
    (root / "flags" / "claims.json").write_text(_FLAGS)
    return root


def renamed(text: str) -> str:
    for name, other in _NAMES:
        text = text.replace(name, other)
    for name, other in _CONNECTIONS:
        text = re.sub(rf"connection: {name}\b(?!-)", f"connection: {other}", text)
        text = re.sub(rf"^  {name}:", f"  {other}:", text, flags=re.MULTILINE)
    return text
