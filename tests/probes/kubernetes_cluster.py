"""What probes and captures are tried on: the support agent in the range's cluster, reached through a front."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from time import sleep as pause

from psfir.domain.values import frozen
from psfir.range.front import Front
from psfir.range.kubernetes import layouts, resources
from psfir.range.kubernetes.access import Rule
from psfir.range.kubernetes.ownership import Writer
from psfir.range.kubernetes.resources import Obj
from psfir.range.kubernetes.server import Kubernetes
from psfir.testing import FakeConnection

PATIENCE = 30.0
_NODE = Writer("kubelet", "Update", "status")


@frozen
class Scene:
    """A cluster with a Deployment and a Service, both named agent, in the namespace default."""

    cluster: Kubernetes
    front: Front
    folder: Path

    def connection(self, user: str = "admin", *, server: str = "") -> FakeConnection:
        path = self.cluster.kubeconfig(self.folder / f"{user}.kubeconfig", user=user, server=server or self.front.url)
        return FakeConnection("prod", "kubernetes", {"kubeconfig": str(path)}, {})

    def limited(self, *rules: Rule) -> FakeConnection:
        """Somebody who may do no more than that."""
        self.cluster.user("limited", *rules)
        return self.connection("limited")

    def tell(self, pod: Obj, **status: object) -> None:
        """The node says this of the pod."""
        with self.cluster.store.lock:
            held = self.cluster.get(resources.PODS, pod["metadata"]["name"])
            self.cluster.registry.update(resources.PODS, {**held, "status": {**held["status"], **status}}, writer=_NODE)

    def until(self, so: Callable[[], bool]) -> None:
        """Wait for the controllers."""
        end = monotonic() + PATIENCE
        while not so():
            assert monotonic() < end, "the controllers never came to it"
            pause(0.01)


@contextmanager
def scene(folder: Path, *, replicas: int = 5) -> Iterator[Scene]:
    with Kubernetes() as cluster, Front(cluster.url) as front:
        cluster.put(layouts.deployment(replicas=replicas), layouts.service())
        cluster.settle()
        yield Scene(cluster, front, folder)
