"""A connection that stops being HTTP, such as a WebSocket: handed on byte by byte, both ways, until one side ends."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from socket import SHUT_RDWR, SHUT_WR, socket
from threading import Thread

from psfir.range.server import Asked, Wire


def splice(asked: Asked, connected: Callable[[], socket]) -> Wire:
    """What was asked goes first, as it came."""
    lines = [f"{asked.method} {asked.target} HTTP/1.1", *(f"{name}: {value}" for name, value in asked.headers.items())]
    head = "\r\n".join([*lines, "", ""]).encode("latin-1") + asked.body

    def wire(client: socket) -> None:
        with connected() as upstream:
            upstream.sendall(head)
            back = Thread(target=_pump, args=(upstream, client), daemon=True)
            back.start()
            _pump(client, upstream)
            back.join()

    return wire


def _pump(source: socket, sink: socket) -> None:
    with suppress(OSError):  # one side is gone, so the other has nobody to talk to
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(SHUT_WR)
        return
    for end in (source, sink):
        with suppress(OSError):  # it was over already
            end.shutdown(SHUT_RDWR)
