"""The API of Statuspage, and of what is compatible with it: incidents of one page, made, gone on with and listed.

It notifies all subscribers by default, so whoever posts says explicitly whether it is to. It has no idempotency key:
what an incident's `metadata` says is how a copy is found whose answer was lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote

from psfir.contracts import BoundConnection
from psfir.domain.canon import Json
from psfir.errors import Busy, LeverError, NoAnswer, Unreachable
from psfir.vendors.deadline import Deadline
from psfir.vendors.http import Answer, HttpClient, Request
from psfir.vendors.http_dressed import Dressed
from psfir.vendors.patience import wait

Incident: TypeAlias = Mapping[str, Any]

API = "https://api.statuspage.io/v1"
OTHERWISE = "tell people another way"
LISTED = 100
PAGES = 10
"""A list longer than this is not read to its end: whoever asks then is told that nobody knows."""

_TOO_MANY = 420
"""What it said before 429, with Retry-After too; compatible ones say it still."""


class Statuspage:
    """One connection. Any thread may use it."""

    def __init__(self, connection: BoundConnection) -> None:
        dressed = Dressed(connection, under={"url": API}, over={"auth_prefix": "OAuth "})
        self._client = HttpClient(dressed, otherwise=OTHERWISE)
        self.where = self._client.where

    def create(self, page: str, incident: Mapping[str, Json], *, within: float) -> Incident:
        return self._write("POST", _path(page), incident, within)

    def update(self, page: str, name: str, incident: Mapping[str, Json], *, within: float) -> Incident:
        return self._write("PATCH", _path(page, name), incident, within)

    def incident(self, page: str, name: str, *, within: float) -> Incident:
        return self._incident(self._read(_path(page, name), Deadline(within)))

    def incidents(self, page: str, *, within: float) -> Iterator[Incident]:
        """The newest first; NoAnswer where there are more than anybody should read."""
        deadline = Deadline(within)
        for number in range(1, PAGES + 1):
            found = self._read(f"{_path(page)}?limit={LISTED}&page={number}", deadline)
            if not isinstance(found, list):
                raise LeverError("its list of incidents is none", where=self.where, todo="check the url")
            if not found:
                return
            for one in found:
                yield self._incident(one)
        what = f"the page has more than {PAGES * LISTED} incidents, and it was not among the newest"
        raise NoAnswer(what, where=self.where, todo="look at the page itself")

    def _write(self, method: str, path: str, incident: Mapping[str, Json], within: float) -> Incident:
        body = json.dumps({"incident": incident}, ensure_ascii=False).encode()
        request = Request(method, path, {"Content-Type": "application/json"}, body, writes=True)
        answer = self._send(request, within)
        try:
            return self._incident(answer.json())
        except LeverError as error:
            raise NoAnswer(f"{request}: {error.what}; it may have been posted", where=self.where) from error

    def _read(self, path: str, deadline: Deadline) -> Json:
        """Asked again where it was said to be too early, if the wait fits; whatever goes wrong, nothing was posted."""
        while True:
            try:
                return self._send(Request("GET", path), deadline.left).json()
            except Busy as busy:
                if busy.after is None or not wait(busy.after, deadline):
                    raise
            except NoAnswer as error:
                what = f"{error.what}; it was only to be read"
                raise Unreachable(what, where=self.where, todo="see whether it is up") from error

    def _send(self, request: Request, within: float) -> Answer:
        answer = self._client.send(request, within=within, also=frozenset({_TOO_MANY}))
        if answer.status == _TOO_MANY:
            raise Busy(f"{request}: too many requests", after=answer.retry_after, where=self.where, todo="wait")
        return answer

    def _incident(self, found: Json) -> Incident:
        if isinstance(found, Mapping) and isinstance(found.get("id"), str) and found["id"]:
            return found
        raise LeverError("what it answered is no incident", where=self.where, todo="check the url")


def _path(page: str, *more: str) -> str:
    return "/".join(["/pages", quote(page, safe=""), "incidents", *(quote(one, safe="") for one in more)])
