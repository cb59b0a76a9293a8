"""As much of IAM's conditions as a simulation with context needs: texts and flags that are, are like, or are not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from psfir.domain.values import frozen

Context: TypeAlias = Mapping[str, Sequence[str]]
"""The values of each key, by its name in lower case."""


@frozen
class Weighed:
    """`holds` counts only where nothing is missing: the keys that nobody gave, or whose operator is not known here."""

    holds: bool
    missing: tuple[str, ...] = ()


def weighed(condition: Mapping[str, Mapping[str, Any]], context: Context) -> Weighed:
    """All of its operators together, and of each all of its keys."""
    holds, missing = True, list[str]()
    for operator, keys in condition.items():
        judge = _OPERATORS.get(operator)
        for key, wanted in keys.items():
            given = context.get(key.lower())
            if judge is None or given is None:
                missing.append(key)
                continue
            words = [_word(one) for one in (wanted if isinstance(wanted, list) else [wanted])]
            holds = holds and judge(words, given)
    return Weighed(holds, tuple(missing))


def like(pattern: str, value: str) -> bool:
    """Whether a text fits a pattern with * and ?."""
    parts = (".*" if one == "*" else "." if one == "?" else re.escape(one) for one in pattern)
    return re.fullmatch("".join(parts), value) is not None


def _word(value: Any) -> str:  # noqa: ANN401 - a policy may have a flag, a number or a text
    return str(value).lower() if isinstance(value, bool) else str(value)


def _equals(wanted: Sequence[str], given: Sequence[str]) -> bool:
    return any(one in wanted for one in given)


def _like(wanted: Sequence[str], given: Sequence[str]) -> bool:
    return any(like(pattern, one) for one in given for pattern in wanted)


_OPERATORS: Mapping[str, Callable[[Sequence[str], Sequence[str]], bool]] = {
    "StringEquals": _equals,
    "StringNotEquals": lambda wanted, given: not _equals(wanted, given),
    "StringLike": _like,
    "StringNotLike": lambda wanted, given: not _like(wanted, given),
    "Bool": _equals,
}
