"""Answers instant queries as Prometheus does, from samples of a given age. It knows the queries it is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from psfir.domain.canon import Json
from psfir.range.server import Asked, Reply, Server
from psfir.testing import FakeConnection

NOW = 1_800_000_000.0
TOKEN = "canary-5e1f-token"
LOOKBACK = 300.0


@dataclass
class Sample:
    """One series' last sample; `age` in seconds."""

    value: float | str
    age: float = 5.0
    metric: Mapping[str, str] = field(default_factory=dict)


class StandIn:
    """`series` holds what each query finds. `answer`, if set, is given instead of any other."""

    def __init__(self, **series: list[Sample]) -> None:
        self.series: dict[str, list[Sample]] = dict(series)
        self.answer: Reply | None = None
        self.more: dict[str, Json] = {}
        self.seen: list[Asked] = []
        self._server = Server(self._handle)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def connection(self) -> FakeConnection:
        return FakeConnection("metrics", "http", {"url": f"{self._server.url}/prom"}, {"token": TOKEN})

    def _handle(self, asked: Asked) -> Reply:
        self.seen.append(asked)
        if self.answer is not None:
            return self.answer
        if asked.path != "/prom/api/v1/query":
            return Reply(404, b"404 page not found")
        inner = re.fullmatch(r"timestamp\((.*)\)", asked.query["query"])
        found = self.series.get(inner[1] if inner else asked.query["query"])
        if found is None:
            body = {"status": "error", "errorType": "bad_data", "error": "parse error: unexpected end of input"}
            return Reply(400, body)
        result = [_timed(one) if inner else _plain(one) for one in found if one.age <= LOOKBACK]
        data: Json = {"resultType": "vector", "result": result}
        return Reply(200, {"status": "success", "data": data, **self.more})


def _plain(sample: Sample) -> dict[str, Json]:
    return {"metric": dict(sample.metric), "value": [NOW, str(sample.value)]}


def _timed(sample: Sample) -> dict[str, Json]:
    labels = {name: value for name, value in sample.metric.items() if name != "__name__"}
    return {"metric": labels, "value": [NOW, str(NOW - sample.age)]}
