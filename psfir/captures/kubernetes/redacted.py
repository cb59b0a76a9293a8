"""What must not be kept as evidence of a cluster: values that were put where anybody who may look reads them.

Nothing here knows a secret. What looks like one is left out, by where it stands, by the name before it, or by its form.
"""

from __future__ import annotations

import re
from typing import Any

LEFT_OUT = "(left out)"
_WORDS = "api[-_]?key|cookie|session[-_]?id|access[-_]?key|private[-_]?key|token|secret|passw(?:or)?d|credential"
_NAME = re.compile(_WORDS, re.IGNORECASE)
# Counts of tokens are what logs of a model are full of: numbers stay.
_NAMED = re.compile(
    rf"((?:{_WORDS})[\w-]{{0,24}}[\"']?\s{{0,3}}[:=]\s{{0,3}}[\"']?)(?!\d{{1,9}}\b)[^\s\"',;&}}]{{4,}}", re.IGNORECASE
)
_FORMS = re.compile(
    r"\b(?:sk-[\w-]{16,256}|AKIA[0-9A-Z]{16}|gh[pousr]_\w{20,256}|xox[abpr]-[\w-]{10,256}"
    r"|eyJ[\w-]{8,4096}\.[\w-]{8,4096}(?:\.[\w-]{0,4096})?|Bearer\s+(?=\S{0,64}\d)[\w.~+/=-]{8,4096}"
    r"|Basic\s+[A-Za-z0-9+/]{6,4096}={0,2}|(?<=://)[^\s/@:]{0,256}:[^\s/@]{1,256}(?=@))"
    r"|-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,20}PRIVATE KEY-----|\Z)",
    re.DOTALL,
)
_COPIES = ("managedFields", "kubectl.kubernetes.io/last-applied-configuration")
"""The whole object once more, in other words."""


def text(said: str) -> str:
    """Lines without what looks like a key, a token or a password."""
    return _NAMED.sub(rf"\1{LEFT_OUT}", _FORMS.sub(LEFT_OUT, said))


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
            name: LEFT_OUT if _NAME.search(name) else thing(one) for name, one in value.items() if name not in _COPIES
        }
    return thing(value)


def _follows_a_name(words: list[Any], at: int) -> bool:
    """Whether the word before it is an option that says what it is: `--api-key`."""
    before = str(words[at - 1]) if at else ""
    return before.startswith("-") and "=" not in before and _NAME.search(before) is not None
