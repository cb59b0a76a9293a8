"""What a probe of a CloudWatch metric was told to find, and what the periods of its data make of that.

CloudWatch hands on what has come to it so far, and a metric that counts deeds has no data point where nothing was done.
So a period counts only once it has been over for a while, and one without a data point is no zero unless somebody says
that it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from psfir.domain import durations
from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.values import frozen
from psfir.errors import UsageError
from psfir.probes.bounds import COMPARED, Bound, number, only_one, span

_LATE = 180.0
_MOST = 1000
_GROWING = frozenset({"Sum", "SampleCount", "Maximum"})
"""What only rises while a period fills up: too much already is too much for good."""


@frozen
class Expected:
    """An `expect:` block, checked."""

    bound: Bound
    missing: float | None
    periods: int
    late: float

    @classmethod
    def of(cls, said: Mapping[str, Json]) -> Expected:
        how = only_one(said, COMPARED, ("missing", "periods", "late"))
        missing = None if said.get("missing") is None else number("missing", said["missing"])
        periods = said.get("periods", 1)
        if isinstance(periods, bool) or not isinstance(periods, int) or not 0 < periods <= _MOST:
            raise UsageError(f"expect: periods: {periods!r} is no number of periods", todo="say periods: 1, or more")
        return cls(Bound(how, number(how, said[how])), missing, periods, span("late", said.get("late"), _LATE))


@frozen
class Data:
    """The data points by when their period began, in seconds, as CloudWatch had them at `at`."""

    points: Mapping[int, float]
    period: int
    at: float

    def settled(self, late: float) -> int:
        """When the newest period began that has been over for so long."""
        return int((self.at - late) // self.period - 1) * self.period

    def judge(self, expected: Expected, statistic: str) -> tuple[Held, str]:
        """The worst of the periods that count; the newest of the worst."""
        newest = self.settled(expected.late)
        if statistic in _GROWING and (risen := self._risen(expected, newest)):
            return Held.NOT_HELD, risen
        counted = list(self._counted(expected, newest))
        for worst in (Held.NOT_HELD, Held.COULD_NOT_TELL):
            if bad := [says for held, says in counted if held is worst]:
                return worst, bad[0]
        more = f", and so in {expected.periods - 1} before" if expected.periods > 1 else ""
        return Held.HELD, counted[0][1] + more

    def _counted(self, expected: Expected, newest: int) -> Iterator[tuple[Held, str]]:
        for began in range(newest, newest - expected.periods * self.period, -self.period):
            value, when = self.points.get(began), self._when(began)
            if value is None and expected.missing is None:
                yield Held.COULD_NOT_TELL, f"no data point in {when}, which is no 0; expect.missing can say what it is"
            elif value is None:
                held, says = expected.bound.judge(expected.missing or 0.0)
                yield held, f"no data point in {when}, taken for {says}"
            else:
                held, says = expected.bound.judge(value)
                yield held, f"in {when}: {says}"

    def _risen(self, expected: Expected, newest: int) -> str:
        for began in sorted((one for one in self.points if one > newest), reverse=True):
            held, says = expected.bound.judge(self.points[began])
            if held is Held.NOT_HELD and self.points[began] >= expected.bound.number and expected.bound.how != "above":
                return f"in {self._when(began)}, although more may come: {says}"
        return ""

    def _when(self, began: int) -> str:
        return f"the {durations.show(self.period)} from {datetime.fromtimestamp(began, UTC):%H:%M:%S} UTC"
