"""What goes wrong between psfir and a vendor, one row a fault, and what a lever may make of it.

A row says which errors are right for a reading, and which outcomes are right for a pull: one set if the world has
become what was wanted, one if it has not. An empty set means that it must not come to that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from socket import socket
from threading import Event

from psfir.domain.change import Result
from psfir.errors import Busy, Declined, Denied, LeverError, NoSuchTarget, Unreachable
from psfir.range.faulty import Fault, cut_in_body, drip, hang, hang_in_body, reset
from psfir.range.server import Reply, Wire
from psfir.testing.stage import Stage

LONG, SHORT = 10.0, 0.3
"""The rung's share: long where the fault takes no time, short where all of it is waited through."""

CHANGED, ALREADY_SO = Result.CHANGED, Result.ALREADY_SO
REFUSED, FAILED, UNKNOWN = Result.REFUSED, Result.FAILED, Result.UNKNOWN

Results = frozenset[Result]
Errors = tuple[type[LeverError], ...]

NEVER: Results = frozenset()
DONE = frozenset({CHANGED, ALREADY_SO})
NOT_DONE = frozenset({REFUSED, FAILED})
UNCLEAR = frozenset({UNKNOWN})


class Place(StrEnum):
    """Where the fault sits."""

    WRITES = "on every request that changes the world; a reading meets it on its own requests"
    REFUSED = "nobody listens where the connection points"
    NO_NAME = "the host's name does not exist"
    UNTRUSTED = "the certificate is of an authority that nobody knows"
    NO_TLS = "the other side does not speak TLS"
    DRIFT = "somebody changes the world between plan and pull"
    UNDONE = "a controller puts the world back right after the pull"


@dataclass(frozen=True)
class Row:
    """`fault` makes what the front does, `times` of it, -1 for ever. `reading` is empty where no reading meets it."""

    name: str
    reading: Errors
    landed: Results
    not_landed: Results
    fault: Callable[[Stage], Fault] | None = None
    times: int = -1
    place: Place = Place.WRITES
    share: float = LONG
    retries: int = 0

    def right(self, *, landed: bool) -> Results:
        return self.landed if landed else self.not_landed


def _wire(wire: Callable[[Reply | None, Event], Wire], *, carry: bool) -> Callable[[Stage], Fault]:
    return lambda _stage: Fault(wire.__name__, carry=carry, wire=wire)


def _status(status: int, *, carry: bool = False, **headers: str) -> Callable[[Stage], Fault]:
    """The vendor's own words for it; the secret in them must go no further."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def fault(stage: Stage) -> Fault:
        said = stage.saying(status)
        return Fault(str(status), carry=carry, reply=Reply(said.status, said.body, {**said.headers, **named}))

    return fault


def _late(status: int, *, carry: bool) -> Callable[[Stage], Fault]:
    """A gateway that waits long for the vendor, and then gives up."""

    def wire(_answer: Reply | None, stopped: Event) -> Wire:
        def wait_and_say(connection: socket) -> None:
            stopped.wait(0.2)
            body = b'{"message": "upstream took too long"}'
            head = f"HTTP/1.1 {status} Gateway Timeout\r\nContent-Type: application/json\r\n"
            connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

        return wait_and_say

    return lambda _stage: Fault(f"{status} late", carry=carry, wire=wire)


def _garbled(_stage: Stage) -> Fault:
    headers = {"Content-Type": "application/json"}
    return Fault("garbled", spoil=lambda answer: Reply(answer.status, b'{"on": tru<html>', headers))


def _refused(name: str, reading: Errors, status: int, *, times: int = -1) -> Row:
    return Row(name, reading, NEVER, NOT_DONE, _status(status), times=times)


_GONE: Errors = (Unreachable,)
_LATER: Errors = (Busy, Unreachable)

MATRIX: tuple[Row, ...] = (
    Row("connection refused", _GONE, NEVER, frozenset({FAILED}), place=Place.REFUSED),
    Row("the name does not exist", _GONE, NEVER, frozenset({FAILED}), place=Place.NO_NAME),
    Row("unknown certificate", _GONE, NEVER, frozenset({FAILED}), place=Place.UNTRUSTED),
    Row("no TLS on the other side", _GONE, NEVER, frozenset({FAILED}), place=Place.NO_TLS),
    Row("hang, not applied", _GONE, NEVER, UNCLEAR, _wire(hang, carry=False), share=SHORT),
    Row("hang, applied", (), frozenset({CHANGED, UNKNOWN}), UNCLEAR, _wire(hang, carry=True), share=SHORT),
    Row("hang in the body", _GONE, DONE | UNCLEAR, UNCLEAR, _wire(hang_in_body, carry=True), share=SHORT),
    Row("slow drip", _GONE, DONE | UNCLEAR, UNCLEAR, _wire(drip, carry=True), share=SHORT),
    Row("reset, not applied", _GONE, NEVER, UNCLEAR, _wire(reset, carry=False)),
    Row("reset, applied", _GONE, DONE, UNCLEAR, _wire(reset, carry=True)),
    Row("cut in the body", _GONE, DONE, UNCLEAR, _wire(cut_in_body, carry=True)),
    Row("malformed body", (LeverError,), DONE, UNCLEAR, _garbled),
    _refused("400", (Declined,), 400),
    _refused("401", (Denied,), 401),
    _refused("403", (Denied,), 403),
    _refused("404", (NoSuchTarget,), 404),
    _refused("405", (Declined,), 405),
    Row("409 once", (), DONE, NOT_DONE, _status(409), times=1),
    Row("409 for ever", (), NEVER, NOT_DONE, _status(409), share=1.0),
    Row("429 inside the budget", (), DONE, NEVER, _status(429, Retry_After="1"), times=1, retries=1),
    Row("429 beyond the budget", (Busy,), NEVER, frozenset({FAILED}), _status(429, Retry_After="3600")),
    Row("500, not applied", _LATER, NEVER, UNCLEAR, _status(500)),
    Row("500, applied", _LATER, DONE, UNCLEAR, _status(500, carry=True)),
    Row("503, not applied", _LATER, NEVER, UNCLEAR, _status(503)),
    Row("503, applied", _LATER, DONE, UNCLEAR, _status(503, carry=True)),
    Row("504 after a long wait, not applied", _LATER, NEVER, UNCLEAR, _late(504, carry=False)),
    Row("504 after a long wait, applied", (), DONE, UNCLEAR, _late(504, carry=True)),
    Row("drift between plan and pull", (), DONE, frozenset({REFUSED}), place=Place.DRIFT),
    Row("an undoing controller", (), NEVER, DONE, place=Place.UNDONE),
)
