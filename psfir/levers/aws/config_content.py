"""One flag, or one value, inside a configuration of AppConfig: found, put, and everything around it left as it was."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from psfir.contracts import Target
from psfir.domain.canon import Json
from psfir.errors import Declined, NoSuchTarget, Refusal, UsageError
from psfir.levers.settle import same
from psfir.vendors.http_pointer import at, steps

_VARIANTS = "_variants"


def parsed(content: bytes, version: str) -> Any:  # noqa: ANN401 - whatever the configuration holds
    """Declined if it is no JSON: in anything else nothing can be put without touching the rest."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        what = f"version {version} is no JSON, in which one value could be put"
        raise Declined(what, todo="deploy a whole version that is off: set: {version: ...}") from None


def found(target: Target, content: Json) -> Json:
    """The flag's own entry, or the value at the key."""
    if target.get("flag"):
        return at(content, _pointer(str(target["flag"])))
    return at(content, str(target["key"]))


def put(target: Target, content: Json, value: Json) -> Json:
    """The same content with another value there."""
    pointer = _pointer(str(target["flag"])) if target.get("flag") else str(target["key"])
    at(content, pointer)
    *way, last = steps(pointer)
    made: Any = copy.deepcopy(content)
    inside = made
    for step in way:
        inside = inside[int(step) if isinstance(inside, list) else step]
    inside[int(last) if isinstance(inside, list) else last] = value
    return made  # type: ignore[no-any-return]  # it was Json before


def written(content: Json) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=2).encode()


def switched(entry: Json, settings: Mapping[str, Json]) -> Json:
    """A flag's entry, on or off for everybody: each of its variants has a switch of its own."""
    wanted = settings.get("enabled", False)
    if not isinstance(wanted, bool):
        raise UsageError(f"a flag is on or off, and never {wanted!r}", todo="say set: {enabled: false}")
    if not isinstance(entry, Mapping):
        raise NoSuchTarget("the flag has no entry that could be switched", todo="see its values in AppConfig")
    variants = entry.get(_VARIANTS)
    if not isinstance(variants, list):
        return {**entry, "enabled": wanted}
    if wanted:
        what = "the flag serves variants by rules, and which of them to switch on is not told"
        raise Refusal(what, todo="deploy a version in which they are: set: {version: ...}")
    return {**entry, _VARIANTS: [{**one, "enabled": False} if isinstance(one, Mapping) else one for one in variants]}


def switch(entry: Json) -> str:
    """In a word, on or off, and for whom."""
    variants = entry.get(_VARIANTS) if isinstance(entry, Mapping) else None
    if isinstance(variants, list):
        on = [str(one.get("name")) for one in variants if isinstance(one, Mapping) and one.get("enabled")]
        return f"on in its variants {', '.join(on)}" if on else "off in all its variants"
    return "on" if isinstance(entry, Mapping) and entry.get("enabled") else "off"


def alike(one: bytes, other: Json) -> bool:
    """Whether they mean the same, however they are written."""
    try:
        return same(json.loads(one), other)
    except (ValueError, TypeError, RecursionError):
        return False


def _pointer(flag: str) -> str:
    return f"/values/{flag.replace('~', '~0').replace('/', '~1')}"
