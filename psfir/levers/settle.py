"""The compare of every compare-and-swap: what is there, what it was planned from, what it shall be."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.domain.canon import Json, canonical
from psfir.domain.change import Change, Outcome, Result
from psfir.domain.values import frozen
from psfir.errors import Drift, UsageError

_SHOWN = 160


@frozen
class Way:
    """From `expected` to `wanted`: a pull goes from before to after, a restore the other way round."""

    expected: Json
    wanted: Json


def settled(name: str, found: Json, way: Way, *, where: str = "") -> Outcome | None:
    """Already there, or Drift; None if it is as expected and may be written."""
    if same(found, way.wanted):
        return Outcome(Result.ALREADY_SO, f"{name} is already {word(way.wanted)}", found)
    if not same(found, way.expected):
        what = f"{name} is {word(found)}, not {word(way.expected)}: somebody else has changed it"
        raise Drift(what, expected=way.expected, found=found, where=where)
    return None


def states(change: Change, *, back: bool = False) -> tuple[Mapping[str, Json], Mapping[str, Json]]:
    """From what to what a recorded change goes, or a restore of it; UsageError if one of them is no state."""
    expected, wanted = (change.after, change.before) if back else (change.before, change.after)
    if not isinstance(expected, Mapping) or not isinstance(wanted, Mapping):
        raise UsageError(f"this change of {change.lever} holds no state")
    return expected, wanted


def same(one: Json, other: Json) -> bool:
    return canonical(one) == canonical(other)


def word(value: Json) -> str:
    """A value in one line that people can read, however large it is."""
    text = canonical(value).decode()
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
