"""JSON pointers (RFC 6901): how a lever or a probe says which part of an answer it means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from psfir.domain.canon import Json

_INDEX = re.compile(r"0|[1-9][0-9]*")
_BAD_ESCAPE = re.compile(r"~(?![01])")


class NotThere(LookupError):
    """The pointer leads nowhere; the text says how far it got."""


def check(pointer: str) -> None:
    """ValueError if this is no JSON pointer."""
    if pointer and not pointer.startswith("/"):
        raise ValueError(f"{pointer!r} is no JSON pointer: it begins with '/', or is empty for the whole document")
    if _BAD_ESCAPE.search(pointer):
        raise ValueError(f"{pointer!r} is no JSON pointer: '~' is written ~0 and '/' in a name ~1")


def resolve(document: Json, pointer: str) -> Json:
    """What `pointer` points at. The empty pointer is the whole document."""
    check(pointer)
    found = document
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, Mapping) and name in found:
            found = found[name]
        elif _is_list(found) and _INDEX.fullmatch(name) and int(name) < len(found):
            found = found[int(name)]
        else:
            raise NotThere(f"pointer {pointer!r}: there is no {name!r}")
    return found


def _is_list(value: Json) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
