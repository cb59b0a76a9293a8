"""As much of DynamoDB's expressions as the range has: keys that equal or begin with, and items that exist or do not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

_Item: TypeAlias = Mapping[str, Mapping[str, Any]]
_EQUAL = re.compile(r"\s*\(?\s*([#\w-]+)\s*=\s*(:\w+)\s*\)?\s*")
_BEGINS = re.compile(r"\s*begins_with\s*\(\s*([#\w-]+)\s*,\s*(:\w+)\s*\)\s*")
_EXISTS = re.compile(r"\s*attribute_(not_)?exists\s*\(\s*([#\w-]+)\s*\)\s*")
_BEYOND = ("FilterExpression", "IndexName", "ExclusiveStartKey", "Expected", "KeyConditions", "QueryFilter")


class NotUnderstood(Exception):
    """An expression that DynamoDB may know, and the range does not."""


def key_condition(params: Mapping[str, Any]) -> Callable[[_Item], bool]:
    """Whether a query is about that item."""
    _only_what_is_known(params)
    said = str(params.get("KeyConditionExpression", ""))
    parts = [_part(one, params) for one in re.split(r"\s+AND\s+", said, flags=re.IGNORECASE)]
    return lambda item: all(part(item) for part in parts)


def holds(params: Mapping[str, Any], found: _Item | None) -> bool:
    """Whether what is there lets an item be put."""
    _only_what_is_known(params)
    said = params.get("ConditionExpression")
    if said is None:
        return True
    match = _EXISTS.fullmatch(said)
    if match is None:
        raise NotUnderstood(f"the range does not know this ConditionExpression: {said}")
    there = found is not None and _name(match[2], params) in found
    return not there if match[1] else there


def _part(said: str, params: Mapping[str, Any]) -> Callable[[_Item], bool]:
    equal, begins = _EQUAL.fullmatch(said), _BEGINS.fullmatch(said)
    match = equal or begins
    values = params.get("ExpressionAttributeValues", {})
    if match is None or match[2] not in values:
        raise NotUnderstood(f"the range does not know this KeyConditionExpression: {said}")
    name, value = _name(match[1], params), values[match[2]]
    if equal:
        return lambda item: item.get(name) == value
    return lambda item: str(item.get(name, {}).get("S", "")).startswith(str(value.get("S")))


def _name(said: str, params: Mapping[str, Any]) -> str:
    if not said.startswith("#"):
        return said
    names = params.get("ExpressionAttributeNames", {})
    if said not in names:
        raise NotUnderstood(f"{said} stands for no name")
    return str(names[said])


def _only_what_is_known(params: Mapping[str, Any]) -> None:
    if beyond := [one for one in _BEYOND if one in params]:
        raise NotUnderstood(f"the range does not know {', '.join(beyond)}")
