"""NetworkPolicies as a cluster's network enforces them: a union of what each allows, for the pods that any selects."""

from __future__ import annotations

from collections.abc import Hashable
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, TypeAlias

from psfir.domain.values import frozen
from psfir.range.kubernetes import resources
from psfir.range.kubernetes.resources import Obj
from psfir.range.kubernetes.selectors import labels_of, matches
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.network.peers import (
    ANY_PORT,
    TCP,
    Address,
    Outside,
    Peer,
    address_of,
    namespace_of,
    on_the_host,
    ports_named,
)

_CONCERNED = (resources.NETWORK_POLICIES, resources.PODS, resources.NAMESPACES)
_KEPT = 10_000
_Block: TypeAlias = "IPv4Network | IPv6Network"


@frozen
class _Side:
    """What the policies say of one way, in or out: `peers` and `pods` are the names of its fields."""

    word: str
    field: str
    peers: str


_OUT, _IN = _Side("Egress", "egress", "to"), _Side("Ingress", "ingress", "from")


@frozen
class _End:
    """The other end of a connection, and the port that is asked for."""

    peer: Peer
    target: Peer
    port: int
    protocol: str


class Network:
    """Looks things up in the cluster as it is at that moment. Pods are judged as they are stored now.

    An ipBlock covers the addresses of pods too, as with Calico and unlike Cilium.
    """

    def __init__(self, cluster: Kubernetes) -> None:
        self._store = cluster.store
        self._read = -1
        self._policies: dict[str, list[Obj]] = {}
        self._answers: tuple[list[int], dict[Hashable, bool]] = ([], {})

    def reaches(self, source: Peer, to: Peer, port: int = ANY_PORT, *, protocol: str = TCP) -> bool:
        """Whether a new connection comes through: let out where it starts, and let in where it ends.

        `port` is one of the pod's own, not of a Service before it; without one, whether there is any port at all.
        """
        now = [self._store.latest(kind) for kind in _CONCERNED]
        if now != self._answers[0] or len(self._answers[1]) > _KEPT:
            self._answers = (now, {})
        answers, asked = self._answers[1], (_name(source), _name(to), port, protocol)
        if asked not in answers:
            answers[asked] = self._comes_through(self._now(source), self._now(to), port, protocol)
        return answers[asked]

    def _comes_through(self, source: Peer, to: Peer, port: int, protocol: str) -> bool:
        leaves = isinstance(source, Outside) or self.may_leave(source, to, port, protocol=protocol)
        return leaves and (isinstance(to, Outside) or self.may_enter(to, source, port, protocol=protocol))

    def may_leave(self, pod: Obj, to: Peer, port: int = ANY_PORT, *, protocol: str = TCP) -> bool:
        """Whether the policies of the pod let it out to there."""
        there = self._now(to)
        port = port or (there.port if isinstance(there, Outside) else ANY_PORT)
        return self._passes(self._known(pod), _OUT, _End(there, there, port, protocol))

    def may_enter(self, pod: Obj, source: Peer, port: int = ANY_PORT, *, protocol: str = TCP) -> bool:
        """Whether the policies of the pod let somebody in."""
        here = self._known(pod)
        return self._passes(here, _IN, _End(self._now(source), here, port, protocol))

    def _passes(self, pod: Obj, side: _Side, end: _End) -> bool:
        if on_the_host(pod) or on_the_host(end.peer) or _same(pod, end.peer):
            return True
        meant = [policy for policy in self._of(pod) if side.word in _types(policy["spec"])]
        return not meant or any(self._allows(policy, side, end) for policy in meant)

    def _of(self, pod: Obj) -> list[Obj]:
        """The policies that select it."""
        version = self._store.latest(resources.NETWORK_POLICIES)
        if version != self._read:
            found: dict[str, list[Obj]] = {}
            for policy in self._store.held(resources.NETWORK_POLICIES):
                found.setdefault(namespace_of(policy), []).append(policy)
            self._policies, self._read = found, version
        labels = labels_of(pod)
        among = self._policies.get(namespace_of(pod), ())
        return [policy for policy in among if matches(policy["spec"].get("podSelector") or {}, labels)]

    def _allows(self, policy: Obj, side: _Side, end: _End) -> bool:
        home = namespace_of(policy)
        return any(
            _port_fits(rule.get("ports"), end) and self._peer_fits(rule.get(side.peers), home, end.peer)
            for rule in policy["spec"].get(side.field) or ()
        )

    def _peer_fits(self, allowed: list[Obj] | None, home: str, peer: Peer) -> bool:
        """Without a list, or with an empty one, everybody."""
        return not allowed or any(self._is(each, home, peer) for each in allowed)

    def _is(self, told: Obj, home: str, peer: Peer) -> bool:
        if (block := told.get("ipBlock")) is not None:
            return _inside(address_of(peer), block)
        pods, spaces = told.get("podSelector"), told.get("namespaceSelector")
        if isinstance(peer, Outside) or (pods is None and spaces is None):
            return False
        space = namespace_of(peer)
        if spaces is None and space != home:
            return False
        if spaces is not None and not matches(spaces, self._labels_of_namespace(space)):
            return False
        return pods is None or matches(pods, labels_of(peer))

    def _labels_of_namespace(self, name: str) -> Any:  # noqa: ANN401 - labels as they are stored
        return labels_of(self._store.peek(resources.NAMESPACES, "", name) or {})

    def _now(self, peer: Peer) -> Peer:
        return peer if isinstance(peer, Outside) else self._known(peer)

    def _known(self, pod: Obj) -> Obj:
        """As it is stored, since whoever asks may hold it from before its labels changed; as given once it is gone."""
        held = self._store.peek(resources.PODS, namespace_of(pod), pod["metadata"]["name"])
        return held if held is not None and _same(held, pod) else pod


def _name(peer: Peer) -> Hashable:
    """What an answer about it is kept under: its version too, since one that is gone is judged as it is given."""
    if isinstance(peer, Outside):
        return peer
    meta = peer["metadata"]
    return namespace_of(peer), meta["name"], meta.get("uid"), meta.get("resourceVersion")


def _same(pod: Obj, peer: Peer) -> bool:
    if isinstance(peer, Outside):
        return False
    one, other = pod["metadata"], peer["metadata"]
    alike = (namespace_of(pod), one["name"]) == (namespace_of(peer), other["name"])
    return alike and one.get("uid") == other.get("uid")


def _types(spec: Obj) -> list[str]:
    return spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]


def _inside(address: Address | None, block: Obj) -> bool:
    if address is None or not _covers(block.get("cidr"), address):
        return False
    return not any(_covers(each, address) for each in block.get("except") or ())


def _covers(cidr: object, address: Address) -> bool:
    try:
        net: _Block = ip_network(str(cidr), strict=False)
    except ValueError:
        return False
    return address in net


def _port_fits(allowed: list[Obj] | None, end: _End) -> bool:
    """Without a list, or with an empty one, every port of every protocol."""
    return not allowed or any(_is_port(each, end) for each in allowed)


def _is_port(told: Obj, end: _End) -> bool:
    if told.get("protocol", TCP) != end.protocol:
        return False
    port = told.get("port")
    if port is None:
        return True
    if isinstance(port, str):
        named = set() if isinstance(end.target, Outside) else ports_named(end.target, port, end.protocol)
        return bool(named) if end.port == ANY_PORT else end.port in named
    return end.port == ANY_PORT or port <= end.port <= (told.get("endPort") or port)
