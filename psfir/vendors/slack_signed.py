"""Deliveries of Slack's by HTTP: signed over their raw bytes, five minutes old at most, and each taken once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Self

from slack_sdk.signature import Clock as SlackClock
from slack_sdk.signature import SignatureVerifier

OLDEST = 300
LARGEST = 1024 * 1024
_KEPT = 10_000

Take = Callable[[str, Mapping[str, str]], tuple[int, str]]


class Gate:
    """Lets in what Slack signed, once. `now` is the wall's time."""

    def __init__(self, secret: str, *, now: Callable[[], float]) -> None:
        self._verifier = SignatureVerifier(secret, _Now(now))
        self._now = now
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._lock = Lock()

    def refusal(self, body: bytes, headers: Mapping[str, str]) -> str:
        """Why it is not let in; '' if it is. Slack signs anew when it delivers again: the same twice is a replay."""
        named = {name.lower(): value for name, value in headers.items()}
        signature, at = named.get("x-slack-signature", ""), named.get("x-slack-request-timestamp", "")
        if not signature or not at.isascii() or not at.isdigit():
            return "it is not signed"
        if abs(self._now() - int(at)) > OLDEST:
            return "it is too old, or one of the clocks is wrong"
        if not self._verifier.is_valid(body, at, signature):
            return "its signature does not hold"
        with self._lock:
            if signature in self._seen:
                return "it was delivered before"
            self._seen[signature] = None
            while len(self._seen) > _KEPT:
                self._seen.popitem(last=False)
        return ""


class _Now(SlackClock):
    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now

    def now(self) -> float:
        return self._now()


class Listener:
    """An address of ours that Slack posts to. TLS ends before it, at a proxy."""

    def __init__(self, gate: Gate, take: Take, *, host: str = "127.0.0.1", port: int = 0) -> None:
        class Handler(BaseHTTPRequestHandler):
            timeout = 10

            def do_POST(self) -> None:
                status, text = _answered(self, gate, take)
                raw = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json" if text.startswith("{") else "text/plain")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - the library's name
                """What people typed is in no log."""

        self._server = ThreadingHTTPServer((host, port), Handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.05,), name="psfir slack http", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _answered(request: BaseHTTPRequestHandler, gate: Gate, take: Take) -> tuple[int, str]:
    length = request.headers.get("Content-Length", "")
    if not length.isdigit() or int(length) > LARGEST:
        return 413, "no length, or far too long\n"
    body = request.rfile.read(int(length))
    headers = dict(request.headers.items())
    if why := gate.refusal(body, headers):
        return 401, f"refused: {why}\n"
    return take(body.decode(errors="replace"), headers)
