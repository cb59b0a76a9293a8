"""Requests that go wrong: any handle with faults before it, which come and go while it is served.

So one list of faults serves our own stand-ins and, through a front, other people's servers; no server has faults of
its own on the wire.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import field
from socket import SO_LINGER, SOL_SOCKET, socket
from struct import pack
from threading import Event, Lock
from typing import TypeAlias

from psfir.domain.values import frozen
from psfir.range.server import Asked, Handle, Reply, Wire

OnAsk: TypeAlias = Callable[[Asked], bool]


def any_request(_asked: Asked) -> bool:
    return True


@frozen
class Fault:
    """What goes wrong with one request. `carry` hands it on first, so that it takes effect although the answer is lost.

    Exactly one of `reply`, `answer`, `wire` and `spoil` says what the client gets: an answer of the fault's own, one
    made for the request, something done to the connection, or the true answer spoilt.
    """

    name: str
    carry: bool = False
    reply: Reply | None = None
    wire: Callable[[Reply | None, Event], Wire] | None = None
    spoil: Callable[[Reply], Reply] | None = None
    answer: Callable[[Asked], Reply] | None = None


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


class Faulty:
    """Does what `carry` does, until it is told to do wrong. `stopped` ends whatever hangs."""

    def __init__(self, carry: Handle) -> None:
        self.stopped = Event()
        self._carry = carry
        self._lock = Lock()
        self._faults: list[_Set] = []

    def fault(self, fault: Fault, *, when: OnAsk = any_request, times: int = -1) -> Callable[[], None]:
        """Requests that `when` picks meet this fault and no earlier one; `times`, -1 for all. The call that ends it."""
        begun = _Set(fault, when, [times])
        with self._lock:
            self._faults.insert(0, begun)

        def end() -> None:
            with self._lock:
                self._faults = [one for one in self._faults if one is not begun]

        return end

    def heal(self, name: str = "") -> None:
        """End the faults of that name; all of them, if none is given."""
        with self._lock:
            self._faults = [one for one in self._faults if name and one.fault.name != name]

    def __call__(self, asked: Asked) -> Reply | Wire:
        with self._lock:
            fault = next((one.fault for one in self._faults if one.takes(asked)), None)
        if fault is None:
            return self._carry(asked)
        return self._gone_wrong(asked, fault)

    def _gone_wrong(self, asked: Asked, fault: Fault) -> Reply | Wire:
        answer = self._carry(asked) if fault.carry or fault.spoil else None
        if fault.reply is not None:
            return fault.reply
        if fault.answer is not None:
            return fault.answer(asked)
        # What is done to the connection itself, or a stream, stays as it is: there is no whole answer to spoil.
        whole = answer if isinstance(answer, Reply) else None
        if fault.wire is not None:
            return fault.wire(whole, self.stopped)
        if fault.spoil is not None and answer is not None:
            return fault.spoil(whole) if whole and whole.stream is None else answer
        raise ValueError(f"the fault {fault.name} says nothing about what the client gets")


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


def drip_in_headers(_answer: Reply | None, stopped: Event) -> Wire:
    """A good beginning, and then a header that never ends, one byte in a hundredth of a second."""

    def wire(connection: socket) -> None:
        with suppress(OSError):  # a client that does not wait any longer is what this is for
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Drip: ")
            while not stopped.wait(0.01):
                connection.sendall(b"x")

    return wire


def _said(answer: Reply | None, rest: Callable[[socket, bytes], object]) -> Wire:
    body = (answer.raw if answer else b"") or b'{"nothing": "was answered"}'
    status = answer.status if answer else 200

    def wire(connection: socket) -> None:
        head = f"HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        with suppress(OSError):  # a client that does not wait any longer is what this is for
            connection.sendall(head.encode())
            rest(connection, body)

    return wire
