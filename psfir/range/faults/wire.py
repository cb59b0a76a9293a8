"""What goes wrong on the wire to any part, whatever is spoken over it."""

from __future__ import annotations

from collections.abc import Sequence

from psfir.domain.about import FieldType
from psfir.range.faults.fault import Begin, FaultAbout, Ground, Setting, Settings, Undo, every
from psfir.range.faults.outage import answered
from psfir.range.faulty import Fault
from psfir.range.part import Part
from psfir.range.server import Reply
from psfir.range.wires import BLACK_HOLE, CLEAR, Flow, Then

WRONG_BODY, STATUS = "wire.wrong_body", "wire.status"
_PAGE = b"<!doctype html><title>Sign in</title><p>Please sign in to the network.</p>\n"
_ON = Setting("on", FieldType.TEXT, "launchdarkly", "the wire to which part, or connection")
_BYTES = Setting("bytes", FieldType.WHOLE, 200, "how many bytes of a connection pass before that", most=1_000_000_000)


def _spoilt(ground: Ground, settings: Settings, *, up: Flow = CLEAR, down: Flow = CLEAR) -> Undo:
    return every(part.spoil(up=up, down=down) for part in _on(ground, settings))


def _on(ground: Ground, settings: Settings) -> Sequence[Part]:
    return ground.wires(settings.text("on"))


def _answered(ground: Ground, settings: Settings, fault: Fault) -> Undo:
    return every(answered(part, fault) for part in _on(ground, settings))


def _latency(ground: Ground, settings: Settings) -> Undo:
    return _spoilt(ground, settings, down=Flow(latency=settings.number("by")))


def _drip(ground: Ground, settings: Settings) -> Undo:
    return _spoilt(ground, settings, down=Flow(rate=settings.number("rate")))


def _black_hole(ground: Ground, settings: Settings) -> Undo:
    return _spoilt(ground, settings, up=BLACK_HOLE, down=BLACK_HOLE)


def _cut(then: Then) -> Begin:
    def begin(ground: Ground, settings: Settings) -> Undo:
        return _spoilt(ground, settings, down=Flow(limit=settings.whole("bytes"), then=then))

    return begin


def _wrong_body(ground: Ground, settings: Settings) -> Undo:
    return _answered(ground, settings, Fault(WRONG_BODY, spoil=_sign_in))


def _sign_in(_reply: Reply) -> Reply:
    return Reply(200, _PAGE, {"Content-Type": "text/html"})


def _status(ground: Ground, settings: Settings) -> Undo:
    code = settings.whole("code")
    said = Reply(code, {"message": f"answered {code} by whatever stands in between"})
    return _answered(ground, settings, Fault(STATUS, reply=said))


def _wire(name: str, line: str, sees: str, begin: Begin, *more: Setting) -> FaultAbout:
    return FaultAbout(name, line, sees, begin, (_ON, *more), apart="on", check=_on)


FAULTS = (
    _wire(
        "wire.latency",
        "every piece of an answer comes late",
        "all is slow, and short shares run out",
        _latency,
        Setting("by", FieldType.SPAN, "2s", "how late", most=600),
    ),
    _wire(
        "wire.reset",
        "connections are reset in the middle of an answer",
        "a call was sent, and what became of it is unknown",
        _cut(Then.RESET),
        _BYTES,
    ),
    _wire(
        "wire.black_hole",
        "nothing passes either way, and nobody says so; what was sent meanwhile arrives later",
        "calls hang until they are given up, and may take effect after that",
        _black_hole,
    ),
    _wire(
        "wire.truncate",
        "answers end too early",
        "half a body, and what became of the call is unknown",
        _cut(Then.END),
        _BYTES,
    ),
    _wire(
        "wire.drip",
        "answers come a few bytes at a time",
        "no single wait is long, and the whole is",
        _drip,
        Setting("rate", FieldType.WHOLE, 50, "bytes a second", least=1),
    ),
    _wire(
        WRONG_BODY,
        "what is asked is done, and a sign-in page is what comes back",
        "a 200 that is no answer",
        _wrong_body,
    ),
    _wire(
        STATUS,
        "whatever stands in between answers by itself",
        "the same status for every call, and nothing was done",
        _status,
        Setting("code", FieldType.WHOLE, 503, "which status", least=200, most=599),
    ),
)
