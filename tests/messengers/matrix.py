"""What goes wrong between psfir and whoever tells people, one row a fault, and the words that are right for a copy.

One set if the copy is out although something went wrong, one if it is not. An empty set: it must not come to that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from psfir.domain.message import Result
from psfir.range.faulty import Fault, cut_in_body, drip, hang, hang_in_body, reset
from psfir.range.server import Reply
from tests.messengers.stage import Stage

LONG, SHORT = 10.0, 0.3
"""Long where the fault takes no time, short where all of it is waited through."""

SENT, REFUSED, FAILED, UNKNOWN = Result.SENT, Result.REFUSED, Result.FAILED, Result.UNKNOWN
Results = frozenset[Result]
NEVER: Results = frozenset()


class Place(StrEnum):
    """Where the fault sits."""

    POSTING = "on every request that posts something"
    REFUSED = "nobody listens where the connection points"
    UNTRUSTED = "the certificate is of an authority that nobody knows"


@dataclass(frozen=True)
class Row:
    """`again` says whether another try is offered: only for what was surely not taken."""

    name: str
    out: Results
    not_out: Results
    fault: Callable[[Stage], Fault] | None = None
    place: Place = Place.POSTING
    share: float = LONG
    again: bool = False
    after: float | None = None


def _status(status: int, *, carry: bool = False, **headers: str) -> Callable[[Stage], Fault]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda stage: Fault(str(status), carry=carry, reply=Reply(status, stage.saying(status), named))


def _garbled(_stage: Stage) -> Fault:
    headers = {"Content-Type": "application/json"}
    return Fault("garbled", spoil=lambda answer: Reply(answer.status, b'{"ok": tru<html>', headers))


_UNCLEAR, _NO, _LATER = frozenset({UNKNOWN}), frozenset({REFUSED}), frozenset({FAILED})

MATRIX: tuple[Row, ...] = (
    Row("connection refused", NEVER, _LATER, place=Place.REFUSED, again=True),
    Row("unknown certificate", NEVER, _LATER, place=Place.UNTRUSTED, again=True),
    Row("hang, not taken", NEVER, _UNCLEAR, lambda _: Fault("hang", wire=hang), share=SHORT),
    Row("hang, taken", _UNCLEAR, NEVER, lambda _: Fault("hang", carry=True, wire=hang), share=SHORT),
    Row("hang in the body", _UNCLEAR, NEVER, lambda _: Fault("half", carry=True, wire=hang_in_body), share=SHORT),
    Row("slow drip", _UNCLEAR, NEVER, lambda _: Fault("drip", carry=True, wire=drip), share=SHORT),
    Row("reset, not taken", NEVER, _UNCLEAR, lambda _: Fault("reset", wire=reset)),
    Row("reset, taken", _UNCLEAR, NEVER, lambda _: Fault("reset", carry=True, wire=reset)),
    Row("cut in the body", _UNCLEAR, NEVER, lambda _: Fault("cut", carry=True, wire=cut_in_body)),
    Row("400", NEVER, _NO, _status(400)),
    Row("401", NEVER, _NO, _status(401)),
    Row("403", NEVER, _NO, _status(403)),
    Row("404", NEVER, _NO, _status(404)),
    Row("422", NEVER, _NO, _status(422)),
    Row("429", NEVER, _LATER, _status(429, Retry_After="30"), again=True, after=30.0),
    Row("429 without a word of when", NEVER, _LATER, _status(429), again=True),
    Row("500, not taken", NEVER, _UNCLEAR, _status(500)),
    Row("500, taken", _UNCLEAR, NEVER, _status(500, carry=True)),
    Row("503, not taken", NEVER, _UNCLEAR, _status(503)),
    Row("504, taken", _UNCLEAR, NEVER, _status(504, carry=True)),
)

MALFORMED = Row("malformed body", frozenset({SENT, UNKNOWN}), NEVER, _garbled)
"""Whoever needs nothing of an answer but its status may call it sent."""
