"""Spans of time as people write them (`90s`, `15m`, `1h30m`) and as psfir counts them: seconds."""

from __future__ import annotations

import re

_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
# Each unit at most once, the largest first: `15m15m` is a slip, not half an hour.
PATTERN = "".join(rf"(?:([0-9]+(?:\.[0-9]+)?){unit})?" for unit in _UNITS)
"""What all of a span looks like, for regular expressions of any kind; the empty text fits it, and is none."""
_WHOLE = re.compile(PATTERN)


def seconds(text: str) -> float:
    """Seconds in `text`; ValueError says what a span looks like."""
    found = _WHOLE.fullmatch(text)
    if not text or found is None:
        raise ValueError(f"{text!r} is not a span of time; write it like 30s, 15m or 1h30m")
    return sum(float(number) * size for number, size in zip(found.groups(), _UNITS.values(), strict=True) if number)


def show(span: float) -> str:
    """The shortest exact way to write a span, down to milliseconds: 90 -> 1m30s."""
    millis = round(abs(span) * 1000)
    sign = "-" if span < 0 and millis else ""
    parts = []
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000)):
        count, millis = divmod(millis, size)
        if count:
            parts.append(f"{count}{unit}")
    if millis or not parts:
        parts.append(f"{millis / 1000:.3f}".rstrip("0").rstrip(".") + "s")
    return sign + "".join(parts)


def clock(span: float) -> str:
    """A running clock: `04:09`, or `1:02:03` past the hour."""
    whole = int(abs(span))
    sign = "-" if span < 0 and whole else ""
    minutes, secs = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours}:{minutes:02}:{secs:02}" if hours else f"{sign}{minutes:02}:{secs:02}"
