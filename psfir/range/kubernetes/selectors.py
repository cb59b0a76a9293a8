"""Label and field selectors, as query parameters and as the `selector` of an object."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from psfir.range.kubernetes.resources import Obj
from psfir.range.kubernetes.status import bad_request

Picks: TypeAlias = Callable[[Obj], bool]
_SET = re.compile(r"^\s*(?P<key>\S+)\s+(?P<op>in|notin)\s*\((?P<values>[^)]*)\)\s*$")
_BETWEEN = re.compile(r",(?![^(]*\))")


def labels_of(obj: Obj) -> Mapping[str, str]:
    return (obj.get("metadata") or {}).get("labels") or {}


def matches(selector: Mapping[str, object] | None, labels: Mapping[str, str]) -> bool:
    """A LabelSelector, or the plain map of a Service. An empty one picks everything, a missing one nothing."""
    if selector is None:
        return False
    if not {"matchLabels", "matchExpressions"} & set(selector):
        return all(labels.get(key) == value for key, value in selector.items())
    wanted = selector.get("matchLabels") or {}
    expressions = selector.get("matchExpressions") or []
    if not isinstance(wanted, Mapping) or not isinstance(expressions, list):
        return False
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _holds(each["key"], each["operator"], each.get("values") or [], labels) for each in expressions
    )


def selecting(selector: Mapping[str, object] | None) -> Picks:
    """Picks what the selector matches."""
    return lambda obj: matches(selector, labels_of(obj))


def by_labels(text: str) -> Picks:
    terms = [term for term in _BETWEEN.split(text) if term.strip()]
    checks = [_label_term(term) for term in terms]
    return lambda obj: all(check(labels_of(obj)) for check in checks)


def by_fields(text: str) -> Picks:
    terms = [_field_term(term) for term in text.split(",") if term.strip()]
    return lambda obj: all((_field(obj, path) == value) is equal for path, value, equal in terms)


def _holds(key: str, operator: str, values: list[str], labels: Mapping[str, str]) -> bool:
    if operator == "In":
        return labels.get(key) in values
    if operator == "NotIn":
        return labels.get(key) not in values
    return (key in labels) is (operator == "Exists")


def _label_term(term: str) -> Callable[[Mapping[str, str]], bool]:
    if found := _SET.match(term):
        operator = "In" if found["op"] == "in" else "NotIn"
        values = [value.strip() for value in found["values"].split(",")]
        return lambda labels: _holds(found["key"], operator, values, labels)
    term = term.strip()
    if "!=" in term:
        key, _, value = term.partition("!=")
        return lambda labels: labels.get(key.strip()) != value.strip()
    if "=" in term:
        key, _, value = term.replace("==", "=").partition("=")
        return lambda labels: labels.get(key.strip()) == value.strip()
    if " " in term or not term.strip("!"):
        raise bad_request(f"unable to parse requirement: found '{term}', expected: in, notin, =, ==, !=")
    return lambda labels: (term.lstrip("!") in labels) is not term.startswith("!")


def _field_term(term: str) -> tuple[str, str, bool]:
    equal = "!=" not in term
    path, sign, value = term.replace("==", "=").replace("!=", "=").partition("=")
    if not sign:
        raise bad_request(f"invalid selector: '{term}'; can't understand '{term}'")
    return path.strip(), value.strip(), equal


def _field(obj: Obj, path: str) -> str:
    found: object = obj
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, bool):
        return "true" if found else "false"
    return "" if found is None else str(found)
