"""One flag of Unleash, laid out and looked at over the admin API alone: on the stand-in and on the real one alike."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import closing
from http.client import HTTPConnection
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from psfir.domain.canon import Json
from psfir.range.unleash.estate import ALL, Estate
from psfir.range.unleash.server import Unleash
from psfir.testing import FakeConnection
from tests.levers.unleash import real

PROJECT, ENVIRONMENT = "default", "production"
_NUMBERS = count(1)

GERMANS: Mapping[str, Any] = {"contextName": "country", "operator": "IN", "values": ["de"]}
LARGE: Mapping[str, Any] = {"name": "large", "weight": 500, "weightType": "variable", "stickiness": "default"}
SMALL: Mapping[str, Any] = {**LARGE, "name": "small", "payload": {"type": "string", "value": "4o-mini"}}
HALF: Mapping[str, Any] = {
    "name": "flexibleRollout",
    "title": "half of them",
    "parameters": {"rollout": "50", "stickiness": "default", "groupId": "half"},
    "variants": [LARGE, SMALL],
}
SOME: Mapping[str, Any] = {"name": "default", "constraints": [GERMANS]}


class World(ABC):
    """`flag` has a name of its own, so that one server serves many tests."""

    url: str
    token: str
    client_token: str
    frontend_token: str

    def __init__(self) -> None:
        self.flag = f"support-assistant-{next(_NUMBERS)}"
        self.target: dict[str, Json] = {
            "connection": "unleash",
            "project": PROJECT,
            "environment": ENVIRONMENT,
            "flag": self.flag,
        }
        self._others = 0

    @abstractmethod
    def changes(self) -> int:
        """How often this flag has been changed, by whomever."""

    @abstractmethod
    def gate(self) -> str:
        """From now on the environment wants change requests; a token that may do all but skip them."""

    @abstractmethod
    def open(self) -> None:
        """It wants none any longer."""

    @abstractmethod
    def stop(self) -> None:
        """The world is left as it was."""

    def ask(self, method: str, path: str, body: object = None, *, token: str = "") -> tuple[int, Any]:
        parts = urlsplit(self.url)
        headers = {"Authorization": token or self.token, "Content-Type": "application/json"}
        with closing(HTTPConnection(parts.hostname or "", parts.port or 0, timeout=30)) as client:
            client.request(method, path, None if body is None else json.dumps(body), headers)
            answer = client.getresponse()
            text = answer.read()
        return answer.status, json.loads(text) if text else None

    def tell(self, method: str, *steps: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """One call below the flag, which has to go well."""
        path = "/".join((f"/api/admin/projects/{PROJECT}/features", self.flag, *steps))
        status, said = self.ask(method, path, body)
        assert status < 300, f"{method} {path}: {status} {said}"
        return said

    def lay_out(self, *strategies: Mapping[str, Any], on: bool = True) -> None:
        status, said = self.ask(
            "POST", f"/api/admin/projects/{PROJECT}/features", {"name": self.flag, "type": "release"}
        )
        assert status == 201, said
        for one in strategies:
            self.add(one)
        if on:
            self.switch(on=True)
        self._others = self.changes()

    def add(self, strategy: Mapping[str, Any]) -> str:
        bare: dict[str, Any] = {"parameters": {}, "constraints": []}
        made = self.tell("POST", "environments", ENVIRONMENT, "strategies", body={**bare, **strategy})
        return str(made["id"])

    def disable(self, identity: str) -> None:
        patch = [{"op": "replace", "path": "/disabled", "value": True}]
        self.tell("PATCH", "environments", ENVIRONMENT, "strategies", identity, body=patch)

    def remove(self, identity: str) -> None:
        self.tell("DELETE", "environments", ENVIRONMENT, "strategies", identity)

    def switch(self, *, on: bool) -> None:
        self.tell("POST", "environments", ENVIRONMENT, "on" if on else "off")

    def here(self) -> dict[str, Any]:
        """What the flag has in the environment, as Unleash says it."""
        found = self.tell("GET")["environments"]
        return dict(next(one for one in found if one["name"] == ENVIRONMENT))

    def bare(self) -> tuple[bool, list[dict[str, Any]]]:
        """The switch and the strategies, whole."""
        here = self.here()
        return here["enabled"], here["strategies"]

    def disturb(self) -> None:
        """Somebody else adds a strategy."""
        before = self.changes()
        self.add(SOME)
        self._others += self.changes() - before

    def writes(self) -> int:
        return self.changes() - self._others

    def connection(self, url: str = "", token: str = "", **more: str) -> FakeConnection:
        return FakeConnection("unleash", "unleash", {"url": url or self.url}, {"token": token or self.token, **more})

    def eyes(self, *tokens: str) -> FakeConnection:
        """A connection for looking only."""
        has = {"client_token": self.client_token, "frontend_token": self.frontend_token}
        return FakeConnection("unleash", "unleash", {"url": self.url}, {name: has[name] for name in tokens})


class StandIn(World):
    def __init__(self) -> None:
        super().__init__()
        self.estate = Estate()
        self.token = self.estate.add_token(ALL)
        self.client_token = self.estate.add_token(kind="client", environment=ENVIRONMENT)
        self.frontend_token = self.estate.add_token(kind="frontend", environment=ENVIRONMENT)
        self._server = Unleash(self.estate).start()
        self.url = self._server.url

    def changes(self) -> int:
        return self.estate.writes

    def gate(self) -> str:
        self.estate.want_change_requests(PROJECT, ENVIRONMENT)
        return self.estate.add_token(*RIGHTS)

    def open(self) -> None:
        self.estate.gated.clear()

    def stop(self) -> None:
        self._server.stop()


class RealOne(World):
    """The change requests of the open-source edition: it heeds their settings, and has nothing to make them with."""

    token, client_token, frontend_token = real.ADMIN, real.CLIENT, real.FRONTEND

    def __init__(self) -> None:
        super().__init__()
        self.url = real.real().url

    def changes(self) -> int:
        status, said = self.ask("GET", f"/api/admin/events/{self.flag}")
        assert status == 200, said
        return len([one for one in said["events"] if one.get("environment") == ENVIRONMENT])

    def gate(self) -> str:
        real.real().sql(
            "INSERT INTO change_request_settings(project, environment, required_approvals) "
            "VALUES ('default', 'production', 1)"
        )
        return editor(self)

    def open(self) -> None:
        real.real().sql("DELETE FROM change_request_settings")

    def stop(self) -> None:
        self.tell("DELETE")


RIGHTS: Sequence[str] = (
    "UPDATE_FEATURE_ENVIRONMENT",
    "CREATE_FEATURE_STRATEGY",
    "UPDATE_FEATURE_STRATEGY",
    "DELETE_FEATURE_STRATEGY",
)
_EDITOR, _VIEWER = 2, 3
_EDITORS: dict[int, str] = {}


def editor(world: RealOne, role: int = _EDITOR) -> str:
    """A personal token of somebody with that root role, made once."""
    if role not in _EDITORS:
        name, word = f"somebody-{role}", "Corr3ct-horse-battery!"
        person = {"username": name, "name": name, "rootRole": role, "password": word, "sendEmail": False}
        status, said = world.ask("POST", "/api/admin/user-admin", person)
        assert status == 201, said
        _EDITORS[role] = _personal(world.url, name, word)
    return _EDITORS[role]


def _personal(url: str, name: str, word: str) -> str:
    parts = urlsplit(url)
    headers = {"Content-Type": "application/json"}
    with closing(HTTPConnection(parts.hostname or "", parts.port or 0, timeout=30)) as client:
        client.request("POST", "/auth/simple/login", json.dumps({"username": name, "password": word}), headers)
        answer = client.getresponse()
        answer.read()
        cookie = answer.headers["Set-Cookie"].split(";")[0]
        wish = {"description": "psfir", "expiresAt": "2100-01-01T00:00:00Z"}
        client.request("POST", "/api/admin/user/tokens", json.dumps(wish), {**headers, "Cookie": cookie})
        return str(json.loads(client.getresponse().read())["secret"])
