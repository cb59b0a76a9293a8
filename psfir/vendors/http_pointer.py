"""JSON pointers (RFC 6901): how a lever or a probe names one value inside a JSON answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from psfir.domain.canon import Json
from psfir.domain.near import near
from psfir.domain.pointer import is_pointer
from psfir.errors import NoSuchTarget, UsageError

_INDEX = re.compile(r"0|[1-9][0-9]*")
_SHOWN = 20


def steps(pointer: str) -> list[str]:
    """The names and numbers a pointer goes through; UsageError if it is none."""
    if not is_pointer(pointer):
        raise UsageError(f"{pointer!r} is no JSON pointer", todo='write it like /flags/0/on; "" is the whole answer')
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def at(value: Json, pointer: str) -> Json:
    """The value that the pointer names; NoSuchTarget, with what is there instead, if it names none."""
    for step in steps(pointer):
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif _holds(value, step):
            value = value[int(step)]  # type: ignore[index]  # `_holds` has seen that it is a list
        else:
            raise NoSuchTarget(f"the answer has no {pointer}", todo=_instead(value, step))
    return value


def _holds(value: Json, step: str) -> bool:
    is_list = isinstance(value, Sequence) and not isinstance(value, str)
    return is_list and bool(_INDEX.fullmatch(step)) and len(step) < _SHOWN and int(step) < len(value)  # type: ignore[arg-type]  # the same


def _instead(value: Json, step: str) -> str:
    if isinstance(value, Mapping):
        return near(step, sorted(value)[:_SHOWN])
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"there is a list of {len(value)}"
    return "there is a plain value"
