"""A group of instances that a model runs on, with an action that its schedule has for every morning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.domain.canon import Json
from psfir.levers.aws.autoscaling_group import AutoScalingGroup
from psfir.range.aws.moto import REGION
from tests.levers.aws.moto import connection
from tests.levers.aws.stage import AwsStage

GROUP = "inference-gpu"
TARGET: Mapping[str, Json] = {"connection": "aws-prod", "group": GROUP}
SETTINGS: Mapping[str, Json] = {"size": 0}


class AutoScalingGroupStage(AwsStage):
    name = "aws.autoscaling_group"
    target = TARGET
    settings = SETTINGS
    pull = 2

    def lay_out(self) -> None:
        launch: dict[str, Json] = {"ImageId": "ami-12c6146b", "InstanceType": "t2.micro"}
        self.do("CreateLaunchConfiguration", LaunchConfigurationName="gpu", **launch)
        zones: Json = [f"{REGION}a"]
        bounds: dict[str, Json] = {"MinSize": 1, "MaxSize": 4, "DesiredCapacity": 2}
        self.grouped("CreateAutoScalingGroup", LaunchConfigurationName="gpu", AvailabilityZones=zones, **bounds)

    def do(self, operation: str, **params: Json) -> None:
        self.world.do("autoscaling", operation, **params)

    def grouped(self, operation: str, **params: Json) -> None:
        self.do(operation, AutoScalingGroupName=GROUP, **params)

    def lever(self, url: str) -> AutoScalingGroup:
        return AutoScalingGroup(connection(url))

    def found(self) -> dict[str, Any]:
        said = self.world.get("autoscaling", "DescribeAutoScalingGroups", AutoScalingGroupNames=[GROUP])
        return dict(said["AutoScalingGroups"][0])

    def size(self) -> tuple[int, int, int]:
        found = self.found()
        return found["MinSize"], found["DesiredCapacity"], found["MaxSize"]

    def suspended(self) -> set[str]:
        return {one["ProcessName"] for one in self.found()["SuspendedProcesses"]}

    def pulled(self) -> bool:
        return self.size() == (0, 0, 0) and "ScheduledActions" in self.suspended()

    def disturb(self) -> None:
        self.grouped("UpdateAutoScalingGroup", MinSize=0, MaxSize=9, DesiredCapacity=3)
