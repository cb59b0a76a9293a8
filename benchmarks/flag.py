"""From the PATCH of a flag to the official SDK's listener, beside a bare event stream and the PATCH's own trip."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import cycle
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

from ldclient import Config, LDClient

from benchmarks.frame import Figure, Pair, compare, serving

FLAG = "/api/v2/flags/shop/ai-summary"
SEMANTIC = "application/json; domain-model=launchdarkly.semanticpatch"
NAME = "flag: from its PATCH to the SDK's listener"
MOST_MS = 200.0
STREAM_AIM, TRIP_AIM = 4.0, 3.0
PATIENCE = 5.0


def figures() -> list[Figure]:
    with (
        serving("-m", "benchmarks.range_server", "launchdarkly") as said,
        serving("-m", "benchmarks.server", "plain") as plain,
        _flag(json.loads(said)) as (patch, heard),
        _stream(plain) as event,
    ):

        def settled() -> None:
            """So that no news of the last PATCH is taken for that of the next."""
            if not heard.wait(PATIENCE):
                raise RuntimeError("the SDK's listener heard nothing of the change")

        def answered() -> None:
            heard.clear()
            patch()

        def seen() -> None:
            answered()
            settled()

        seen()
        pairs = (
            Pair(NAME, seen, "an event of a bare stream", event, STREAM_AIM, settled, MOST_MS),
            Pair(NAME, seen, "the PATCH alone, until it is answered", answered, TRIP_AIM, settled, MOST_MS),
        )
        return [compare(pair, runs=101) for pair in pairs]


@contextmanager
def _flag(there: dict[str, str]) -> Iterator[tuple[Callable[[], None], Event]]:
    """Turns the flag over at each call; the event is set by the SDK's listener."""
    url, heard = there["url"], Event()
    connection = HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
    words = cycle(("turnFlagOff", "turnFlagOn"))

    def patch() -> None:
        body = {"environmentKey": "production", "instructions": [{"kind": next(words)}]}
        headers = {"Authorization": there["token"], "Content-Type": SEMANTIC}
        connection.request("PATCH", FLAG, json.dumps(body), headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"the PATCH was answered {answer.status}")

    def listener(_change: Any) -> None:  # noqa: ANN401 - the SDK's own
        heard.set()

    config = Config(there["sdk_key"], base_uri=url, stream_uri=url, events_uri=url, diagnostic_opt_out=True)
    client = LDClient(config, start_wait=PATIENCE)
    try:
        if not client.is_initialized():
            raise RuntimeError("the SDK did not get its flags")
        client.flag_tracker.add_listener(listener)
        yield patch, heard
    finally:
        client.close()  # type: ignore[no-untyped-call]  # the SDK's own
        connection.close()


@contextmanager
def _stream(url: str) -> Iterator[Callable[[], None]]:
    """Sends a PATCH to the plain server, and returns when a reader of its stream has the event."""
    where, heard, ready = urlsplit(url).netloc, Event(), Event()
    ear, connection = HTTPConnection(where, timeout=None), HTTPConnection(where, timeout=PATIENCE)

    def listen() -> None:
        ear.request("GET", "/stream")
        for line in ear.getresponse():
            if line.startswith(b"event: put"):
                ready.set()
            elif line.startswith(b"data: "):
                json.loads(line.removeprefix(b"data: "))
                heard.set()

    def event() -> None:
        heard.clear()
        connection.request("PATCH", "/flag", json.dumps({"on": False}))
        connection.getresponse().read()
        if not heard.wait(PATIENCE):
            raise RuntimeError("nothing came over the stream")

    Thread(target=listen, daemon=True).start()
    if not ready.wait(PATIENCE):
        raise RuntimeError("the stream did not begin")
    try:
        yield event
    finally:
        connection.close()
