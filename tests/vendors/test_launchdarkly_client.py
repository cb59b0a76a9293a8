"""The official SDK leaves no socket behind: a stream that is refused is closed, and its error is what it was."""

from __future__ import annotations

import gc
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from ldclient import Config

from psfir.range.launchdarkly.estate import Estate
from psfir.range.launchdarkly.server import LaunchDarkly
from psfir.testing.waiting import eventually
from psfir.vendors.launchdarkly_client import opened


@pytest.fixture
def server() -> Iterator[LaunchDarkly]:
    with LaunchDarkly(Estate()) as server:
        yield server


def sockets_to(url: str) -> list[str]:
    """Those of this process that lead there and are open, whoever still has them."""
    port = urlsplit(url).port
    all_of_them = [one for one in gc.get_objects() if isinstance(one, socket.socket)]
    there = [one for one in all_of_them if one.family == socket.AF_INET and one.fileno() != -1]
    return [str(one) for one in there if _peer(one) == port]


def _peer(one: socket.socket) -> int | None:
    try:
        return int(one.getpeername()[1])
    except OSError:
        return None  # it listens


def test_a_stream_that_is_refused_is_closed(server: LaunchDarkly) -> None:
    """At once, and not when the garbage collector comes by; the SDK has been told its status."""
    gc.disable()
    config = Config("sdk-unknown", base_uri=server.url, stream_uri=server.url, send_events=False)
    client = opened(config)
    try:
        eventually(lambda: client.data_source_status_provider.status.error)
        error = client.data_source_status_provider.status.error
        assert error is not None
        assert error.status_code == 401
        assert sockets_to(server.url) == []
    finally:
        client.close()  # type: ignore[no-untyped-call]  # the SDK's own
        gc.enable()
