"""A server to be unpleasant with: real sockets, one JSON document a path, and tricks for single requests."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any, Self, TypeAlias

Trick: TypeAlias = Callable[["Handler"], None]


@dataclass(frozen=True)
class Seen:
    """One request as it arrived. `wire` tells connections apart."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    wire: int


class StandIn:
    """`documents` are what it serves; `effects` counts writes that changed one. `next` tells how it answers next."""

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.documents: dict[str, Any] = {"/state": {"enabled": True, "by": "ana"}}
        self.etag: Callable[[int], str] | None = lambda version: f'"v{version}"'
        self.heeds_if_match = True
        self.effects = 0
        self.version = 1
        self.seen: list[Seen] = []
        self.stopping = Event()
        self.lock = Lock()
        self._tricks: dict[str, list[Trick]] = {}
        self._always: dict[str, Trick] = {}
        self._server = _Server((host, port), Handler)
        self._server.stand_in = self
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.scheme = "https" if tls else "http"
        self.host, self.port = host, self._server.server_address[1]
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"

    def next(self, method: str, *tricks: Trick) -> None:
        """How the next requests of this method are answered, one trick each."""
        self._tricks.setdefault(method, []).extend(tricks)

    def always(self, method: str, trick: Trick) -> None:
        """How every request of this method is answered from now on."""
        self._always[method] = trick

    def trick(self, method: str) -> Trick | None:
        with self.lock:
            waiting = self._tricks.get(method)
            return waiting.pop(0) if waiting else self._always.get(method)

    def methods(self) -> list[str]:
        return [seen.method for seen in self.seen]

    def put(self, path: str, document: object) -> None:
        """Somebody else changes it."""
        with self.lock:
            self.documents[path] = document
            self.version += 1

    def close(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    stand_in: StandIn

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is what many tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    body = b""

    @property
    def stand_in(self) -> StandIn:
        return self.server.stand_in

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def answer(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seen = Seen(self.command, self.path, dict(self.headers.items()), self.body, self.client_address[1])
        with self.stand_in.lock:
            self.stand_in.seen.append(seen)
        (self.stand_in.trick(self.command) or serve)(self)

    def say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response_only(status)
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"Content-Length": str(len(body)), **said}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def drop(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        pass


def serve(handler: Handler) -> None:
    """As a good server would."""
    here, path = handler.stand_in, handler.path.partition("?")[0]
    with here.lock:
        tag = here.etag(here.version) if here.etag else ""
        if path not in here.documents:
            return handler.say(404, b"no such thing")
        if handler.command in {"GET", "HEAD"}:
            headers = {"ETag": tag} if tag else {}
            body = json.dumps(here.documents[path]).encode()
            return handler.say(200, body, Content_Type="application/json", **headers)
        if here.heeds_if_match and handler.headers.get("If-Match", tag) != tag:
            return handler.say(412, b"it has changed")
        apply(handler)
    return handler.say(200, b"{}")


def apply(handler: Handler) -> None:
    """Carry a write out: a JSON object is merged into the document."""
    here, path = handler.stand_in, handler.path.partition("?")[0]
    here.documents[path] = {**here.documents[path], **json.loads(handler.body or b"{}")}
    here.version += 1
    here.effects += 1


def status(code: int, body: bytes = b"", **headers: str) -> Trick:
    """Answer so, and carry nothing out."""
    return lambda handler: handler.say(code, body, **headers)


def applied(then: Trick) -> Trick:
    """It is carried out, and then this happens."""

    def trick(handler: Handler) -> None:
        with handler.stand_in.lock:
            apply(handler)
        then(handler)

    return trick


def meanwhile(then: Trick, path: str, document: object) -> Trick:
    """Somebody else is faster by a moment."""

    def trick(handler: Handler) -> None:
        handler.stand_in.put(path, document)
        then(handler)

    return trick


def hang(handler: Handler) -> None:
    """No answer, ever."""
    handler.stand_in.stopping.wait(20.0)
    handler.drop()


def drop(handler: Handler) -> None:
    """The connection ends without an answer."""
    handler.drop()


def garbage(handler: Handler) -> None:
    """No HTTP at all."""
    handler.wfile.write(b"\x16\x03\x01 what is this\r\n\r\n")
    handler.drop()


def cut_off(handler: Handler) -> None:
    """Half of the body it has announced."""
    handler.say(200, b'{"enabled": ', Content_Length="400")
    handler.drop()


def headers_only(handler: Handler) -> None:
    """Headers, and then nothing more."""
    handler.say(200, b"", Content_Length="40")
    hang(handler)


def drip(handler: Handler) -> None:
    """A body that comes byte by byte and never ends."""
    handler.say(200, b"", Content_Length="100000")
    _drip(handler, b" ")


def drip_headers(handler: Handler) -> None:
    """Headers that come byte by byte and never end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    _drip(handler, b"x")


def huge(handler: Handler) -> None:
    """More than anybody asked for."""
    handler.say(200, b" " * (3 << 20))


def chunked(handler: Handler) -> None:
    """A good answer in two chunks."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    handler.wfile.write(b'f\r\n{"enabled": fal\r\n3\r\nse}\r\n0\r\n\r\n')


def _drip(handler: Handler, byte: bytes) -> None:
    while not handler.stand_in.stopping.wait(0.02):
        handler.wfile.write(byte)
