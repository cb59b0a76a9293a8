"""What must not be kept of a cluster's objects: values of variables and headers, wherever they stand."""

from __future__ import annotations

from typing import Any

from psfir.captures.redacted import LEFT_OUT, NAME, text

_COPIES = ("managedFields", "kubectl.kubernetes.io/last-applied-configuration")
"""The whole object once more, in other words."""


def thing(found: Any) -> Any:  # noqa: ANN401 - whatever stands in an object
    """An object without values of variables and headers, and without its own copies."""
    if isinstance(found, str):
        return text(found)
    if isinstance(found, list):
        return [thing(one) for one in found]
    if not isinstance(found, dict):
        return found
    return {key: _under(key, value) for key, value in found.items() if key not in _COPIES}


def _under(key: str, value: Any) -> Any:  # noqa: ANN401 - the same
    if key in {"env", "httpHeaders"} and isinstance(value, list):
        return [{**thing(one), "value": LEFT_OUT} if "value" in one else thing(one) for one in value]
    if key in {"command", "args"} and isinstance(value, list):
        return [LEFT_OUT if _follows_a_name(value, at) else thing(one) for at, one in enumerate(value)]
    if key == "annotations" and isinstance(value, dict):
        return {
            name: LEFT_OUT if NAME.search(name) else thing(one) for name, one in value.items() if name not in _COPIES
        }
    return thing(value)


def _follows_a_name(words: list[Any], at: int) -> bool:
    """Whether the word before it is an option that says what it is: `--api-key`."""
    before = str(words[at - 1]) if at else ""
    return before.startswith("-") and "=" not in before and NAME.search(before) is not None
