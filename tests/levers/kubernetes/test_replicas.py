"""kubernetes.replicas on an API server that does what a real one was seen to do (facts 6.1)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Result
from psfir.errors import Declined, Denied, Drift, NoAnswer
from psfir.levers.kubernetes.replicas import Replicas
from psfir.range.faulty import Fault
from psfir.range.front import Front
from psfir.range.kubernetes.access import Rule
from psfir.range.kubernetes.layouts import deployment, hpa
from psfir.range.kubernetes.ownership import REPLICAS, owners
from psfir.range.kubernetes.resources import DEPLOYMENTS, HPAS
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.server import Asked, Reply
from psfir.testing import FakeConnection
from psfir.testing.stage import LOST
from psfir.testing.waiting import eventually
from tests.levers.kubernetes.cluster_stage import NAME, NAMESPACE
from tests.levers.kubernetes.pulling import WITHIN, notes, planned, pulled, restored
from tests.levers.kubernetes.stage_replicas import KedaStage, ReplicasStage
from tests.shares import told

CONFLICT: Json = {"kind": "Status", "message": "the object has been modified", "reason": "Conflict", "code": 409}
TIMEOUT: Json = {"kind": "Status", "message": "etcdserver: request timed out", "reason": "Timeout", "code": 504}
APPS = ("apps",)


@pytest.fixture
def stage() -> Iterator[ReplicasStage]:
    with ReplicasStage() as stage:
        yield stage


@pytest.fixture
def front(stage: ReplicasStage) -> Iterator[Front]:
    with Front(stage.upstream) as front:
        yield front


def replicas(stage: ReplicasStage) -> int:
    return int(stage.get(DEPLOYMENTS)["spec"]["replicas"])


def state(stage: ReplicasStage, front: Front) -> object:
    return stage.lever(front.url).read(stage.target, within=WITHIN).state


def test_a_conflict_that_nobody_provoked_is_met_by_looking_again(stage: ReplicasStage, front: Front) -> None:
    """409 once, with the number as it was: it is read and written again."""
    front.fault(Fault("409", reply=Reply(409, CONFLICT)), when=stage.writing, times=1)
    pulled(stage, stage.lever(front.url))
    assert (replicas(stage), stage.writes()) == (0, 1)


def test_a_controller_that_was_faster_is_met_by_looking_again(stage: ReplicasStage, front: Front) -> None:
    """Another field changes between the look and the write: the server refuses, and psfir looks again."""
    raced: list[Asked] = []

    def race(asked: Asked) -> bool:
        if stage.writing(asked) and not raced:
            raced.append(asked)
            stage.edit(DEPLOYMENTS, {"metadata": {"annotations": {"touched": "yes"}}})
        return False

    front.fault(Fault("none at all", reply=Reply(500)), when=race)
    pulled(stage, stage.lever(front.url))
    assert raced
    assert (replicas(stage), stage.writes()) == (0, 1)
    assert stage.get(DEPLOYMENTS)["metadata"]["annotations"]["touched"] == "yes"


def test_somebody_who_scales_it_meanwhile_is_not_overwritten(stage: ReplicasStage, front: Front) -> None:
    """Their number comes between the look and the write: that is drift, and theirs stands."""

    def race(asked: Asked) -> bool:
        if stage.writing(asked):
            stage.edit(DEPLOYMENTS, {"spec": {"replicas": 7}})
        return False

    front.fault(Fault("none at all", reply=Reply(500)), when=race)
    lever = stage.lever(front.url)
    change = planned(stage, lever)
    with pytest.raises(Drift) as drift:
        lever.apply(change, within=WITHIN)
    assert (drift.value.expected, drift.value.found) == ({"replicas": 3}, {"replicas": 7})
    assert (replicas(stage), stage.writes()) == (7, 0)


def test_a_conflict_without_end_is_a_no(stage: ReplicasStage, front: Front) -> None:
    """After a few turns the sentence is the server's own."""
    front.fault(Fault("409", reply=Reply(409, CONFLICT)), when=stage.writing)
    lever = stage.lever(front.url)
    change = planned(stage, lever)
    with pytest.raises(Declined, match="the object has been modified"):
        lever.apply(change, within=WITHIN)
    assert stage.writes() == 0


@pytest.mark.parametrize("carry", [True, False], ids=["applied", "not applied"])
def test_504_is_unknown_until_it_is_read_trap_2(stage: ReplicasStage, front: Front, *, carry: bool) -> None:
    """The store was frozen: whether the write landed is not known, and only reading tells."""
    lever = stage.lever(front.url)
    change = planned(stage, lever)
    front.fault(Fault("504", carry=carry, reply=Reply(504, TIMEOUT)), when=stage.writing, times=1)
    with pytest.raises(NoAnswer, match="etcdserver: request timed out; it may have been carried out"):
        lever.apply(change, within=WITHIN)
    assert state(stage, front) == (change.after if carry else change.before)
    again = lever.apply(change, within=WITHIN)
    assert again.result is (Result.ALREADY_SO if carry else Result.CHANGED)
    assert stage.writes() == 1


def test_a_patch_that_timed_out_but_was_applied_is_not_done_twice_trap_2(stage: ReplicasStage, front: Front) -> None:
    """No answer within the share is unknown; reading finds it done."""
    lever = stage.lever(front.url)
    change = planned(stage, lever)
    front.fault(LOST, when=stage.writing, times=1)
    said = told(lambda share: lever.apply(change, within=share), stage.writes)
    assert isinstance(said, NoAnswer)
    eventually(stage.writes)
    assert state(stage, front) == change.after
    assert lever.apply(change, within=WITHIN).result is Result.ALREADY_SO
    assert stage.writes() == 1


def test_somebody_who_scaled_it_before_the_restore_is_not_overwritten_trap_19(stage: ReplicasStage) -> None:
    """Restore refuses, and shows what psfir left and what is there now."""
    change = pulled(stage)
    stage.edit(DEPLOYMENTS, {"spec": {"replicas": 2}})
    with pytest.raises(Drift) as drift:
        stage.lever().restore(change, within=WITHIN)
    assert (drift.value.expected, drift.value.found) == ({"replicas": 0}, {"replicas": 2})
    assert "somebody else has changed it" in str(drift.value)
    assert replicas(stage) == 2


def test_the_fields_manager_is_psfir_at_0_too(stage: ReplicasStage) -> None:
    """The Deployment is patched, not its scale: whoever applies another number meets a conflict with psfir."""
    pulled(stage)
    assert owners(stage.get(DEPLOYMENTS), REPLICAS) == ["psfir"]
    assert {deed.manager for deed in stage.cluster.deeds if deed.wrote} == {"psfir"}


@pytest.mark.parametrize("deployments", [(), ("get",)], ids=["the scale alone", "the scale, and to look"])
def test_a_role_that_allows_the_scale_alone_is_enough(stage: ReplicasStage, deployments: tuple[str, ...]) -> None:
    """It is read and written through the subresource, which leaves its 0 out."""
    rules = [Rule(("get", "patch"), ("deployments/scale",), APPS, NAMESPACE)]
    rules += [Rule(deployments, ("deployments",), APPS, NAMESPACE)] if deployments else []
    stage.cluster.user("scaler", *rules)
    lever = stage.lever(user="scaler")
    assert ("may read no more than the scale" in notes(stage, lever)) is not bool(deployments)
    change = pulled(stage, lever)
    assert replicas(stage) == 0
    assert lever.read(stage.target, within=WITHIN).state == change.after
    restored(stage, change, lever)
    assert (replicas(stage), stage.writes()) == (3, 2)


def test_a_403_names_the_missing_permission(stage: ReplicasStage) -> None:
    """In the server's words: verb, resource, group and namespace."""
    stage.cluster.user("reader", Rule(("get",), ("deployments",), APPS, NAMESPACE))
    lever = stage.lever(user="reader")
    with pytest.raises(Denied) as denied:
        lever.apply(planned(stage), within=WITHIN)
    said = 'cannot patch resource "deployments/scale" in API group "apps" in the namespace "assistants"'
    assert said in str(denied.value)
    assert stage.writes() == 0


def test_what_is_gone_is_drift(stage: ReplicasStage) -> None:
    """Somebody deleted the Deployment after it was planned."""
    change = planned(stage)
    stage.cluster.remove(DEPLOYMENTS, NAME, namespace=NAMESPACE)
    with pytest.raises(Drift, match=f"deployment {NAME} is gone"):
        stage.lever().apply(change, within=WITHIN)


def test_half_a_pull_is_unknown_and_says_what_was_done() -> None:
    """KEDA is paused, the Deployment may not be written to: that is neither done nor refused."""
    with KedaStage() as stage:
        rules = Rule(("get", "list", "patch"), ("scaledobjects",), ("keda.sh",)), Rule(("get",), ("deployments",), APPS)
        stage.cluster.user("half", *rules)
        change = planned(stage)
        with pytest.raises(NoAnswer) as error:
            stage.lever(user="half").apply(change, within=WITHIN)
        assert "KEDA scaled object support-agent is now" in str(error.value)
        assert "the rest was not done" in str(error.value)
        assert stage.lever().apply(change, within=WITHIN).result is Result.CHANGED
        assert stage.pulled()
        assert stage.writes() == 2


def test_an_hpa_of_another_deployment_is_left_alone(stage: ReplicasStage) -> None:
    """What scales its neighbour is no part of the change."""
    stage.cluster.put(hpa("neighbour", namespace=NAMESPACE))
    lever = Replicas(stage.connection())
    change = lever.plan(stage.target, lever.read(stage.target, within=WITHIN), stage.mode, {"replicas": 1})
    assert isinstance(change, Change)
    lever.apply(change, within=WITHIN)
    assert stage.get(HPAS, "neighbour")["spec"]["minReplicas"] == 2
    assert stage.writes() == 1


def test_what_was_nothing_to_do_is_looked_at_all_the_same(tmp_path: Path) -> None:
    """A change that moves nothing holds as long as the world is so, and not because nothing was to be done."""
    with Kubernetes() as cluster:
        cluster.put(deployment(replicas=3))
        config = cluster.kubeconfig(tmp_path / "kubeconfig")
        lever = Replicas(FakeConnection("prod", "kubernetes", {"kubeconfig": str(config)}, {}))
        target = {"connection": "prod", "namespace": "default", "deployment": "agent"}
        state = lever.read(target, within=20).state
        change = Change("kubernetes.replicas", target, state, state, "so already")
        assert lever.verify(change, within=20).held is Held.HELD
        cluster.edit(DEPLOYMENTS, "agent", {"spec": {"replicas": 5}})
        assert lever.verify(change, within=20).held is Held.NOT_HELD
        nothing = Change("kubernetes.replicas", target, {}, {}, "nothing is there")
        assert lever.verify(nothing, within=20).held is Held.COULD_NOT_TELL
