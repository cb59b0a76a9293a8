"""What a probe of numbers was told to find: one comparison, and whether a value is that."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from psfir.domain import durations
from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.values import frozen
from psfir.errors import UsageError

COMPARED = ("below", "above", "equals")


@frozen
class Bound:
    """`how` is one of COMPARED."""

    how: str
    number: float

    def judge(self, value: float) -> tuple[Held, str]:
        if not isfinite(value):
            return Held.COULD_NOT_TELL, f"{value:g} is no number to compare"
        held = {"below": value < self.number, "above": value > self.number, "equals": value == self.number}[self.how]
        if held:
            return Held.HELD, f"{value:g}, which {_BE[self.how]} {self.number:g}"
        return Held.NOT_HELD, f"{value:g}, not {_WORD[self.how]}{self.number:g}"


_BE = {"below": "is below", "above": "is above", "equals": "equals"}
_WORD = {"below": "below ", "above": "above ", "equals": ""}


def only_one(said: Mapping[str, Json], keys: tuple[str, ...], more: tuple[str, ...]) -> str:
    """Which of `keys` it says; UsageError unless it is one alone, and for a key that is of neither."""
    if unknown := sorted(set(said) - {*keys, *more}):
        raise UsageError(f"expect: has no key {unknown[0]!r}", todo=f"there is: {', '.join((*keys, *more))}")
    told = [key for key in keys if key in said]
    if len(told) != 1:
        raise UsageError(f"expect: says {' and '.join(told) or 'nothing'}", todo=f"say one of {', '.join(keys)}")
    return told[0]


def number(key: str, said: Json) -> float:
    if isinstance(said, bool) or not isinstance(said, (int, float)) or not isfinite(said):
        raise UsageError(f"expect: {key}: {said!r} is no number")
    return float(said)


def span(key: str, said: Json, default: float, *, where: str = "expect") -> float:
    """In seconds."""
    if said is None:
        return default
    try:
        found = durations.seconds(said) if isinstance(said, str) else 0.0
    except ValueError as error:
        raise UsageError(f"{where}: {key}: {error}") from None
    if found <= 0:
        raise UsageError(f"{where}: {key}: {said!r} is no span of time", todo="write it like 30s or 2m")
    return found
