"""What comes in: acknowledged at once whatever is blocked, done once however often it comes, let in by signature."""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any
from urllib.parse import urlencode

import pytest

from psfir.app.chat import line, memory
from psfir.range.clock import RangeClock
from psfir.range.slack.console import SlackConsole
from psfir.range.slack.workspace import PEOPLE
from psfir.slackbot import registry
from psfir.slackbot.incoming import Incoming
from psfir.slackbot.run import App
from psfir.slackbot.talk import Talk
from psfir.vendors.slack_bolt_app import BoltApp
from psfir.vendors.slack_heard import Heard, of_event, of_press
from psfir.vendors.slack_signed import Gate, Listener
from tests.slackbot.seat import ADA, BEN, HOME, workspace

SECRET = "a-signing-secret"
NOW = 1_795_300_000.0


def typed(text: str, trigger: str = "1.2.abc") -> bytes:
    words = {"command": "/psfir", "text": text, "user_id": ADA, "channel_id": HOME, "trigger_id": trigger}
    return urlencode({**words, "team_id": "T0RANGE", "response_url": "http://127.0.0.1:1/"}).encode()


def signed(body: bytes, *, at: float = NOW, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), f"v0:{int(at)}:".encode() + body, hashlib.sha256).hexdigest()
    kind = "application/x-www-form-urlencoded"
    return {"X-Slack-Signature": f"v0={digest}", "X-Slack-Request-Timestamp": str(int(at)), "Content-Type": kind}


class Inlet:
    """The app's address for HTTP."""

    def __init__(self, port: int) -> None:
        self._port = port

    def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, str, float]:
        began = monotonic()
        with closing(HTTPConnection("127.0.0.1", self._port, timeout=30)) as connection:
            connection.request("POST", "/", body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        return answer.status, text, monotonic() - began


@pytest.fixture
def console() -> Iterator[SlackConsole]:
    with SlackConsole(RangeClock(), say=lambda _: None) as console:
        yield console


@pytest.fixture
def app(console: SlackConsole, tmp_path: Path) -> Iterator[App]:
    app = App(workspace(tmp_path, console.url), warn=lambda _: None)
    yield app
    app.incoming.close()


@pytest.fixture
def inlet(app: App) -> Iterator[Inlet]:
    url = app.line.api.url
    bolt = BoltApp("xoxb-range", hear=app.incoming.hear, bot="U0PSFIR", bot_id="B0", team="T0RANGE", url=url)
    with Listener(Gate(SECRET, now=lambda: NOW), bolt.take) as listener:
        yield Inlet(listener.port)


def heard(text: str, key: str, user: str = ADA) -> Heard:
    return Heard(key, "command", "/psfir", user, HOME, text=text)


def test_it_is_acknowledged_while_everything_is_blocked(
    app: App, inlet: Inlet, console: SlackConsole, tmp_path: Path
) -> None:
    """The record and the app's own file are locked, and Slack hangs: each of 60 is acknowledged far within 3 s."""
    with ExitStack() as locks:
        for name in ("slack.sqlite3", "record.sqlite3"):
            con = locks.enter_context(closing(sqlite3.connect(tmp_path / ".psfir" / name, isolation_level=None)))
            con.execute("BEGIN EXCLUSIVE")
        with ThreadPoolExecutor(6) as people:
            bodies = [typed(f"declare assistant number {at}", f"t.{at}") for at in range(60)]
            answers = list(people.map(lambda body: inlet.post(body, signed(body)), bodies))
    assert {status for status, _, _ in answers} == {200}
    assert max(took for _, _, took in answers) < 3.0  # the very last one, and so the 99th of a hundred


def test_what_slack_delivers_again_is_done_once(app: App) -> None:
    """Also to another process on the same record, and after a restart."""
    for _ in range(2):
        app.incoming.take(heard("declare assistant", "Ev1"))
    other = Incoming(app.house, threads=1)
    other.take(heard("declare assistant", "Ev1"))
    other.close()
    assert len(app.house.open_session(ADA, False).incidents()) == 1
    app.incoming.take(heard("declare assistant", "Ev2"))
    assert len(app.house.open_session(ADA, False).incidents()) == 2


def test_the_key_of_a_delivery_stays_when_it_comes_again() -> None:
    """The envelope is a new one each time; the event and the trigger are not."""
    event = {"event_id": "Ev7", "event": {"type": "message", "user": ADA}}
    press = {"trigger_id": "1.2.3", "user": {"id": ADA}, "actions": [{"action_id": "psfir.kill:0", "value": "x"}]}
    for envelope in ("one", "two"):
        assert of_event(event, envelope).key == "Ev7"
        assert of_press(press, envelope).key == "1.2.3"
    assert of_press(press, "one").name == "psfir.kill"
    assert of_press({"actions": []}, "one").key == "one"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"at": NOW - 301}, "too old"),
        ({"at": NOW + 301}, "too old"),
        ({"secret": "another"}, "does not hold"),
    ],
)
def test_what_is_not_signed_now_by_slack_is_refused(inlet: Inlet, change: dict[str, Any], why: str) -> None:
    """Five minutes either way, over the very bytes."""
    body = typed("status")
    status, text, _ = inlet.post(body, signed(body, **change))
    assert (status, why in text) == (401, True)


def test_one_changed_byte_or_no_signature_is_refused(inlet: Inlet) -> None:
    """Neither a body that was altered on the way nor one that nobody signed."""
    body = typed("status")
    assert inlet.post(body + b"&x=1", signed(body))[0] == 401
    assert inlet.post(body, {"Content-Type": "text/plain"})[:2] == (401, "refused: it is not signed\n")


def test_a_replay_is_refused(app: App, inlet: Inlet) -> None:
    """Slack signs anew when it delivers again: the same signature twice is somebody else's doing."""
    body = typed("declare assistant")
    assert inlet.post(body, signed(body))[0] == 200
    status, text, _ = inlet.post(body, signed(body))
    assert (status, "before" in text) == (401, True)
    assert inlet.post(body, signed(body, at=NOW + 1))[0] == 200  # a true redelivery: acknowledged, and done once
    session, never, ends = app.house.open_session(ADA, False), Event(), monotonic() + 10
    while not session.incidents() and monotonic() < ends:
        never.wait(0.02)
    assert len(session.incidents()) == 1


def test_the_handshake_of_events_is_answered(inlet: Inlet) -> None:
    """Slack asks for its challenge back before it sends any."""
    body = json.dumps({"type": "url_verification", "challenge": "c0ffee"}).encode()
    status, text, _ = inlet.post(body, {**signed(body), "Content-Type": "application/json"})
    assert (status, "c0ffee" in text) == (200, True)


def test_a_bug_ends_no_thread(app: App, console: SlackConsole, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asked is told, in a sentence without anything of the bug's own."""

    def broken(_: Talk, __: object) -> None:
        raise ValueError("secret thing")

    row = registry.Row("status", "", broken)
    monkeypatch.setattr(registry, "COMMANDS", {**registry.COMMANDS, "status": row})
    app.incoming.take(heard("status", "a"))
    app.incoming.take(heard("declare assistant", "b"))
    texts = [one["text"] for one in console.messages(HOME)]
    assert "psfir broke" in texts[0]
    assert "secret thing" not in texts[0]
    assert "Declared" in texts[1]


def test_a_press_on_a_question_nobody_knows_is_answered_truthfully(app: App, console: SlackConsole) -> None:
    """Its memory was lost, or the button is another version's."""
    for key, name in (("a", "psfir.kill"), ("b", "psfir.gone")):
        app.incoming.take(Heard(key, "action", name, ADA, HOME, value="0000"))
    texts = [one["text"] for one in console.messages(HOME)]
    assert "does not know this question" in texts[0]
    assert "another version of psfir" in texts[1]


def test_a_plan_that_changed_is_shown_anew_and_not_carried_out(app: App, tmp_path: Path) -> None:
    """The press was for what the message showed; the new plan has a question and a digest of its own."""
    app.incoming.take(heard("kill assistant", "a"))
    lane = f"at:{HOME}"
    shown = app.out.memory.next(lane)
    assert shown is not None
    (ask,) = [one["value"] for block in shown.words["blocks"] for one in block.get("elements", ()) if _kills(one)]
    book = tmp_path / "runbooks" / "off.yaml"
    book.write_text(book.read_text().replace("within: 5s", "within: 6s"))
    app.incoming.take(Heard("b", "action", "psfir.kill", BEN, HOME, value=ask))
    session = app.house.open_session(ADA, False)
    assert session.incidents() == []
    for _ in range(3):
        app.out.step(lane)
    posted = app.out.memory.posted(f"ask:{ask}")
    assert posted is not None
    assert "the plan has changed since" in posted.digest
    assert "psfir.kill" not in posted.digest


def _kills(element: dict[str, Any]) -> bool:
    return str(element.get("action_id", "")).startswith("psfir.kill")


def test_people_of_the_range_are_known(app: App) -> None:
    """The two of these tests are members there."""
    assert {ADA, BEN} <= {one.id for one in PEOPLE}
    assert line(app.house.open_session(ADA, False)).desk.home == HOME
    assert memory(app.house.open_session(ADA, False)).lanes() == []
