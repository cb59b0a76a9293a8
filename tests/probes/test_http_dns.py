"""Replicas by DNS: each address is one, and a name that leads nowhere, or too late, proves nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from time import perf_counter

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.probes.http import HttpProbe
from psfir.testing import FakeConnection
from psfir.testing.waiting import GRACE
from tests.vendors.http_stand_in import TOKEN, StandIn

HEALTH: dict[str, Json] = {"connection": "assistant", "path": "/health"}
DNS: dict[str, Json] = {**HEALTH, "replicas": "dns"}
OFF: dict[str, Json] = {"json": {"assistant": "off"}}
ON, HELD, UNTOLD = Held.NOT_HELD, Held.HELD, Held.COULD_NOT_TELL


@pytest.fixture
def stand() -> Iterator[StandIn]:
    with StandIn({"assistant": "off"}) as stand:
        yield stand


def test_unreachable_by_name(stand: StandIn) -> None:
    """A name without an address is not proof that the feature is off: DNS may be what is broken."""

    def nowhere(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    connection = stand.connection(url=f"http://assistant.test:{stand.port}")
    (sight,) = HttpProbe(connection, resolve=nowhere).look(HEALTH, {"unreachable": True}, within=10)
    assert sight.held is UNTOLD
    (sight,) = HttpProbe(connection, resolve=nowhere).look(DNS, OFF, within=10)
    assert (sight.replica, sight.held) == ("dns", UNTOLD)


def test_dns_names_the_replicas() -> None:
    """Each address of the host is looked at by itself, with the host's own name, anew at each look."""
    answers = [["127.0.0.1", "127.0.0.2"], ["127.0.0.2", "127.0.0.3"]]
    with ExitStack() as stack:
        first = stack.enter_context(StandIn({"assistant": "off"}))
        second = stack.enter_context(StandIn({"assistant": "on"}, address="127.0.0.2", port=first.port))
        url = f"http://assistant.test:{first.port}"
        connection = FakeConnection("assistant", "http", {"url": url}, {"token": TOKEN})
        probe = HttpProbe(connection, resolve=lambda *_: answers.pop(0))
        seen = {sight.replica: sight.held for sight in probe.look(DNS, OFF, within=10)}
        assert seen == {"127.0.0.1": HELD, "127.0.0.2": ON}
        seen = {sight.replica: sight.held for sight in probe.look(DNS, OFF, within=10)}
        assert seen == {"127.0.0.2": ON, "127.0.0.3": UNTOLD}
        assert {each.headers["Host"] for each in first.seen + second.seen} == {f"assistant.test:{first.port}"}
        assert {each.headers["Authorization"] for each in second.seen} == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize("expect", [OFF, {"unreachable": True}, {"status": 503}, {"not_text": "hello"}])
def test_a_name_with_no_address_proves_nothing(stand: StandIn, expect: dict[str, Json]) -> None:
    """No replica is left to be looked at, or DNS is what is broken: who asked DNS for them cannot tell."""
    connection = stand.connection(url=f"http://assistant.test:{stand.port}")
    (sight,) = HttpProbe(connection, resolve=lambda *_: []).look(DNS, expect, within=10)
    assert (sight.replica, sight.held) == ("dns", UNTOLD)
    assert "assistant.test could not be resolved: it has no address" in sight.says


def test_dns_that_hangs_takes_no_longer_than_a_look(stand: StandIn) -> None:
    """The system's resolver knows no deadline; a look does, and what it waited for in vain it could not tell."""

    def slow(host: str, port: int) -> Sequence[str]:
        stand.released.wait(10)
        return ["127.0.0.1"]

    connection = stand.connection(url=f"http://assistant.test:{stand.port}")
    begun = perf_counter()
    (sight,) = HttpProbe(connection, resolve=slow).look(DNS, OFF, within=0.2)
    assert perf_counter() - begun < 0.2 + GRACE
    assert (sight.replica, sight.held) == ("dns", UNTOLD)
    assert "not resolved in time" in sight.says


def test_an_address_that_dns_says_twice_is_one_replica(stand: StandIn) -> None:
    """It is asked once, and counted once."""
    connection = stand.connection(url=f"http://assistant.test:{stand.port}")
    probe = HttpProbe(connection, resolve=lambda *_: ["127.0.0.1", "127.0.0.1"])
    assert [sight.replica for sight in probe.look(DNS, OFF, within=10)] == ["127.0.0.1"]
    assert len(stand.seen) == 1


def test_dns_is_the_system_s_unless_said(stand: StandIn) -> None:
    """Without a resolver of the test's, `localhost` is looked up for real and answers."""
    connection = stand.connection(url=f"http://localhost:{stand.port}")
    sights = HttpProbe(connection).look(DNS, OFF, within=10)
    assert HELD in {sight.held for sight in sights if sight.replica == "127.0.0.1"}
