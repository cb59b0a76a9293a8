"""Which variation of a flag or AI Config is meant: by its name, its key, its value or its index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psfir.domain.canon import Json, canonical, digest
from psfir.errors import LeverError, UsageError

_SHOWN = 80
_OFF_WORDS = frozenset({"", "off", "no", "none", "false", "disabled", "0", "null"})

Variations = Sequence[Mapping[str, Any]]


def kept(variations: object, *, whole: bool) -> list[Json]:
    """What a state holds of each. An AI Config's value is a prompt: of that a digest is kept, not the text."""
    if not isinstance(variations, list) or not all(isinstance(one, Mapping) and "_id" in one for one in variations):
        raise LeverError("its answer does not list its variations", todo="check the url of the connection")
    found: list[Json] = []
    for one in variations:
        value = one.get("value")
        names = {"id": str(one["_id"]), "name": str(one.get("name") or "")}
        found.append({**names, "value": value} if whole else {**names, "key": _key(value), "digest": digest(value)})
    return found


def find(variations: Variations, said: Json) -> int:
    """The index of the one that is meant; UsageError with all there are if it is none, or could be two."""
    hits = [index for index, one in enumerate(variations) if _named(one, said)]
    if isinstance(said, int) and not isinstance(said, bool) and 0 <= said < len(variations) and said not in hits:
        hits.append(said)
    if len(hits) == 1:
        return hits[0]
    how = "could be more than one variation" if hits else "is no variation"
    known = "; ".join(f"{index}: {_word(one)}" for index, one in enumerate(variations))
    raise UsageError(f"variation {_short(said)} {how}", todo=f"there is: {known}")


def at(variations: Variations, index: object) -> Mapping[str, Any]:
    """The one a state's index leads to. Serving from an index that leads nowhere is the vendor's error, and ours."""
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(variations):
        raise LeverError(f"variation {index!r} is named, and there are {len(variations)}", todo="read it again")
    return variations[index]


def word(variations: Variations, index: object) -> str:
    """`false (variation off)`: what is served, and what it is called."""
    return _word(at(variations, index))


def truthy(variations: Variations, index: object) -> bool:
    """Whether an application would take what is served for a yes."""
    value = at(variations, index).get("value")
    return value.strip().lower() not in _OFF_WORDS if isinstance(value, str) else bool(value)


def _named(one: Mapping[str, Any], said: Json) -> bool:
    if isinstance(said, str) and said and said in {one["id"], one["name"], one.get("key", "")}:
        return True
    return "value" in one and canonical(one["value"]) == canonical(said)


def _word(one: Mapping[str, Any]) -> str:
    name = one["name"] or one.get("key", "")
    if "value" not in one:
        return str(name or one["id"])
    value = _short(one["value"])
    return f"{value} (variation {name})" if name and name != one["value"] and name.lower() != value else value


def _short(value: Json) -> str:
    text = canonical(value).decode()
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _key(value: object) -> str:
    meta = value.get("_ldMeta") if isinstance(value, Mapping) else None
    return str(meta.get("variationKey", "")) if isinstance(meta, Mapping) else ""
