"""Promise 13: a secret's value reaches no output, no record, no evidence, no spool; whatever echoes it."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import pytest

TOKEN = "canary-token/7f+Q=9"
FILED = "canary-filed-51%x"
CANARIES = (TOKEN, FILED)

WORKSPACE = """\
schema: psfir.workspace/1
name: Canaries
people:
  dana: {{name: Dana, roles: [on_call]}}
  lee: {{name: Lee, roles: [owner]}}
connections:
  gateway:
    kind: http
    url: "{url}"
    token: env:GATEWAY_TOKEN
    headers: {{X-Second: "file:secret.txt"}}
  broken: {{kind: http, url: "{url}", token: env:NOT_SET_ANYWHERE}}
systems:
  assistant: {{title: Assistant, owner: lee, runbooks: {{disable: "off"}}}}
"""

RUNBOOK = """\
schema: psfir.runbook/1
id: "off"
title: Off
system: assistant
mode: disable
approval: {restore: 1}
capture:
  - source: http.get
    target: {connection: gateway, path: /echo}
steps:
  - id: stop
    ladder:
      - lever: http.request
        target: {connection: broken, read: {path: /state}, apply: {method: PUT, path: /state, body: "${value}"}}
        set: {value: 1}
        within: 2s
      - lever: http.request
        target: {connection: gateway, read: {path: /denied}, apply: {method: PUT, path: /denied, body: "${value}"}}
        set: {value: 1}
        within: 2s
      - lever: http.request
        target: {connection: gateway, read: {path: /echo, pointer: /authorization}, apply: {method: PUT, path: /state}}
        set: {value: "x"}
        within: 2s
      - lever: http.request
        target: {connection: gateway, read: {path: /state, pointer: /on}, apply: {method: PUT, path: /refuse}}
        set: {value: false}
        within: 2s
      - lever: http.request
        target:
          connection: gateway
          read: {path: /state, pointer: /on}
          apply: {method: PUT, path: /state, body: {on: "${value}"}}
        set: {value: false}
        within: 5s
verify:
  - probe: http
    target: {connection: gateway, path: /echo}
    expect: {text: "nothing says this"}
    times: 1
    within: 1s
    each: 1s
    soak: 0s
"""


class Echo(BaseHTTPRequestHandler):
    """The worst of servers: it says back what it was sent, in every answer, also in errors."""

    state: dict[str, object] = {"on": True}  # noqa: RUF012 - one server a test

    def do_GET(self) -> None:
        if self.path == "/state":
            self.say(200, dict(self.state))
        else:
            self.say(403 if self.path == "/denied" else 200, self.sent())

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/state" and body:
            self.state.update(json.loads(body))
            self.say(200, self.sent())
        else:
            self.say(422, self.sent())

    def sent(self) -> dict[str, object]:
        token = self.headers.get("Authorization", "")
        encoded = base64.b64encode(token.removeprefix("Bearer ").encode()).decode()
        return {"authorization": token, "second": self.headers.get("X-Second"), "url": quote(token), "basic": encoded}

    def say(self, code: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Path]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    Echo.state.update({"on": True})
    Thread(target=server.serve_forever, daemon=True).start()
    (tmp_path / "runbooks").mkdir()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    (tmp_path / "psfir.yaml").write_text(WORKSPACE.format(url=url))
    (tmp_path / "runbooks" / "off.yaml").write_text(RUNBOOK)
    (tmp_path / "secret.txt").write_text(FILED + "\n")
    yield tmp_path
    server.shutdown()
    server.server_close()


def run(root: Path, *words: str) -> str:
    """Everything one command prints."""
    kept = {key: found for key, found in os.environ.items() if key.startswith(("PATH", "COV", "PYTHON"))}
    env = {**kept, "HOME": str(root), "PSFIR_ME": "dana", "GATEWAY_TOKEN": TOKEN}
    command = [sys.executable, "-m", "psfir", *words]
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def forms(secret: str) -> set[str]:
    """The secret in each coat it may wear."""
    encoded = base64.b64encode(secret.encode()).decode()
    return {secret, quote(secret), quote(secret, safe=""), encoded, json.dumps(secret)[1:-1]}


def leaked(text: str) -> list[str]:
    return [form for secret in CANARIES for form in forms(secret) if form in text]


def test_no_command_and_no_file_ever_shows_a_secret(workspace: Path) -> None:
    """Canaries in tokens, headers, answers, errors, states, evidence: every output, every byte on disk is searched."""
    said = {}
    for words in (
        ("plan", "assistant"),
        ("plan", "assistant", "--json"),
        ("kill", "assistant", "--yes", "--reason", f"the token is {TOKEN}"),
        ("kill", "assistant", "--yes", "--json"),
        ("verify", "--json"),
        ("status", "--json"),
        ("incident", "show"),
        ("incident", "show", "--json"),
        ("doctor",),
        ("doctor", "--json"),
        ("audit", "export"),
        ("restore", "--yes", "--json"),
        ("runbook", "show", "off"),
        ("whoami", "--json"),
        ("lint",),
    ):
        said[" ".join(words)] = run(workspace, *words)
    assert {name: leaked(text) for name, text in said.items() if leaked(text)} == {}
    assert "[secret env:GATEWAY_TOKEN]" in said["incident show"]
    assert "rung 5: changed" in said["incident show"]
    for path in (workspace / ".psfir").rglob("*"):
        if path.is_file():
            assert leaked(path.read_bytes().decode("utf-8", "replace")) == [], path


def test_a_secret_written_into_a_file_is_refused_and_not_repeated(workspace: Path) -> None:
    """A literal token in psfir.yaml: lint and kill say where it stands and what to write, never what it is."""
    words = (workspace / "psfir.yaml").read_text()
    (workspace / "psfir.yaml").write_text(words.replace("env:GATEWAY_TOKEN", f'"{TOKEN}"'))
    for command in (("lint",), ("lint", "--json"), ("kill", "assistant", "--yes"), ("doctor",)):
        said = run(workspace, *command)
        assert leaked(said) == []
        assert "never the secret itself" in said


def test_a_secret_too_short_to_be_kept_out_is_refused(workspace: Path) -> None:
    """Three letters cannot be scrubbed without scrubbing half the record: the rung says so and the next is tried."""
    (workspace / "secret.txt").write_text("abc\n")
    assert "shorter than 4 characters" in run(workspace, "kill", "assistant", "--yes")


def test_a_secret_pasted_into_a_note_is_kept_out_as_well(workspace: Path) -> None:
    """No lever was bound by that command, and still the value is known and replaced."""
    assert run(workspace, "incident", "declare", "assistant", "--title", "leak") != ""
    run(workspace, "incident", "note", f"somebody posted {TOKEN} and {FILED}")
    shown = run(workspace, "incident", "show")
    assert "somebody posted [secret env:GATEWAY_TOKEN] and [secret file:secret.txt]" in shown
    assert leaked(shown) == []
