"""What a Prometheus probe was told to find, and whether a value is that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite

from psfir.domain import durations
from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.values import frozen
from psfir.errors import UsageError

_NAME = r"[A-Za-z_:][A-Za-z0-9_:]*"
_TEXT = r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)"""
_MATCH = rf"""\s*(?:{_NAME}|{_TEXT})\s*(?:=~|!~|!=|=)\s*{_TEXT}\s*"""
_BRACES = rf"\{{(?:{_MATCH}(?:,{_MATCH})*,?\s*)?\}}"
_PLAIN = re.compile(rf"\s*(?:{_NAME}\s*(?:{_BRACES})?|{_BRACES})\s*")

_COMPARED = ("below", "above", "equals")
_KEYS = (*_COMPARED, "absent", "fresh")
_FRESH = 60.0


def plain(query: str) -> bool:
    """Whether it is a selector and nothing else: only of such does `timestamp()` tell when a sample was taken."""
    return bool(_PLAIN.fullmatch(query))


@frozen
class Expected:
    """An `expect:` block, checked: one comparison, or that nothing is there."""

    how: str
    number: float
    fresh: float

    @classmethod
    def of(cls, said: Mapping[str, Json]) -> Expected:
        if unknown := sorted(set(said) - set(_KEYS)):
            raise UsageError(f"expect: has no key {unknown[0]!r}", todo=f"there is: {', '.join(_KEYS)}")
        told = [key for key in (*_COMPARED, "absent") if key in said]
        if len(told) != 1:
            raise UsageError(
                f"expect: says {' and '.join(told) or 'nothing'}", todo="say one of below, above, equals, absent"
            )
        how = told[0]
        if how == "absent" and said[how] is not True:
            raise UsageError(
                "expect: absent can only be true", todo="to see that a series is there, say above or equals"
            )
        return cls(how, 0.0 if how == "absent" else _number(how, said[how]), _span(said.get("fresh")))

    @property
    def absent(self) -> bool:
        return self.how == "absent"

    def judge(self, value: float) -> tuple[Held, str]:
        if not isfinite(value):
            return Held.COULD_NOT_TELL, f"{value:g} is no number to compare"
        held = {"below": value < self.number, "above": value > self.number, "equals": value == self.number}[self.how]
        if held:
            return Held.HELD, f"{value:g}, which {_BE[self.how]} {self.number:g}"
        return Held.NOT_HELD, f"{value:g}, not {_WORD[self.how]}{self.number:g}"

    def old(self, age: float) -> str:
        return f"{durations.show(round(age, 1))} old, more than {durations.show(self.fresh)}"


_BE = {"below": "is below", "above": "is above", "equals": "equals"}
_WORD = {"below": "below ", "above": "above ", "equals": ""}


def _number(key: str, said: Json) -> float:
    if isinstance(said, bool) or not isinstance(said, (int, float)) or not isfinite(said):
        raise UsageError(f"expect: {key}: {said!r} is no number")
    return float(said)


def _span(said: Json) -> float:
    if said is None:
        return _FRESH
    try:
        span = durations.seconds(said) if isinstance(said, str) else 0.0
    except ValueError as error:
        raise UsageError(f"expect: fresh: {error}") from None
    if span <= 0:
        raise UsageError(f"expect: fresh: {said!r} is no span of time", todo="write it like 30s or 2m")
    return span
