"""How a request that botocore has signed reaches AWS: over psfir's own wire, within one deadline.

botocore's transport knows time-outs for a single wait, so a slow drip or a slow name server outlasts any share. Its
event `before-send` lets somebody else send instead. Here resolving, connecting and greeting end in Unreachable, since
nothing was sent, and whatever goes wrong after that in NoAnswer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http.client import HTTPException
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from psfir.contracts import BoundConnection
from psfir.errors import NoAnswer, Refusal, Unreachable, UsageError
from psfir.vendors.deadline import Deadline
from psfir.vendors.http_address import Place, loopback, place
from psfir.vendors.http_messages import Answer, Request, encoded, receive
from psfir.vendors.http_wire import Key, Pool, Wire, addresses, connect, system_addresses

if TYPE_CHECKING:
    import ssl

    from botocore.awsrequest import AWSPreparedRequest

_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "expect", "accept-encoding"})
"""Headers that the wire writes itself; none of them but the host is signed, and that one comes out the same."""

_BODY_LIMIT = 8 * 1024 * 1024
"""A page of logs alone is a megabyte of what was said, written as JSON."""

_STALE = (ConnectionError, HTTPException)


class Raw(BytesIO):
    """A whole body in the shape that botocore reads from: at once, or handed on as a stream."""

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self.read()


class AwsWire:
    """Connections to every endpoint of one connection of psfir.yaml. Any thread may use it."""

    def __init__(self, connection: BoundConnection) -> None:
        self.where = f"connection {connection.name}"
        self._plain = connection.settings.get("plain_http") is True
        self._ca = connection.settings.get("ca")
        self._pool = Pool()
        self._lock = Lock()
        self._tls: ssl.SSLContext | None = None

    def send(self, signed: AWSPreparedRequest, deadline: Deadline, *, writes: bool) -> Answer:
        """The whole answer, whatever it says."""
        to = place(str(signed.url))
        request = Request(
            str(signed.method), to.path or "/", _headers(dict(signed.headers.items())), _body(signed.body), writes
        )
        data = encoded(request, to.origin, to.path or "/", {})
        named = f"{signed.method} {to.origin}{urlsplit(to.path).path or '/'}"
        answer = self._exchange(request, to, data, deadline, named)
        if answer.broken:
            raise NoAnswer(f"{named}: the body of its {answer.status} answer: {answer.broken}", where=self.where)
        return answer

    def _exchange(self, request: Request, to: Place, data: bytes, deadline: Deadline, named: str) -> Answer:
        key = to.origin.scheme, to.origin.host, to.origin.port, ""
        kept = self._pool.take(key, deadline, writes=request.writes)
        if kept:
            try:
                return self._talk(key, kept, request.method, data)
            except _STALE as error:
                if request.writes:
                    raise self._silent(named, error) from error
            except OSError as error:
                raise self._silent(named, error) from error
        wire = self._connect(to, deadline)
        try:
            return self._talk(key, wire, request.method, data)
        except (OSError, HTTPException) as error:
            raise self._silent(named, error) from error

    def _talk(self, key: Key, wire: Wire, method: str, data: bytes) -> Answer:
        keep = False
        try:
            wire.send(data)
            answer, keep = receive(wire, method, limit=_BODY_LIMIT)
        finally:
            if keep:
                self._pool.give(key, wire)
            else:
                wire.close()
        return answer

    def _silent(self, named: str, error: Exception) -> NoAnswer:
        why = "no answer in time" if isinstance(error, TimeoutError) else f"no answer: {type(error).__name__}"
        return NoAnswer(f"{named}: it was sent, and {why} came", where=self.where)

    def _connect(self, to: Place, deadline: Deadline) -> Wire:
        origin = to.origin
        try:
            found = addresses(origin, deadline, system_addresses)
            if origin.scheme == "http" and not self._plain:
                found = [address for address in found if loopback(address)]
                if not found:
                    todo = "use https, or set plain_http: true if nobody can listen in"
                    raise Refusal(
                        f"{origin} is another machine, and http is not encrypted", where=self.where, todo=todo
                    )
            return connect(origin, found, deadline, self._context() if origin.scheme == "https" else None)
        except Unreachable as error:
            todo = error.todo or "check region, endpoint_url and the network"
            raise Unreachable(error.what, where=self.where, todo=todo) from error

    def _context(self) -> ssl.SSLContext:
        from psfir.vendors.tls import trusting  # noqa: PLC0415 - slow to load, and needed for https only

        with self._lock:
            if self._tls is None:
                self._tls = trusting(self._ca, where=self.where)
            return self._tls


def _headers(signed: Mapping[str, object]) -> dict[str, str]:
    return {
        name: value.decode("latin-1") if isinstance(value, bytes) else str(value)
        for name, value in signed.items()
        if name.lower() not in _OURS
    }


def _body(body: object) -> bytes | None:
    if isinstance(body, str):
        return body.encode()
    if body is None or isinstance(body, bytes):
        return body
    if isinstance(body, bytearray):
        return bytes(body)
    raise UsageError(f"a body of type {type(body).__name__} cannot be sent")
