"""The clusters that a workspace's connections name: the range's own, and a further one where namespaces would clash.

Connections with the same kubeconfig and context are one cluster. Different ones share a stand-in as long as their
runbooks name different namespaces: a cluster more costs memory and nothing is gained by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from psfir.domain.canon import Json, canonical
from psfir.domain.runbook import Rung
from psfir.domain.system import Connection
from psfir.range.kubernetes import resources
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.supply.exports import Exports, kept
from psfir.range.supply.ground import Ground
from psfir.range.supply.kubernetes_pulled import PULLED
from psfir.range.supply.space import Space
from psfir.range.supply.uses import Use, of_rung
from psfir.range.supply.workloads import KINDS, Workloads

REFERENCE = "prod-eu"
"""The connection by which the reference runbooks reach the range's own cluster."""
_SAME = ("kubeconfig", "context", "in_cluster")
_KINDS = {
    **KINDS,
    "service": resources.SERVICES,
    "ingress": resources.INGRESSES,
    "http_route": resources.HTTP_ROUTES,
}


class KubernetesSupplier:
    """`folder` takes a kubeconfig for each further cluster."""

    levers: ClassVar[frozenset[str]] = frozenset(PULLED)

    def __init__(self, connections: Sequence[Connection], uses: Sequence[Use], folder: Path) -> None:
        self._connections = sorted(connections, key=lambda one: one.name != REFERENCE)
        self._uses = uses
        self._folder = folder
        self._clusters: list[Kubernetes] = []
        self._numbers = self._shared()

    def has(self, ground: Ground, rung: Rung) -> bool:
        use = of_rung(rung)
        if self._numbers.get(use.connection) != 0:
            return False
        store, space = ground.cluster.store, use.text("namespace")
        if pods := use.labels("pods"):
            return Workloads(space, (), ground.cluster).bear(pods)
        named = [(resource, use.text(key)) for key, resource in _KINDS.items() if use.text(key)]
        return bool(named) and all(store.peek(resource, space, name) is not None for resource, name in named)

    def lay_out(self, ground: Ground) -> Iterator[str]:
        if not self._clusters:
            self._clusters.append(ground.cluster)
            for number in range(2, max(self._numbers.values(), default=0) + 2):
                self._clusters.append(ground.enter(Kubernetes()))
                ground.part(_part(number), self._clusters[-1])
        for number, cluster in enumerate(self._clusters):
            if number:
                cluster.reset()
            here = [use for use in self._uses if self._numbers.get(use.connection) == number]
            for name in dict.fromkeys(use.text("namespace") for use in here if use.text("namespace")):
                space = Space(name, [use for use in here if use.text("namespace") == name], cluster)
                space.lay_out()
                yield from space.told
            if number:
                cluster.settle()
                cluster.strike()

    def pulled(self, rung: Rung) -> bool:
        use = of_rung(rung)
        return PULLED[rung.lever](self._cluster(use.connection), use)

    def clusters(self) -> Mapping[str, Kubernetes]:
        """Each by its part of the range."""
        return {_part(number): cluster for number, cluster in enumerate(self._clusters, 1)}

    def parts(self) -> Mapping[str, Sequence[str]]:
        return {name: [_part(number + 1)] for name, number in self._numbers.items()}

    def connections(self, ground: Ground, exports: Exports) -> Iterator[tuple[str, dict[str, Json]]]:
        self._folder.mkdir(parents=True, exist_ok=True)
        for one in self._connections:
            number = self._numbers[one.name] + 1
            path = self._folder / ("kubeconfig" if number == 1 else f"kubeconfig-{number}")
            self._cluster(one.name).kubeconfig(path, server=ground.url(_part(number)))
            yield one.name, {**kept(one), "kubeconfig": str(path.resolve()), "context": "range"}

    def _cluster(self, connection: str) -> Kubernetes:
        return self._clusters[self._numbers.get(connection, 0)]

    def _shared(self) -> dict[str, int]:
        """Which stand-in each connection leads to: the first whose namespaces are not another cluster's already."""
        spaces: dict[bytes, set[str]] = {}
        identities = {one.name: canonical({key: one.settings.get(key) for key in _SAME}) for one in self._connections}
        for one in self._connections:
            named = {use.text("namespace") for use in self._uses if use.connection == one.name}
            spaces.setdefault(identities[one.name], set()).update(named)
        taken: list[set[str]] = []
        numbers: dict[bytes, int] = {}
        for identity, named in spaces.items():
            number = next((index for index, other in enumerate(taken) if not named & other), len(taken))
            taken += [set()] if number == len(taken) else []
            taken[number] |= named
            numbers[identity] = number
        return {name: numbers[identity] for name, identity in identities.items()}


def _part(number: int) -> str:
    return "kubernetes" if number == 1 else f"kubernetes/{number}"
