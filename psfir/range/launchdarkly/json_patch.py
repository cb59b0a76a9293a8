"""JSON Patch (RFC 6902) on a flag: the way with a precondition, since it has `test`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psfir.range.copies import copied
from psfir.range.launchdarkly.refusal import Refused, invalid
from psfir.range.launchdarkly.shapes import Plain, check_indexes, new_id

_ACTIONS = {
    "on": "updateOn",
    "fallthrough": "updateFallthrough",
    "offVariation": "updateOffVariation",
    "rules": "updateRules",
    "targets": "updateTargets",
    "contextTargets": "updateTargets",
    "prerequisites": "updatePrerequisites",
}
# The vendor's own example tests /version, where the body says _version.
_ALIASES = {"version": "_version"}
_FIXED = {"_id", "_version", "key", "creationDate", "kind"}


def apply(flag: Plain, operations: Sequence[object], *, unlike: int) -> None:
    """Change `flag`, which is the caller's to throw away when one operation is refused; `unlike` for a failed test."""
    before = {name: copied(flag[name]) for name in _FIXED}
    environments = set(flag["environments"])
    for operation in operations:
        _one(flag, operation, unlike)
    if any(flag.get(name) != kept for name, kept in before.items()) or set(flag["environments"]) != environments:
        raise invalid("the patch changes a field that may not be changed")
    for targeting in flag["environments"].values():
        for rule in targeting["rules"]:
            rule.setdefault("_id", new_id())
    check_indexes(flag)


def actions_between(before: Plain, after: Plain) -> tuple[set[str], set[str]]:
    """The role actions that lead from the one to the other, and the environments that change."""
    actions: set[str] = set()
    touched = set()
    for name, was in before["environments"].items():
        differing = {field for field in (*was, *after["environments"][name]) if _differ(was, after, name, field)}
        if differing:
            touched.add(name)
        actions |= {_ACTIONS.get(field, "updateFlagConfig") for field in differing}
    if any(before[field] != after.get(field) for field in before if field != "environments"):
        actions.add("updateTags" if before["tags"] != after["tags"] else "updateFlagVariations")
    return actions, touched


def _differ(was: Plain, after: Plain, environment: str, field: str) -> bool:
    found: object = after["environments"][environment].get(field)
    return found != was.get(field)


def _one(flag: Plain, operation: object, unlike: int) -> None:
    if not isinstance(operation, dict) or not isinstance(operation.get("path"), str):
        raise invalid("a JSON Patch is a list of operations with op and path")
    op, steps = operation.get("op"), _steps(operation["path"])
    if op not in {"test", "add", "replace", "remove"}:
        raise invalid(f"unknown JSON Patch operation {op!r}")
    if op != "remove" and "value" not in operation:
        raise invalid(f"operation {op!r} needs a value")
    place = _walk(flag, steps[:-1], operation["path"])
    if op == "test":
        if _step(place, steps[-1], operation["path"]) != operation["value"]:
            raise Refused(unlike, "optimistic_locking_error", f"testing value {operation['path']} failed")
        return
    _write(place, steps[-1], str(op), operation)


def _steps(path: str) -> list[str]:
    if not path.startswith("/"):
        raise invalid(f"path {path!r} does not begin with /")
    steps = [step.replace("~1", "/").replace("~0", "~") for step in path[1:].split("/")]
    return [_ALIASES.get(steps[0], steps[0])] if len(steps) == 1 else steps


def _walk(document: object, steps: Sequence[str], path: str) -> object:
    for step in steps:
        document = _step(document, step, path)
    return document


def _step(document: object, step: str, path: str) -> object:
    if isinstance(document, dict) and step in document:
        found: object = document[step]
        return found
    if isinstance(document, list) and step.isdigit() and int(step) < len(document):
        return document[int(step)]
    raise invalid(f"path {path!r} does not exist")


def _write(place: Any, step: str, op: str, operation: Plain) -> None:  # noqa: ANN401 - an object or a list
    if op != "add":
        _step(place, step, operation["path"])
    if isinstance(place, dict):
        if op == "remove":
            del place[step]
        else:
            place[step] = copied(operation["value"])
    elif isinstance(place, list):
        at = len(place) if step == "-" and op == "add" else int(step) if step.isdigit() else -1
        if not 0 <= at <= len(place):
            raise invalid(f"path {operation['path']!r} does not exist")
        place[at : at + (op != "add")] = [] if op == "remove" else [copied(operation["value"])]
    else:
        raise invalid(f"path {operation['path']!r} does not exist")
