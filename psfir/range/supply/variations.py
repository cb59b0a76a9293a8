"""The variations that a flag or an AI Config must have, so that what runbooks say of it can be said and seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.range.supply.unlike import same, unlike
from psfir.range.supply.uses import Use


@frozen
class Made:
    """Its variations, which of them everyone is served at first, and whether it is on."""

    values: tuple[Json, ...]
    served: int
    on: bool


def of_flag(uses: Iterable[Use]) -> Made:
    """True and false, unless other values are named; those that a probe expects are last, where off finds them."""
    uses = list(uses)
    said = [use.set["variation"] for use in uses if "variation" in use.set]
    named = [*(one for one in said if not _index(one)), *(use.expect["value"] for use in uses if "value" in use.expect)]
    values: list[Json] = [True, False]
    if not all(isinstance(one, bool) for one in named):
        values = _once([unlike(named), *named])
    return _made(values, said, on=not any(use.set.get("on") is True for use in uses))


def of_ai_config(uses: Iterable[Use]) -> Made:
    said = [use.set["variation"] for use in uses if "variation" in use.set]
    named = [str(one) for one in said if not _index(one)]
    return _made(_once([unlike(named), *named]), said, on=True)


def index_of(variations: Sequence[Mapping[str, Any]], said: Json) -> int | None:
    """The variation that is meant by its value, its name, its key or its index."""
    for index, one in enumerate(variations):
        value = one["value"]
        key = value.get("_ldMeta", {}).get("variationKey") if isinstance(value, dict) else None
        if same(value, said) or (isinstance(said, str) and said in {one["name"], key}):
            return index
    return said if _index(said) and isinstance(said, int) and said < len(variations) else None


def _made(values: list[Json], said: Sequence[Json], *, on: bool) -> Made:
    while any(isinstance(one, int) and _index(one) and one >= len(values) for one in said):
        values.append(unlike(str(one) for one in values))
    named = [{"value": value, "name": str(value)} for value in values]
    taken = {index_of(named, one) for one in said}
    free = (index for index in range(len(values)) if index not in taken)
    return Made(tuple(values), next(free, 0), on)


def _index(said: Json) -> bool:
    return isinstance(said, int) and not isinstance(said, bool) and said >= 0


def _once(values: Iterable[Json]) -> list[Json]:
    found: list[Json] = []
    for value in values:
        if not any(same(value, one) for one in found):
            found.append(value)
    return found
