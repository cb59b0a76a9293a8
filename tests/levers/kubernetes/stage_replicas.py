"""The stages of `kubernetes.replicas`: a Deployment that nobody else scales, and one that KEDA or an HPA scales."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.domain.canon import Json
from psfir.domain.modes import Mode
from psfir.levers.kubernetes.replicas import Replicas
from psfir.range.kubernetes.layouts import deployment, hpa, scaled_object, stateful_set
from psfir.range.kubernetes.resources import DEPLOYMENTS, HPAS, SCALED_OBJECTS, STATEFUL_SETS
from tests.levers.kubernetes.cluster_stage import NAME, NAMESPACE, ClusterStage

PAUSED = "autoscaling.keda.sh/paused-replicas"


class ReplicasStage(ClusterStage):
    name = "kubernetes.replicas"
    make = Replicas
    target: Mapping[str, Json] = Replicas.about.example["target"]  # type: ignore[assignment]  # it is a mapping
    settings: Mapping[str, Json] = {"replicas": 0}

    def lay_out(self) -> None:
        self.cluster.put(deployment(NAME, namespace=NAMESPACE))

    def pulled(self) -> bool:
        return bool(self.get(DEPLOYMENTS)["spec"]["replicas"] == 0)

    def disturb(self) -> None:
        self.edit(DEPLOYMENTS, {"spec": {"replicas": 7}})


class StatefulSetStage(ClusterStage):
    name = "kubernetes.replicas of a StatefulSet"
    make = Replicas
    target: Mapping[str, Json] = {"connection": "prod-eu", "namespace": NAMESPACE, "statefulset": "memory"}
    settings: Mapping[str, Json] = {"replicas": 0}

    def lay_out(self) -> None:
        self.cluster.put(stateful_set("memory", namespace=NAMESPACE))

    def pulled(self) -> bool:
        return bool(self.get(STATEFUL_SETS, "memory")["spec"]["replicas"] == 0)

    def disturb(self) -> None:
        self.edit(STATEFUL_SETS, {"spec": {"replicas": 7}}, "memory")


class KedaStage(ReplicasStage):
    name = "kubernetes.replicas under KEDA"
    pull = 2

    def lay_out(self) -> None:
        super().lay_out()
        self.cluster.put(scaled_object(NAME, namespace=NAMESPACE))

    def pulled(self) -> bool:
        return super().pulled() and self.get(SCALED_OBJECTS)["metadata"].get("annotations") == {PAUSED: "0"}

    def disturb(self) -> None:
        self.edit(SCALED_OBJECTS, {"metadata": {"annotations": {PAUSED: "5"}}})


class HpaStage(ReplicasStage):
    """Degraded to one, where the autoscaler wants two at least."""

    name = "kubernetes.replicas under an HPA"
    settings: Mapping[str, Json] = {"replicas": 1}
    mode = Mode.DEGRADE
    pull = 2

    def lay_out(self) -> None:
        super().lay_out()
        self.cluster.put(hpa(NAME, namespace=NAMESPACE))

    def pulled(self) -> bool:
        spec = self.get(HPAS)["spec"]
        bounds = (spec["minReplicas"], spec["maxReplicas"])
        return bounds == (1, 1) and self.get(DEPLOYMENTS)["spec"]["replicas"] == 1

    def disturb(self) -> None:
        self.edit(HPAS, {"spec": {"maxReplicas": 9}})


STAGES = (ReplicasStage, StatefulSetStage, KedaStage, HpaStage)
