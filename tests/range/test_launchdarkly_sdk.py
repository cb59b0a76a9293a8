"""The official LaunchDarkly SDK, unmodified, sees what is set on the stand-in."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest
from ldclient import Config, Context, LDClient

from psfir.range.launchdarkly.server import LaunchDarkly
from tests.range.launchdarkly_account import Account, account

ANYONE = Context.create("somebody")


@pytest.fixture
def shop() -> Iterator[Account]:
    with LaunchDarkly() as server:
        yield account(server)


@contextmanager
def listening(shop: Account, *, stream: bool = True, sdk_key: str = "") -> Iterator[LDClient]:
    url = shop.server.url
    config = Config(
        sdk_key or shop.sdk_key, base_uri=url, stream_uri=url, events_uri=url, stream=stream, diagnostic_opt_out=True
    )
    client = LDClient(config, start_wait=5)
    try:
        yield client
    finally:
        client.close()  # type: ignore[no-untyped-call]  # the SDK's own


@contextmanager
def told(client: LDClient) -> Iterator[Event]:
    """Set as soon as the SDK has a change."""
    heard = Event()

    def listener(_change: object) -> None:
        heard.set()

    client.flag_tracker.add_listener(listener)
    yield heard
    client.flag_tracker.remove_listener(listener)


def seen(client: LDClient, context: Context = ANYONE, key: str = "ai-summary") -> object:
    return client.variation(key, context, "code default")


def test_a_change_reaches_a_streaming_sdk_in_200_ms(shop: Account) -> None:
    """From the answer of the PATCH on; the wait ends early when the change is there."""
    with listening(shop) as client, told(client) as heard:
        assert seen(client) is True
        assert shop.patch({"kind": "turnFlagOff"}).status == 200
        assert heard.wait(0.2)
        assert seen(client) is False
