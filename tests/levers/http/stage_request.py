"""The stage of http.request: one JSON document behind an API with entity tags, as many an admin endpoint is."""

from __future__ import annotations

import json
from hashlib import sha256
from threading import Lock
from types import MappingProxyType
from typing import Any, Self

from psfir.contracts import Lever
from psfir.levers.http.request import HttpRequest
from psfir.range.server import Asked, Reply, Server
from psfir.testing import FakeConnection
from psfir.testing.stage import Stage

TOKEN = "canary-5be1-token"


class RequestStage(Stage):
    name = "http.request"
    target = HttpRequest.about.example["target"]  # type: ignore[assignment]  # the example's target is a mapping
    settings = MappingProxyType({"value": False})
    secrets = (TOKEN,)

    def __init__(self) -> None:
        self._document: dict[str, Any] = {"enabled": True, "model": "large"}
        self._writes = 0
        self._lock = Lock()
        self._server = Server(self._handle)

    @property
    def upstream(self) -> str:
        return self._server.url

    def lever(self, url: str) -> Lever:
        return HttpRequest(FakeConnection("assistant", "http", {"url": url}, {"token": TOKEN}))

    def pulled(self) -> bool:
        return self._document["enabled"] is False

    def writes(self) -> int:
        return self._writes

    def disturb(self) -> None:
        self._document["enabled"] = "half"

    def _handle(self, asked: Asked) -> Reply:
        with self._lock:
            if asked.headers.get("authorization") != f"Bearer {TOKEN}":
                return Reply(401, {"message": "who are you"})
            if asked.path != "/admin/state":
                return Reply(404, {"message": "no such thing"})
            if asked.writes:
                if asked.headers.get("if-match", self._tag()) != self._tag():
                    return Reply(412, {"message": "somebody was faster"})
                self._document |= asked.json()
                self._writes += 1
            return Reply(200, dict(self._document), {"ETag": self._tag()})

    def _tag(self) -> str:
        return f'"{sha256(json.dumps(self._document).encode()).hexdigest()[:12]}"'

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
