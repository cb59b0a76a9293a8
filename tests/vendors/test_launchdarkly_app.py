"""The official SDK as an application runs it: it goes by what it heard last, and waits for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest

from psfir.range.launchdarkly.estate import Estate
from psfir.range.launchdarkly.server import LaunchDarkly
from psfir.range.part import Part
from psfir.testing.waiting import eventually
from psfir.vendors.launchdarkly_app import FlagsOfAnApplication

KEY = "sdk-of-a-test"


@pytest.fixture
def vendor() -> Iterator[Part]:
    estate = Estate()
    estate.add_project("shop")
    estate.add_environment("shop", "production", sdk_key=KEY)
    estate.add_flag("shop", "assistant", (True, False))
    with LaunchDarkly(estate) as server, Part("launchdarkly", server.url, server.faults) as part:
        yield part


def flags(url: str, heard: Event | None = None) -> FlagsOfAnApplication:
    return FlagsOfAnApplication(url, KEY, who="pod-1", changed=heard.set if heard else None)


def test_without_any_news_the_applications_own_default_counts(vendor: Part) -> None:
    """At once: the vendor may be away when a pod starts. When it is back its word counts."""
    vendor.wires.refuse()
    one = flags(vendor.url)
    try:
        assert not one.ready
        assert one.value("assistant", "mine") == "mine"
        vendor.heal()
        eventually(lambda: one.ready)
        assert one.value("assistant", "mine") is True
        assert one.value("there-is-none", "mine") == "mine"
    finally:
        one.close()


def test_it_tells_when_news_have_come_and_keeps_them_when_the_vendor_goes(vendor: Part) -> None:
    """The value that it heard last is served for as long as nothing else is heard."""
    heard = Event()
    one = flags(vendor.url, heard)
    try:
        assert heard.wait(20)
        eventually(lambda: one.ready)
        vendor.wires.refuse()
        assert one.value("assistant", "mine") is True
    finally:
        one.close()
