"""cloudwatch on moto and a real socket: whole periods that are over, and neither a gap nor a late point is a zero."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from time import time

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.verdict import Sight
from psfir.errors import UsageError
from psfir.probes.aws.cloudwatch import CloudWatchProbe
from psfir.probes.aws.cloudwatch_expect import Data, Expected
from psfir.range.faulty import Fault, hang, reset
from psfir.range.front import Front
from psfir.range.server import Reply
from psfir.testing import FakeConnection
from tests.levers.aws.moto import KEYS, World, connection, enforced, moto
from tests.levers.aws.moto import reset as empty
from tests.shares import told

TARGET: Mapping[str, Json] = {
    "namespace": "AWS/Lambda",
    "metric": "Invocations",
    "dimensions": {"FunctionName": "support-agent"},
    "statistic": "Sum",
}
HELD, NOT_HELD, UNTOLD = Held.HELD, Held.NOT_HELD, Held.COULD_NOT_TELL
NONE: Mapping[str, Json] = {"below": 1}


class Metric(World):
    """A metric that has a data point so many whole minutes before this one."""

    def __init__(self) -> None:
        super().__init__()
        empty()

    def has(self, points: Mapping[int, float], name: str = "support-agent") -> None:
        minute = time() // 60 * 60
        data = [
            {
                "MetricName": "Invocations",
                "Dimensions": [{"Name": "FunctionName", "Value": name}],
                "Timestamp": datetime.fromtimestamp(minute - 60 * ago + 5, UTC),
                "Value": value,
            }
            for ago, value in points.items()
        ]
        self.do("cloudwatch", "PutMetricData", Namespace="AWS/Lambda", MetricData=data)


@pytest.fixture
def metric() -> Metric:
    return Metric()


@pytest.fixture
def front(metric: Metric) -> Iterator[Front]:
    metric.has(dict.fromkeys(range(12), 0))
    with Front(moto()) as front:
        yield front


def look(
    expect: Mapping[str, Json] = NONE, *, by: FakeConnection | None = None, within: float = 20, **more: Json
) -> Sight:
    (sight,) = CloudWatchProbe(by or connection()).look({**TARGET, **more}, expect, within=within)
    assert sight.replica == "AWS/Lambda Invocations"
    return sight


def test_what_the_newest_whole_period_says(metric: Metric) -> None:
    """Of this metric and no other, in the minute that has been over for as long as data may be late."""
    metric.has(dict.fromkeys(range(12), 0))
    metric.has(dict.fromkeys(range(12), 9), name="other")
    found = look()
    assert found.held is HELD
    assert found.says.startswith("in the 1m from ")
    assert found.says.endswith(" UTC: 0, which is below 1")
    assert look({"above": 0}).held is NOT_HELD
    assert look({"equals": 0}).held is HELD
    assert look(dimensions={"FunctionName": "other"}).held is NOT_HELD


def test_a_gap_is_no_zero(metric: Metric) -> None:
    """Nothing for ten minutes could not tell, unless the expectation says what nothing stands for."""
    metric.has({30: 40})
    found = look()
    assert found.held is UNTOLD
    assert "which is no 0; expect.missing can say what it is" in found.says
    found = look({**NONE, "missing": 0})
    assert found.held is HELD
    assert found.says.endswith("taken for 0, which is below 1")
    assert look({**NONE, "missing": 5}).held is NOT_HELD


def test_a_metric_that_nobody_has_seen_proves_nothing(metric: Metric) -> None:
    """A slip in its name finds nothing either, whatever missing means."""
    metric.has({30: 40})
    for slip in ({"metric": "Invocation"}, {"dimensions": {"FunctionName": "suport-agent"}}):
        (found,) = CloudWatchProbe(connection()).look({**TARGET, **slip}, {**NONE, "missing": 0}, within=20)
        assert found.held is UNTOLD
        assert "nothing shows that there is such a metric" in found.says


def test_of_several_periods_each_counts(metric: Metric) -> None:
    """One that is too much is enough, and so is one that is missing."""
    metric.has({ago: 7 if ago == 8 else 0 for ago in range(15)})
    assert look({**NONE, "periods": 2}).held is HELD
    assert look({**NONE, "periods": 2}).says.endswith(", and so in 1 before")
    assert look({**NONE, "periods": 10}).held is NOT_HELD
    assert look({**NONE, "periods": 5, "late": "10m"}).held is NOT_HELD
    assert look({**NONE, "periods": 5, "late": "10m"}, statistic="Average").held is UNTOLD


MINUTES = {0: 0.0, 60: 0.0, 120: 0.0, 180: 50.0}


@pytest.mark.parametrize(
    ("at", "expect", "statistic", "held"),
    [
        # The minute from 120 is over at 180 and counts once what is late has come; that from 180 a minute later.
        (359, {"below": 1}, "Average", HELD),
        (420, {"below": 1}, "Average", NOT_HELD),
        # What has not settled counts already where it is too much and only grows.
        (200, {"below": 1, "late": "20s"}, "Sum", NOT_HELD),
        (359, {"equals": 0}, "Maximum", NOT_HELD),
        (359, {"equals": 60}, "Sum", NOT_HELD),
        (359, {"above": 60}, "Sum", NOT_HELD),
        # Nothing yet in the minutes from 240 on: late, or not at all.
        (500, {"below": 1}, "Average", UNTOLD),
        (500, {"below": 1, "missing": 0}, "Sum", HELD),
        (500, {"below": 1, "missing": 0, "periods": 2}, "Sum", NOT_HELD),
        (500, {"above": -1, "periods": 2}, "Sum", UNTOLD),
    ],
)
def test_when_a_period_counts(at: float, expect: Mapping[str, Json], statistic: str, held: Held) -> None:
    """By the time of CloudWatch, whatever it has already or has not yet."""
    assert Data(MINUTES, 60, at).judge(Expected.of(expect), statistic)[0] is held


def test_who_may_not_ask_could_not_tell(metric: Metric) -> None:
    """And which permission is missing is named; with it, and no more, it is told."""
    metric.has(dict.fromkeys(range(12), 0))
    (needed,) = CloudWatchProbe.about.permissions

    def of(*actions: str) -> FakeConnection:
        statement: Json = {"Effect": "Allow", "Action": list(actions), "Resource": needed.resource}
        policy: Mapping[str, Json] = {"Version": "2012-10-17", "Statement": [statement]}
        return connection(keys=metric.user(f"looks-{len(actions)}-{actions[0][:4]}", policy))

    enough, none = of(needed.action), of("logs:FilterLogEvents")
    with enforced():
        assert look(by=enough).held is HELD
        found = look(by=none)
    assert found.held is UNTOLD
    assert "allow cloudwatch:GetMetricData to the credential" in found.says
    assert KEYS["secret_access_key"] not in found.says


def spoiled(spoil: Callable[[Reply], Reply]) -> Fault:
    return Fault("spoiled", spoil=spoil)


def said(text: bytes, instead: bytes) -> Callable[[Reply], Reply]:
    def spoil(answer: Reply) -> Reply:
        assert text in answer.raw
        return Reply(answer.status, answer.raw.replace(text, instead), answer.headers)

    return spoil


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault("throttled", reply=Reply(400, {"__type": "ThrottlingException", "message": "Rate"})), "come back later"),
        (Fault("denied", reply=Reply(403, {"__type": "AccessDenied", "message": "no"})), "allow cloudwatch:GetMetric"),
        (Fault("broken", reply=Reply(500, {"__type": "InternalServiceFault"})), "500 InternalServiceFault"),
        (Fault("page", reply=Reply(200, b"<html>")), "no JSON"),
        (Fault("nothing", reply=Reply(200, {})), "answered without a result"),
        (Fault("reset", wire=reset), "no answer: "),
        (spoiled(said(b'"Complete"', b'"InternalError"')), "did not hand out all of it: InternalError"),
        (spoiled(said(b'"MetricDataResults"', b'"NextToken": "x", "MetricDataResults"')), "did not hand out all of it"),
    ],
    ids=lambda one: one.name if isinstance(one, Fault) else "",
)
def test_no_whole_answer_is_no_verdict(front: Front, fault: Fault, says: str) -> None:
    """Throttled, denied, broken or in part: it could not tell, and says why."""
    front.fault(fault)
    found = look(by=connection(front.url))
    assert (found.held, says in found.says) == (UNTOLD, True), found.says


def test_it_comes_back_in_its_share(front: Front) -> None:
    """CloudWatch that hangs could not tell."""
    look(by=connection(front.url))
    front.seen.clear()
    front.fault(Fault("hangs", wire=hang))
    found = told(lambda share: look(by=connection(front.url), within=share), lambda: front.seen)
    assert isinstance(found, Sight)
    assert found.held is UNTOLD


def test_pages_are_put_together(front: Front) -> None:
    """As long as there is a token; the last word on whether it is all of it is the last page's."""
    begun = said(b'"Complete"', b'"PartialData"')
    front.fault(
        spoiled(lambda answer: said(b'"MetricDataResults"', b'"NextToken": "x", "MetricDataResults"')(begun(answer))),
        times=1,
    )
    assert look(by=connection(front.url)).held is HELD
    assert b'"NextToken": "x"' in front.seen[-1].body


@pytest.mark.parametrize(
    ("target", "expect", "says"),
    [
        ({}, {}, "expect: says nothing"),
        ({}, {"below": 1, "above": 2}, "says below and above"),
        ({}, {"below": 1, "fresh": "1m"}, "no key 'fresh'"),
        ({}, {"below": "1"}, "below: '1' is no number"),
        ({}, {"below": 1, "missing": True}, "missing: True is no number"),
        ({}, {"below": 1, "periods": 0}, "periods: 0 is no number of periods"),
        ({}, {"below": 1, "late": "0s"}, "late: '0s' is no span"),
        ({"period": "45s"}, NONE, "no period of 45s"),
        ({"statistic": "Mean"}, NONE, "no statistic 'Mean'"),
        ({"dimensions": "x"}, NONE, "dimensions by name"),
    ],
)
def test_what_cannot_be_looked_at(target: Mapping[str, Json], expect: Mapping[str, Json], says: str) -> None:
    """A sentence that says what there is, before anything is asked."""
    with pytest.raises(UsageError, match=says) as refused:
        CloudWatchProbe(connection("http://127.0.0.1:1")).look({**TARGET, **target}, expect, within=1)
    assert refused.value.todo or "number" in says


def test_percentiles_and_short_periods_are_asked_for(front: Front) -> None:
    """As CloudWatch names them."""
    look(by=connection(front.url), statistic="p99.9", period="30s")
    assert b'"Stat": "p99.9"' in front.seen[-1].body
    assert b'"Period": 30' in front.seen[-1].body
