"""A real server on a real socket that stands in for somebody's API, with the unpleasant parts.

It holds one JSON document. `faults` says, for each method, what becomes of its next requests, one after the other.
"""

from __future__ import annotations

import hashlib
import json
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, Self, TypeAlias

from psfir.domain.canon import Json
from psfir.testing import FakeConnection

TOKEN = "canary-7f3a-token"
KEY = "canary-9c1d-key"
MIB = 1024 * 1024


@dataclass(frozen=True)
class Seen:
    """One request as it came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    port: int


@dataclass(frozen=True)
class Say:
    """Answer this; `first` carries the request out before."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    first: bool = False


Fault: TypeAlias = "Say | Callable[[Handler], None]"


class StandIn:
    """`etag` is strong, weak or empty; `heeds` says whether it heeds If-Match."""

    def __init__(self, document: Json = None, *, address: str = "127.0.0.1", port: int = 0) -> None:
        self.document: Any = {"enabled": True, "model": "large"} if document is None else document
        self.etag = "strong"
        self.heeds = True
        self.seen: list[Seen] = []
        self.connections = 0
        self.effects = 0
        self.faults: dict[str, list[Fault]] = {}
        self.always: dict[str, Fault] = {}
        self.released = Event()
        self.lock = Lock()
        self.scheme = "http"
        self._server = _Server((address, port), Handler)
        self._server.stand = self
        self.address, self.port = address, self._server.server_port

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.address}:{self.port}"

    def secured(self, folder: Path) -> Self:
        """Speak TLS, with the certificate that `authority` laid into the folder."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
        self._server.tls = context
        self.scheme = "https"
        return self

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.005,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def deafen(self) -> None:
        """Take no connection any more; the system still queues one or two."""
        self._server.shutdown()
        self._server.socket.listen(0)

    def fault(self, method: str, *faults: Fault) -> None:
        self.faults.setdefault(method, []).extend(faults)

    def connection(self, **settings: Json) -> FakeConnection:
        """What psfir.yaml would say of it, with a token and one further secret header."""
        secrets = {"token": TOKEN, "headers.X-Key": KEY}
        return FakeConnection("assistant", "http", {"url": self.url, "headers": ["X-Key"], **settings}, secrets)

    def writes(self) -> list[Seen]:
        return [seen for seen in self.seen if seen.method not in {"GET", "HEAD"}]

    def tag(self) -> str:
        digest = hashlib.sha256(json.dumps(self.document).encode()).hexdigest()[:12]
        return {"strong": f'"{digest}"', "weak": f'W/"{digest}"', "": ""}[self.etag]


class _Server(ThreadingHTTPServer):
    stand: StandIn
    tls: ssl.SSLContext | None = None
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as its parent has it
        with self.stand.lock:
            self.stand.connections += 1
        if self.tls:
            request = self.tls.wrap_socket(request, server_side=True)
        try:
            super().finish_request(request, client_address)
        finally:
            request.close()

    def handle_error(self, request: object, client_address: object) -> None:
        """The client going away is what many a test is about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its parent's name for it
        pass

    @property
    def stand(self) -> StandIn:
        assert isinstance(self.server, _Server)
        return self.server.stand

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with self.stand.lock:
            self.stand.seen.append(Seen(self.command, self.path, dict(self.headers), body, self.stand.port))
            queue = self.stand.faults.get(self.command)
            fault = queue.pop(0) if queue else self.stand.always.get(self.command)
        if isinstance(fault, Say):
            if fault.first:
                self.carry_out(body)
            self.answer(fault.status, fault.body, fault.headers)
        elif fault:
            fault(self)
            self.close_connection = True
        elif self.command in {"GET", "HEAD"}:
            self.tell()
        elif self.stand.heeds and self.headers.get("If-Match", self.stand.tag()) != self.stand.tag():
            self.answer(412, b"somebody was faster", {})
        else:
            self.carry_out(body)
            self.tell()

    do_GET = do_HEAD = do_PUT = do_PATCH = do_POST = do_DELETE = handle_any  # noqa: N815 - its parent's names

    def carry_out(self, body: bytes) -> None:
        with self.stand.lock:
            self.stand.document = {**self.stand.document, **json.loads(body)}
            self.stand.effects += 1

    def tell(self) -> None:
        tag = self.stand.tag()
        kind = {"Content-Type": "application/json; charset=utf-8"}
        self.answer(200, json.dumps(self.stand.document).encode(), {**kind, **({"ETag": tag} if tag else {})})

    def answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


# Each is one way in which a server goes wrong.


def hang(handler: Handler) -> None:
    """Takes the request, says nothing."""
    handler.stand.released.wait(10)


def close(handler: Handler) -> None:
    """Hangs up instead of answering."""


def reset(handler: Handler) -> None:
    """Hangs up rudely."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


def raw(data: bytes, *, stay: bool = False) -> Fault:
    """Says exactly this, then hangs up, or stays silent."""

    def said(handler: Handler) -> None:
        _write(handler, data)
        if stay:
            handler.stand.released.wait(10)

    return said


def drip(start: bytes) -> Fault:
    """Says this, then a byte every few milliseconds without end: each read on its own is quick."""

    def dripping(handler: Handler) -> None:
        _write(handler, start)
        while not handler.stand.released.wait(0.01):
            _write(handler, b"x")

    return dripping


def applied_then(fault: Fault) -> Fault:
    """Does what it was told, and then goes wrong."""

    def done(handler: Handler) -> None:
        handler.carry_out(handler.stand.seen[-1].body)
        assert callable(fault)
        fault(handler)

    return done


def _write(handler: Handler, data: bytes) -> None:
    handler.wfile.write(data)
    handler.wfile.flush()
