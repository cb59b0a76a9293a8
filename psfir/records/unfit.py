"""A value no record can hold, as one that every record can: a kill must not stop over a number in a vendor's answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from psfir.domain import canon
from psfir.domain.entries import Draft

_DEEPEST = 50


def fitted(draft: Draft) -> Draft:
    """The draft itself if it can be recorded; else one whose unfit values are text."""
    try:
        canon.canonical(draft.to_json())
    except (ValueError, TypeError, AttributeError, RecursionError):
        data = {_text(str(key)): _fit(value, 1) for key, value in draft.data.items()}
        incident, actor, channel = _text(draft.incident), _text(draft.actor), _text(draft.channel)
        return replace(draft, incident=incident, actor=actor, channel=channel, data=data)
    return draft


def _fit(value: object, depth: int) -> canon.Json:
    if depth > _DEEPEST:
        return "(too deep for the record)"
    if isinstance(value, Mapping):
        return {_text(str(key)): _fit(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_fit(item, depth + 1) for item in value]
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, int | float):
        return value if _fits(value) else str(value)
    return f"({type(value).__name__} has no JSON form)"


def _fits(value: float | None) -> bool:
    try:
        canon.canonical(value)
    except ValueError:
        return False
    return True


def _text(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
