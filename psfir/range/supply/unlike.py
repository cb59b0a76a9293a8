"""A value that is none of those that runbooks set or expect: what things are before a kill."""

from __future__ import annotations

from collections.abc import Iterable

from psfir.domain.canon import Json, canonical

_BEFORE: tuple[Json, ...] = ("live", "as-before", "before-the-kill")


def unlike(values: Iterable[Json]) -> Json:
    """Of the same kind as the first of them where that is possible: an API that says false said true before."""
    told = list(values)
    first = told[0] if told else ""
    if isinstance(first, bool):
        return _first((not first, *_BEFORE), told)
    if isinstance(first, (int, float)):
        return max(one for one in told if isinstance(one, (int, float)) and not isinstance(one, bool)) + 1
    return _first(_BEFORE, told)


def same(one: Json, other: Json) -> bool:
    return canonical(one) == canonical(other)


def _first(among: Iterable[Json], told: list[Json]) -> Json:
    free = (one for one in among if not any(same(one, other) for other in told))
    return next(free, f"live-{len(told)}")
