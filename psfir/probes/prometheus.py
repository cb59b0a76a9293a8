"""`prometheus`: what a metric says, series by series, by an instant query.

An answer carries the time of the query and not that of the samples, and for five minutes Prometheus goes on answering
with the last sample it has. So a second query asks how old the samples are: a number that nobody measures any more
would pass for a feature that is off. No data, stale data, partial answers and refused queries could not tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import ClassVar
from urllib.parse import urlencode

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import Field, FieldType, Permission, ProbeAbout
from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.verdict import Sight
from psfir.errors import LeverError, PsfirError, UsageError
from psfir.probes.prometheus_expect import Expected, plain
from psfir.probes.prometheus_series import Series, vector
from psfir.vendors.http import Deadline, HttpClient, Request
from psfir.vendors.shared import shared

PATH = "/api/v1/query"
MOST = 200
"""Series that one look takes in. Whoever gets more has forgotten to sum them up."""

_UNTOLD = Held.COULD_NOT_TELL


class PrometheusProbe:
    """One sight a series: held if its sample is fresh and its value is as expected."""

    about: ClassVar[ProbeAbout] = ProbeAbout(
        name="prometheus",
        line="Looks at what a metric says, by an instant query to Prometheus or what speaks its API.",
        connects=("http",),
        target=(
            Field("query", FieldType.TEXT, "an instant query in PromQL; each series of its answer is a sight"),
            Field(
                "source",
                FieldType.TEXT,
                "the plain selector whose samples have to be fresh; default the query, where it is one",
                required=False,
            ),
        ),
        example={
            "probe": "prometheus",
            "target": {
                "connection": "metrics",
                "query": 'sum(rate(assistant_answers_total{system="support-assistant"}[1m]))',
                "source": 'assistant_answers_total{system="support-assistant"}',
            },
            "expect": {"below": 0.01, "fresh": "1m"},
        },
        expect=(
            Field("below", FieldType.ANY, "a number that each value is below", required=False),
            Field("above", FieldType.ANY, "or one that it is above", required=False),
            Field("equals", FieldType.ANY, "or one that it is", required=False),
            Field("absent", FieldType.FLAG, "or that there is no series, while source has some", required=False),
            Field("fresh", FieldType.SPAN, "how old a sample may be; default 1m", required=False, default="1m"),
        ),
        permissions=(Permission("http", "read", "{connection}"),),
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._client = shared(connection, HttpClient)

    def look(self, target: Target, expect: Mapping[str, Json], *, within: float) -> Sequence[Sight]:
        deadline = Deadline(within)
        query, expected = _text(target, "query"), Expected.of(expect)
        source = _text(target, "source") if "source" in target else _own_source(query, expected)
        try:
            ages = self._ages(source, deadline)
            found = self._ask(query, deadline)
            sights = _sights(found, ages, expected, own=source == query)
        except PsfirError as error:
            sights = [Sight("all", _UNTOLD, error.what)]
        return [Sight(self._clean(s.replica), s.held, self._clean(s.says)) for s in sights]

    def _clean(self, text: str) -> str:
        return self._client.clean(text)

    def _ask(self, query: str, deadline: Deadline) -> list[Series]:
        left = deadline.left
        words = urlencode({"query": query, "timeout": f"{max(1, round(left * 1000))}ms"})
        answer = self._client.send(Request("GET", f"{PATH}?{words}", {"Accept": "application/json"}), within=left)
        return vector(answer.json())

    def _ages(self, source: str, deadline: Deadline) -> dict[str, float]:
        """Seconds from a sample to the query, by series. Both times are the other side's: no clock of ours counts."""
        ages = {one.labels: one.at - one.value for one in self._ask(f"timestamp({source})", deadline)}
        if not all(isfinite(age) for age in ages.values()):
            raise LeverError("how old the samples are cannot be told: their times are no numbers")
        return ages


def _sights(found: Sequence[Series], ages: Mapping[str, float], expected: Expected, *, own: bool) -> list[Sight]:
    if not ages:
        return [Sight("all", _UNTOLD, "no data: the query's source has no series")]
    if len(found) > MOST:
        return [Sight("all", _UNTOLD, f"{len(found)} series, which is more than {MOST}: sum them up")]
    oldest = max(ages.values())
    if not own and oldest > expected.fresh:
        return [Sight("all", _UNTOLD, f"stale: the source's oldest sample is {expected.old(oldest)}")]
    if expected.absent:
        return [Sight(one.name, *expected.judge(one.value)) for one in found] or [
            Sight("all", Held.HELD, "no series, and the source has data")
        ]
    if not found:
        return [Sight("all", _UNTOLD, "no data: the query found no series")]
    return [_sight(one, ages.get(one.labels) if own else oldest, expected) for one in found]


def _sight(one: Series, age: float | None, expected: Expected) -> Sight:
    if age is None:
        return Sight(one.name, _UNTOLD, "how old its sample is cannot be told")
    if age > expected.fresh:
        return Sight(one.name, _UNTOLD, f"stale: its sample is {expected.old(age)}")
    return Sight(one.name, *expected.judge(one.value))


def _own_source(query: str, expected: Expected) -> str:
    if expected.absent:
        what = "that a series is absent proves something only where another one is there"
        raise UsageError(what, todo="name that one in source of the target, such as up{job=...}")
    if not plain(query):
        what = "how old the samples behind this query are cannot be told from its answer"
        raise UsageError(what, todo="name the plain selector it is made of in source of the target")
    return query


def _text(target: Target, key: str) -> str:
    value = target.get(key)
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"the probe prometheus needs a {key} that is a text")
    if key == "source" and not plain(value):
        raise UsageError(f"source: {value!r} is no plain selector", todo='write it like name{label="value"}')
    return value.strip()
