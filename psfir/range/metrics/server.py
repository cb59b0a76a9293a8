"""The metrics of the range: a gateway that can be scraped, and the Prometheus that scrapes it, behind one address."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from math import isinf, isnan, nan
from typing import Self
from urllib.parse import parse_qs, urlsplit

from psfir.domain.canon import Json
from psfir.range.clock import RangeClock
from psfir.range.metrics.counters import EVERY, Counters, Scraper
from psfir.range.metrics.promql import Answer, Matrix, Unanswerable, evaluate
from psfir.range.metrics.promql_tokens import seconds
from psfir.range.metrics.promql_tree import BadData
from psfir.range.served import Served
from psfir.range.server import Asked, Reply

_FORM = "application/x-www-form-urlencoded"
_PLAIN = {"Content-Type": "text/plain; charset=utf-8"}
_EXPOSED = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
_TINY, _HUGE = 1e-6, 1e21


class Metrics(Served):
    """`url` answers queries about what `counters` said when `scraper` last looked."""

    def __init__(self, counters: Counters, clock: RangeClock, *, every: float = EVERY) -> None:
        super().__init__()
        self.counters = counters
        self.scraper = Scraper(counters, clock, every=every)
        self._clock = clock

    def start(self) -> Self:
        self.scraper.start()
        return super().start()

    def stop(self) -> None:
        super().stop()
        self.scraper.stop()

    def reset(self) -> None:
        """As just started: nothing counted, no sample but those of a scrape just now, no fault."""
        self.faults.heal()
        self.counters.reset()
        self.scraper.paused = False
        self.scraper.once()

    def _handle(self, asked: Asked) -> Reply:
        queries = asked.path == "/api/v1/query"
        if asked.method not in ({"GET", "POST"} if queries else {"GET", "HEAD"}):
            return Reply(405, b"Method Not Allowed\n", _PLAIN)
        if queries:
            return self._query(asked)
        if asked.path == "/metrics":
            return Reply(200, self.counters.text().encode(), _EXPOSED)
        if asked.path in {"/-/ready", "/-/healthy"}:
            return Reply(200, b"The Prometheus of the range is ready.\n", _PLAIN)
        return Reply(404, b"404 page not found\n", _PLAIN)

    def _query(self, asked: Asked) -> Reply:
        words = _words(asked)
        try:
            at = _instant(words.get("time", ""), self._clock.now())
            _checked_timeout(words.get("timeout", ""))
            data = _data(_evaluated(words.get("query", ""), self.counters, at), at)
        except BadData as error:
            return _error(400, "bad_data", str(error))
        except Unanswerable as error:
            return _error(422, "execution", str(error))
        return Reply(200, {"status": "success", "data": data})


def _error(status: int, kind: str, what: str) -> Reply:
    return Reply(status, {"status": "error", "errorType": kind, "error": what})


def _words(asked: Asked) -> dict[str, str]:
    """What the body says goes before what the address says; of several the first counts."""
    words: dict[str, str] = {}
    form = asked.headers.get("content-type", "").partition(";")[0].strip() == _FORM
    body = asked.body.decode(errors="replace") if form and asked.writes else ""
    for text in (urlsplit(asked.target).query, body):
        words |= {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
    return words


def _evaluated(query: str, counters: Counters, at: float) -> Answer:
    try:
        return evaluate(query, counters, at=at)
    except BadData as error:
        raise BadData(f'invalid parameter "query": {error}') from None


def _instant(text: str, now: float) -> float:
    if not text:
        return now
    try:
        at = _seconds(text)
    except ValueError:
        at = nan
    if isnan(at) or isinf(at):
        raise BadData(f'invalid parameter "time": cannot parse "{text}" to a valid timestamp')
    return at


def _seconds(text: str) -> float:
    """Seconds since the epoch, or a time of RFC 3339, which has a zone."""
    try:
        return float(text)
    except ValueError:
        when = datetime.fromisoformat(text)
        return when.timestamp() if when.tzinfo else nan


def _checked_timeout(text: str) -> None:
    """It has to be a good one; no query here takes long enough to meet it."""
    try:
        if text and not text.replace(".", "", 1).isdigit():
            seconds(text)
    except ValueError:
        raise BadData(f'invalid parameter "timeout": cannot parse "{text}" to a valid duration') from None


def _data(found: Answer, at: float) -> Json:
    if isinstance(found, float):
        return {"resultType": "scalar", "result": _sample(at, found)}
    if isinstance(found, Matrix):
        lines: list[Json] = [
            {"metric": dict(one.labels), "values": [_sample(*pair) for pair in one.samples]} for one in found.series
        ]
        return {"resultType": "matrix", "result": lines}
    points: list[Json] = [{"metric": dict(one.labels), "value": _sample(at, one.value)} for one in found]
    return {"resultType": "vector", "result": points}


def _sample(at: float, value: float) -> Json:
    return [round(at, 3), shown(value)]


def shown(value: float) -> str:
    """A number as Prometheus writes it: all digits that it needs, and a power of ten only for what is tiny or huge."""
    if isnan(value) or isinf(value):
        return "NaN" if isnan(value) else "+Inf" if value > 0 else "-Inf"
    if value and not _TINY <= abs(value) < _HUGE:
        return repr(value)
    text = format(Decimal(repr(value)), "f")
    return text.removesuffix(".0")
