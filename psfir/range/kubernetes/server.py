"""The whole cluster for a test or a drill: start it, lay things out in it, hand out kubeconfigs, see what was done."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from psfir.range.kubernetes import resources
from psfir.range.kubernetes.access import ADMIN, ALL, Access, Rule
from psfir.range.kubernetes.api import Api, Deed
from psfir.range.kubernetes.ownership import Writer
from psfir.range.kubernetes.registry import Registry
from psfir.range.kubernetes.resources import Obj, Resource, resource_of
from psfir.range.kubernetes.store import Store
from psfir.range.server import Server

_SETUP = Writer("setup")


class Kubernetes:
    """An API server on a free port. `admin` may do everything; `user` adds somebody who may do less."""

    def __init__(self, *, bindings_after: float = 0) -> None:
        self.store = Store()
        self.registry = Registry(self.store)
        self.access = Access(self.store, effective_after=bindings_after)
        self.api = Api(self.registry, self.access)
        self._server = Server(self.api)
        self.user(ADMIN, ALL)
        for name in ("default", "kube-system"):
            self.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})

    @property
    def url(self) -> str:
        return self._server.url

    def start(self) -> Self:
        self._server.start()
        return self

    def stop(self) -> None:
        self.store.close()
        self._server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def user(self, name: str, *rules: Rule) -> str:
        """Somebody who may do what these rules say; their bearer token."""
        token = f"token-of-{name}"
        self.access.admit(name, token, *rules)
        return token

    def kubeconfig(self, path: Path, *, user: str = ADMIN, server: str = "", namespace: str = "default") -> Path:
        """A kubeconfig for that user; `server` if the cluster is to be reached through something else."""
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "range",
            "contexts": [{"name": "range", "context": {"cluster": "range", "user": user, "namespace": namespace}}],
            "clusters": [{"name": "range", "cluster": {"server": server or self.url}}],
            "users": [{"name": user, "user": {"token": self.access.token_of(user)}}],
        }
        path.write_text(json.dumps(config, indent=1), encoding="utf-8")  # JSON is YAML
        return path

    def put(self, *objects: Obj) -> Obj:
        """Lay out whole objects, as anyone's would be, without counting as a client's write. The last one as stored."""
        stored: Obj = {}
        for obj in objects:
            resource = resource_of(obj)
            meta = obj["metadata"]
            namespace = meta.get("namespace", "default") if resource.namespaced else ""
            with self.store.lock:
                there = self.store.get(resource, namespace, meta["name"])
                if there is None:
                    stored = self.registry.create(resource, obj, writer=_SETUP)
                else:
                    whole = {**there, **obj, "metadata": {**meta, "namespace": namespace}}
                    stored = self.registry.update(resource, whole, writer=_SETUP)
        return stored

    def namespace(self, name: str) -> Obj:
        return self.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})

    def get(self, resource: Resource, name: str, namespace: str = "default") -> Obj:
        """As stored, without asking over the wire."""
        return self.registry.get(resource, namespace if resource.namespaced else "", name)

    def pods(self, namespace: str = "default") -> list[Obj]:
        return self.store.all(resources.PODS, namespace)

    def say(self, namespace: str, pod: str, lines: Iterable[str], *, container: str = "") -> None:
        """Let a pod have said these lines; its first container if none is named."""
        held = self.registry.get(resources.PODS, namespace, pod)
        name = container or held["spec"]["containers"][0]["name"]
        self.api.said.setdefault((namespace, pod), {}).setdefault(name, []).extend(lines)

    @property
    def deeds(self) -> list[Deed]:
        """Every call of an API client, in order."""
        return list(self.api.deeds)

    @property
    def writes(self) -> int:
        """How many changes API clients made; controllers' own are not counted."""
        return sum(deed.wrote for deed in self.api.deeds)
