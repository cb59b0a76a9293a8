"""From an Ingress or an HTTPRoute to a Service, and from a Service to the pods that answer for it now."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.range.kubernetes import resources
from psfir.range.kubernetes.networks import SERVICE
from psfir.range.kubernetes.resources import Obj
from psfir.range.kubernetes.selectors import labels_of, matches
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.network.rules import Backend, Wanted, by_http_route, by_ingress

__all__ = ["Backend", "Routes"]

_Named = tuple[str, str, str]


class Routes:
    """Looks things up in the cluster as it is at that moment. What it gives is as stored, and not to be changed."""

    def __init__(self, cluster: Kubernetes) -> None:
        self._store = cluster.store
        self._read = -1
        self._ready: dict[tuple[str, str], list[_Named]] = {}
        self._ports: dict[tuple[str, str], Mapping[str, int | None]] = {}

    def backend(
        self, namespace: str, name: str, *, path: str = "/", host: str = "", share: float = 0.0
    ) -> Backend | None:
        """Where the Ingress of that name, or else the HTTPRoute, sends a request; None for nowhere.

        Without a host the rules of all hosts count. `share`, in [0, 1), chooses among backends that have weights.
        """
        wanted = Wanted(path, host, share)
        ingress = self._store.peek(resources.INGRESSES, namespace, name)
        if ingress is not None:
            return by_ingress(ingress, wanted, self._port_of)
        route = self._store.peek(resources.HTTP_ROUTES, namespace, name)
        return None if route is None else by_http_route(route, wanted)

    def endpoints(self, namespace: str, service: str) -> list[Obj]:
        """The ready pods behind a Service, by the EndpointSlices that the controllers keep."""
        self._look()
        pods = []
        for where, name, uid in self._ready.get((namespace, service), ()):
            pod = self.pod(where, name)
            if pod is not None and pod["metadata"]["uid"] == uid:
                pods.append(pod)
        return pods

    def answering(self, backend: Backend | None) -> list[Obj]:
        """The pods that a request sent there may come to; none if it is sent nowhere."""
        return [] if backend is None else self.endpoints(backend.namespace, backend.service)

    def pod_port(self, backend: Backend) -> int | None:
        """Which port of the pods a Service's port leads to; None if it leads to none."""
        self._look()
        service = self._store.peek(resources.SERVICES, backend.namespace, backend.service) or {}
        ports = (service.get("spec") or {}).get("ports") or ()
        name = next((each.get("name", "") for each in ports if each["port"] == backend.port), None)
        return None if name is None else self._ports.get((backend.namespace, backend.service), {}).get(name)

    def pod(self, namespace: str, name: str) -> Obj | None:
        return self._store.peek(resources.PODS, namespace, name)

    def pods_of(self, namespace: str, labels: Mapping[str, str]) -> list[Obj]:
        """Every pod there that bears these labels, by name; those that start or end too."""
        found = [
            pod
            for pod in self._store.held(resources.PODS)
            if pod["metadata"]["namespace"] == namespace and matches(labels, labels_of(pod))
        ]
        return sorted(found, key=lambda pod: str(pod["metadata"]["name"]))

    def _look(self) -> None:
        version = self._store.latest(resources.ENDPOINT_SLICES)
        if version == self._read:
            return
        ready: dict[tuple[str, str], list[_Named]] = {}
        ports: dict[tuple[str, str], Mapping[str, int | None]] = {}
        for each in self._store.held(resources.ENDPOINT_SLICES):
            key = (each["metadata"]["namespace"], labels_of(each).get(SERVICE, ""))
            ready.setdefault(key, []).extend(_ready(each))
            ports[key] = {port.get("name") or "": port.get("port") for port in each.get("ports") or ()}
        self._ready, self._ports, self._read = ready, ports, version

    def _port_of(self, namespace: str, service: str, name: str) -> int | None:
        found = self._store.peek(resources.SERVICES, namespace, service) or {}
        ports = (found.get("spec") or {}).get("ports") or ()
        return next((int(each["port"]) for each in ports if each.get("name") == name), None)


def _ready(found: Obj) -> list[_Named]:
    """Who does not say whether they are ready is."""
    targets = [
        each.get("targetRef") or {}
        for each in found.get("endpoints") or ()
        if (each.get("conditions") or {}).get("ready") is not False
    ]
    return [(ref["namespace"], ref["name"], ref["uid"]) for ref in targets if ref.get("kind") == "Pod"]
