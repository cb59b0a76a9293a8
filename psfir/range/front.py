"""A front that a test or a drill puts before any HTTP server: it hands requests on, and does wrong what it is told to.

So one list of faults serves our own stand-ins and other people's servers alike, and no server needs faults of its own.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import field
from http.client import HTTPConnection
from socket import SO_LINGER, SOL_SOCKET, socket
from struct import pack
from threading import Event, Lock
from typing import Self, TypeAlias
from urllib.parse import urlsplit

from psfir.domain.values import frozen
from psfir.range.server import Asked, Reply, Server, Wire

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"})

OnAsk: TypeAlias = Callable[[Asked], bool]


def any_request(_asked: Asked) -> bool:
    return True


@frozen
class Fault:
    """What goes wrong with one request. `carry` hands it on first, so that it takes effect although the answer is lost.

    Exactly one of `reply`, `wire` and `spoil` says what the client gets: an answer of the fault's own, something done
    to the connection, or the true answer spoilt.
    """

    name: str
    carry: bool = False
    reply: Reply | None = None
    wire: Callable[[Reply | None, Event], Wire] | None = None
    spoil: Callable[[Reply], Reply] | None = None


@frozen
class _Set:
    fault: Fault
    when: OnAsk
    times: list[int] = field(default_factory=list)

    def takes(self, asked: Asked) -> bool:
        if not self.when(asked) or self.times[0] == 0:
            return False
        self.times[0] -= 1
        return True


class Front:
    """Stands before `upstream`. `seen` are the requests that came, `carried` those that were handed on."""

    def __init__(self, upstream: str, *, tls: ssl.SSLContext | None = None, timeout: float = 30.0) -> None:
        self._upstream, self._timeout = upstream, timeout
        self._lock = Lock()
        self._faults: list[_Set] = []
        self._server = Server(self._handle, tls=tls)
        self.seen: list[Asked] = []
        self.carried: list[Asked] = []

    @property
    def url(self) -> str:
        return self._server.url

    def fault(self, fault: Fault, *, when: OnAsk = any_request, times: int = -1) -> None:
        """From now on requests that `when` picks meet this fault; `times` of them, -1 for all."""
        with self._lock:
            self._faults.append(_Set(fault, when, [times]))

    def heal(self) -> None:
        with self._lock:
            self._faults.clear()

    def _handle(self, asked: Asked) -> Reply | Wire:
        with self._lock:
            self.seen.append(asked)
            fault = next((one.fault for one in self._faults if one.takes(asked)), None)
        if fault is None:
            return self._carry(asked)
        answer = self._carry(asked) if fault.carry or fault.spoil else None
        if fault.reply is not None:
            return fault.reply
        if fault.wire is not None:
            return fault.wire(answer, self._server.stopped)
        if fault.spoil is not None and answer is not None:
            return fault.spoil(answer)
        raise ValueError(f"the fault {fault.name} says nothing about what the client gets")

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
    connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=timeout)
    try:
        headers = {name: value for name, value in asked.headers.items() if name not in _HOP_BY_HOP}
        connection.request(asked.method, asked.target, asked.body or None, headers)
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    kept = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP_BY_HOP}
    return Reply(answer.status, body, kept)


def hang(_answer: Reply | None, stopped: Event) -> Wire:
    """Say nothing at all, for as long as the front stands."""

    def wire(_connection: socket) -> None:
        stopped.wait()

    return wire


def reset(_answer: Reply | None, _stopped: Event) -> Wire:
    """Cut the connection at once, so that the other side reads a reset and not an end."""

    def wire(connection: socket) -> None:
        connection.setsockopt(SOL_SOCKET, SO_LINGER, pack("ii", 1, 0))
        connection.close()

    return wire


def hang_in_body(answer: Reply | None, stopped: Event) -> Wire:
    """Headers and half of the body, then nothing more."""

    def rest(connection: socket, body: bytes) -> None:
        connection.sendall(body[: len(body) // 2])
        stopped.wait()

    return _said(answer, rest)


def cut_in_body(answer: Reply | None, _stopped: Event) -> Wire:
    """Headers and half of the body, then the end."""
    return _said(answer, lambda connection, body: connection.sendall(body[: len(body) // 2]))


def drip(answer: Reply | None, stopped: Event) -> Wire:
    """The whole answer, but one byte in a tenth of a second: no single wait is ever long."""

    def slowly(connection: socket, body: bytes) -> None:
        for at in range(len(body)):
            if stopped.wait(0.1):
                return
            connection.sendall(body[at : at + 1])

    return _said(answer, slowly)


def _said(answer: Reply | None, rest: Callable[[socket, bytes], object]) -> Wire:
    body = (answer.raw if answer else b"") or b'{"nothing": "was answered"}'
    status = answer.status if answer else 200

    def wire(connection: socket) -> None:
        head = f"HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        with suppress(OSError):  # a client that does not wait any longer is what this is for
            connection.sendall(head.encode())
            rest(connection, body)

    return wire
