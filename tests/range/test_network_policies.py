"""Who may reach whom, held against an oracle that spells out one connection at a time, and by example."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psfir.range.kubernetes.layouts import network_policy, pod
from psfir.range.kubernetes.pods import HOST
from psfir.range.kubernetes.resources import NETWORK_POLICIES, PODS, Obj
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.network.peers import Outside, Peer
from psfir.range.network.policies import Network

SPACES = {"default": {"team": "a"}, "tools": {"team": "b"}}
NAMED = {"http": 8080, "admin": 9090}
AWAY = Outside("203.0.113.7", 443)


@pytest.fixture(scope="module")
def still() -> Iterator[Kubernetes]:
    """Nothing happens in it by itself, so what a test lays out is what is there."""
    cluster = Kubernetes(controllers=False)
    yield cluster
    cluster.stop()


@pytest.fixture
def cluster(still: Kubernetes) -> Kubernetes:
    empty(still)
    return still


def empty(cluster: Kubernetes) -> None:
    """Nothing but the namespaces."""
    cluster.reset()
    for name, labels in SPACES.items():
        cluster.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": dict(labels)}})


def standing(cluster: Kubernetes, name: str, *, namespace: str = "default", address: str = "10.244.0.2") -> Obj:
    made = pod(name, namespace=namespace, labels={"app": name})
    ports = [{"name": key, "containerPort": number} for key, number in NAMED.items()]
    made["spec"]["containers"][0]["ports"] = ports
    made["status"] = {"phase": "Running", "podIP": address}
    return cluster.put(made)


def policy(cluster: Kubernetes, name: str = "one", *, namespace: str = "default", **spec: object) -> None:
    whole = network_policy(name, namespace=namespace)
    cluster.put({**whole, "spec": {"podSelector": {}, **spec}})


# --- the oracle ---


def picks(selector: Obj, labels: dict[str, str]) -> bool:
    for key, value in (selector.get("matchLabels") or {}).items():
        if labels.get(key) != value:
            return False
    for each in selector.get("matchExpressions") or []:
        there, value = each["key"] in labels, labels.get(each["key"])
        verdict = {
            "In": there and value in each.get("values", []),
            "NotIn": not there or value not in each.get("values", []),
            "Exists": there,
            "DoesNotExist": not there,
        }
        if not verdict[each["operator"]]:
            return False
    return True


def expected(policies: list[Obj], source: Peer, to: Peer, port: int) -> bool:
    """Both ends agree, where an end that is a pod has something to say."""
    if source is to:
        return True
    ends = ((source, to, "Egress", "egress", "to"), (to, source, "Ingress", "ingress", "from"))
    for here, there, word, field, peers in ends:
        if isinstance(here, Outside):
            continue
        said = []
        for one in policies:
            spec = one["spec"]
            kinds = spec.get("policyTypes") or (["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])
            same = one["metadata"]["namespace"] == here["metadata"]["namespace"]
            if same and word in kinds and picks(spec["podSelector"], here["metadata"]["labels"]):
                said += [(one, rule) for rule in spec.get(field) or []] or [(one, None)]
        if said and not any(rule is not None and allows(one, rule, peers, (there, to, port)) for one, rule in said):
            return False
    return True


def allows(one: Obj, rule: Obj, peers: str, asked: tuple[Peer, Peer, int]) -> bool:
    there, target, port = asked
    ports = set()
    for each in rule.get("ports") or []:
        if each.get("protocol", "TCP") != "TCP":
            continue
        told = each.get("port", range(1, 65536))
        if isinstance(told, str):
            ports |= set() if isinstance(target, Outside) else {NAMED[told]}
        elif isinstance(told, int):
            ports |= set(range(told, each.get("endPort", told) + 1))
        else:
            ports |= set(told)
    if rule.get("ports") and port not in ports:
        return False
    return not rule.get(peers) or any(is_meant(each, one["metadata"]["namespace"], there) for each in rule[peers])


def is_meant(told: Obj, home: str, peer: Peer) -> bool:
    if "ipBlock" in told:
        address = ip_address(peer.address if isinstance(peer, Outside) else peer["status"]["podIP"])
        out = [ip_network(each) for each in told["ipBlock"].get("except", [])]
        return address in ip_network(told["ipBlock"]["cidr"]) and all(address not in each for each in out)
    if isinstance(peer, Outside):
        return False
    space = peer["metadata"]["namespace"]
    if "namespaceSelector" in told:
        labels = {**SPACES[space], "kubernetes.io/metadata.name": space}
        if not picks(told["namespaceSelector"], labels):
            return False
    elif space != home:
        return False
    return "podSelector" not in told or picks(told["podSelector"], peer["metadata"]["labels"])


# --- by example ---


def test_without_a_policy_everybody_reaches_everybody(cluster: Kubernetes) -> None:
    """A policy for other pods, or in another namespace, changes nothing for this one."""
    network, one = Network(cluster), standing(cluster, "one")
    two = standing(cluster, "two", namespace="tools", address="10.244.0.3")
    policy(cluster, podSelector={"matchLabels": {"app": "other"}}, policyTypes=["Egress"])
    assert network.reaches(one, AWAY)
    assert network.reaches(AWAY, one, 8080)
    assert network.reaches(one, two, 8080)


def test_policies_add_to_what_others_allow(cluster: Kubernetes) -> None:
    """One that denies cuts nothing while another that selects the same pods lets it through."""
    network, one = Network(cluster), standing(cluster, "one")
    policy(cluster, "deny", policyTypes=["Egress"])
    assert not network.may_leave(one, AWAY)
    policy(cluster, "dns", policyTypes=["Egress"], egress=[{"ports": [{"protocol": "UDP", "port": 53}]}])
    assert not network.may_leave(one, AWAY)
    assert network.may_leave(one, Outside("10.96.0.10"), 53, protocol="UDP")
    policy(cluster, "allow", policyTypes=["Egress"], egress=[{}])
    assert network.may_leave(one, AWAY)
    cluster.remove(NETWORK_POLICIES, "allow")
    assert not network.may_leave(one, AWAY)


def test_both_ends_must_agree(cluster: Kubernetes) -> None:
    """What one pod may send is not yet what the other takes; each way has policies of its own."""
    network, one = Network(cluster), standing(cluster, "one")
    two = standing(cluster, "two", address="10.244.0.3")
    picked = {"matchLabels": {"app": "two"}}
    policy(cluster, podSelector=picked, ingress=[{"ports": [{"port": "http"}]}])
    assert network.may_leave(one, two)
    assert network.reaches(one, two, 8080)
    assert not network.reaches(one, two, 9090)
    assert network.reaches(two, one, 9090)


def test_without_a_port_any_port_will_do(cluster: Kubernetes) -> None:
    """For who only wants to know whether there is a way at all. A port that the pod has not is no way."""
    network, one = Network(cluster), standing(cluster, "one")
    policy(cluster, ingress=[{"ports": [{"port": "http"}]}])
    assert network.may_enter(one, AWAY)
    policy(cluster, ingress=[{"ports": [{"port": "metrics"}]}])
    assert not network.may_enter(one, AWAY)


def test_pods_are_judged_by_the_labels_they_have_now(cluster: Kubernetes) -> None:
    """Although who asks holds the pod as it was before."""
    network, one = Network(cluster), standing(cluster, "one")
    policy(cluster, podSelector={"matchLabels": {"held": "yes"}}, policyTypes=["Egress"])
    assert network.reaches(one, AWAY)
    cluster.edit(PODS, "one", {"metadata": {"labels": {"held": "yes"}}})
    assert not network.reaches(one, AWAY)


def test_policies_do_not_reach_the_host(cluster: Kubernetes) -> None:
    """A pod on its network is neither held back nor shut out, nor is the node."""
    network, one = Network(cluster), standing(cluster, "one")
    host = pod("host")
    host["spec"]["hostNetwork"] = True
    host = cluster.put(host)
    policy(cluster, policyTypes=["Ingress", "Egress"])
    assert network.reaches(host, AWAY)
    assert network.reaches(host, one, 8080)
    assert network.reaches(Outside(HOST), one, 8080)
    assert not network.reaches(AWAY, one, 8080)


def test_an_address_that_is_no_number_is_in_no_block(cluster: Kubernetes) -> None:
    """A rule for everybody still lets it through."""
    network, one = Network(cluster), standing(cluster, "one")
    named = Outside("models.example", 443)
    policy(cluster, policyTypes=["Egress"], egress=[{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}])
    assert not network.reaches(one, named)
    policy(cluster, policyTypes=["Egress"], egress=[{"ports": [{"port": 443}]}])
    assert network.reaches(one, named)


@pytest.mark.parametrize(
    ("told", "reached"),
    [
        ({"podSelector": {"matchLabels": {"app": "two"}}}, {"default/two"}),
        ({"namespaceSelector": {"matchLabels": {"team": "b"}}}, {"tools/two", "tools/one"}),
        ({"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "two"}}}, {"default/two", "tools/two"}),
        ({"ipBlock": {"cidr": "10.244.0.0/16", "except": ["10.244.1.0/24"]}}, {"default/two", "away"}),
        ({"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}}, {"outside"}),
    ],
)
def test_a_peer_is_told_by_its_labels_its_namespace_or_its_address(
    cluster: Kubernetes, told: Obj, reached: set[str]
) -> None:
    """Both labels and namespace where both are told; only the policy's own namespace where that is not told."""
    one, network = standing(cluster, "one"), Network(cluster)
    others: dict[str, Peer] = {
        "default/two": standing(cluster, "two", address="10.244.0.9"),
        "tools/one": standing(cluster, "one", namespace="tools", address="10.244.1.2"),
        "tools/two": standing(cluster, "two", namespace="tools", address="10.244.1.3"),
        "away": Outside("10.244.7.7"),
        "outside": AWAY,
    }
    policy(cluster, policyTypes=["Egress"], egress=[{"to": [told]}], podSelector={"matchLabels": {"app": "one"}})
    assert {name for name, peer in others.items() if network.may_leave(one, peer)} == reached


# --- anything there may be ---

VALUES = st.sampled_from(["one", "two", "a", "b"])
EXPRESSIONS = st.one_of(
    st.fixed_dictionaries(
        {
            "key": st.sampled_from(["app", "team"]),
            "operator": st.sampled_from(["In", "NotIn"]),
            "values": st.lists(VALUES, min_size=1, max_size=2),
        }
    ),
    st.fixed_dictionaries(
        {"key": st.sampled_from(["app", "team"]), "operator": st.sampled_from(["Exists", "DoesNotExist"])}
    ),
)
SELECTORS = st.fixed_dictionaries(
    {},
    optional={
        "matchLabels": st.dictionaries(st.sampled_from(["app", "team"]), VALUES, min_size=1, max_size=1),
        "matchExpressions": st.lists(EXPRESSIONS, min_size=1, max_size=1),
    },
)
BLOCKS = st.fixed_dictionaries(
    {"cidr": st.sampled_from(["0.0.0.0/0", "10.244.0.0/16", "203.0.113.0/24"])},
    optional={"except": st.lists(st.sampled_from(["10.244.1.0/24", "203.0.113.7/32"]), max_size=2)},
)
PEERS = st.one_of(
    st.fixed_dictionaries({"ipBlock": BLOCKS}),
    st.fixed_dictionaries({"podSelector": SELECTORS}),
    st.fixed_dictionaries({"namespaceSelector": SELECTORS}),
    st.fixed_dictionaries({"namespaceSelector": SELECTORS, "podSelector": SELECTORS}),
)
PORTS = st.one_of(
    st.fixed_dictionaries({"port": st.sampled_from([443, 8080, "http", "admin"])}),
    st.fixed_dictionaries({"port": st.just(8000), "endPort": st.sampled_from([8080, 9000])}),
    st.fixed_dictionaries({"protocol": st.sampled_from(["TCP", "UDP"])}, optional={"port": st.just(8080)}),
)


def rules(peers: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    lists = {peers: st.lists(PEERS, max_size=2), "ports": st.lists(PORTS, max_size=2)}
    some = st.fixed_dictionaries({peers: st.lists(PEERS, min_size=1, max_size=2)})
    return st.lists(st.one_of(some, st.fixed_dictionaries({}, optional=lists)), max_size=2)


ONE_WAY = st.one_of(
    st.fixed_dictionaries({"podSelector": st.just({}), "policyTypes": st.just(["Egress"]), "egress": rules("to")}),
    st.fixed_dictionaries({"podSelector": st.just({}), "ingress": rules("from")}),
)
ANY_WAY = st.fixed_dictionaries(
    {"podSelector": SELECTORS},
    optional={
        "ingress": rules("from"),
        "egress": rules("to"),
        "policyTypes": st.sampled_from([["Ingress"], ["Egress"], ["Ingress", "Egress"], []]),
    },
)
# One way for every pod is where rules decide; policies of any form mostly meet in that nothing comes through.
SPECS = st.one_of(ONE_WAY, ANY_WAY)
POLICIES = st.lists(st.tuples(st.sampled_from(sorted(SPACES)), SPECS), min_size=1, max_size=3)


@settings(max_examples=120, deadline=None)
@given(POLICIES)
def test_every_connection_is_as_the_oracle_has_it(still: Kubernetes, told: list[tuple[str, Obj]]) -> None:
    """Whatever policies there are, every way between pods of two namespaces and somebody outside."""
    empty(still)
    peers: list[Peer] = [
        standing(still, "one", address="10.244.0.2"),
        standing(still, "two", address="10.244.1.2"),
        standing(still, "two", namespace="tools", address="10.244.1.3"),
        AWAY,
    ]
    for at, (space, spec) in enumerate(told):
        policy(still, f"policy-{at}", namespace=space, **spec)
    there = [{"metadata": {"namespace": space}, "spec": spec} for space, spec in told]
    network = Network(still)
    for source, to, port in product(peers, peers, (443, 8080, 9090)):
        assert network.reaches(source, to, port) is expected(there, source, to, port)
