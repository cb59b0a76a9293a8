"""kubernetes.network_policy among other policies: they are a union of what each allows."""

from collections.abc import Iterator

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Held, NothingToDo
from psfir.errors import Denied, Drift, UsageError
from psfir.range.kubernetes.access import Rule
from psfir.range.kubernetes.layouts import deployment
from psfir.range.kubernetes.resources import DEPLOYMENTS, NETWORK_POLICIES, Obj
from tests.levers.kubernetes.cluster_stage import NAME, NAMESPACE
from tests.levers.kubernetes.pulling import WITHIN, held, notes, planned, pulled, restored
from tests.levers.kubernetes.stage_network_policy import LABELS, OPEN, NetworkPolicyStage

ALLOWS = "network policy web selects these pods too and still allows egress"
POLICIES = Rule(("list", "get", "create"), ("networkpolicies",), ("networking.k8s.io",))


@pytest.fixture
def stage() -> Iterator[NetworkPolicyStage]:
    with NetworkPolicyStage() as stage:
        yield stage


SELECTORS: list[Obj] = [
    {"matchLabels": LABELS},
    {},
    {"matchLabels": {"tier": "web"}},
    {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["others"]}]},
]


@pytest.mark.parametrize("selector", SELECTORS)
def test_another_policy_still_lets_them_out_trap_9(stage: NetworkPolicyStage, selector: Obj) -> None:
    """It is named before and after the kill, also where it picks the pods by a label that the target does not say."""
    made = deployment(NAME, namespace=NAMESPACE)
    made["spec"]["template"]["metadata"]["labels"] = {**LABELS, "tier": "web"}
    stage.cluster.put(made)
    stage.cluster.settle()
    spec = {"podSelector": selector, "policyTypes": ["Egress"], "egress": OPEN}
    head = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}
    stage.cluster.put({**head, "metadata": {"name": "web", "namespace": NAMESPACE}, "spec": spec})
    assert ALLOWS in notes(stage)
    change = pulled(stage)
    assert held(stage, change) is Held.NOT_HELD
    assert stage.lever().verify(change, within=WITHIN).says == ALLOWS
    stage.cluster.remove(NETWORK_POLICIES, "web", namespace=NAMESPACE)
    assert held(stage, change) is Held.HELD


def test_an_allowance_that_is_meant_to_stay_does_not_matter(stage: NetworkPolicyStage) -> None:
    """The target names it."""
    stage.policy("web", selector=LABELS, egress=OPEN)
    stage.target = {**stage.target, "despite": ["web"]}
    assert "web" not in notes(stage)
    assert held(stage, pulled(stage)) is Held.HELD


def test_rules_that_do_not_count_let_nobody_out(stage: NetworkPolicyStage) -> None:
    """Of a policy for ingress alone the rules for egress are dead letters."""
    stage.policy("web", selector=LABELS, egress=OPEN)
    stage.edit(NETWORK_POLICIES, {"spec": {"policyTypes": ["Ingress"]}}, "web")
    assert held(stage, pulled(stage)) is Held.HELD


def test_other_policies_are_left_alone(stage: NetworkPolicyStage) -> None:
    """It makes one of its own, says whose it is, and deletes no other."""
    before = [stage.get(NETWORK_POLICIES, name) for name in ("others", "shut")]
    change = pulled(stage)
    assert stage.get(NETWORK_POLICIES, stage.own)["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "psfir"}
    restored(stage, change)
    assert not stage.pulled()
    assert [stage.get(NETWORK_POLICIES, name) for name in ("others", "shut")] == before


def test_a_policy_that_somebody_altered_is_not_deleted(stage: NetworkPolicyStage) -> None:
    """Both are shown: what psfir had made, and what stands there."""
    change = pulled(stage)
    stage.disturb()
    assert held(stage, change) is Held.NOT_HELD
    with pytest.raises(Drift) as refused:
        stage.lever().restore(change, within=WITHIN)
    assert "egress" not in str(refused.value.expected)
    assert "egress" in str(refused.value.found)
    assert stage.get(NETWORK_POLICIES, stage.own)["spec"]["egress"]


def test_two_who_cut_off_different_things_do_not_meet(stage: NetworkPolicyStage) -> None:
    """Each has a policy of its own, so that one restore leaves the other's in place."""
    egress = pulled(stage)
    stage.target = {**stage.target, "deny": "both"}
    both = pulled(stage)
    restored(stage, egress)
    assert held(stage, both) is Held.HELD


def test_names_may_still_be_asked(stage: NetworkPolicyStage) -> None:
    """If it says so: port 53, and nothing else. What the server fills in is no drift."""
    stage.settings = {"cut": True, "dns": True}
    change = pulled(stage)
    ports = stage.get(NETWORK_POLICIES, stage.own)["spec"]["egress"][0]["ports"]
    assert [(port["protocol"], port["port"]) for port in ports] == [("UDP", 53), ("TCP", 53)]
    assert held(stage, change) is Held.HELD
    restored(stage, change)


def test_what_is_taken_away_again_is_seen_to_be(stage: NetworkPolicyStage) -> None:
    """Whether anybody is there, or another policy lets them out, matters to cutting off alone."""
    change = pulled(stage)
    stage.policy("web", selector=LABELS, egress=OPEN)
    stage.cluster.remove(DEPLOYMENTS, NAME, namespace=NAMESPACE)
    stage.cluster.settle()
    restored(stage, change)


def test_labels_that_nobody_bears_are_said(stage: NetworkPolicyStage) -> None:
    """A slip in them would cut off nobody; so does a workload that is at zero."""
    assert "no pod bears these labels" not in notes(stage)
    stage.edit(DEPLOYMENTS, {"spec": {"replicas": 0}})
    stage.cluster.settle()
    assert "no pod bears these labels now: there is nobody to be cut off" in notes(stage)


def test_pods_that_may_not_be_looked_at_stop_no_kill(stage: NetworkPolicyStage) -> None:
    """But nobody can say then whether another policy selects them: that could not be told."""
    stage.cluster.user("blind", POLICIES)
    lever = stage.lever(user="blind")
    assert "cannot be told for sure" in notes(stage, lever)
    change = pulled(stage, lever)
    look = lever.verify(change, within=WITHIN)
    assert look.held is Held.COULD_NOT_TELL
    assert 'cannot list resource "pods"' in look.says
    stage.policy("web", selector=LABELS, egress=OPEN)
    assert lever.verify(change, within=WITHIN).held is Held.NOT_HELD


def test_what_is_missing_is_named(stage: NetworkPolicyStage) -> None:
    """In the server's own words."""
    stage.cluster.user("reader", Rule(("list", "get"), ("networkpolicies", "pods"), ("", "networking.k8s.io")))
    lever = stage.lever(user="reader")
    with pytest.raises(Denied, match='cannot create resource "networkpolicies"'):
        lever.apply(planned(stage, lever), within=WITHIN)


@pytest.mark.parametrize("pods", [{}, None, "support-agent", {"app": 1}])
def test_pods_are_told_by_labels(stage: NetworkPolicyStage, pods: Json) -> None:
    """No label would mean everybody in the namespace."""
    with pytest.raises(UsageError, match="not told by their labels"):
        stage.lever().read({**stage.target, "pods": pods}, within=WITHIN)


def test_cut_twice_is_nothing_to_do(stage: NetworkPolicyStage) -> None:
    """Two who press at once mean the same policy."""
    pulled(stage)
    lever = stage.lever()
    reading = lever.read(stage.target, within=WITHIN)
    assert isinstance(lever.plan(stage.target, reading, stage.mode, stage.settings), NothingToDo)
