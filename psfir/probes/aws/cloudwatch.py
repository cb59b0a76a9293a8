"""`cloudwatch`: what a metric of CloudWatch says, period by period.

Whoever asks twice within one period sees one and the same data point twice: how many periods in a row are to be as
expected, `periods` says, and not `times`. What CloudWatch's own clock says counts, not the one here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain import durations
from psfir.domain.about import Field, FieldType, Permission, ProbeAbout
from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.verdict import Sight
from psfir.errors import LeverError, UsageError
from psfir.probes.aws.cloudwatch_expect import Data, Expected
from psfir.probes.bounds import span
from psfir.vendors.aws import AwsClient, Deadline, now
from psfir.vendors.shared import shared

_PERIOD = 60.0
_SHORT = frozenset({1, 5, 10, 20, 30})
_MINUTE = 60
_SEEN = 3 * 3600
"""Seconds in which a metric must have had a data point: else nothing shows that there is one of that name."""
_AHEAD = 360
"""Seconds that the clock here may be behind that of AWS, which takes no request beyond five minutes."""
_PAGES = 20
_STATISTIC = re.compile(r"Sum|Average|Minimum|Maximum|SampleCount|p(?:100|\d{1,2}(?:\.\d{1,10})?)")


class CloudWatchProbe:
    """One sight: the metric's newest periods that count."""

    about: ClassVar[ProbeAbout] = ProbeAbout(
        name="cloudwatch",
        line="Looks at what a metric of CloudWatch says in its newest whole periods.",
        connects=("aws",),
        target=(
            Field("namespace", FieldType.TEXT, "such as AWS/Lambda"),
            Field("metric", FieldType.TEXT, "its name, such as Invocations"),
            Field("dimensions", FieldType.OBJECT, "all of its dimensions by name; default none", required=False),
            Field("statistic", FieldType.TEXT, "Sum, Average, Minimum, Maximum, SampleCount, or such as p99"),
            Field(
                "period",
                FieldType.SPAN,
                "1s, 5s, 10s, 20s, 30s, or whole minutes; default 1m",
                required=False,
                default="1m",
            ),
        ),
        example={
            "probe": "cloudwatch",
            "target": {
                "connection": "aws-prod",
                "namespace": "AWS/Lambda",
                "metric": "Invocations",
                "dimensions": {"FunctionName": "support-agent"},
                "statistic": "Sum",
            },
            "expect": {"below": 1, "missing": 0},
        },
        expect=(
            Field("below", FieldType.ANY, "a number that each period's value is below", required=False),
            Field("above", FieldType.ANY, "or one that it is above", required=False),
            Field("equals", FieldType.ANY, "or one that it is", required=False),
            Field(
                "missing",
                FieldType.ANY,
                "the number that a period without a data point stands for; default could not tell",
                required=False,
            ),
            Field("periods", FieldType.WHOLE, "how many in a row; default 1", required=False, default=1),
            Field(
                "late",
                FieldType.SPAN,
                "how long a period must be over to count, since data come late; default 3m",
                required=False,
                default="3m",
            ),
        ),
        permissions=(Permission("aws", "cloudwatch:GetMetricData", "*"),),
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._aws = shared(connection, AwsClient)

    def look(self, target: Target, expect: Mapping[str, Json], *, within: float) -> Sequence[Sight]:
        expected, period = Expected.of(expect), _period(target)
        name, statistic = f"{target['namespace']} {target['metric']}", _statistic(target)
        ago = max(_SEEN, (expected.periods + 1) * period + expected.late)
        try:
            data = self._data(_query(target, period, statistic), period, ago, Deadline(within))
        except LeverError as error:
            todo = f" ({error.todo})" if error.todo else ""
            return [Sight(name, Held.COULD_NOT_TELL, f"{error.what}{todo}")]
        if not data.points:
            says = f"no data point in {durations.show(ago)}: nothing shows that there is such a metric"
            return [Sight(name, Held.COULD_NOT_TELL, says)]
        return [Sight(name, *data.judge(expected, statistic))]

    def _data(self, query: Mapping[str, Json], period: int, ago: float, deadline: Deadline) -> Data:
        here = now().timestamp()
        params: dict[str, Any] = {
            "MetricDataQueries": [query],
            "StartTime": _at((here - ago) // period * period),
            "EndTime": _at((here + _AHEAD) // period * period + period),
        }
        points: dict[int, float] = {}
        for _ in range(_PAGES):
            said = self._aws.read("cloudwatch", "GetMetricData", params, within=deadline.left)
            status = _taken(said, points)
            if not (token := said.get("NextToken")):
                break
            params["NextToken"] = token
        if token or status != "Complete":
            raise LeverError(f"CloudWatch did not hand out all of it: {status}{_messages(said)}")
        if odd := [at for at in points if at % period]:
            # What was looked for at another time would be taken for missing.
            raise LeverError(f"CloudWatch's periods begin at other times than were asked for, such as {_at(odd[0])}")
        return Data(points, period, _its_time(said))


def _taken(said: Mapping[str, Any], points: dict[int, float]) -> str:
    """What became of the one query that was asked."""
    results = said.get("MetricDataResults") or []
    if not results:
        raise LeverError("CloudWatch answered without a result")
    for one in results:
        pairs = zip(one.get("Timestamps", []), one.get("Values", []), strict=False)
        points.update({int(at.timestamp()): float(value) for at, value in pairs})
    return str(results[0].get("StatusCode"))


def _messages(said: Mapping[str, Any]) -> str:
    """What CloudWatch has to say beside it, of all and of the one query."""
    results = said.get("MetricDataResults") or [{}]
    found = [*(said.get("Messages") or []), *(results[0].get("Messages") or [])]
    return "".join(f"; {one.get('Code')}: {one.get('Value')}" for one in found)


def _its_time(said: Mapping[str, Any]) -> float:
    headers = said.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        return parsedate_to_datetime(str(headers.get("date", ""))).timestamp()
    except ValueError:
        raise LeverError("its answer does not say when it is from, so how late its data are cannot be told") from None


def _query(target: Target, period: int, statistic: str) -> dict[str, Json]:
    told = target.get("dimensions") or {}
    if not isinstance(told, Mapping):
        raise UsageError("cloudwatch takes its dimensions by name", todo="say dimensions: {FunctionName: ...}")
    dimensions: list[Json] = [{"Name": str(name), "Value": str(value)} for name, value in told.items()]
    metric: dict[str, Json] = {
        "Namespace": str(target["namespace"]),
        "MetricName": str(target["metric"]),
        "Dimensions": dimensions,
    }
    return {"Id": "m", "MetricStat": {"Metric": metric, "Period": period, "Stat": statistic}, "ReturnData": True}


def _period(target: Target) -> int:
    seconds = span("period", target.get("period"), _PERIOD, where="target")
    if seconds not in _SHORT and seconds % _MINUTE:
        todo = "say 1s, 5s, 10s, 20s, 30s, or whole minutes"
        raise UsageError(f"CloudWatch has no period of {target.get('period')}", todo=todo)
    return int(seconds)


def _statistic(target: Target) -> str:
    name = str(target.get("statistic", ""))
    if not _STATISTIC.fullmatch(name):
        todo = "say Sum, Average, Minimum, Maximum, SampleCount, or a percentile such as p99"
        raise UsageError(f"cloudwatch knows no statistic {name!r}", todo=todo)
    return name


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
