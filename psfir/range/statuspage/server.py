"""The stand-in as one server, behind faults."""

from __future__ import annotations

import re
from typing import Any, Self

from psfir.range.copies import copied
from psfir.range.faulty import Faulty
from psfir.range.server import Asked, Reply, Server
from psfir.range.statuspage.estate import Estate
from psfir.range.statuspage.refusal import Refused

API = "/v1"
_LISTED = 100
_INCIDENTS = re.compile(rf"{API}/pages/(?P<page>[^/]+)/incidents(?:/(?P<name>[^/]+))?")
_COMPONENTS = re.compile(rf"{API}/pages/(?P<page>[^/]+)/components")


class Statuspage:
    """`url` is what a connection says; `estate` is what it serves."""

    def __init__(self, estate: Estate | None = None, *, port: int = 0) -> None:
        self.estate = estate or Estate()
        self.faults = Faulty(self._handle)
        self._server = Server(self.faults, port=port, stopped=self.faults.stopped)

    @property
    def url(self) -> str:
        return f"{self._server.url}{API}"

    def start(self) -> Self:
        self._server.start()
        return self

    def stop(self) -> None:
        self._server.stop()

    def _handle(self, asked: Asked) -> Reply:
        try:
            with self.estate.lock:
                return self._answer(asked)
        except Refused as refused:
            return refused.reply

    def _answer(self, asked: Asked) -> Reply:
        scheme, _, key = asked.headers.get("authorization", "").partition(" ")
        if scheme != "OAuth" or key not in self.estate.keys:
            raise Refused(401, "Could not authenticate")
        if found := _INCIDENTS.fullmatch(asked.path):
            return self._incidents(asked, found["page"], found["name"])
        if (found := _COMPONENTS.fullmatch(asked.path)) and asked.method == "GET":
            parts = [one for one in self.estate.components.values() if one["page_id"] == found["page"]]
            return Reply(body=copied(parts))
        raise Refused(404, "Not found")

    def _incidents(self, asked: Asked, page: str, name: str | None) -> Reply:
        estate = self.estate
        if asked.method == "GET":
            return Reply(body=copied(estate.incident(page, name) if name else self._listed(asked, page)))
        if asked.method == "POST" and not name:
            return Reply(201, copied(estate.create(page, _said(asked))))
        if asked.method in {"PATCH", "PUT"} and name:
            return Reply(body=copied(estate.update(page, name, _said(asked))))
        raise Refused(404, "Not found")

    def _listed(self, asked: Asked, page: str) -> list[Any]:
        try:
            size, number = int(asked.query.get("limit", _LISTED)), int(asked.query.get("page", 1))
        except ValueError:
            raise Refused(400, "limit and page are numbers") from None
        size = max(1, min(size, _LISTED))
        return self.estate.incidents(page)[(number - 1) * size : number * size]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _said(asked: Asked) -> dict[str, Any]:
    try:
        body = asked.json()
    except ValueError:
        raise Refused(400, "the body is no JSON") from None
    said = body.get("incident") if isinstance(body, dict) else None
    if not isinstance(said, dict):
        raise Refused(422, "incident is missing")
    return said
