"""What the range's own server costs where it has nothing to do, beside Python's: whether it is what is measured."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from urllib.parse import urlsplit

from benchmarks.frame import Figure, Pair, compare, serving

AIM = 1.3
REQUESTS = 300
SERVERS = {
    "nothing": f"the range's server: {REQUESTS} requests that do nothing",
    "faulty": f"the same behind the place for faults: {REQUESTS} requests",
}


def figures() -> list[Figure]:
    with serving("-m", "benchmarks.server", "plain") as plain:
        return [_beside(plain, which, name) for which, name in SERVERS.items()]


def _beside(plain: str, which: str, name: str) -> Figure:
    with serving("-m", "benchmarks.range_server", which) as url:
        return compare(Pair(name, _asking(url), "http.server", _asking(plain), AIM), runs=9)


def _asking(url: str) -> Callable[[], None]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)

    def run() -> None:
        for _ in range(REQUESTS):
            connection.request("GET", "/nothing")
            answer = connection.getresponse()
            if answer.read() != b"{}":
                raise RuntimeError(f"the server answered {answer.status}")

    return run
