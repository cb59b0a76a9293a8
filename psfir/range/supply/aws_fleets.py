"""What runs for as long as it is wanted: the services of ECS and the groups of Auto Scaling that a runbook names."""

from __future__ import annotations

from collections.abc import Sequence

from psfir.domain.canon import Json
from psfir.range.supply.aws_thing import Place, Thing, last, wanted
from psfir.range.supply.unlike import same
from psfir.range.supply.uses import Use

_MANY = 3
_IMAGE: dict[str, Json] = {"ImageId": "ami-12c6146b", "InstanceType": "t2.micro"}
_BOUNDS = ("MinSize", "MaxSize", "DesiredCapacity")


def _other(numbers: Sequence[Json]) -> int:
    """A number of a few that nobody sets."""
    return next(one for one in range(_MANY, _MANY + len(numbers) + 1) if not any(same(one, two) for two in numbers))


def _services(place: Place, use: Use) -> list[dict[str, Json]]:
    names: list[Json] = [last(use.text("service"))]
    said = place.account.get("ecs", "DescribeServices", cluster=last(use.text("cluster")), services=names)
    return [one for one in said.get("services", []) if one.get("status") == "ACTIVE"]


def _service(place: Place, uses: Sequence[Use]) -> None:
    cluster, service = last(uses[0].text("cluster")), last(uses[0].text("service"))
    container: Json = {"name": service, "image": "stand-in", "memory": 128}
    do = place.account.do
    do("ecs", "CreateCluster", clusterName=cluster)
    do("ecs", "RegisterTaskDefinition", family=service, containerDefinitions=[container])
    more = {
        "serviceName": service,
        "taskDefinition": service,
        "desiredCount": _other(wanted(uses, "desired", default=0)),
    }
    do("ecs", "CreateService", cluster=cluster, **more)


def _groups(place: Place, use: Use) -> list[dict[str, Json]]:
    names: list[Json] = [use.text("group")]
    found = place.account.get("autoscaling", "DescribeAutoScalingGroups", AutoScalingGroupNames=names)
    return list(found.get("AutoScalingGroups", []))


def _group(place: Place, uses: Sequence[Use]) -> None:
    name, size = uses[0].text("group"), _other(wanted(uses, "size", default=0))
    zones: list[Json] = [f"{place.region}a"]
    bounds: dict[str, Json] = {"MinSize": 1, "MaxSize": size + 1, "DesiredCapacity": size}
    more: dict[str, Json] = {"AvailabilityZones": zones, "LaunchConfigurationName": name, **bounds}
    place.account.do("autoscaling", "CreateLaunchConfiguration", LaunchConfigurationName=name, **_IMAGE)
    place.account.do("autoscaling", "CreateAutoScalingGroup", AutoScalingGroupName=name, **more)


def _pinned(place: Place, use: Use) -> bool:
    size = use.set.get("size", 0)
    return any(all(one[bound] == size for bound in _BOUNDS) for one in _groups(place, use))


THINGS = {
    "aws.ecs_service": Thing(
        "service",
        lambda use: last(use.text("service")),
        lambda place, use: bool(_services(place, use)),
        _service,
        lambda place, use: any(one["desiredCount"] == use.set.get("desired", 0) for one in _services(place, use)),
    ),
    "aws.autoscaling_group": Thing(
        "group",
        lambda use: use.text("group"),
        lambda place, use: bool(_groups(place, use)),
        _group,
        _pinned,
    ),
}
