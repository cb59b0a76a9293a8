"""The deadline of a whole answer under the official client, whose own time-out bounds each wait and not their sum.

A server that sends a header byte by byte keeps every single wait short, for as long as it likes. So whatever an answer
is read from looks at the clock before each wait; the connections are the client's own in everything else.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from http.client import HTTPResponse
from socket import socket
from typing import TYPE_CHECKING, Any, cast

from psfir.vendors.deadline import Deadline

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from urllib3 import PoolManager
    from urllib3.connectionpool import HTTPConnectionPool


def hold_to_deadlines(manager: PoolManager) -> None:
    """Every connection that it makes from now on. They stay what they are: over TLS, a proxy or SOCKS."""
    manager.pool_classes_by_scheme = {name: _timely(pool) for name, pool in manager.pool_classes_by_scheme.items()}


def _timely(pool: type[HTTPConnectionPool]) -> type[HTTPConnectionPool]:
    connection = type("Timely", (_Timely, pool.ConnectionCls), {})
    return cast("type[HTTPConnectionPool]", type("TimelyPool", (pool,), {"ConnectionCls": connection}))


class _Timely:
    """What http.client asks for an answer; its time-out is by then what is left of the call."""

    timeout: float

    @property
    def response_class(self) -> Callable[..., HTTPResponse]:
        deadline = Deadline(self.timeout)
        return lambda sock, *words, **more: HTTPResponse(cast("socket", _Paced(sock, deadline)), *words, **more)


class _Paced:
    """The socket as an answer is read from it."""

    def __init__(self, sock: socket, deadline: Deadline) -> None:
        self._sock, self._deadline = sock, deadline

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Incoming(self._sock, self._sock.makefile("rb", buffering=0), self._deadline))


class _Incoming(io.RawIOBase):
    def __init__(self, sock: socket, raw: Any, deadline: Deadline) -> None:  # noqa: ANN401 - the socket's own reader
        self._sock, self._raw, self._deadline = sock, raw, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        self._sock.settimeout(self._deadline.spare())
        received: int | None = self._raw.readinto(buffer)
        return received

    def close(self) -> None:
        self._raw.close()  # a socket is closed once nobody reads from it any more
        super().close()
