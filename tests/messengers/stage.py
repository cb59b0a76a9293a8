"""A stage: one messenger and the other side that it tells, behind a real socket, for the contract and the matrix."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Self

from psfir.contracts import Messenger
from psfir.domain.canon import Json
from psfir.messengers.slack import Slack
from psfir.messengers.statuspage import Statuspage
from psfir.messengers.webhook import Webhook
from psfir.range.clock import RangeClock
from psfir.range.faulty import Fault, hang
from psfir.range.front import Front
from psfir.range.server import Asked, Reply, Server
from psfir.range.slack.console import SlackConsole
from psfir.range.statuspage.server import Statuspage as Page
from psfir.testing import FakeConnection, MessengerHarness


class Stage(ABC):
    """Made anew for each test, entered as a context. `upstream` is where the other side listens."""

    name: str
    target: Mapping[str, Json]
    person: str = ""
    secret: str

    @property
    @abstractmethod
    def upstream(self) -> str: ...

    @abstractmethod
    def messenger(self, url: str) -> Messenger: ...

    @abstractmethod
    def copies(self) -> Sequence[str]: ...

    @abstractmethod
    def saying(self, status: int) -> Any:  # noqa: ANN401 - JSON
        """How it words a refusal; at its worst it repeats the credential it was sent."""

    def posting(self, asked: Asked) -> bool:
        return asked.writes

    @abstractmethod
    def __enter__(self) -> Self: ...

    @abstractmethod
    def __exit__(self, *_: object) -> None: ...


class StatuspageStage(Stage):
    name = "statuspage"

    @property
    def upstream(self) -> str:
        return self.page.url.removesuffix("/v1")

    def messenger(self, url: str) -> Messenger:
        return Statuspage(FakeConnection("status", "statuspage", {"url": f"{url}/v1"}, {"token": self.secret}))

    def copies(self) -> Sequence[str]:
        found = [(one["name"], each) for one in self.incidents for each in one["incident_updates"]]
        return [f"{name}\n\n{each['body']}" for name, each in sorted(found, key=lambda one: str(one[1]["id"]))]

    @property
    def incidents(self) -> list[dict[str, Any]]:
        return self.page.estate.incidents(str(self.target["page"]))

    def saying(self, status: int) -> dict[str, str]:
        return {"error": f"answered with {status} to {self.secret}"}

    def __enter__(self) -> Self:
        self.page = Page().start()
        estate = self.page.estate
        self.secret = estate.add_key("key-of-the-page-4711")
        name = estate.add_page()
        self.component = estate.add_component(name, "Assistant")
        self.target = {"page": name, "notify": True, "components": [self.component]}
        return self

    def __exit__(self, *_: object) -> None:
        self.page.stop()


class SlackStage(Stage):
    name = "slack"
    target: Mapping[str, Json] = {"channel": "C0RANGE002"}
    person = "U0ADA"
    secret = "xoxb-hush-hush-4711"

    @property
    def upstream(self) -> str:
        return self.slack.url

    def messenger(self, url: str) -> Messenger:
        return Slack(FakeConnection("chat", "slack", {"url": url}, {"token": self.secret}))

    def copies(self) -> Sequence[str]:
        every = [one for channel in self.slack.workspace.channels.values() for one in channel.messages]
        return [html.unescape(one["text"]) for one in sorted(every, key=lambda one: str(one["ts"]))]

    def saying(self, status: int) -> dict[str, Any]:
        return {"ok": False, "error": f"error_{status}_{self.secret}"}

    def posting(self, asked: Asked) -> bool:
        return asked.path == "/api/chat.postMessage"

    def __enter__(self) -> Self:
        self.slack = SlackConsole(RangeClock(), say=lambda _: None, token=self.secret).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.slack.stop()


class WebhookStage(Stage):
    """Whoever is behind it takes only what is signed, and each webhook-id once."""

    name = "webhook"
    target: Mapping[str, Json] = {"with": {"place": "banner"}}
    secret = "whsec_" + base64.b64encode(b"hush-hush-4711-0815").decode()

    def __init__(self) -> None:
        self.posts: list[Asked] = []

    @property
    def upstream(self) -> str:
        return self.server.url

    def messenger(self, url: str) -> Messenger:
        return Webhook(FakeConnection("banner", "webhook", {"url": f"{url}/hooks/acme"}, {"secret": self.secret}))

    def copies(self) -> Sequence[str]:
        bodies = [json.loads(one.body) for one in self.posts]
        return [f"{one['subject']}\n\n{one['body']}" for one in bodies]

    def saying(self, status: int) -> dict[str, str]:
        return {"message": f"answered with {status}"}

    def _take(self, asked: Asked) -> Reply:
        name, time = asked.headers["webhook-id"], asked.headers["webhook-timestamp"]
        signed = f"{name}.{time}.".encode() + asked.body
        digest = hmac.new(b"hush-hush-4711-0815", signed, hashlib.sha256).digest()
        if asked.headers["webhook-signature"] != f"v1,{base64.b64encode(digest).decode()}":
            return Reply(401, {"message": "it is not signed"})
        if asked.path != "/hooks/acme" or asked.headers["idempotency-key"] != name:
            return Reply(404, {"message": "nobody lives here"})
        self.posts.append(asked)
        return Reply(202, {"id": f"taken-{len(self.posts)}"})

    def __enter__(self) -> Self:
        self.server = Server(self._take).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()


STAGES: tuple[type[Stage], ...] = (StatuspageStage, SlackStage, WebhookStage)
LOST = Fault("taken, and never answered", carry=True, wire=hang)
SILENT = Fault("neither taken nor answered", wire=hang)


class StageHarness(MessengerHarness):
    """Holds a stage's messenger to the contract of every messenger, through a front."""

    def __init__(self, stage: Stage, front: Front) -> None:
        self._stage = stage
        self._front = front
        self.target = stage.target
        self.person = stage.person

    def messenger(self) -> Messenger:
        return self._stage.messenger(self._front.url)

    def copies(self) -> Sequence[str]:
        return self._stage.copies()

    def lose_answer(self) -> None:
        self._front.fault(LOST, when=self._stage.posting)

    def hang(self) -> None:
        self._front.fault(SILENT)
