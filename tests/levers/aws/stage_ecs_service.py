"""An ECS service of three tasks, with and without something that scales it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.domain.canon import Json
from psfir.levers.aws.ecs_service import EcsService
from tests.levers.aws.moto import connection
from tests.levers.aws.stage import AwsStage

CLUSTER, SERVICE = "assistants", "support-agent"
TARGET: Mapping[str, Json] = {"connection": "aws-prod", "cluster": CLUSTER, "service": SERVICE}
SETTINGS: Mapping[str, Json] = {"desired": 0}
SCALABLE: Mapping[str, Json] = {
    "ServiceNamespace": "ecs",
    "ResourceId": f"service/{CLUSTER}/{SERVICE}",
    "ScalableDimension": "ecs:service:DesiredCount",
}
FLAGS = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")


class EcsServiceStage(AwsStage):
    name = "aws.ecs_service"
    target = TARGET
    settings = SETTINGS

    def lay_out(self) -> None:
        do = self.world.do
        do("ecs", "CreateCluster", clusterName=CLUSTER)
        container: Json = {"name": "agent", "image": "agent", "memory": 128}
        do("ecs", "RegisterTaskDefinition", family="agent", containerDefinitions=[container])
        do("ecs", "CreateService", cluster=CLUSTER, serviceName=SERVICE, taskDefinition="agent", desiredCount=3)

    def lever(self, url: str) -> EcsService:
        return EcsService(connection(url))

    def service(self) -> dict[str, Any]:
        found: dict[str, Any] = self.world.get("ecs", "DescribeServices", cluster=CLUSTER, services=[SERVICE])
        return dict(found["services"][0])

    def pulled(self) -> bool:
        return bool(self.service()["desiredCount"] == 0)

    def disturb(self) -> None:
        self.world.do("ecs", "UpdateService", cluster=CLUSTER, service=SERVICE, desiredCount=7)


class ScaledStage(EcsServiceStage):
    """Application autoscaling keeps it between two and nine tasks, and its schedule is suspended already."""

    name = "aws.ecs_service, scaled"
    pull = 2

    def lay_out(self) -> None:
        super().lay_out()
        suspended: Json = {"ScheduledScalingSuspended": True}
        more: dict[str, Json] = {"MinCapacity": 2, "MaxCapacity": 9, "SuspendedState": suspended}
        self.world.do("application-autoscaling", "RegisterScalableTarget", **SCALABLE, **more)

    def scaling(self) -> list[bool]:
        """What is suspended: scaling in, out and by schedule."""
        return [self.target_now().get("SuspendedState", {}).get(flag) is True for flag in FLAGS]

    def target_now(self) -> dict[str, Any]:
        said = self.world.get("application-autoscaling", "DescribeScalableTargets", ServiceNamespace="ecs")
        return dict(said["ScalableTargets"][0])

    def pulled(self) -> bool:
        return super().pulled() and all(self.scaling())
