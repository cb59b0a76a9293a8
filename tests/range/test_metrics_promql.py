"""Instant queries against samples of known times: what Prometheus answers, and what it refuses."""

from __future__ import annotations

from math import isnan

import pytest

from psfir.range.metrics.counters import Counters
from psfir.range.metrics.promql import Matrix, Series, Unanswerable, evaluate
from psfir.range.metrics.promql_tree import BadData

NOW = 1000.0


@pytest.fixture
def counters() -> Counters:
    """Scraped each ten seconds for ten minutes: a grows by 1 a second, b by 2, c stays at 7."""
    counters = Counters()
    counters.add("calls_total", 100, pod="a", kind="read")
    counters.add("calls_total", 100, pod="b", kind="read")
    counters.add("calls_total", 7, pod="c", kind="write")
    for step in range(61):
        counters.scrape(NOW - 600 + 10 * step)
        counters.add("calls_total", 10, pod="a", kind="read")
        counters.add("calls_total", 20, pod="b", kind="read")
    return counters


def asked(counters: Counters, query: str, at: float = NOW) -> dict[str, float]:
    """Each series by its pod, or else its kind."""
    found = evaluate(query, counters, at=at)
    assert isinstance(found, list)
    return {one.labels.get("pod", one.labels.get("kind", "")): round(one.value, 6) for one in found}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("calls_total", {"a": 700, "b": 1300, "c": 7}),
        ('calls_total{pod="a"}', {"a": 700}),
        ("calls_total{pod='a',}", {"a": 700}),
        ('{__name__="calls_total", pod!="a"}', {"b": 1300, "c": 7}),
        ('calls_total{pod=~"a|b"}', {"a": 700, "b": 1300}),
        ('calls_total{pod!~"a|b"}', {"c": 7}),
        ('calls_total{pod=~"a.+"}', {}),
        ('calls_total{zone=""}', {"a": 700, "b": 1300, "c": 7}),
        ('calls_total{pod="\\x61"}', {"a": 700}),
        ("calls_total{pod=`a`} # that one", {"a": 700}),
        ("none_total", {}),
        ("rate(calls_total[1m])", {"a": 1, "b": 2, "c": 0}),
        ("increase(calls_total[2m30s])", {"a": 150, "b": 300, "c": 0}),
        ("increase(calls_total[500ms])", {}),
        ("sum(rate(calls_total[5m]))", {"": 3}),
        ("sum by (kind) (rate(calls_total[5m]))", {"read": 3, "write": 0}),
        ("sum(rate(calls_total[5m])) by (kind)", {"read": 3, "write": 0}),
        ("sum without (pod, job, instance) (rate(calls_total[5m]))", {"read": 3, "write": 0}),
        ("sum by () (calls_total)", {"": 2007}),
        ("sum(none_total)", {}),
        ("max(calls_total)", {"": 1300}),
        ("min by (kind) (calls_total)", {"read": 700, "write": 7}),
        ("count(calls_total)", {"": 3}),
        ("avg(calls_total{kind='read'})", {"": 1000}),
        ("timestamp(calls_total)", {"a": 1000, "b": 1000, "c": 1000}),
        ("timestamp(sum(calls_total))", {"": 1000}),
        ("calls_total{pod='c'} * 2 + 1", {"c": 15}),
        ("1 + 2 * calls_total{pod='c'}", {"c": 15}),
        ("(1 + 2) * calls_total{pod='c'}", {"c": 21}),
        ("-calls_total{pod='c'} - -1", {"c": -6}),
        ("calls_total / calls_total", {"a": 1, "b": 1, "c": 1}),
        ("calls_total{pod!='a'} - calls_total{pod!='b'}", {"c": 0}),
        ("calls_total > 700", {"b": 1300}),
        ("700 >= calls_total", {"a": 700, "c": 7}),
        ("calls_total != 7", {"a": 700, "b": 1300}),
        ("sum(calls_total) == 2007", {"": 2007}),
    ],
)
def test_what_a_query_finds(counters: Counters, query: str, found: dict[str, float]) -> None:
    """Every kind of query that runbooks use, with the values of Prometheus."""
    assert asked(counters, query) == found


def test_a_selector_keeps_the_name_and_whatever_computes_drops_it(counters: Counters) -> None:
    """As do the labels that Prometheus adds: which of its targets a series comes from."""
    (kept,) = _series(counters, "calls_total{pod='c'}")
    target = {"job": "gateway", "instance": "gateway:9090"}
    assert kept.labels == {"__name__": "calls_total", "pod": "c", "kind": "write", **target}
    for query in ("rate(calls_total{pod='c'}[1m])", "calls_total{pod='c'} + 0", "timestamp(calls_total{pod='c'})"):
        (dropped,) = _series(counters, query)
        assert dropped.labels == {"pod": "c", "kind": "write", **target}
    (up,) = _series(counters, "up")
    assert (up.labels, up.value) == ({"__name__": "up", **target}, 1)


def _series(counters: Counters, query: str) -> list[Series]:
    found = evaluate(query, counters, at=NOW)
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("1 + 2 * 3", 7),
        ("-(2 - 5) / 2", 1.5),
        ("0x1F", 31),
        (".5e1", 5),
        ("1 / 0", float("inf")),
        ("-1/0", -float("inf")),
    ],
)
def test_numbers_alone_are_a_scalar(counters: Counters, query: str, value: float) -> None:
    """With the usual precedence; a division by zero is infinite."""
    assert evaluate(query, counters, at=NOW) == value


def test_zero_by_zero_is_no_number(counters: Counters) -> None:
    """NaN it is, in a vector too."""
    found = evaluate("0 / 0", counters, at=NOW)
    assert isinstance(found, float)
    assert isnan(found)
    (one,) = _series(counters, "rate(calls_total{pod='c'}[1m]) / 0")
    assert isnan(one.value)


def test_a_range_alone_is_the_samples_themselves(counters: Counters) -> None:
    """From after its beginning to its end."""
    found = evaluate("calls_total{pod='a'}[30s]", counters, at=NOW)
    assert isinstance(found, Matrix)
    assert [one.samples for one in found.series] == [((980, 680), (990, 690), (1000, 700))]


def test_a_sample_stands_for_five_minutes(counters: Counters) -> None:
    """After that the series is gone; its time stays that of the sample."""
    assert asked(counters, "timestamp(calls_total{pod='a'})", at=NOW + 299) == {"a": 1000}
    assert asked(counters, "calls_total{pod='a'}", at=NOW + 299) == {"a": 700}
    assert asked(counters, "calls_total", at=NOW + 300) == {}


def test_a_rate_survives_a_counter_that_starts_again() -> None:
    """What it had counted before is added."""
    counters = Counters()
    counters.add("calls_total", 1000)
    for step in range(7):
        if step == 3:
            counters.restart()
        counters.scrape(NOW - 60 + 10 * step)
        counters.add("calls_total", 10)
    # From 1010 to 1020, to 0, and to 30: 40 in 50 s, and on to the window's beginning.
    assert asked(counters, "increase(calls_total[1m])") == {"": 48}


def test_a_rate_goes_on_to_the_ends_of_its_window_only_where_the_series_does() -> None:
    """A series that began or ended within it is taken for half a scrape longer, and never below zero."""
    counters = Counters()
    counters.add("calls_total", 100)
    for at in (960, 970, 980):
        counters.scrape(at)
        counters.add("calls_total", 10)
    # 20 in 20 s; 5 s more at either end.
    assert asked(counters, "increase(calls_total[1m])") == {"": 30}
    counters.reset()
    counters.add("calls_total", 0)
    for at in (996, 1000):
        counters.scrape(at)
        counters.add("calls_total", 10)
    assert asked(counters, "increase(calls_total[6s])") == {"": 10}


def test_one_sample_has_no_rate() -> None:
    """So a rate whose window is shorter than two scrapes finds nothing."""
    counters = Counters()
    counters.add("calls_total")
    counters.scrape(NOW)
    assert asked(counters, "rate(calls_total[1m])") == {}


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("", "no expression found"),
        ("# nothing", "no expression found"),
        ("calls_total{", "unexpected end of input"),
        ("calls_total}", "unexpected sign }"),
        ("calls_total{pod}", "expected one of ="),
        ("calls_total{pod=a}", "expected string"),
        ('calls_total{pod=~"("}', "cannot be read"),
        ('calls_total{pod="\\q"}', "unknown escape"),
        ('calls_total{__name__="other"}', "must not be set twice"),
        ("{}", "at least one non-empty matcher"),
        ('{pod=~".*"}', "at least one non-empty matcher"),
        ("calls_total[1]", "expected a duration"),
        ("calls_total[0s]", "greater than 0"),
        ("calls_total[5m", "unexpected end of input"),
        ("rate(calls_total)", 'expected type range vector in call to function "rate", got instant vector'),
        ("timestamp(calls_total[1m])", "expected type instant vector"),
        ("sum(calls_total[1m])", "expected type instant vector in aggregation"),
        ("sum(1)", "got scalar"),
        ("calls_total[1m] + 1", "only scalar and instant vector"),
        ("-calls_total[1m]", "unary expression only"),
        ("1 > 2", "must use BOOL"),
        ("histogram_quantile(0.9, calls_total)", 'unknown function with name "histogram_quantile"'),
        ("calls_total offset 5m", "unexpected identifier offset"),
        ("calls_total and calls_total", "unexpected identifier and"),
        ("topk(3, calls_total)", "unknown function"),
        ("sum by (1) (calls_total)", "where a label was expected"),
        ("calls_total ; drop", "unexpected character"),
        ("5m", "unexpected duration 5m"),
        ("(" * 5000, "parse error"),
    ],
)
def test_what_is_not_understood_is_refused(counters: Counters, query: str, why: str) -> None:
    """What no PromQL is, and what of it is not here: an error, never an empty answer."""
    with pytest.raises(BadData, match="parse error: ") as error:
        evaluate(query, counters, at=NOW)
    assert why in str(error.value)


def test_a_refusal_says_where(counters: Counters) -> None:
    """Line and column, counted from one."""
    with pytest.raises(BadData, match=r"^2:6: parse error: unexpected sign \)"):
        evaluate("sum(\n 1 + )", counters, at=NOW)


def test_series_that_cannot_be_told_apart_are_not_matched() -> None:
    """Two of one side with the same labels: which of them is meant, nobody knows."""
    counters = Counters()
    counters.add("a_total")
    counters.add("b_total")
    counters.scrape(NOW)
    with pytest.raises(Unanswerable, match="duplicate series"):
        evaluate('{__name__=~"a_total|b_total"} + a_total', counters, at=NOW)
