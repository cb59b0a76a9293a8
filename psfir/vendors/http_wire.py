"""One connection to one checked address, and every byte over it within one deadline: a slow drip cannot outlast it.

Resolving, connecting and the TLS handshake end in `Unreachable`: whatever goes wrong there, nothing was sent. Proxies
of the environment are not used: a kill goes straight to its target or says that it cannot.
"""

from __future__ import annotations

import io
import ipaddress
import select
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, TypeAlias
from weakref import finalize

from psfir.errors import Unreachable
from psfir.vendors.deadline import CLOCK, Deadline
from psfir.vendors.http_address import Address, Origin

if TYPE_CHECKING:
    import ssl

    from _typeshed import WriteableBuffer

Resolve: TypeAlias = Callable[[str, int], Sequence[str]]
Key: TypeAlias = tuple[str, str, int, str]
"""Scheme, host and port, and the address where it was chosen: plain words, which are hashed for each request."""

_KEPT = 32
_LONGEST_IDLE = 30.0
_IDLE_FOR_A_WRITE = 1.0


class Refused(Unreachable):
    """Every address of the host refused the connection: nobody listens there."""


class Wire:
    """A connected socket in the shape that http.client's response reads from.

    `dirty`: there are bytes that nobody asked for. `ended`: the other side has hung up.
    """

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self.deadline = deadline
        self.dirty = False
        self.ended = False
        self._sock = sock
        self._rested = time.clock_gettime(CLOCK)

    def send(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._sock.settimeout(self.deadline.spare())
            rest = rest[self._sock.send(rest) :]

    def receive(self, buffer: WriteableBuffer) -> int:
        self._sock.settimeout(self.deadline.spare())
        received = self._sock.recv_into(buffer)
        self.ended = self.ended or not received
        return received

    def makefile(self, mode: str) -> io.BufferedReader:
        return _Buffered(self)

    def rest(self) -> None:
        self._rested = time.clock_gettime(CLOCK)

    def idle(self, longest: float) -> bool:
        """Still open, silent, and used not long ago. Bytes nobody asked for are the end of it."""
        if time.clock_gettime(CLOCK) - self._rested > longest:
            return False
        poll = select.poll()
        poll.register(self._sock, select.POLLIN | select.POLLHUP | select.POLLERR)
        return not poll.poll(0)

    def close(self) -> None:
        with suppress(OSError):
            self._sock.close()


class _Incoming(io.RawIOBase):
    def __init__(self, wire: Wire) -> None:
        self.dry = False
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        return None if self.dry else self._wire.receive(buffer)


class _Buffered(io.BufferedReader):
    """Closed by http.client at the end of an answer. What stands behind that end would be taken for the next answer."""

    def __init__(self, wire: Wire) -> None:
        self._incoming = _Incoming(wire)
        self._wire = wire
        super().__init__(self._incoming)

    def close(self) -> None:
        if not self.closed:
            self._incoming.dry = True
            self._wire.dirty = self._wire.dirty or bool(self.peek(1))
        super().close()


class Pool:
    """Connections between two requests. One that is in use is in nobody else's reach."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._idle: dict[Key, list[Wire]] = {}
        # Not __del__: among things that refer to each other the sockets could be collected before it.
        finalize(self, _close, self._idle)

    def take(self, key: Key, deadline: Deadline, *, writes: bool) -> Wire | None:
        """One that is verified idle; for a write, one that was in use a moment ago."""
        while True:
            with self._lock:
                wires = self._idle.get(key)
                wire = wires.pop() if wires else None
            if wire is None:
                return None
            if wire.idle(_IDLE_FOR_A_WRITE if writes else _LONGEST_IDLE):
                wire.deadline = deadline
                return wire
            wire.close()

    def give(self, key: Key, wire: Wire) -> None:
        wire.rest()
        with self._lock:
            wires = self._idle.setdefault(key, [])
            wires.append(wire)
            surplus = wires.pop(0) if len(wires) > _KEPT else None
        if surplus:
            surplus.close()


def _close(idle: dict[Key, list[Wire]]) -> None:
    wires = [wire for each in idle.values() for wire in each]
    idle.clear()
    for wire in wires:
        wire.close()


def system_addresses(host: str, port: int) -> list[str]:
    """What the system's resolver knows, each address once, in its order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def addresses(origin: Origin, deadline: Deadline, resolve: Resolve) -> list[Address]:
    """The host's addresses. The system's resolver knows no deadline, so a thread that can be abandoned asks it."""
    with suppress(ValueError):
        return [ipaddress.ip_address(origin.host)]
    done, found, failed = Event(), list[Address](), list[Exception]()

    def ask() -> None:
        try:
            found.extend(ipaddress.ip_address(address) for address in resolve(origin.host, origin.port))
        except (OSError, ValueError) as error:
            failed.append(error)
        done.set()

    Thread(target=ask, name=f"psfir resolving {origin.host}", daemon=True).start()
    if not done.wait(deadline.left):
        raise Unreachable(f"the name {origin.host} was not resolved in time", todo="check the name servers")
    if failed or not found:
        why = worded(failed[0]) if failed else "it has no address"
        raise Unreachable(f"the name {origin.host} could not be resolved: {why}", todo="check the name and the network")
    return found


def connect(origin: Origin, found: Sequence[Address], deadline: Deadline, tls: ssl.SSLContext | None) -> Wire:
    return Wire(dial(origin, found, deadline, tls), deadline)


def dial(origin: Origin, found: Sequence[Address], deadline: Deadline, tls: ssl.SSLContext | None) -> socket.socket:
    """To the first address that answers; each gets its part of what is left, so that a dead one cannot take it all."""
    errors: list[OSError] = []
    for index, address in enumerate(found):
        share = Deadline(deadline.left / (len(found) - index))
        try:
            return _socket(origin, address, share, tls)
        except OSError as error:
            errors.append(error)
    refused = all(isinstance(error, ConnectionRefusedError) for error in errors)
    said = "; ".join(dict.fromkeys(worded(error) for error in errors)) or "no time was left"
    if refused and errors:
        raise Refused(
            f"{origin} refused the connection", todo="see whether it is up, and check the url's host and port"
        )
    todo = "nothing was sent; check the url, the network and the certificate"
    raise Unreachable(f"{origin} could not be reached: {said}", todo=todo)


def _socket(origin: Origin, address: Address, share: Deadline, tls: ssl.SSLContext | None) -> socket.socket:
    sock = socket.create_connection((str(address), origin.port), timeout=share.spare())
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is None:
            return sock
        sock.settimeout(share.spare())
        return tls.wrap_socket(sock, server_hostname=origin.host, suppress_ragged_eofs=False)
    except BaseException:  # raised again: nothing is left open
        sock.close()
        raise


def worded(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    certificate = getattr(error, "verify_message", "")
    if certificate:
        return f"its certificate was not accepted: {certificate}"
    return str(getattr(error, "strerror", "") or error) or type(error).__name__
