"""One small HTTP server for everything the range serves: real sockets on 127.0.0.1, answers whole or as a stream."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from selectors import EVENT_READ, DefaultSelector
from socket import IPPROTO_TCP, SHUT_RDWR, TCP_NODELAY, socket, socketpair
from threading import Event, Lock, Thread
from typing import Any, Self, TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit

from psfir.domain.canon import Json
from psfir.domain.values import frozen

LOOPBACK = "127.0.0.1"
_NO_BODY = frozenset({204, 304})


@frozen
class Asked:
    """One request as it came in. Header names are in lower case; `path` is decoded, `target` as it was sent."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        """Each parameter's last value."""
        found = parse_qs(urlsplit(self.target).query, keep_blank_values=True)
        return {name: values[-1] for name, values in found.items()}

    @property
    def writes(self) -> bool:
        return self.method not in {"GET", "HEAD", "OPTIONS"}

    def json(self) -> Any:  # noqa: ANN401 - whatever the client sent
        """Its body as JSON; ValueError if it is none."""
        return json.loads(self.body or b"null")


@frozen
class Reply:
    """What to answer. `stream` gives the body piece by piece, for as long as the client listens."""

    status: int = 200
    body: bytes | Json = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: Iterable[bytes] | None = None

    @property
    def raw(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()

    @property
    def kind(self) -> str:
        return "application/octet-stream" if isinstance(self.body, bytes) else "application/json"


Wire: TypeAlias = Callable[[socket], None]
"""Instead of an answer: does to the connection what it likes, which is then closed."""

Handle: TypeAlias = Callable[[Asked], "Reply | Wire"]


class Server:
    """Serves `handle` on a free port of 127.0.0.1 until it is stopped, which `stopped` tells.

    Each connection has a thread of its own.
    """

    def __init__(
        self, handle: Handle, *, port: int = 0, tls: ssl.SSLContext | None = None, stopped: Event | None = None
    ) -> None:
        self.stopped = stopped or Event()
        self._server = _Listener((LOOPBACK, port), _Connection)
        self._server.handle, self._server.tls = handle, tls
        self._scheme = "https" if tls else "http"
        self._thread: Thread | None = None
        self._bell, self._ring = socketpair()

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"{self._scheme}://{LOOPBACK}:{self.port}"

    def start(self) -> Self:
        self._thread = Thread(target=self._listen, daemon=True)
        self._thread.start()
        return self

    def _listen(self) -> None:
        """Sleeps until somebody connects or it is to stop: the standard library's own loop looks again and again."""
        with DefaultSelector() as selector:
            selector.register(self._server, EVENT_READ)
            selector.register(self._bell, EVENT_READ)
            while not any(key.fileobj is self._bell for key, _ in selector.select()):
                self._server.handle_request()

    def stop(self) -> None:
        """Take no more, and end every connection that is open, streams too."""
        self.stopped.set()
        if self._thread:
            self._ring.send(b"!")
            self._thread.join()
            self._thread = None
        self._server.server_close()
        self._server.hang_up()
        self._bell.close()
        self._ring.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Listener(ThreadingHTTPServer):
    handle: Handle
    tls: ssl.SSLContext | None
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    timeout = 0  # whoever connected may have gone again: nobody waits for the next

    def __init__(self, *args: Any) -> None:
        self._open: set[socket] = set()
        self._guard = Lock()
        super().__init__(*args)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as its parent has it
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as its parent has it
        if self.tls is None:
            super().finish_request(request, client_address)
            return
        # Here and not on accept: a client that is slow to greet holds up nobody else.
        with self.tls.wrap_socket(request, server_side=True) as wrapped:
            with self._guard:
                self._open.add(wrapped)
            try:
                super().finish_request(wrapped, client_address)
            finally:
                with self._guard:
                    self._open.discard(wrapped)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - as its parent has it
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as its parent has it
        """A client that hangs up is no news; anything else is a fault of the range and is shown."""
        import sys  # noqa: PLC0415 - only when something went wrong

        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        with self._guard:
            for connection in self._open:
                _shut(connection)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listener
    server_version = "range"
    sys_version = ""

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - every method a client may use is served alike
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        body = self._body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.handle(Asked(self.command, self.path, headers, body))
        if not isinstance(reply, Reply):
            reply(self.connection)
            self.close_connection = True
        elif reply.stream is None:
            self._whole(reply)
        else:
            self._pieces(reply, reply.stream)

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _begin(self, reply: Reply, more: Mapping[str, str]) -> None:
        self.send_response(reply.status)
        given = {name.lower() for name in reply.headers}
        added = [(name, value) for name, value in more.items() if name.lower() not in given]
        for name, value in (*reply.headers.items(), *added):
            self.send_header(name, value)
        self.end_headers()

    def _whole(self, reply: Reply) -> None:
        body = b"" if reply.status in _NO_BODY else reply.raw
        more = {} if reply.status in _NO_BODY else {"Content-Type": reply.kind, "Content-Length": str(len(body))}
        self._begin(reply, more)
        if self.command != "HEAD":
            self.wfile.write(body)

    def _pieces(self, reply: Reply, stream: Iterable[bytes]) -> None:
        self._begin(reply, {"Content-Type": reply.kind, "Transfer-Encoding": "chunked"})
        for piece in stream:
            if piece:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: object) -> None:
        """What was asked is kept by whoever serves it."""


def _shut(connection: socket) -> None:
    try:
        connection.shutdown(SHUT_RDWR)
    except OSError:
        return  # the client was faster
