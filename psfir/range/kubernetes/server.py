"""The whole cluster for a test or a drill: start it, lay things out in it, hand out kubeconfigs, see what was done."""

from __future__ import annotations

import json
from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path
from typing import Self

from psfir.range.faulty import Faulty
from psfir.range.kubernetes import resources
from psfir.range.kubernetes.access import ADMIN, ALL, Access, Rule
from psfir.range.kubernetes.api import Api, Deed
from psfir.range.kubernetes.controllers import Controllers, Desk, Pace
from psfir.range.kubernetes.jobs import complete, cron_jobs, jobs, strike
from psfir.range.kubernetes.networks import endpoints
from psfir.range.kubernetes.ownership import Writer
from psfir.range.kubernetes.patches import merge
from psfir.range.kubernetes.pod_watch import OnPod, PodWatch
from psfir.range.kubernetes.pods import kubelet
from psfir.range.kubernetes.registry import Registry, Removal
from psfir.range.kubernetes.replicas import daemon_sets, replica_sets, stateful_sets
from psfir.range.kubernetes.resources import Obj, Resource, resource_of
from psfir.range.kubernetes.rollouts import deployments
from psfir.range.kubernetes.store import Store
from psfir.range.kubernetes.undoing import TRACKED, TRACKED_LABEL, Keep, Keepers, hpas, scaled_objects
from psfir.range.kubernetes.upkeep import budgets, namespaces
from psfir.range.private import write_private
from psfir.range.server import Server

_SETUP = Writer("setup")


_CONTROLLERS = (deployments, replica_sets, stateful_sets, daemon_sets, jobs, cron_jobs, kubelet, endpoints)
_SECONDS = 10.0


class Kubernetes:
    """An API server on a free port. `admin` may do everything; `user` adds somebody who may do less.

    `pace` says how long things take and what does not work. Without `controllers` nothing happens by itself.
    """

    def __init__(self, *, pace: Pace | None = None, controllers: bool = True, bindings_after: float = 0) -> None:
        self.store = Store()
        self.pace = pace or Pace()
        self._first_pace = deepcopy(self.pace)
        self.registry = Registry(self.store)
        self.access = Access(self.store, effective_after=bindings_after)
        self.api = Api(self.registry, self.access)
        self.faults = Faulty(self.api)
        self._server = Server(self.faults, stopped=self.faults.stopped)
        self._keepers = Keepers()
        each = (namespaces, *_CONTROLLERS, hpas, scaled_objects, self._keepers, budgets) if controllers else ()
        self._controllers = Controllers(Desk(self.registry, self.pace), each)
        self._furnish()

    @property
    def url(self) -> str:
        return self._server.url

    def start(self) -> Self:
        self._controllers.start()
        self._server.start()
        return self

    def stop(self) -> None:
        self.store.close()
        self._controllers.join()
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
        write_private(path, json.dumps(config, indent=1))  # JSON is YAML
        return path

    def put(self, *objects: Obj) -> Obj:
        """Lay out whole objects, as anyone's would be, without counting as a client's write. The last one as stored."""
        with self.store.lock:  # all of them, so that the controllers look once and not after each
            stored: Obj = {}
            for obj in objects:
                stored = self._put(obj)
            return stored

    def _put(self, obj: Obj) -> Obj:
        resource = resource_of(obj)
        meta = obj["metadata"]
        namespace = meta.get("namespace", "default") if resource.namespaced else ""
        there = self.store.get(resource, namespace, meta["name"])
        if there is None:
            return self.registry.create(resource, obj, writer=_SETUP)
        whole = {**there, **obj, "metadata": {**meta, "namespace": namespace}}
        return self.registry.update(resource, whole, writer=_SETUP)

    def reset(self) -> None:
        """As one that has just been started: nothing stored, nobody but the admin, nothing done, its first pace.

        Who watches it goes on, is told 410 Gone, and reads anew, as after any long absence.
        """
        with self.store.lock:
            vars(self.pace).update(vars(deepcopy(self._first_pace)))
            self.let_go()
            self._keepers.repository.clear()
            self.api.forget()
            self.access.reset()
            self.store.clear()
            self._controllers.forget()
            self._furnish()

    def ready(self, namespace: str, pod: str, ready: bool = True) -> bool:  # noqa: FBT001, FBT002 - the one thing it says
        """What the application in a pod answers its readiness probe from here on. False if there is no such pod."""
        held = self.store.peek(resources.PODS, namespace, pod)
        if held is None:
            return False
        uid, unready = held["metadata"]["uid"], self.pace.unready
        if (uid in unready) is ready:
            with self.store.lock:
                (unready.discard if ready else unready.add)(uid)
            self._controllers.poke(namespace)
        return True

    def watch_pods(self, started: OnPod, ended: OnPod) -> PodWatch:
        """Hear of each pod that runs, those that run already too, and of its end; until the watch is stopped."""
        return PodWatch(self.store, self.pace, started, ended).start()

    def settle(self, seconds: float = _SECONDS) -> None:
        """Wait until the controllers have done all there is to do."""
        if not self._controllers.settle(seconds):
            raise TimeoutError(f"the controllers were still at work after {seconds} s")

    def change(self, **pace: object) -> None:
        """Change the pace by its names: `change(kubelet=False)` takes the node's kubelet away."""
        with self.store.lock:
            for name, value in pace.items():
                if not hasattr(self.pace, name):
                    raise AttributeError(f"the pace of a cluster has no {name}")
                setattr(self.pace, name, value)
        self._controllers.poke()

    def keep(
        self,
        resource: Resource,
        name: str,
        fields: Obj,
        *,
        namespace: str = "default",
        after: float | None = None,
    ) -> Keep:
        """From here on some operator puts these fields back whenever somebody changes them."""
        keep = Keep(resource, namespace, name, fields, after=after)
        self._keepers.keeps.append(keep)
        self._controllers.poke()
        return keep

    def let_go(self, *keeps: Keep) -> None:
        """End these, or every `keep` if none is named."""
        left = [one for one in self._keepers.keeps if not any(one is gone for gone in keeps)]
        self._keepers.keeps[:] = left if keeps else []

    def application(self, name: str, *objects: Obj, self_heal: bool = True, namespace: str = "argocd") -> Obj:
        """An Argo CD application that holds these objects to what they are here, or only notes where they differ."""
        self.namespace(namespace)
        tracked = [_tracked(name, obj) for obj in objects]
        self.put(*tracked)
        self._keepers.repository[namespace, name] = tracked
        return self.put(
            {
                "apiVersion": resources.APPLICATIONS.api_version,
                "kind": "Application",
                "metadata": {"name": name, "namespace": namespace},
                "spec": {
                    "project": "default",
                    "destination": {"server": "https://kubernetes.default.svc", "namespace": "default"},
                    "source": {"repoURL": "https://git.example/estate.git", "path": name, "targetRevision": "main"},
                    "syncPolicy": {"automated": {"prune": True, "selfHeal": self_heal}},
                },
            }
        )

    def strike(self) -> list[str]:
        """The hour of every CronJob has come; the names of the Jobs that were started."""
        return strike(self.registry)

    def complete(self, job: str, *, namespace: str = "default") -> None:
        complete(self.registry, self.registry.get(resources.JOBS, namespace, job))

    def edit(self, resource: Resource, name: str, fields: Obj, *, namespace: str = "default") -> Obj:
        """Somebody else changes these fields; not counted as a client's write."""
        with self.store.lock:
            held = self.registry.get(resource, namespace if resource.namespaced else "", name)
            return self.registry.update(resource, merge(held, fields), writer=Writer("kubectl-edit"))

    def remove(self, resource: Resource, name: str, *, namespace: str = "default") -> None:
        """Somebody else deletes it, by force."""
        with self.store.lock:
            held = self.registry.get(resource, namespace if resource.namespaced else "", name)
            self.registry.delete(resource, held, how=Removal(grace=0))

    def namespace(self, name: str) -> Obj:
        return self.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})

    def _furnish(self) -> None:
        self.user(ADMIN, ALL)
        for name in ("default", "kube-system"):
            self.namespace(name)

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


def _tracked(app: str, obj: Obj) -> Obj:
    """With the marks by which Argo CD finds its own."""
    resource, meta = resource_of(obj), obj["metadata"]
    where = f"{meta.get('namespace', 'default')}/{meta['name']}"
    mark = {TRACKED: f"{app}:{resource.group}/{resource.kind}:{where}"}
    labels = {**(meta.get("labels") or {}), TRACKED_LABEL: app}
    notes = {**(meta.get("annotations") or {}), **mark}
    return {**obj, "metadata": {**meta, "labels": labels, "annotations": notes}}
