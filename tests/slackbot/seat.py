"""A person's seat in Slack: local-slack with what it lacks, a workspace on it, the running app, and hands to press."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any, TypeVar
from urllib.request import Request, urlopen

import pytest

from psfir.app.session import Door, Session, open_session
from psfir.range.slack.choose import PLACE, found
from psfir.range.slack.console import TOKEN
from psfir.range.slack.lacking import Lacking
from psfir.range.slack.package import APP_TOKEN, SlackPackage, Unavailable
from psfir.slackbot.run import App, serve
from tests.app.workspaces import RUNBOOK, lay_out

ROOT = Path(__file__).parents[2]
ADA, BEN, HOME = "U0ADA", "U0BEN", "C0RANGE002"
WITHIN = 20.0
T = TypeVar("T")

YAML = """\
schema: psfir.workspace/1
name: Test
people:
  ada: {{name: Ada, roles: [incident_commander], slack: U0ADA}}
  ben: {{name: Ben, roles: [on_call], slack: {ben}}}
connections:
  estate: {{kind: memory, path: .psfir/estate.json}}
  chat:
    {{kind: slack, url: "{url}", token: env:SLACK_TOKEN, app_token: env:SLACK_APP_TOKEN, signing_secret: env:SECRET}}
systems:
  assistant: {{title: Assistant, owner: ada, vendors: [acme], runbooks: {{disable: "off"}}}}
slack: {{connection: chat, home: C0RANGE002, incidents: {place}}}
"""


def package() -> SlackPackage:
    """The real local-slack; without it a skip says so, but in CI a failure."""
    binary = found(os.environ, [ROOT / ".real" / "slack", ROOT])
    why = f"local-slack is not installed ({PLACE}): make real-slack"
    try:
        if binary is not None:
            return SlackPackage(binary).start()
    except Unavailable as error:
        # Not missing: this machine lets nobody make a network namespace, in CI neither.
        pytest.skip(f"local-slack cannot be shut off from the network: {error}")
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


def workspace(
    root: Path, url: str, *, place: str = "channel", ben: str = BEN, people: int = 1, soak: str = "100ms"
) -> Session:
    runbook = RUNBOOK.replace("restore: 1", "restore: 2").replace("kill: 1", f"kill: {people}")
    lay_out(root, soak=soak, runbook=runbook)
    (root / "psfir.yaml").write_text(YAML.format(url=url, place=place, ben=ben))
    return open_session(door(root), workspace=root)


def door(root: Path) -> Door:
    tokens = {"SLACK_TOKEN": TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "SECRET": "a-signing-secret"}
    return Door(env={"HOME": str(root), "PSFIR_ME": "ada", **tokens}, channel="slack")


class Seat:
    """What people do and see. Each look waits until it is there: nothing sleeps."""

    def __init__(self, slack: SlackPackage, double: Lacking, session: Session) -> None:
        self.slack, self.double, self.session = slack, double, session
        self.warned: list[str] = []

    @contextmanager
    def app(self, **more: Any) -> Iterator[App]:
        ready, app = Event(), App(self.session, warn=self.warned.append, **more)
        work = Thread(target=serve, args=(app,), kwargs={"port": None, "say": lambda _: ready.set()}, daemon=True)
        work.start()
        assert ready.wait(WITHIN), self.warned
        try:
            yield app
        finally:
            app.over.set()
            work.join(WITHIN)

    def control(self, what: str, **words: Any) -> None:
        request = Request(f"{self.slack.url}/_control/{what}", json.dumps(words).encode(), method="POST")
        request.add_header("Content-Type", "application/json")
        urlopen(request, timeout=20).close()

    def type(self, text: str, *, user: str = ADA, channel: str = HOME) -> None:
        self.control("command", user=user, channel=channel, command="/psfir", text=text)

    def press(self, message: dict[str, Any], label: str, *, user: str = ADA) -> None:
        for block in message["blocks"]:
            for one in block.get("elements", ()):
                if one.get("text", {}) and isinstance(one["text"], dict) and one["text"]["text"] == label:
                    action = {"type": "button", "action_id": one["action_id"], "value": one["value"]}
                    where = {"channel": message["channel"], "messageTs": message["ts"]}
                    self.control(
                        "interact", user=user, **where, action={**action, "block_id": block.get("block_id", "b")}
                    )
                    return
        raise AssertionError(f"there is no button {label}: {message['blocks']}")

    def all(self, channel: str = HOME) -> list[dict[str, Any]]:
        return self.slack.messages(channel)

    def sees(self, *words: str, channel: str = HOME) -> dict[str, Any]:
        """The first message with all these words, in text or blocks."""

        def there() -> dict[str, Any] | None:
            for one in self.all(channel):
                if all(word in json.dumps(one, ensure_ascii=False) for word in words):
                    return {**one, "channel": channel}
            return None

        seen = self.until(there, f"{words}, of {[one.get('text') for one in self.all(channel)]}; {self.warned}")
        assert seen is not None
        return seen

    def until(self, there: Callable[[], T], what: str = "it") -> T:
        ends, never = monotonic() + WITHIN, Event()
        while monotonic() < ends:
            if found_ := there():
                return found_
            never.wait(0.05)
        raise AssertionError(f"never seen: {what}")

    def room(self, incident: str) -> str:
        """The channel of an incident, once it is there."""
        name = f"inc-{incident.removeprefix('INC-')}"

        def there() -> str:
            with urlopen(f"{self.slack.url}/_control/state", timeout=20) as answer:
                channels = json.load(answer)["channels"]
            return next((one["id"] for one in channels if one.get("name") == name), "")

        return str(self.until(there, name))
