"""The series that `prometheus` probes ask for, so that a query finds before a kill what it should not find after it.

The first selector of a query is taken for what stops, or begins, with a kill; whatever else it divides by or is held
fresh by goes on all the time. A query over a span of time gets a count that grows, any other one a number that stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from psfir.domain.values import frozen
from psfir.range.metrics.counters import Counters
from psfir.range.metrics.promql_parse import parse
from psfir.range.metrics.promql_tree import Aggregate, BadData, Binary, Call, Expr, Matcher, Selector
from psfir.range.metrics.samples import NAME, Labels
from psfir.range.supply.uses import Use

PROMETHEUS = "prometheus"
_LEAST = 10.0
"""What a count grows by in a second, at least."""


@frozen
class Series:
    """What one probe is about: `counts` if it is a count that grows, or `number` is what it is held against."""

    use: Use
    selector: Selector
    labels: dict[str, str]
    counts: bool
    number: float

    @property
    def how(self) -> str:
        return next(key for key in ("below", "above", "equals") if key in self.use.expect)

    def still(self, pulled: bool) -> bool:  # noqa: FBT001 - the one thing it goes by
        return pulled if self.how != "above" else not pulled

    def stands(self, pulled: bool) -> float:  # noqa: FBT001 - the same
        """A number that is as expected, or one that is not."""
        meets = {"below": self.number - 1, "above": self.number + 1, "equals": self.number}
        return meets[self.how] if pulled else (self.number - 1 if self.how == "above" else self.number + 1)


class AllSeries:
    """Lays them out in `counters`, and moves them. `told` says which queries nothing could be made for."""

    def __init__(self, uses: Sequence[Use], counters: Counters) -> None:
        self.told: list[str] = []
        self._counters = counters
        self._series: list[Series] = []
        self._others: list[dict[str, str]] = []
        for use in uses:
            if use.name == PROMETHEUS:
                self._learn(use)

    def __bool__(self) -> bool:
        return bool(self._series)

    def move(self, pulled: Sequence[str], seconds: float) -> None:
        """What has happened in so many seconds in which these runbooks were pulled."""
        stopped = [one for one in self._series if one.use.runbook in pulled]
        moved: set[Labels] = set()
        for one in self._series:
            if _key(one.labels) not in moved:
                by = next((other for other in reversed(stopped) if other.selector.takes(one.labels)), None)
                self._move(one, by, seconds)
                moved.add(_key(one.labels))
        for other in self._others:
            if _key(other) not in moved:
                self._counters.add(other[NAME], _LEAST * seconds, **_beside_name(other))
                moved.add(_key(other))

    def _move(self, one: Series, by: Series | None, seconds: float) -> None:
        """`by` is the probe of a runbook that is pulled, and that this series is a part of."""
        name, labels = one.labels[NAME], _beside_name(one.labels)
        if not one.counts:
            self._counters.put(name, (by or one).stands(by is not None), **labels)
        else:
            grows = not (by or one).still(by is not None)
            self._counters.add(name, (_LEAST + 2 * abs(one.number)) * seconds if grows else 0.0, **labels)

    def _learn(self, use: Use) -> None:
        try:
            query = parse(use.text("query"))
            source = parse(use.text("source")) if use.text("source") else query
        except BadData as error:
            self.told.append(f"{use.where}: {error}")
            return
        if why := _impossible(use, query):
            self.told.append(f"{use.where}: {why}")
            return
        first, *more = _selectors(query)
        found = [_labels(one) for one in (first, *more, *_selectors(source))]
        if not all(found):
            self.told.append(f"{use.where}: the range cannot think of a series that its query or source would take")
            return
        counts = any(one.span for one in (first, *more))
        self._series.append(Series(use, first, found[0], counts, _number(use)))
        self._others += found[1:]


def _key(labels: Mapping[str, str]) -> Labels:
    return tuple(sorted(labels.items()))


def _beside_name(labels: Mapping[str, str]) -> dict[str, str]:
    return {key: text for key, text in labels.items() if key != NAME}


def _impossible(use: Use, query: Expr) -> str:
    if not _selectors(query):
        return "its query asks for no series"
    if use.expect.get("absent") is True:
        return "the range has no series that is gone after a kill, so what it expects does not come"
    if not any(key in use.expect for key in ("below", "above", "equals")):
        return "it expects nothing"
    counts = any(one.span for one in _selectors(query))
    if counts and "equals" in use.expect and _number(use):
        return f"a count that grows by exactly {_number(use):g} is not made"
    return ""


def _number(use: Use) -> float:
    said = next((use.expect[key] for key in ("below", "above", "equals") if key in use.expect), 0)
    return float(said) if isinstance(said, (int, float)) else 0.0


def _selectors(expr: Expr) -> list[Selector]:
    if isinstance(expr, Selector):
        return [expr]
    if isinstance(expr, (Call, Aggregate)):
        return _selectors(expr.of)
    return [*_selectors(expr.left), *_selectors(expr.right)] if isinstance(expr, Binary) else []


def _labels(selector: Selector) -> dict[str, str]:
    """Of a series that it takes; none where nobody can think of one."""
    found = {one.label: text for one in selector.matchers if (text := _text(one))}
    return found if found.get(NAME) and selector.takes(found) else {}


def _text(matcher: Matcher) -> str:
    """The empty text is a label that the series lacks."""
    return next((text for text in _candidates(matcher) if matcher.takes(text)), "")


def _candidates(matcher: Matcher) -> Iterator[str]:
    if matcher.how == "=":
        yield matcher.text
    if matcher.how == "=~":
        yield from matcher.text.strip("()").split("|")
        yield matcher.text.replace(".*", "x").replace(".+", "x")
    yield from ("", "x", "500", "200")
