"""The stages of `kubernetes.rollout`: back to the first of two revisions, and standing still."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.domain.canon import Json
from psfir.domain.modes import Mode
from psfir.levers.kubernetes.rollout import Rollout
from psfir.range.kubernetes.layouts import deployment
from psfir.range.kubernetes.resources import DEPLOYMENTS
from tests.levers.kubernetes.cluster_stage import NAME, NAMESPACE, ClusterStage

EARLIER, LATER, LATEST = "agent:1", "agent:2", "agent:3"


class RolloutStage(ClusterStage):
    name = "kubernetes.rollout"
    make = Rollout
    target: Mapping[str, Json] = Rollout.about.example["target"]  # type: ignore[assignment]  # it is a mapping
    settings: Mapping[str, Json] = {"roll_back": True}
    mode = Mode.DEGRADE

    def lay_out(self) -> None:
        for image in (EARLIER, LATER):
            self.cluster.put(deployment(NAME, namespace=NAMESPACE, image=image))
            self.cluster.settle()

    @property
    def image(self) -> str:
        return str(self.get(DEPLOYMENTS)["spec"]["template"]["spec"]["containers"][0]["image"])

    def pulled(self) -> bool:
        return self.image == EARLIER

    def disturb(self) -> None:
        self.deploy(LATEST)

    def deploy(self, image: str) -> None:
        spec = self.get(DEPLOYMENTS)["spec"]["template"]["spec"]
        spec["containers"][0]["image"] = image
        self.edit(DEPLOYMENTS, {"spec": {"template": {"spec": spec}}})
        self.cluster.settle()


class StandStillStage(RolloutStage):
    name = "kubernetes.rollout that is paused"
    settings: Mapping[str, Json] = {"paused": True}

    def pulled(self) -> bool:
        return self.get(DEPLOYMENTS)["spec"].get("paused") is True


STAGES = (RolloutStage, StandStillStage)
