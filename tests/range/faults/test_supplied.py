"""Faults on a workspace's own system: they reach its stand-ins, or are refused."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from psfir.domain.modes import Mode
from psfir.domain.runbook import ProbeUse, Runbook
from psfir.domain.system import Connection
from psfir.errors import UsageError
from psfir.range.estate import Range, Wanted
from psfir.range.faults.order import Order
from psfir.range.supply.supply import Supply
from psfir.testing.waiting import eventually

EDGE = {"connection": "edge", "path": "/state"}
NUMBERS = {"connection": "numbers", "query": "answers"}


@pytest.fixture(scope="module")
def brought_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Range]:
    folder = tmp_path_factory.mktemp("own")
    looks = (
        ProbeUse("off", "http", EDGE, {"status": 503}),
        ProbeUse("silent", "prometheus", NUMBERS, {"below": 1}),
    )
    book = Runbook("off", "Off", "claims", Mode.DISABLE, (), looks)
    names = {name: Connection(name, "http", {"url": "https://example.com"}) for name in ("edge", "numbers")}
    with Range(Wanted(folder, rate=0, aws=False, supply=Supply(names, [book], folder))) as estate:
        yield estate


@pytest.fixture
def own(brought_up: Range) -> Iterator[Range]:
    yield brought_up
    brought_up.faults.heal()


def answers(own: Range, part: str) -> bool:
    """With whatever it has, and not with what a fault says."""
    try:
        with urlopen(f"{own.parts[part].url}/state", timeout=2) as answer:
            return bool(answer.status != 503)
    except HTTPError as error:
        return error.code != 503
    except OSError:
        return False


@pytest.mark.parametrize(
    ("fault", "on", "cut"),
    [
        ("wire.status", "edge", ["own/edge"]),
        ("wire.status", "assistant", ["own/edge"]),
        ("wire.status", "metrics", ["own/numbers"]),
        ("probe.path_cut", "", ["own/edge", "own/numbers"]),
    ],
)
def test_a_fault_reaches_the_stand_ins(own: Range, fault: str, on: str, cut: list[str]) -> None:
    """Those that it is about, and no other; healed they answer."""
    mine = ["own/edge", "own/numbers"]
    own.faults.begin(Order(fault, {"on": on} if on else {}))
    assert [part for part in mine if not answers(own, part)] == cut
    own.faults.heal()
    assert all(answers(own, part) for part in mine)


def test_each_of_two_on_one_wire_heals_alone(own: Range) -> None:
    """By two names of one stand-in."""
    own.faults.begin(Order("wire.status", {"on": "edge"}, lasting=0.2), Order("wire.status", {"on": "assistant"}))
    eventually(lambda: len(own.faults.standing) == 1)
    assert not answers(own, "own/edge")


def test_all_numbers_grow_old(own: Range) -> None:
    """Those of the workspace too."""
    assert len(own.scrapers) == 2
    own.faults.begin(Order("probe.metrics_stale"))
    assert all(one.paused for one in own.scrapers)
    own.faults.heal()
    assert not any(one.paused for one in own.scrapers)


def test_a_connection_that_is_not_there_is_named(own: Range) -> None:
    """With the parts and connections that there are."""
    with pytest.raises(UsageError, match=r"on is one of .*metrics.*connections: edge, numbers, not 'egde'"):
        own.faults.begin(Order("wire.status", {"on": "egde"}))


@pytest.mark.parametrize("system", ["", "claims"])
def test_nobody_told_how_their_own_system_behaves(own: Range, system: str) -> None:
    """So scenarios are refused, now or for later, and what they can happen to is named."""
    with pytest.raises(UsageError, match="how claims behaves") as refused:
        own.faults.begin(Order("assistant.drifts", {"system": system}, after=60.0))
    assert "system=support-assistant" in refused.value.todo
    own.faults.begin(Order("assistant.drifts", {"system": "support-assistant"}))
