"""What conditions are to be weighed with, in the words of IAM's simulation: each key with a type and its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psfir.domain.canon import Json
from psfir.errors import UsageError

_TYPES = {
    "aws:sourceip": "ip",
    "aws:vpcsourceip": "ip",
    "aws:currenttime": "date",
    "aws:tokenissuetime": "date",
}
"""Of the keys whose values are texts and mean something else; names of keys have no case."""


def entries(said: Json) -> list[Json]:
    """UsageError for what no condition could be held against."""
    if said is None:
        return []
    if not isinstance(said, Mapping):
        raise UsageError(
            "context: is no mapping of keys to values", todo="say context: {aws:RequestedRegion: eu-west-1}"
        )
    return [_entry(str(key), value) for key, value in said.items()]


def _entry(key: str, said: Json) -> Json:
    several = isinstance(said, Sequence) and not isinstance(said, str)
    values = list(said) if isinstance(said, Sequence) and not isinstance(said, str) else [said]
    kinds = {_kind(key, value) for value in values}
    if len(kinds) != 1:
        raise UsageError(f"context: {key}: is {'no value' if not values else 'of several kinds'}")
    kind = kinds.pop()
    return {
        "ContextKeyName": key,
        "ContextKeyValues": [_word(value) for value in values],
        "ContextKeyType": f"{kind}List" if several else kind,
    }


def _kind(key: str, value: Json) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "numeric"
    if isinstance(value, str):
        return _TYPES.get(key.lower(), "string")
    raise UsageError(f"context: {key}: {value!r} is neither a text, a number nor true or false")


def _word(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
