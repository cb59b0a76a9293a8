"""Parts of the range as processes of their own, so that they are never in what is measured.

python -m benchmarks.range_server nothing|faulty|launchdarkly
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from threading import Event

from psfir.range.faulty import Faulty
from psfir.range.launchdarkly.server import LaunchDarkly
from psfir.range.server import Asked, Reply, Server


def _nothing(_: Asked) -> Reply:
    return Reply(200, {})


def nothing() -> None:
    """The server under every part of the range, with nothing to do."""
    with Server(_nothing) as server:
        _ready(server.url)


def faulty() -> None:
    """The same behind the place where faults come in, as every part has it."""
    with Server(Faulty(_nothing)) as server:
        _ready(server.url)


def launchdarkly() -> None:
    """One flag, and what it takes to set it and to see it."""
    with LaunchDarkly() as server:
        estate = server.estate
        estate.add_project("shop")
        sdk_key = estate.add_environment("shop", "production")
        estate.add_flag("shop", "ai-summary")
        _ready(json.dumps({"url": server.url, "token": estate.add_token("*"), "sdk_key": sdk_key}))


def _ready(said: str) -> None:
    print(said, flush=True)
    Event().wait()


SERVERS: dict[str, Callable[[], None]] = {"nothing": nothing, "faulty": faulty, "launchdarkly": launchdarkly}

if __name__ == "__main__":
    SERVERS[sys.argv[1]]()
