"""Faults on a workspace's own system: they reach its stand-ins, or are refused."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from psfir.domain.modes import Mode
from psfir.domain.runbook import ProbeUse, Runbook, Rung, Step
from psfir.domain.system import Connection
from psfir.errors import UsageError
from psfir.range.estate import Range, Wanted
from psfir.range.faults.order import Order
from psfir.range.kubernetes import resources
from psfir.range.kubernetes.access import ADMIN
from psfir.range.kubernetes.server import Kubernetes
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
    book = Runbook("off", "Off", "claims", Mode.DISABLE, (Step("stop", (scaled("east"), scaled("west"))),), looks)
    names = {name: Connection(name, "http", {"url": "https://example.com"}) for name in ("edge", "numbers")}
    names |= {name: Connection(name, "kubernetes", {"context": name}) for name in ("east", "west")}
    with Range(Wanted(folder, rate=0, aws=False, supply=Supply(names, [book], folder))) as estate:
        yield estate


def scaled(cluster: str) -> Rung:
    """Of two clusters with one namespace each, which bears the same name."""
    target = {"connection": cluster, "namespace": "shop", "deployment": "web"}
    return Rung("kubernetes.replicas", target, {"replicas": 0}, 5.0)


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
    with pytest.raises(UsageError, match=r"on is one of .*metrics.*connections: east, edge, numbers, west, not 'egde'"):
        own.faults.begin(Order("wire.status", {"on": "egde"}))


@pytest.mark.parametrize(
    ("on", "refused"),
    [("", ["kubernetes", "kubernetes/2"]), ("east", ["kubernetes"]), ("west", ["kubernetes/2"])],
)
def test_a_fault_of_kubernetes_reaches_every_cluster_or_the_one_that_is_named(
    own: Range, on: str, refused: list[str]
) -> None:
    """The range's own is one of them, and shared by the first."""
    clusters = ["kubernetes", "kubernetes/2"]
    for name, settings in (("kubernetes.denied", {"reads": True}), ("kubernetes.slow_pods", {"gone": "5m"})):
        own.faults.begin(Order(name, {**settings, "on": on}))
    assert [part for part in clusters if refuses(own, part)] == refused
    slow = [part for part, cluster in zip(clusters, own.clusters(""), strict=True) if cluster.pace.gone == 300]
    assert slow == refused
    own.faults.begin(Order("kubernetes.undone", {"deployment": "web", "on": on, "within": "0s"}))
    for cluster in own.clusters(on):
        cluster.edit(resources.DEPLOYMENTS, "web", {"spec": {"replicas": 7}}, namespace="shop")
    eventually(lambda: 7 not in [replicas(cluster) for cluster in own.clusters(on)])
    own.faults.heal()
    assert not any(refuses(own, part) for part in clusters)
    assert all(cluster.pace.gone < 1 for cluster in own.clusters(""))


def replicas(cluster: Kubernetes) -> int:
    found: int = cluster.get(resources.DEPLOYMENTS, "web", "shop")["spec"]["replicas"]
    return found


def refuses(own: Range, part: str) -> bool:
    """Who may do everything there."""
    token = own.kubernetes.access.token_of(ADMIN)
    asked = Request(f"{own.parts[part].url}/api/v1/namespaces", headers={"Authorization": f"Bearer {token}"})
    try:
        with urlopen(asked, timeout=2):
            return False
    except HTTPError as error:
        return error.code == 403


def test_a_cluster_that_is_not_there_is_refused(own: Range) -> None:
    """With those that are, now or for later."""
    with pytest.raises(
        UsageError, match="no connection 'wst' leads to a cluster; there is prod-eu, east, west"
    ) as error:
        own.faults.begin(Order("kubernetes.frozen", {"on": "wst"}, after=60.0))
    assert error.value.todo == "did you mean west?"


@pytest.mark.parametrize("system", ["", "claims"])
def test_nobody_told_how_their_own_system_behaves(own: Range, system: str) -> None:
    """So scenarios are refused, now or for later, and what they can happen to is named."""
    with pytest.raises(UsageError, match="how claims behaves") as refused:
        own.faults.begin(Order("assistant.drifts", {"system": system}, after=60.0))
    assert "system=support-assistant" in refused.value.todo
    own.faults.begin(Order("assistant.drifts", {"system": "support-assistant"}))
