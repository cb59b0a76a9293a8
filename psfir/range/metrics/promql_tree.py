"""What an instant query is once it is read: a tree of a few kinds of nodes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from psfir.domain.values import frozen


class BadData(Exception):
    """The query is not one that is understood here; in its text, why."""


@frozen
class Number:
    value: float


@frozen
class Matcher:
    label: str
    how: str
    text: str

    def takes(self, value: str) -> bool:
        """A label that a series lacks is the empty text; a pattern has to fit the whole of it."""
        same = value == self.text if self.how in {"=", "!="} else bool(pattern(self.text).fullmatch(value))
        return same is (self.how in {"=", "=~"})


@frozen
class Selector:
    """`span` in seconds makes it a range selector; 0 is none."""

    matchers: Sequence[Matcher]
    span: float = 0.0

    def takes(self, labels: Mapping[str, str]) -> bool:
        return all(one.takes(labels.get(one.label, "")) for one in self.matchers)


@frozen
class Call:
    function: str
    of: Expr


@frozen
class Aggregate:
    how: str
    of: Expr
    labels: Sequence[str] = ()
    without: bool = False


@frozen
class Binary:
    operator: str
    left: Expr
    right: Expr


Expr: TypeAlias = "Number | Selector | Call | Aggregate | Binary"


def kind(expr: Expr) -> str:
    """What it comes to, in the words of Prometheus's refusals."""
    if isinstance(expr, Number):
        return "scalar"
    if isinstance(expr, Selector) and expr.span:
        return "range vector"
    scalar = isinstance(expr, Binary) and kind(expr.left) == kind(expr.right) == "scalar"
    return "scalar" if scalar else "instant vector"


@lru_cache(maxsize=256)
def pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.DOTALL)
