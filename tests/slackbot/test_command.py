"""`psfir slack`: the manifest with its reasons, the check, and an app that starts only with tokens of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from psfir.app.chat import line, memory
from psfir.app.session import Door, open_session
from psfir.cli.main import main
from psfir.domain.canon import Json
from psfir.domain.chat import ChatApp, Desk, Place
from psfir.domain.message import EXERCISE
from psfir.errors import Denied, Refusal, UsageError
from psfir.range.clock import RangeClock
from psfir.range.faulty import Fault
from psfir.range.server import Reply
from psfir.range.slack.console import TOKEN, SlackConsole
from psfir.slackbot.blocks import told
from psfir.slackbot.doctor import look
from psfir.slackbot.manifest import manifest, scopes
from psfir.slackbot.outgoing import Outgoing
from psfir.slackbot.registry import ACTIONS, COMMANDS
from psfir.slackbot.run import App, serve
from tests.app.incident_kit import StandingClock
from tests.slackbot.seat import HOME, door, workspace

DRILLS = f"""\
  drills: {{kind: slack, token: env:DRILL_TOKEN, app_token: env:DRILL_APP_TOKEN}}
slack: {{connection: chat, home: {HOME}, exercise: {{connection: drills, home: C0DRILLS}}}}
"""


@pytest.fixture
def console() -> Iterator[SlackConsole]:
    with SlackConsole(RangeClock(), say=lambda _: None) as console:
        yield console


def run(root: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["-w", str(root), *words])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_the_manifest_has_the_least_scopes_each_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Socket Mode by default; what is printed is what Slack takes, and the reasons are beside it."""
    workspace(tmp_path, "http://127.0.0.1:1")
    code, out, err = run(tmp_path, capsys, "slack", "manifest")
    made = json.loads(out)
    assert code == 0
    assert made["settings"]["socket_mode_enabled"] is True
    assert "url" not in made["features"]["slash_commands"][0]
    for scope in made["oauth_config"]["scopes"]["bot"]:
        assert f"{scope}: " in err
    assert "connections:write: " in err


def test_the_manifest_for_http_names_the_address(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For commands and for presses; and it has to be https."""
    workspace(tmp_path, "http://127.0.0.1:1")
    code, out, _ = run(tmp_path, capsys, "slack", "manifest", "--url", "https://psfir.example.com/slack", "--json")
    made = json.loads(out)["manifest"]
    assert code == 0
    assert made["settings"]["interactivity"]["request_url"] == "https://psfir.example.com/slack"
    assert made["settings"]["socket_mode_enabled"] is False
    assert run(tmp_path, capsys, "slack", "manifest", "--url", "http://psfir.example.com")[0] == 2


def test_a_thread_needs_fewer_scopes_and_drills_another_app() -> None:
    """No right to channels where none is opened; no two apps with one command."""
    thread = ChatApp(Desk("chat", HOME), incidents=Place.THREAD)
    own = ChatApp(Desk("chat", HOME), private=True)
    assert "channels:manage" not in scopes(thread)
    assert {"channels:manage", "groups:write"} <= set(scopes(own))
    live, drill = manifest(own), manifest(own, exercise=True)
    assert live["features"]["slash_commands"][0]["command"] != drill["features"]["slash_commands"][0]["command"]


def drills(root: Path, **env: str) -> Any:  # noqa: ANN401 - a session
    workspace(root, "http://127.0.0.1:1")
    file = root / "psfir.yaml"
    text = file.read_text()
    parts = DRILLS.split("slack:")
    text = text.replace("systems:\n", f"{parts[0]}systems:\n")
    file.write_text(text[: text.index("slack: {connection")] + f"slack:{parts[1]}")
    given = door(root)
    return open_session(Door({**given.env, **env}), workspace=root)


def test_live_and_drill_never_bear_one_token(tmp_path: Path) -> None:
    """Compared at the start, by what they are and not by where they are kept; then neither starts."""
    apart = drills(tmp_path, DRILL_TOKEN="xoxb-drill-token", DRILL_APP_TOKEN="xapp-drill-token")
    assert line(apart).desk.home == HOME
    assert line(apart, exercise=True).desk.home == "C0DRILLS"
    for same in ({"DRILL_TOKEN": TOKEN}, {"DRILL_APP_TOKEN": "xapp-range"}):
        env = {"DRILL_TOKEN": "xoxb-drill-token", "DRILL_APP_TOKEN": "xapp-drill-token", **same}
        session = drills(tmp_path, **env)
        for exercise in (True, False):
            with pytest.raises(Refusal, match="bear the same"):
                line(session, exercise=exercise)


def test_without_a_block_it_says_what_is_missing(tmp_path: Path) -> None:
    """A slack block; and for drills one of their own."""
    session = workspace(tmp_path, "http://127.0.0.1:1")
    with pytest.raises(UsageError, match="no Slack app for drills"):
        line(session, exercise=True)


def test_the_doctor_finds_what_is_missing(console: SlackConsole, tmp_path: Path) -> None:
    """Scopes by their reasons, the channel, tokens, people without a member id, a clock that is wrong."""
    session = workspace(tmp_path, console.url)
    well = look(session)
    assert [one.what for one in well if one.held != "ok"] == []
    headers = {"X-OAuth-Scopes": "chat:write,commands"}
    body: Json = {"ok": True, "user": "psfir", "team": "range"}
    console.faults.fault(Fault("few", reply=Reply(200, body, headers)), when=lambda asked: "auth.test" in asked.path)
    late = replace(session, clock=StandingClock())
    wrong = "\n".join(one.what for one in look(late) if one.held != "ok")
    assert "channels:history is missing: looks whether" in wrong
    assert "apart" in wrong
    console.faults.heal()
    refused = Fault("refused", reply=Reply(200, {"ok": False, "error": "invalid_auth"}))
    console.faults.fault(refused)
    assert look(session)[0].held == "wrong"


def test_the_app_starts_says_where_it_is_and_ends_when_asked(console: SlackConsole, tmp_path: Path) -> None:
    """As a process of its own, by HTTP; SIGTERM ends it with 0."""
    workspace(tmp_path, console.url)
    env = {**os.environ, **door(tmp_path).env}
    command = [sys.executable, "-m", "psfir", "slack", "run", "--port", "0", "-w", str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=env, stdout=pipe, stderr=pipe, text=True) as app:
        assert app.stdout is not None
        assert "Slack reaches this app at http://127.0.0.1:" in app.stdout.readline()
        assert "is at work for incidents" in app.stdout.readline()
        app.send_signal(signal.SIGTERM)
        assert app.wait(20) == 0


def test_the_page_lists_every_word(root: Path) -> None:
    """And each button has somebody who answers it."""
    page = (root / "docs" / "slack.md").read_text(encoding="utf-8")
    for row in COMMANDS.values():
        assert f"| `{('/psfir ' + row.usage).strip()}` |" in page
    assert all(callable(one) for one in ACTIONS.values())


def test_all_that_a_drill_posts_says_so(console: SlackConsole, tmp_path: Path) -> None:
    """Also a sentence that nobody laid out as a page; and the live app's never does."""
    session = workspace(tmp_path, console.url)
    live = Outgoing(memory(session), line(session), print)
    drill = replace(live, line=replace(live.line, exercise=True))
    for at, out in enumerate((live, drill)):
        out.say("home", f"k{at}", told("The card"))
        out.step("home")
    first, second = console.messages(HOME)
    assert first["text"] == "The card"
    assert EXERCISE in second["text"]
    assert EXERCISE in json.dumps(second["blocks"])
    assert "The card" in json.dumps(second["blocks"])


@pytest.mark.parametrize(("port", "lacks"), [(0, "signing_secret"), (None, "app_token")])
def test_an_app_that_nothing_could_reach_does_not_start(
    console: SlackConsole, tmp_path: Path, port: int | None, lacks: str
) -> None:
    """It says which secret is missing, and leaves nothing behind."""
    workspace(tmp_path, console.url)
    file = tmp_path / "psfir.yaml"
    for name, ref in (("app_token", "SLACK_APP_TOKEN"), ("signing_secret", "SECRET")):
        file.write_text(file.read_text().replace(f", {name}: env:{ref}", ""))
    app = App(open_session(door(tmp_path), workspace=tmp_path), warn=print)
    with pytest.raises(UsageError, match=lacks):
        serve(app, port=port, say=print)
    assert app.over.is_set()


def test_a_token_that_slack_refuses_ends_it_at_once(console: SlackConsole, tmp_path: Path) -> None:
    """With the place the token is kept at, and never the token."""
    workspace(tmp_path, console.url)
    console.faults.fault(Fault("refused", reply=Reply(200, {"ok": False, "error": "invalid_auth"})))
    app = App(open_session(door(tmp_path), workspace=tmp_path), warn=print)
    with pytest.raises(Denied, match="invalid_auth") as refused:
        serve(app, port=0, say=print)
    app.stop()
    assert "env:SLACK_TOKEN" in refused.value.todo
    assert TOKEN not in str(refused.value)
