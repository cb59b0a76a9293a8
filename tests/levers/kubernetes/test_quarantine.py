"""kubernetes.quarantine on a cluster whose controllers are at work: pods come and go."""

from collections.abc import Iterator
from typing import ClassVar

import pytest

from psfir.contracts import Target
from psfir.domain.change import Change, Held, Result
from psfir.errors import NoSuchTarget, UsageError
from psfir.levers.kubernetes.quarantine import OUT, Quarantine
from psfir.levers.settle import Way
from psfir.range.kubernetes.access import Rule
from psfir.range.kubernetes.layouts import service, stateful_set
from psfir.range.kubernetes.resources import DEPLOYMENTS, ENDPOINT_SLICES, PODS, SERVICES
from psfir.vendors.http import Deadline
from tests.levers.kubernetes.cluster_stage import NAME, NAMESPACE
from tests.levers.kubernetes.pulling import WITHIN, held, notes, planned, pulled, restored
from tests.levers.kubernetes.stage_quarantine import LABEL, QuarantineStage


@pytest.fixture
def stage() -> Iterator[QuarantineStage]:
    with QuarantineStage() as stage:
        yield stage


def served(stage: QuarantineStage) -> list[str]:
    """The pods that the Service sends traffic to."""
    stage.cluster.settle()
    (found,) = stage.cluster.store.all(ENDPOINT_SLICES, NAMESPACE)
    return sorted(one["targetRef"]["name"] for one in found["endpoints"] or [])


def test_they_serve_no_more_and_live_on(stage: QuarantineStage) -> None:
    """The same pods, out of the Service and back in it; nothing replaces them."""
    names = stage.names()
    assert served(stage) == names
    change = pulled(stage)
    assert (served(stage), stage.names()) == ([], names)
    restored(stage, change)
    assert served(stage) == names


def test_only_those_that_are_named(stage: QuarantineStage) -> None:
    """One that the Service does not select is said; if none of them is selected, that is an error."""
    one, other = stage.names()
    stage.target = {**stage.target, "pods": [one, "gone"]}
    assert f"service {NAME} selects no pod gone" in notes(stage)
    pulled(stage)
    assert served(stage) == [other]
    stage.target = {**stage.target, "pods": ["gone"]}
    with pytest.raises(NoSuchTarget, match="selects no pod gone"):
        stage.lever().read(stage.target, within=WITHIN)


def test_the_only_one_that_was_named_has_ended_and_serves_nobody(stage: QuarantineStage) -> None:
    """It holds: a pod that is gone is sent no traffic, and is no slip in its name."""
    one = stage.names()[0]
    stage.target = {**stage.target, "pods": [one]}
    change = pulled(stage)
    stage.cluster.remove(PODS, one, namespace=NAMESPACE)
    stage.cluster.settle()
    looked = stage.lever().verify(change, within=WITHIN)
    assert (looked.held, looked.says) == (Held.HELD, f"pod {one} has ended")


class _Rollout(Quarantine):
    """While the first pod is taken out, a rollout ends the one that comes next."""

    stage: ClassVar[QuarantineStage]

    def write(self, target: Target, move: tuple[str, Way], seen: str, deadline: Deadline) -> None:
        super().write(target, move, seen, deadline)
        if len(serving := [pod for pod in self.stage.pods() if pod["metadata"]["labels"][LABEL] == "yes"]) > 1:
            name = min(pod["metadata"]["name"] for pod in serving)
            self.stage.cluster.remove(PODS, name, namespace=NAMESPACE)


def test_a_pod_that_ends_meanwhile_keeps_the_others_from_nothing(stage: QuarantineStage) -> None:
    """It serves nobody any more, and the pods that come after it are taken out all the same."""
    stage.edit(DEPLOYMENTS, {"spec": {"replicas": 3}})
    stage.cluster.settle()
    _Rollout.stage = stage
    first, second, third = stage.names()
    lever = _Rollout(stage.connection())
    outcome = lever.apply(planned(stage, lever), within=WITHIN)
    assert outcome.result is Result.CHANGED
    assert f"pod {second} is gone, or has ended" in outcome.says
    labels = {pod["metadata"]["name"]: pod["metadata"]["labels"][LABEL] for pod in stage.pods()}
    assert (labels[first], labels[third]) == (OUT, OUT)


def test_a_pod_that_is_gone_has_nothing_to_be_put_back(stage: QuarantineStage) -> None:
    """The others get their label back."""
    change = pulled(stage)
    one, other = stage.names()
    stage.cluster.remove(PODS, one, namespace=NAMESPACE)
    stage.cluster.settle()
    restored(stage, change)
    assert other in served(stage)


def test_all_pods_gone_is_restored_already(stage: QuarantineStage) -> None:
    """Nothing is written."""
    change = pulled(stage)
    stage.edit(DEPLOYMENTS, {"spec": {"replicas": 0}})
    stage.cluster.settle()
    assert stage.lever().restore(change, within=WITHIN).result is Result.ALREADY_SO
    assert stage.writes() == stage.pull


def test_a_pod_that_came_meanwhile_still_serves_trap_7(stage: QuarantineStage) -> None:
    """It is named; pulled again it is taken out too, and each restore puts back its own."""
    names = stage.names()
    first = pulled(stage)
    assert held(stage, first) is Held.HELD
    stage.edit(DEPLOYMENTS, {"spec": {"replicas": 3}})
    stage.cluster.settle()
    (late,) = set(stage.names()) - set(names)
    look = stage.lever().verify(first, within=WITHIN)
    assert look.held is Held.NOT_HELD
    assert look.says == f"pod {late} came meanwhile and serves"
    second = pulled(stage)
    assert held(stage, second) is Held.HELD
    assert served(stage) == []
    restored(stage, second)
    assert served(stage) == [late]


def test_the_replica_set_that_makes_new_ones_is_named(stage: QuarantineStage) -> None:
    """Where the label is one by which it knows its pods: before the kill, and verify sees what came of it."""
    assert "makes new ones" not in notes(stage)
    stage.target = {**stage.target, "label": "app"}
    (maker,) = {pod["metadata"]["ownerReferences"][0]["name"] for pod in stage.pods()}
    assert f"ReplicaSet {maker} knows its pods by the label app too: it makes new ones, and they serve" in notes(stage)
    change = pulled(stage)
    stage.cluster.settle()
    assert len(stage.names()) == 4
    assert held(stage, change) is Held.NOT_HELD


def test_a_stateful_set_is_named_too(stage: QuarantineStage) -> None:
    """And whoever it is that psfir cannot look at."""
    stage.cluster.put(stateful_set("memory", namespace=NAMESPACE), service("memory", namespace=NAMESPACE))
    stage.cluster.settle()
    stage.target = {**stage.target, "service": "memory", "label": "app"}
    assert "StatefulSet memory knows its pods by the label app too" in notes(stage)
    stage.cluster.user("narrow", Rule(("get", "list"), ("services", "pods")))
    assert "whether StatefulSet memory makes new pods cannot be told" in notes(stage, stage.lever(user="narrow"))


def test_a_service_that_selects_otherwise_is_no_target(stage: QuarantineStage) -> None:
    """By no such label, or by none at all."""
    with pytest.raises(UsageError, match="does not select by the label tier"):
        stage.lever().read({**stage.target, "label": "tier"}, within=WITHIN)
    stage.cluster.put(service("bare", namespace=NAMESPACE))
    held_ = stage.get(SERVICES, "bare")
    stage.cluster.edit(SERVICES, "bare", {"spec": {"selector": None}}, namespace=NAMESPACE)
    assert held_["spec"]["selector"]
    with pytest.raises(NoSuchTarget, match="selects no pods by labels"):
        stage.lever().read({**stage.target, "service": "bare"}, within=WITHIN)


def test_half_of_them_taken_out_is_the_rest_to_do(stage: QuarantineStage) -> None:
    """A pull that was cut off is taken up where it ended."""
    change: Change = planned(stage)
    one, _ = stage.names()
    stage.edit(PODS, {"metadata": {"labels": {LABEL: OUT}}}, one)
    assert stage.lever().apply(change, within=WITHIN).result is Result.CHANGED
    assert stage.pulled()
    assert stage.writes() == 1
