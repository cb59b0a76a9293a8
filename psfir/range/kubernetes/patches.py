"""The three patches that need no ownership: JSON merge, strategic merge (lists by key) and JSON Patch."""

from __future__ import annotations

from typing import Any

from psfir.range.kubernetes.fields import is_set, merge_keys
from psfir.range.kubernetes.resources import Obj
from psfir.range.kubernetes.status import patch_refused
from psfir.range.kubernetes.store import copied

_TAKEN = ("$setElementOrder/", "$deleteFromPrimitiveList/", "$retainKeys")


def merge(whole: Obj, patch: Obj) -> Obj:
    """RFC 7386: null takes away, objects are merged, everything else replaces."""
    result = copied(whole)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            held = result.get(key)
            result[key] = merge(held if isinstance(held, dict) else {}, value)
        else:
            result[key] = copied(value)
    return result


def strategic(whole: Obj, patch: Obj) -> Obj:
    """As merge, but lists such as containers and env are merged item by item, and `$patch` says what else to do."""
    if patch.get("$patch") == "replace":
        return {key: copied(value) for key, value in patch.items() if key != "$patch"}
    result = copied(whole)
    for key, value in patch.items():
        if key.startswith(_TAKEN) or key == "$patch":
            _primitives_out(result, key, value)
        elif value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            if value.get("$patch") == "delete":
                result.pop(key, None)
                continue
            held = result.get(key)
            result[key] = strategic(held if isinstance(held, dict) else {}, value)
        elif isinstance(value, list):
            held = result.get(key)
            result[key] = _items(key, held if isinstance(held, list) else [], value)
        else:
            result[key] = value
    return result


def json_patch(whole: Obj, operations: list[Any]) -> Obj:
    """RFC 6902. Whatever does not fit, a failed test too, is refused as the server does: without a useful word."""
    root = {"": copied(whole)}
    for each in operations:
        try:
            _operate(root, each)
        except (KeyError, IndexError, TypeError, ValueError):
            raise patch_refused() from None
    result = root[""]
    if not isinstance(result, dict):
        raise patch_refused()
    return result


def _primitives_out(result: Obj, key: str, value: Any) -> None:  # noqa: ANN401 - as it came in a body
    prefix, _, name = key.partition("/")
    if prefix == "$deleteFromPrimitiveList" and name in result:
        result[name] = [item for item in result[name] if item not in value]


def _items(name: str, held: list[Any], given: list[Any]) -> list[Any]:
    if is_set(name):
        return [*held, *(item for item in given if item not in held)]
    if any(isinstance(item, dict) and item.get("$patch") == "replace" for item in given):
        return [copied(item) for item in given if item.get("$patch") != "replace"]
    keys = merge_keys(name, given)[:1]
    if not keys:
        return copied(given)
    key = keys[0]
    result = copied(held)
    for item in given:
        same = next((at for at, other in enumerate(result) if other.get(key) == item[key]), None)
        if item.get("$patch") == "delete":
            result = [other for other in result if other.get(key) != item[key]]
        elif same is None:
            result.append(strategic({}, item))
        else:
            result[same] = strategic(result[same], item)
    return result


def _operate(root: Obj, operation: Obj) -> None:
    kind, path = operation["op"], _parts(operation["path"])
    if kind == "test":
        if _at(root, path) != operation["value"]:
            raise ValueError("the test failed")
    elif kind in {"add", "replace"}:
        _set(root, path, operation["value"], replace=kind == "replace")
    elif kind == "remove":
        _take(root, path)
    elif kind in {"move", "copy"}:
        source = _parts(operation["from"])
        value = _take(root, source) if kind == "move" else _at(root, source)
        _set(root, path, value, replace=False)
    else:
        raise ValueError(f"no such operation: {kind}")


def _parts(pointer: str) -> list[str]:
    if pointer and not pointer.startswith("/"):
        raise ValueError(f"no pointer: {pointer}")
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")]


def _at(holder: Any, path: list[str]) -> Any:  # noqa: ANN401 - any place in a document
    for part in path:
        holder = holder[int(part)] if isinstance(holder, list) else holder[part]
    return holder


def _set(root: Obj, path: list[str], value: Any, *, replace: bool) -> None:  # noqa: ANN401 - as it came in a body
    holder, last = _at(root, path[:-1]), path[-1]
    if isinstance(holder, list):
        at = len(holder) if last == "-" and not replace else int(last)
        if not 0 <= at <= len(holder) - replace:
            raise IndexError(last)
        holder[at : at + replace] = [copied(value)]
        return
    if replace and last not in holder:
        raise KeyError(last)
    holder[last] = copied(value)


def _take(root: Obj, path: list[str]) -> Any:  # noqa: ANN401 - any place in a document
    holder, last = _at(root, path[:-1]), path[-1]
    return holder.pop(int(last)) if isinstance(holder, list) else holder.pop(last)
