"""The metrics of the range over real sockets: as Prometheus answers, and as psfir's own probe reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import yaml

from psfir.domain.change import Held
from psfir.domain.verdict import Sight
from psfir.probes.prometheus import PrometheusProbe
from psfir.range.clock import RangeClock
from psfir.range.faulty import Fault
from psfir.range.metrics.counters import Counters
from psfir.range.metrics.server import Metrics, shown
from psfir.range.server import Reply
from psfir.testing import FakeConnection

ANSWERS = {"system": "support-assistant", "written_by": "model", "model": "large-model"}
REFERENCE = Path(__file__).parents[2] / "runbooks" / "reference"


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    with Metrics(Counters(), RangeClock(), every=0.02) as metrics:
        yield metrics


def ask(metrics: Metrics, target: str, *, method: str = "GET", form: str = "") -> tuple[int, str, bytes]:
    connection = HTTPConnection(urlsplit(metrics.url).netloc, timeout=5)
    try:
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        connection.request(method, target, form or None, kind)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type") or "", answer.read()
    finally:
        connection.close()


def query(metrics: Metrics, text: str, **more: str) -> tuple[int, Any]:
    status, _, body = ask(metrics, f"/api/v1/query?{urlencode({'query': text, **more})}")
    return status, json.loads(body)


def scraped(metrics: Metrics, times: int = 3) -> None:
    """So many more scrapes."""
    for _ in range(times):
        sleep(0.005)
        metrics.scraper.once()


def look(metrics: Metrics, target: dict[str, Any], expect: dict[str, Any]) -> list[Sight]:
    connection = FakeConnection("metrics", "http", {"url": metrics.url}, {})
    return list(PrometheusProbe(connection).look(target, expect, within=20))


def test_a_query_is_answered_as_prometheus_does(metrics: Metrics) -> None:
    """By GET and by POST, as of now or of the time that is asked for."""
    metrics.counters.add("answers_total", 3, pod="a")
    metrics.scraper.once()
    status, answer = query(metrics, "answers_total")
    (one,) = answer["data"]["result"]
    assert (status, answer["status"], answer["data"]["resultType"]) == (200, "success", "vector")
    assert one["metric"] == {"__name__": "answers_total", "pod": "a", "job": "gateway", "instance": "gateway:9090"}
    assert one["value"][1] == "3"
    status, _, body = ask(metrics, "/api/v1/query", method="POST", form=urlencode({"query": "answers_total"}))
    assert (status, json.loads(body)["data"]["result"][0]["value"][1]) == (200, "3")
    assert query(metrics, "1 + 1", time="1700000000.5")[1]["data"] == {
        "resultType": "scalar",
        "result": [1700000000.5, "2"],
    }
    assert query(metrics, "up", time="2020-01-01T00:00:00Z")[1]["data"] == {"resultType": "vector", "result": []}
    assert query(metrics, "answers_total[1m]")[1]["data"]["resultType"] == "matrix"


def test_bad_data_is_refused_as_prometheus_does(metrics: Metrics) -> None:
    """A query, a time or a timeout that cannot be read is 400, one without an answer 422."""
    for words in (
        {"query": "sum("},
        {"query": ""},
        {"query": "1", "time": "now"},
        {"query": "1", "time": "nan"},
        {"query": "1", "time": "2020-01-01T00:00:00"},
        {"query": "1", "timeout": "long"},
    ):
        status, _, body = ask(metrics, f"/api/v1/query?{urlencode(words)}")
        answer = json.loads(body)
        assert (status, answer["status"], answer["errorType"]) == (400, "error", "bad_data")
        assert "invalid parameter" in answer["error"]
    metrics.counters.add("a_total")
    metrics.counters.add("b_total")
    metrics.scraper.once()
    status, answer = query(metrics, '{__name__=~"a_total|b_total"} * a_total', timeout="5s")
    assert (status, answer["errorType"]) == (422, "execution")


def test_it_scrapes_by_itself(metrics: Metrics) -> None:
    """Samples stay fresh although nothing is counted."""
    first = query(metrics, "timestamp(up)")[1]["data"]["result"][0]["value"][1]
    ends = monotonic() + 10
    while query(metrics, "timestamp(up)")[1]["data"]["result"][0]["value"][1] == first:
        assert monotonic() < ends


def test_a_pause_lets_samples_grow_old(metrics: Metrics) -> None:
    """The last sample goes on being the answer, and the probe takes it for nothing."""
    metrics.counters.add("answers_total", 0)
    metrics.scraper.once()
    target = {"query": "answers_total"}
    assert look(metrics, target, {"equals": 0})[0].held is Held.HELD
    metrics.scraper.paused = True
    metrics._clock.skew = 90.0  # noqa: SLF001 - time passes
    (sight,) = look(metrics, target, {"equals": 0})
    assert sight.held is Held.COULD_NOT_TELL
    assert "stale" in sight.says
    metrics.scraper.paused = False
    metrics.scraper.once()
    assert look(metrics, target, {"equals": 0})[0].held is Held.HELD


def test_the_reference_runbooks_verify_against_it(metrics: Metrics) -> None:
    """Each of their prometheus steps is not held while the assistant goes on, and held when it has stopped."""
    steps = [step for path in sorted(REFERENCE.glob("support-*.yaml")) for step in _steps(path)]
    assert len(steps) >= 10
    working = [
        ("gateway_answers_total", ANSWERS),
        ("gateway_tool_calls_total", {"system": "support-assistant", "kind": "write", "outcome": "done"}),
        ("gateway_retrievals_total", {"system": "support-assistant", "outcome": "done"}),
    ]
    for _ in range(4):
        for name, labels in working:
            metrics.counters.add(name, 5, **labels)
        scraped(metrics, 1)
    for step in steps:
        (sight,) = look(metrics, step["target"], step["expect"])
        assert sight.held is Held.NOT_HELD, (step, sight)
    metrics.reset()
    for name, labels in working:
        metrics.counters.add(name, 5, **labels)
    scraped(metrics)
    for step in steps:
        (sight,) = look(metrics, step["target"], step["expect"])
        assert sight.held is Held.HELD, (step, sight)


def _steps(path: Path) -> list[dict[str, Any]]:
    return [step for step in yaml.safe_load(path.read_text()).get("verify", []) if step["probe"] == "prometheus"]


def test_a_fault_before_it_could_not_be_told_from_its_own(metrics: Metrics) -> None:
    """What it answers to queries can be spoilt, until it heals; a reset heals too."""
    broken = Reply(503, {"status": "error", "errorType": "unavailable", "error": "TSDB not ready"})
    metrics.faults.fault(Fault("down", reply=broken))
    assert query(metrics, "up")[0] == 503
    (sight,) = look(metrics, {"query": "up"}, {"equals": 1})
    assert sight.held is Held.COULD_NOT_TELL
    metrics.reset()
    assert look(metrics, {"query": "up"}, {"equals": 1})[0].held is Held.HELD


def test_a_reset_leaves_nothing_behind(metrics: Metrics) -> None:
    """No series of before; scrapes go on."""
    metrics.counters.add("answers_total")
    metrics.scraper.paused = True
    metrics.reset()
    assert query(metrics, "answers_total")[1]["data"]["result"] == []
    assert query(metrics, "count(up)")[1]["data"]["result"][0]["value"][1] == "1"
    assert not metrics.scraper.paused


def test_the_gateway_can_be_scraped(metrics: Metrics) -> None:
    """In the text format, with the values of this moment."""
    metrics.counters.add("answers_total", 2, pod="a")
    status, kind, body = ask(metrics, "/metrics")
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert body == b'# TYPE answers_total counter\nanswers_total{pod="a"} 2.0\n'


def test_other_paths_and_methods(metrics: Metrics) -> None:
    """It is ready, and knows nothing else."""
    assert ask(metrics, "/-/ready")[0] == 200
    assert ask(metrics, "/api/v1/admin/tsdb/delete_series", method="POST")[0] == 405
    assert ask(metrics, "/api/v1/query", method="DELETE")[0] == 405
    assert ask(metrics, "/graph")[0] == 404


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (3.0, "3"), (0.1, "0.1"), (1e20, "1" + "0" * 20), (1e21, "1e+21"), (1e-7, "1e-07"), (1e-5, "0.00001")],
)
def test_numbers_are_written_as_prometheus_writes_them(value: float, text: str) -> None:
    """A power of ten stands only where the number is tiny or huge."""
    assert shown(value) == text
    assert shown(float("nan")) == "NaN"
    assert shown(-float("inf")) == "-Inf"
