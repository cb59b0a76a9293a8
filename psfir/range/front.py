"""A front to be put before any HTTP server: it hands requests on, and does wrong what it is told to."""

from __future__ import annotations

import ssl
from http.client import HTTPConnection
from threading import Lock
from typing import Self
from urllib.parse import urlsplit

from psfir.range.faulty import Fault, Faulty, OnAsk, any_request
from psfir.range.server import Asked, Reply, Server, Wire

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"})


class Front:
    """Stands before `upstream`. `seen` are the requests that came, `carried` those that were handed on."""

    def __init__(self, upstream: str, *, tls: ssl.SSLContext | None = None, timeout: float = 30.0) -> None:
        self._upstream, self._timeout = upstream, timeout
        self._lock = Lock()
        self._faulty = Faulty(self._carry)
        self._server = Server(self._handle, tls=tls, stopped=self._faulty.stopped)
        self.seen: list[Asked] = []
        self.carried: list[Asked] = []

    @property
    def url(self) -> str:
        return self._server.url

    def fault(self, fault: Fault, *, when: OnAsk = any_request, times: int = -1) -> None:
        """From now on requests that `when` picks meet this fault; `times` of them, -1 for all."""
        self._faulty.fault(fault, when=when, times=times)

    def heal(self) -> None:
        self._faulty.heal()

    def _handle(self, asked: Asked) -> Reply | Wire:
        with self._lock:
            self.seen.append(asked)
        return self._faulty(asked)

    def _carry(self, asked: Asked) -> Reply:
        with self._lock:
            self.carried.append(asked)
        return handed_on(asked, self._upstream, timeout=self._timeout)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()


def handed_on(asked: Asked, upstream: str, *, timeout: float = 30.0) -> Reply:
    """What `upstream` answers to it."""
    parts = urlsplit(upstream)
    return carried(asked, HTTPConnection(parts.hostname or "", parts.port or 80, timeout=timeout))


def carried(asked: Asked, connection: HTTPConnection) -> Reply:
    """What is answered to it over that connection, which is closed then."""
    try:
        headers = {name: value for name, value in asked.headers.items() if name not in _HOP_BY_HOP}
        connection.request(asked.method, asked.target, asked.body or None, headers)
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    kept = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP_BY_HOP}
    return Reply(answer.status, body, kept)
