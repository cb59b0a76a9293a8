"""The controllers look where something changed: one namespace of many costs no more than one of one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from queue import Queue

import pytest

from psfir.range.kubernetes import resources
from psfir.range.kubernetes.controllers import Controllers, Desk, Pace
from psfir.range.kubernetes.layouts import config_map, deployment, namespace, pod
from psfir.range.kubernetes.ownership import Writer
from psfir.range.kubernetes.registry import Registry
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.kubernetes.status import StatusError
from psfir.range.kubernetes.store import Store

GENEROUS = 10.0
SETUP = Writer("setup")


class Round:
    """A controller that notes what each round is about; `refused` makes it fail, `waits` makes it wait for a while."""

    def __init__(self) -> None:
        self.seen: Queue[Collection[str] | None] = Queue()
        self.refused = self.waits = False

    def __call__(self, desk: Desk) -> None:
        self.seen.put(desk.spaces)
        if self.waits:
            self.waits = not desk.ripe("matter", 0.05, space="one")
        if self.refused:
            self.refused = False
            raise StatusError(409, "Conflict", "not now", details={})

    def next(self) -> Collection[str] | None:
        return self.seen.get(timeout=GENEROUS)


class Rounds:
    def __init__(self) -> None:
        self.store = Store()
        self.registry = Registry(self.store)
        self.round = Round()
        self.controllers = Controllers(Desk(self.registry, Pace()), [self.round])
        for name in ("one", "two"):
            self.registry.create(resources.NAMESPACES, namespace(name), writer=SETUP)

    def put(self, name: str, space: str) -> None:
        self.registry.create(resources.CONFIG_MAPS, config_map(name, namespace=space), writer=SETUP)


@pytest.fixture
def rounds() -> Iterator[Rounds]:
    made = Rounds()
    made.controllers.start()
    assert made.round.next() is None  # the first is about everything
    yield made
    made.store.close()
    made.controllers.join()


def test_a_round_is_about_the_namespaces_that_changed(rounds: Rounds) -> None:
    """And about no other."""
    rounds.put("a", "two")
    assert rounds.round.next() == {"two"}
    rounds.put("b", "one")
    assert rounds.round.next() == {"one"}
    rounds.controllers.poke("two")
    assert rounds.round.next() == {"two"}
    rounds.controllers.poke()
    assert rounds.round.next() is None


def test_what_is_waited_for_stays_in_sight(rounds: Rounds) -> None:
    """A change elsewhere does not make anybody forget since when it has stood."""
    rounds.round.waits = True
    rounds.put("a", "one")
    assert rounds.round.next() == {"one"}
    rounds.put("b", "two")
    assert rounds.round.next() == {"one", "two"}
    assert rounds.round.next() == {"one"}  # by itself, once it is ripe
    assert rounds.controllers.settle(GENEROUS)


def test_who_was_refused_is_at_it_again_after_the_next_change(rounds: Rounds) -> None:
    """Wherever that change is."""
    rounds.round.refused = True
    rounds.put("a", "one")
    assert rounds.round.next() == {"one"}
    rounds.put("b", "two")
    assert rounds.round.next() == {"one", "two"}


def test_a_burst_is_one_round_or_few(rounds: Rounds) -> None:
    """Not one for each of many changes."""
    for number in range(200):
        rounds.put(f"map-{number}", "one")
    assert rounds.controllers.settle(GENEROUS)
    assert rounds.round.seen.qsize() < 100


def test_owners_are_known_through_every_change(cluster: Kubernetes) -> None:
    """What comes, what is let go, and what goes."""
    cluster.put(deployment(replicas=2))
    cluster.settle()
    (owner,) = cluster.store.all(resources.REPLICA_SETS)
    first, second = cluster.store.owned(resources.PODS, owner)
    cluster.edit(resources.PODS, first["metadata"]["name"], {"metadata": {"labels": {"app": "stray"}}})
    cluster.settle()
    names = {one["metadata"]["name"] for one in cluster.store.owned(resources.PODS, owner)}
    assert first["metadata"]["name"] not in names
    assert (second["metadata"]["name"] in names, len(names)) == (True, 2)
    cluster.remove(resources.DEPLOYMENTS, "agent")
    cluster.settle()
    assert cluster.store.owned(resources.PODS, owner) == []
    cluster.put(pod("alone"))
    assert cluster.store.owned(resources.PODS, pod("alone") | {"metadata": {"uid": "none"}}) == []
