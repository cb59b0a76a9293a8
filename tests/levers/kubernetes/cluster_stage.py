"""What every stage on Kubernetes shares: a cluster with controllers, laid out, and a kubeconfig that leads to it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, Self

from psfir.contracts import BoundConnection, Lever
from psfir.range.kubernetes.access import ADMIN
from psfir.range.kubernetes.controllers import Pace
from psfir.range.kubernetes.resources import Obj, Resource
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.server import Asked, Reply
from psfir.testing import FakeConnection
from psfir.testing.stage import Stage

NAMESPACE, NAME = "assistants", "support-agent"
NEVER = 3600.0


class ClusterStage(Stage):
    """`pace` is the cluster's. Controllers that undo are slow here: what they do has tests of its own."""

    make: ClassVar[type[Any]]
    pace: ClassVar[Mapping[str, Any]] = {"undo": NEVER}
    bindings_after: ClassVar[float] = 0
    cluster: Kubernetes
    _folder: TemporaryDirectory[str]

    @property
    def upstream(self) -> str:
        return self.cluster.url

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.cluster.access.token_of(ADMIN),)

    @abstractmethod
    def lay_out(self) -> None:
        """Make the world in which there is something to pull."""

    def connection(self, url: str = "", *, user: str = ADMIN) -> BoundConnection:
        path = self.cluster.kubeconfig(Path(self._folder.name) / user, user=user, server=url)
        return FakeConnection("prod-eu", "kubernetes", {"kubeconfig": str(path)}, {})

    def lever(self, url: str = "", *, user: str = ADMIN) -> Lever:
        made: Lever = self.make(self.connection(url, user=user))
        return made

    def writing(self, asked: Asked) -> bool:
        return asked.writes and "reviews" not in asked.path.rpartition("/")[2]

    def writes(self) -> int:
        return self.cluster.writes

    def saying(self, status: int) -> Reply:
        message = f"answered with {status} to {' '.join(self.secrets)}"
        return Reply(status, {"kind": "Status", "status": "Failure", "message": message, "code": status})

    def get(self, resource: Resource, name: str = NAME) -> Obj:
        return self.cluster.get(resource, name, NAMESPACE)

    def edit(self, resource: Resource, fields: Obj, name: str = NAME) -> None:
        """Somebody else changes these fields."""
        self.cluster.edit(resource, name, fields, namespace=NAMESPACE)

    def __enter__(self) -> Self:
        self._folder = TemporaryDirectory()
        self.cluster = Kubernetes(pace=Pace(**self.pace), bindings_after=self.bindings_after).start()
        self.cluster.namespace(NAMESPACE)
        self.lay_out()
        self.cluster.settle()
        return self

    def __exit__(self, *_: object) -> None:
        self.cluster.stop()
        self._folder.cleanup()
