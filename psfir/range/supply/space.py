"""One namespace as a workspace's runbooks name it: workloads, Services, ways from outside, ConfigMaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from psfir.range.kubernetes import layouts, resources
from psfir.range.kubernetes.resources import Obj, Resource
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.supply.uses import Use
from psfir.range.supply.workloads import Workloads, before

_PORT = 80
_WAYS = {"ingress": resources.INGRESSES, "http_route": resources.HTTP_ROUTES}


class Space:
    """Lays out what is not there yet. `told` are the guesses it had to make, in sentences."""

    def __init__(self, name: str, uses: Sequence[Use], cluster: Kubernetes) -> None:
        self.name = name
        self.told: list[str] = []
        self._uses = uses
        self._cluster = cluster
        self._workloads = Workloads(name, uses, cluster)

    def lay_out(self) -> None:
        """Labels first: Services select by them."""
        self._labels()
        beside = [*self._services(), *self._config_maps(), *self._ways()]
        new = self._workloads.new
        home = [] if self._has(resources.NAMESPACES, self.name) else [layouts.namespace(self.name)]
        self._cluster.put(*home, *beside, *(one.at(self.name, 1) for one in new))
        for revision in range(2, max((one.revisions for one in new), default=1) + 1):
            self._cluster.settle()
            self._cluster.put(*(one.at(self.name, revision) for one in new if one.revisions >= revision))

    def _has(self, resource: Resource, name: str) -> bool:
        return self._cluster.store.peek(resource, self.name if resource.namespaced else "", name) is not None

    def _names(self, key: str) -> list[str]:
        return list(dict.fromkeys(use.text(key) for use in self._uses if use.text(key)))

    def _labels(self) -> None:
        """Pods that are told by their labels alone."""
        for use in self._uses:
            if labels := use.labels("labels") or use.labels("pods"):
                bearer = self._workloads.labelled(labels, use)
                words = ", ".join(f"{key}={value}" for key, value in labels.items())
                if bearer.guessed:
                    self._guess(use, f"the pods of {bearer.workload.name} bear {words}")

    def _services(self) -> Iterator[Obj]:
        """Those that are pulled or looked at, with pods behind them, and those that customers are sent to instead."""
        for name in self._names("service"):
            if not self._has(resources.SERVICES, name):
                yield from self._service(name)
        named = {*self._names("service")}
        for use in self._uses:
            to, port = use.set.get("service"), use.set.get("port")
            if isinstance(to, str) and to not in named and not self._has(resources.SERVICES, to):
                named.add(to)
                yield layouts.service(to, namespace=self.name, port=port if isinstance(port, int) else _PORT)

    def _service(self, name: str) -> Iterator[Obj]:
        mine = [use for use in self._uses if use.text("service") == name]
        marks = {use.text("label"): "yes" for use in mine if use.text("label") not in {"", "app"}}
        bearer = self._workloads.meant(mine, name, marks)
        if bearer.guessed:
            self._guess(mine[0], f"service {name} leads to {bearer.workload.name}")
        bearer.workload.given.update(marks)
        selector = {"app": bearer.workload.labels.get("app", name), **marks}
        yield layouts.service(name, namespace=self.name, selector=selector)
        for pod in dict.fromkeys(str(one) for use in mine for one in _list(use, "pods")):
            yield layouts.pod(pod, namespace=self.name, labels=selector)

    def _config_maps(self) -> Iterator[Obj]:
        """With the keys that are set, at values that nobody sets."""
        for name in self._names("configmap"):
            mine = [use for use in self._uses if use.text("configmap") == name and use.text("key")]
            if self._has(resources.CONFIG_MAPS, name):
                continue
            data = {use.text("key"): before(use, mine, "key") for use in mine}
            yield layouts.config_map(name, namespace=self.name, data=data)

    def _ways(self) -> Iterator[Obj]:
        """Each leads to a Service of its own, so that the fallback is another one."""
        for key, resource in _WAYS.items():
            for name in self._names(key):
                if self._has(resource, name):
                    continue
                live = f"{name}-live"
                yield layouts.service(live, namespace=self.name)
                yield self._ingress(name, live) if key == "ingress" else self._http_route(name, live)

    def _http_route(self, name: str, live: str) -> Obj:
        return layouts.http_route(name, namespace=self.name, backend=live)

    def _ingress(self, name: str, live: str) -> Obj:
        made = layouts.ingress(name, namespace=self.name, backend=live)
        hosts = [str(host) for use in self._uses if use.text("ingress") == name for host in _list(use, "hosts")]
        (rule,) = made["spec"]["rules"]
        made["spec"]["rules"] = [{**rule, "host": host} for host in dict.fromkeys(hosts)] or [rule]
        return made

    def _guess(self, use: Use, what: str) -> None:
        self.told.append(f"{use.where}: it does not say which workload is meant; on the range {what}")


def _list(use: Use, key: str) -> list[object]:
    found = use.target.get(key)
    return list(found) if isinstance(found, (list, tuple)) else []
