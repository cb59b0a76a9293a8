"""Instant queries in PromQL, answered from the samples that were scraped: that part of it which runbooks use.

Selectors, `rate` and `increase` with Prometheus's own extrapolation, `timestamp`, sums and the like with `by` or
`without`, arithmetic and comparisons. All else is refused as bad data: no answer is better than a wrong one.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import copysign, inf, nan
from typing import TypeAlias

from psfir.domain.values import frozen
from psfir.range.metrics.counters import Counters
from psfir.range.metrics.promql_parse import COMPARISONS, parse
from psfir.range.metrics.promql_tree import Aggregate, Binary, Call, Expr, Number, Selector
from psfir.range.metrics.samples import NAME, Found, Sample

LOOKBACK = 300.0
_MILLIS = 3
"""Places behind the point: all times are whole milliseconds."""
_SLACK = 1.1
"""A gap at an end of the window that is longer than this many scrapes is one in which the series was not there."""


class Unanswerable(Exception):
    """The query can be read, but these series have no answer to it; in its text, why."""


@frozen
class Series:
    labels: Mapping[str, str]
    value: float


@frozen
class Matrix:
    """What a range selector finds that stands alone."""

    series: Sequence[Found]


Answer: TypeAlias = "float | list[Series] | Matrix"


def evaluate(query: str, counters: Counters, *, at: float) -> Answer:
    """BadData if it is not understood."""
    expr, at = parse(query), round(at, _MILLIS)
    if isinstance(expr, Selector) and expr.span:
        return Matrix(counters.window(expr.takes, after=round(at - expr.span, _MILLIS), until=at))
    return _Evaluation(counters, at).of(expr)


class _Evaluation:
    def __init__(self, counters: Counters, at: float) -> None:
        self._counters, self._at = counters, at

    def of(self, expr: Expr) -> float | list[Series]:
        match expr:
            case Number():
                return expr.value
            case Selector():
                return [Series(one.labels, one.samples[-1][1]) for one in self._last(expr)]
            case Call():
                return self._call(expr)
            case Aggregate():
                return _grouped(expr, self._vector(expr.of))
            case Binary():
                return _binary(expr.operator, self.of(expr.left), self.of(expr.right))

    def _vector(self, expr: Expr) -> list[Series]:
        found = self.of(expr)
        return [Series({}, found)] if isinstance(found, float) else found

    def _last(self, selector: Selector) -> list[Found]:
        return self._counters.last(selector.takes, after=self._at - LOOKBACK, until=self._at)

    def _call(self, call: Call) -> list[Series]:
        if call.function == "timestamp":
            # Of anything but a selector Prometheus knows only the time of the query.
            if isinstance(call.of, Selector):
                return [Series(_nameless(one.labels), one.samples[-1][0]) for one in self._last(call.of)]
            return [Series(_nameless(one.labels), self._at) for one in self._vector(call.of)]
        assert isinstance(call.of, Selector)  # noqa: S101 - the parser lets nothing else be a range
        span = call.of.span
        start = round(self._at - span, _MILLIS)
        found = self._counters.window(call.of.takes, after=start, until=self._at)
        grown = [(one, _grown(one.samples, start=start, end=self._at)) for one in found]
        by = span if call.function == "rate" else 1.0
        return [Series(_nameless(one.labels), more / by) for one, more in grown if more is not None]


def _grown(samples: Sequence[Sample], *, start: float, end: float) -> float | None:
    """By how much a counter grew in the whole window, as Prometheus guesses it from the samples in it.

    It goes on to the ends of the window at the pace it had, unless the series seems to begin or end in there, and never
    below zero.
    """
    if len(samples) < 2:  # noqa: PLR2004 - one sample has no pace
        return None
    (first_at, first), (last_at, last) = samples[0], samples[-1]
    resets = sum(before for (_, before), (_, after) in pairwise(samples) if after < before)
    grown = last - first + resets
    covered = round(last_at - first_at, _MILLIS)
    step = covered / (len(samples) - 1)
    before, after = round(first_at - start, _MILLIS), round(end - last_at, _MILLIS)
    before = step / 2 if before >= step * _SLACK else before
    if grown > 0 and first >= 0:
        before = min(before, covered * (first / grown))
    after = step / 2 if after >= step * _SLACK else after
    return grown * (covered + before + after) / covered


def _nameless(labels: Mapping[str, str]) -> dict[str, str]:
    return {label: value for label, value in labels.items() if label != NAME}


_TOGETHER: dict[str, Callable[[list[float]], float]] = {
    "sum": lambda values: float(sum(values)),
    "max": max,
    "min": min,
    "count": lambda values: float(len(values)),
    "avg": lambda values: sum(values) / len(values),
}


def _grouped(aggregate: Aggregate, series: list[Series]) -> list[Series]:
    groups: dict[tuple[tuple[str, str], ...], list[float]] = {}
    named = {*aggregate.labels, NAME} if aggregate.without else set(aggregate.labels)
    for one in series:
        kept = {label: value for label, value in one.labels.items() if (label in named) is not aggregate.without}
        groups.setdefault(tuple(sorted(kept.items())), []).append(one.value)
    together = _TOGETHER[aggregate.how]
    return [Series(dict(labels), together(values)) for labels, values in groups.items()]


def _divided(left: float, right: float) -> float:
    if right:
        return left / right
    return nan if left == 0 or left != left else copysign(inf, left) * copysign(1, right)  # noqa: PLR0124 - is it NaN


_ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": _divided}
_COMPARED = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


def _binary(sign: str, left: float | list[Series], right: float | list[Series]) -> float | list[Series]:
    if isinstance(left, float) and isinstance(right, float):
        return float(_ARITHMETIC[sign](left, right))
    if isinstance(left, float):
        assert not isinstance(right, float)  # noqa: S101 - seen above
        return _each(sign, [(one, left, one.value) for one in right])
    if isinstance(right, float):
        return _each(sign, [(one, one.value, right) for one in left])
    others = _alone(right, "right")
    pairs = [(one, others.get(key)) for key, one in _alone(left, "left").items()]
    return _each(sign, [(one, one.value, other.value) for one, other in pairs if other is not None])


def _each(sign: str, pairs: list[tuple[Series, float, float]]) -> list[Series]:
    """A comparison leaves out the series of which it is not true, and the others as they are."""
    if sign in COMPARISONS:
        return [one for one, left, right in pairs if _COMPARED[sign](left, right)]
    return [Series(_nameless(one.labels), float(_ARITHMETIC[sign](left, right))) for one, left, right in pairs]


def _alone(series: list[Series], side: str) -> dict[tuple[tuple[str, str], ...], Series]:
    """By their labels, of which each may be there once."""
    found = {tuple(sorted(_nameless(one.labels).items())): one for one in series}
    if len(found) < len(series):
        raise Unanswerable(f"found duplicate series for the match group on the {side} hand-side of the operation")
    return found
