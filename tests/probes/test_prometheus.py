"""The Prometheus probe over a real socket: what a number proves, and above all what proves nothing."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.verdict import Sight
from psfir.errors import UsageError
from psfir.probes.prometheus import MOST, PrometheusProbe
from psfir.probes.prometheus_expect import plain
from psfir.range.server import Reply
from psfir.testing import FakeConnection
from tests.probes.prometheus_stand_in import TOKEN, Sample, StandIn

HELD, NOT, UNTOLD = Held.HELD, Held.NOT_HELD, Held.COULD_NOT_TELL
RATE = "sum(rate(answers_total[1m]))"


@pytest.fixture
def stand() -> Iterator[StandIn]:
    with StandIn(up=[Sample(1, metric={"__name__": "up"})]) as stand:
        yield stand


def look(stand: StandIn, query: str, source: str = "", /, **expect: Json) -> list[Sight]:
    target: dict[str, Json] = {"connection": "metrics", "query": query, **({"source": source} if source else {})}
    return list(PrometheusProbe(stand.connection()).look(target, expect, within=10))


@pytest.mark.parametrize(
    ("value", "expect", "held", "says"),
    [
        (0, {"below": 1}, HELD, "0, which is below 1"),
        (1, {"below": 1}, NOT, "1, not below 1"),
        (2.5, {"above": 2}, HELD, "2.5, which is above 2"),
        (2, {"above": 2}, NOT, "2, not above 2"),
        (0, {"equals": 0}, HELD, "0, which equals 0"),
        (3, {"equals": 0}, NOT, "3, not 0"),
        ("NaN", {"below": 1}, UNTOLD, "nan is no number to compare"),
        ("+Inf", {"above": 1}, UNTOLD, "inf is no number to compare"),
    ],
)
def test_what_a_value_shows(stand: StandIn, value: float, expect: dict[str, Json], held: Held, says: str) -> None:
    """Below and above leave the bound itself out; what is no number is no proof either way."""
    stand.series["up"] = [Sample(value)]
    assert look(stand, "up", **expect) == [Sight("value", held, says)]


def test_several_series_are_several_sights(stand: StandIn) -> None:
    """Each by its labels; one that still answers is named."""
    stand.series["answers"] = [
        Sample(0, metric={"__name__": "answers", "pod": "a", "zone": "1"}),
        Sample(4, metric={"__name__": "answers", "pod": "b", "zone": "1"}),
    ]
    assert look(stand, "answers", equals=0) == [
        Sight('answers{pod="a", zone="1"}', HELD, "0, which equals 0"),
        Sight('answers{pod="b", zone="1"}', NOT, "4, not 0"),
    ]


def test_a_stale_sample_proves_nothing(stand: StandIn) -> None:
    """Each series by its own age; a minute unless the runbook says otherwise."""
    stand.series["up"] = [Sample(0, age=59, metric={"pod": "a"}), Sample(0, age=61, metric={"pod": "b"})]
    fresh, stale = look(stand, "up", equals=0)
    assert fresh.held is HELD
    assert (stale.held, stale.says) == (UNTOLD, "stale: its sample is 1m1s old, more than 1m")
    assert [sight.held for sight in look(stand, "up", equals=0, fresh="2m")] == [HELD, HELD]
    assert [sight.held for sight in look(stand, "up", equals=0, fresh="10s")] == [UNTOLD, UNTOLD]


def test_behind_an_expression_the_source_has_to_be_fresh(stand: StandIn) -> None:
    """All of it: one replica that nobody measures any more would be missing in a sum."""
    stand.series[RATE] = [Sample(0)]
    stand.series["answers_total"] = [Sample(9, age=5, metric={"pod": "a"}), Sample(9, age=5, metric={"pod": "b"})]
    assert look(stand, RATE, "answers_total", below=0.01)[0].held is HELD
    stand.series["answers_total"][1].age = 90
    (sight,) = look(stand, RATE, "answers_total", below=0.01)
    assert (sight.held, sight.says) == (UNTOLD, "stale: the source's oldest sample is 1m30s old, more than 1m")


def test_missing_data_proves_nothing(stand: StandIn) -> None:
    """No series, or one whose samples ended, is neither zero nor off."""
    stand.series.update({"gone": [], "ended": [Sample(0, age=301)], RATE: [Sample(0)]})
    for query in ("gone", "ended"):
        (sight,) = look(stand, query, equals=0)
        assert (sight.held, sight.says) == (UNTOLD, "no data: the query's source has no series")
    assert look(stand, RATE, "gone", below=1)[0].held is UNTOLD
    stand.series[RATE] = []
    assert look(stand, RATE, "up", below=1)[0].says == "no data: the query found no series"


def test_absence_is_seen_only_beside_something_present(stand: StandIn) -> None:
    """It holds while the source has fresh data; each series that is there is named."""
    stand.series["serving"] = []
    assert look(stand, "serving", "up", absent=True) == [Sight("all", HELD, "no series, and the source has data")]
    stand.series["serving"] = [Sample(2, metric={"pod": "a"})]
    assert look(stand, "serving", "up", absent=True) == [Sight('{pod="a"}', NOT, "it is there, with 2")]
    stand.series["up"] = []
    assert look(stand, "serving", "up", absent=True)[0].held is UNTOLD


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Reply(401, b"who are you"), "answered 401"),
        (Reply(403, b""), "answered 403"),
        (Reply(404, b""), "answered 404"),
        (Reply(422, {"status": "error", "errorType": "execution", "error": "too many samples"}), "too many samples"),
        (Reply(429, b""), "answered 429"),
        (Reply(503, {"status": "error", "errorType": "timeout", "error": "query timed out"}), "query timed out"),
        (Reply(302, b"", {"Location": "http://login.test/"}), "not listed"),
        (Reply(200, b"<html>Sign in</html>"), "not JSON"),
        (Reply(200, {"status": "error", "errorType": "internal", "error": "broken"}), "internal broken"),
        (Reply(200, {"status": "success"}), "no instant vector: its type is null"),
        (Reply(200, {"status": "success", "data": {"resultType": "matrix", "result": []}}), "its type is matrix"),
        (Reply(200, {"status": "success", "data": {"resultType": "vector", "result": [7]}}), "cannot be read: 7"),
        (
            Reply(200, {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}}]}}),
            "cannot be read: null",
        ),
        (
            Reply(
                200,
                {
                    "status": "success",
                    "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1, "NaN"]}]},
                },
            ),
            "their times are no numbers",
        ),
        (
            Reply(
                200,
                {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "histogram": [1]}]}},
            ),
            "a histogram and no number",
        ),
    ],
)
def test_what_is_no_answer(stand: StandIn, answer: Reply, says: str) -> None:
    """Refused, broken, of another shape: could not tell, with the reason."""
    stand.answer = answer
    (sight,) = look(stand, "up", equals=1)
    assert (sight.replica, sight.held) == ("all", UNTOLD)
    assert says in sight.says


def test_a_partial_answer_proves_nothing(stand: StandIn) -> None:
    """A store that is away shows as a warning beside a success; a hint on style does not matter."""
    stand.more = {"infos": ["metric might not be a counter"]}
    assert look(stand, "up", equals=1)[0].held is HELD
    stand.more = {"warnings": ["store 10.0.0.7 is away, partial response"]}
    (sight,) = look(stand, "up", equals=1)
    assert (sight.held, sight.says) == (UNTOLD, 'the answer is partial: ["store 10.0.0.7 is away, partial response"]')


def test_a_query_it_cannot_read(stand: StandIn) -> None:
    """What Prometheus says of it is passed on."""
    assert "parse error" in look(stand, "rate(", "up", equals=1)[0].says


def test_nobody_is_there() -> None:
    """A closed port could not tell."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    probe = PrometheusProbe(FakeConnection("metrics", "http", {"url": url}))
    (sight,) = probe.look({"query": "up"}, {"equals": 1}, within=10)
    assert (sight.held, "refused" in sight.says) == (UNTOLD, True)


def test_too_many_series(stand: StandIn) -> None:
    """Nobody reads so many sights: it asks for a sum."""
    stand.series["up"] = [Sample(1, metric={"pod": str(number)}) for number in range(MOST + 1)]
    (sight,) = look(stand, "up", equals=1)
    assert (sight.held, "sum them up" in sight.says) == (UNTOLD, True)


def test_its_secret_stays_out(stand: StandIn) -> None:
    """The token is sent, and stands in no sight although a label echoes it."""
    stand.series["up"] = [Sample(1, metric={"echo": TOKEN})]
    (sight,) = look(stand, "up", equals=1)
    assert stand.seen[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert sight.replica == '{echo="[secret token]"}'


@pytest.mark.parametrize(
    ("target", "expect", "says"),
    [
        ({"query": "up"}, {}, "says nothing"),
        ({"query": "up"}, {"below": 1, "above": 0}, "says below and above"),
        ({"query": "up"}, {"equal": 1}, "no key 'equal'"),
        ({"query": "up"}, {"equals": True}, "is no number"),
        ({"query": "up"}, {"equals": "1"}, "is no number"),
        ({"query": "up"}, {"equals": 1, "fresh": "soon"}, "is not a span"),
        ({"query": "up"}, {"equals": 1, "fresh": 30}, "is no span"),
        ({"query": "up"}, {"absent": False}, "absent can only be true"),
        ({"query": "up"}, {"absent": True}, "only where another one is there"),
        ({"query": RATE}, {"below": 1}, "cannot be told from its answer"),
        ({"query": RATE, "source": "rate(up[1m])"}, {"below": 1}, "is no plain selector"),
        ({"query": ""}, {"below": 1}, "needs a query"),
    ],
)
def test_what_it_cannot_be_told(target: dict[str, Json], expect: dict[str, Json], says: str) -> None:
    """A block that would prove nothing is refused before anything is asked."""
    probe = PrometheusProbe(FakeConnection("metrics", "http", {"url": "http://127.0.0.1:9"}))
    with pytest.raises(UsageError, match=says):
        probe.look(target, expect, within=10)


@pytest.mark.parametrize(
    "query",
    [
        "up",
        "job:answers:rate5m",
        'up{job="a"}',
        "up{}",
        'up { job = "a", pod=~"b.*", }',
        "up{job!='a'}",
        '{__name__="up"}',
        '{"up"}'.replace('"up"', '"up"="1"'),
        'up{say="a, b} \\" c"}',
    ],
)
def test_a_plain_selector(query: str) -> None:
    """A name, labels, or both."""
    assert plain(query)


@pytest.mark.parametrize(
    "query", ["", "up + 1", "rate(up[1m])", "up[1m]", "-up", "up or down", "1", 'up{job="a"} > 0', "timestamp(up)"]
)
def test_no_plain_selector(query: str) -> None:
    """Of anything else `timestamp()` says when it was asked, not when it was measured."""
    assert not plain(query)
