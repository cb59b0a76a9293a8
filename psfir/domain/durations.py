"""Spans of time as people write them (`90s`, `15m`, `1h30m`) and as psfir counts them: seconds."""

from __future__ import annotations

import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_WHOLE = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+")


def seconds(text: str) -> float:
    """Seconds in `text`; ValueError says what a span looks like."""
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"{text!r} is not a span of time; write it like 30s, 15m or 1h30m")
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))


def show(span: float) -> str:
    """The shortest exact way to write a span, down to milliseconds: 90 -> 1m30s."""
    sign, left = ("-", -span) if span < 0 else ("", span)
    millis = round(left * 1000)
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
    sign, left = ("-", -span) if span < 0 else ("", span)
    minutes, secs = divmod(int(left), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours}:{minutes:02}:{secs:02}" if hours else f"{sign}{minutes:02}:{secs:02}"
