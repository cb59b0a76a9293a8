"""The stage of `kubernetes.quarantine`: a Service that selects two pods by a label that no ReplicaSet knows."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.domain.canon import Json
from psfir.domain.modes import Mode
from psfir.levers.kubernetes.quarantine import Quarantine
from psfir.range.kubernetes.layouts import deployment, service
from psfir.range.kubernetes.resources import PODS, Obj
from tests.levers.kubernetes.cluster_stage import NAME, NAMESPACE, ClusterStage

LABEL = "serving"


def serving(name: str = NAME, *, replicas: int = 2) -> Obj:
    """Its pods bear a label that its selector does not ask for."""
    made = deployment(name, namespace=NAMESPACE, replicas=replicas)
    made["spec"]["template"]["metadata"]["labels"] = {"app": NAME, LABEL: "yes"}
    made["spec"]["selector"]["matchLabels"] = {"app": NAME}
    return made


class QuarantineStage(ClusterStage):
    name = "kubernetes.quarantine"
    make = Quarantine
    target: Mapping[str, Json] = Quarantine.about.example["target"]  # type: ignore[assignment]  # it is a mapping
    settings: Mapping[str, Json] = {"out": True}
    mode = Mode.ISOLATE
    pull = 2

    def lay_out(self) -> None:
        self.cluster.put(serving(), service(NAME, namespace=NAMESPACE, selector={"app": NAME, LABEL: "yes"}))

    def pods(self) -> list[Obj]:
        return self.cluster.pods(NAMESPACE)

    def names(self) -> list[str]:
        return sorted(pod["metadata"]["name"] for pod in self.pods())

    def labels(self) -> list[str]:
        return [pod["metadata"]["labels"].get(LABEL, "") for pod in self.pods()]

    def pulled(self) -> bool:
        return "yes" not in self.labels()

    def disturb(self) -> None:
        self.edit(PODS, {"metadata": {"labels": {LABEL: "by hand"}}}, self.names()[0])


STAGES = (QuarantineStage,)
