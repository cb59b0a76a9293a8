"""Every Kubernetes lever on any cluster: a real one too, if PSFIR_TEST_KUBECONFIG names it."""

import pytest

from psfir.contracts import Preflight
from psfir.domain.change import Change, Held, NothingToDo, Result
from psfir.domain.preflight import Matter, Ready
from psfir.errors import Denied, Drift
from psfir.range.kubernetes.layouts import network_policy
from tests.levers.kubernetes.any_cluster import AnyCluster
from tests.levers.kubernetes.rungs import NAME, RUNGS, WITHIN, Rung

each = pytest.mark.parametrize("rung", RUNGS.values(), ids=list(RUNGS))


@each
def test_it_goes_there_and_comes_back(cluster: AnyCluster, rung: Rung) -> None:
    """Pulled once and seen; pulled twice is once; put back exactly, whatever controllers did to the rest meanwhile."""
    rung.lay_out(cluster)
    lever, target = rung.made(cluster), rung.where(cluster)
    change = rung.planned(cluster, lever)
    assert isinstance(change, Change)
    assert lever.apply(change, within=WITHIN).result is Result.CHANGED
    assert lever.verify(change, within=WITHIN).held is Held.HELD
    assert isinstance(rung.planned(cluster, lever), NothingToDo)
    assert lever.apply(change, within=WITHIN).result is Result.ALREADY_SO
    assert lever.restore(change, within=WITHIN).result is Result.CHANGED
    assert lever.read(target, within=WITHIN).state == change.before
    assert lever.restore(change, within=WITHIN).result is Result.ALREADY_SO


@each
def test_somebody_elses_change_stands_trap_19(cluster: AnyCluster, rung: Rung) -> None:
    """Before the restore somebody changed it: refused, with both values."""
    rung.lay_out(cluster)
    lever = rung.made(cluster)
    change = rung.planned(cluster, lever)
    assert isinstance(change, Change)
    assert lever.apply(change, within=WITHIN).result is Result.CHANGED
    rung.drift(cluster)
    found = lever.read(rung.where(cluster), within=WITHIN).state
    with pytest.raises(Drift) as drift:
        lever.restore(change, within=WITHIN)
    assert drift.value.expected != drift.value.found
    assert lever.read(rung.where(cluster), within=WITHIN).state == found


@each
def test_looking_ahead_is_ready_and_changes_nothing(cluster: AnyCluster, rung: Rung) -> None:
    """For whoever the kubeconfig names, who may make namespaces and so may pull a lever."""
    rung.lay_out(cluster)
    lever, target = rung.made(cluster), rung.where(cluster)
    before = lever.read(target, within=WITHIN).state
    assert isinstance(lever, Preflight)
    found = lever.check(target, rung.settings, within=WITHIN)
    assert {one.ready for one in found} <= {Ready.READY, Ready.BEWARE}, found
    assert lever.read(target, within=WITHIN).state == before


SCALE = {"verbs": ["get", "patch"], "apiGroups": ["apps"], "resources": ["deployments/scale"]}


def test_a_service_account_that_may_scale_alone_is_enough(cluster: AnyCluster) -> None:
    """The look ahead says so, and the number goes to 0 and back through the subresource."""
    rung = RUNGS["replicas"]
    rung.lay_out(cluster)
    lever, target = rung.made(cluster, token=cluster.token("scaler", SCALE)), rung.where(cluster)
    assert isinstance(lever, Preflight)
    found = lever.check(target, rung.settings, within=WITHIN)
    assert Ready.WOULD_FAIL not in {one.ready for one in found}, found
    change = rung.planned(cluster, lever)
    assert isinstance(change, Change)
    assert lever.apply(change, within=WITHIN).result is Result.CHANGED
    assert cluster.get("deployment", NAME)["spec"]["replicas"] == 0
    assert lever.read(target, within=WITHIN).state == change.after
    assert lever.restore(change, within=WITHIN).result is Result.CHANGED
    assert cluster.get("deployment", NAME)["spec"]["replicas"] == 3


def test_a_service_account_that_may_only_look_is_told_what_it_lacks(cluster: AnyCluster) -> None:
    """By the look ahead in the words of a role, by the pull in the server's; and nothing is changed."""
    rung = RUNGS["config"]
    rung.lay_out(cluster)
    look = {"verbs": ["get", "list"], "apiGroups": ["", "apps"], "resources": ["*"]}
    lever = rung.made(cluster, token=cluster.token("reader", look))
    assert isinstance(lever, Preflight)
    found = lever.check(rung.where(cluster), rung.settings, within=WITHIN)
    missing = [one.says for one in found if one.matter is Matter.PERMISSION and one.ready is Ready.WOULD_FAIL]
    assert missing == [
        f"the credential may not patch {one} in namespace {cluster.namespace}"
        for one in ("configmaps", "apps/deployments")
    ]
    change = rung.planned(cluster, lever)
    assert isinstance(change, Change)
    with pytest.raises(Denied, match='cannot patch resource "configmaps"'):
        lever.apply(change, within=WITHIN)
    assert cluster.get("configmap", NAME)["data"] == {"MODEL": "large"}


def test_replicas_0_is_not_stopped(cluster: AnyCluster) -> None:
    """The number is 0 at once; pods that nobody ends are there until they are ended by force."""
    rung = RUNGS["replicas"]
    rung.lay_out(cluster)
    lever = rung.made(cluster)
    change = rung.planned(cluster, lever)
    assert isinstance(change, Change)
    assert lever.apply(change, within=WITHIN).result is Result.CHANGED

    def ended() -> bool:
        cluster.end_pods()
        return not cluster.items("pod")

    cluster.eventually("no pod is left", ended)
    assert lever.verify(change, within=WITHIN).held is Held.HELD


def test_another_policy_that_allows_egress_is_named_trap_9(cluster: AnyCluster) -> None:
    """Policies are stored and read by any cluster; whether they are enforced only a probe tells."""
    rung = RUNGS["network_policy"]
    rung.lay_out(cluster)
    cluster.put(network_policy("let-out", selector={"app": NAME}, egress=[{}]))
    lever = rung.made(cluster)
    assert any("let-out" in note for note in lever.read(rung.where(cluster), within=WITHIN).notes)
    change = rung.planned(cluster, lever)
    assert isinstance(change, Change)
    assert lever.apply(change, within=WITHIN).result is Result.CHANGED
    assert lever.verify(change, within=WITHIN).held is Held.NOT_HELD
