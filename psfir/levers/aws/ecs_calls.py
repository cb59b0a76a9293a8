"""What aws.ecs_service asks of ECS and of application autoscaling, which is another service with rights of its own.

Autoscaling that cannot be looked at holds up no kill: then it is left as it is, and the plan says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.contracts import Target
from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.errors import Busy, Declined, Denied, LeverError, NoSuchTarget, Unreachable
from psfir.vendors.aws import AwsClient, Deadline

_DIMENSION = "ecs:service:DesiredCount"
_FLAGS = {
    "in": "DynamicScalingInSuspended",
    "out": "DynamicScalingOutSuspended",
    "scheduled": "ScheduledScalingSuspended",
}
PAUSED: Mapping[str, Json] = dict.fromkeys(_FLAGS, True)
LEAVE = "leave"


@frozen
class Seen:
    """A service as it is. `scaling` says what of its autoscaling is suspended: None if it has none or is left alone."""

    arn: str
    desired: int
    running: int
    scaling: Mapping[str, Json] | None
    looked: bool
    notes: tuple[str, ...]

    @property
    def state(self) -> dict[str, Json]:
        """Without `scaling` where it was not looked at."""
        return {"desired": self.desired} | ({"scaling": self.scaling} if self.looked else {})


class EcsCalls:
    """The service of one target, and what would scale it."""

    def __init__(self, aws: AwsClient) -> None:
        self._aws = aws

    def seen(self, target: Target, deadline: Deadline, *, wholly: bool = False) -> Seen:
        """What is there. `wholly`: autoscaling that cannot be looked at is an error and not a note."""
        found = self._service(target, deadline)
        notes = _notes(found)
        scaling, looked = None, target.get("scaling") != LEAVE
        if looked:
            try:
                # Half of what is left: what only might undo it must not take the share from what it is about.
                scaling, more = self._scaling(_resource(found), Deadline(deadline.left / (1 if wholly else 2)))
                notes += more
            except (Denied, Unreachable, Busy, Declined) as error:
                if wholly:
                    raise
                looked = False
                notes.append(f"whether autoscaling would start it again cannot be told, so it is left: {error.what}")
        counts = int(found["desiredCount"]), int(found["runningCount"])
        return Seen(str(found["serviceArn"]), *counts, scaling, looked, tuple(notes))

    def scale(self, target: Target, desired: int, deadline: Deadline) -> None:
        params = {"cluster": target["cluster"], "service": target["service"], "desiredCount": desired}
        self._aws.write("ecs", "UpdateService", params, within=deadline.left)

    def suspend(self, target: Target, scaling: Mapping[str, Json], deadline: Deadline) -> None:
        """Set what of its autoscaling is suspended; its limits stay as they are."""
        params = {
            **_scalable(f"service/{_last(target['cluster'])}/{_last(target['service'])}"),
            "SuspendedState": {_FLAGS[key]: value for key, value in scaling.items()},
        }
        try:
            self._aws.write("application-autoscaling", "RegisterScalableTarget", params, within=deadline.left)
        except Denied as error:
            raise Denied(error.what, where=error.where, todo=f"{error.todo}, or say scaling: leave") from error

    def _service(self, target: Target, deadline: Deadline) -> dict[str, Any]:
        cluster, service = target["cluster"], target["service"]
        params = {"cluster": cluster, "services": [service]}
        said = self._aws.read("ecs", "DescribeServices", params, within=deadline.left)
        services = said.get("services")
        if services is None:
            raise LeverError("ecs DescribeServices answered without services", where=self._aws.where)
        for found in services:
            if found.get("status") == "ACTIVE":
                return dict(found)
        what = f"the service {service} is {services[0].get('status')}" if services else f"there is no service {service}"
        todo = "check cluster and service, and region and account of this connection"
        raise NoSuchTarget(f"{what} in the cluster {cluster}", where=self._aws.where, todo=todo)

    def _scaling(self, resource: str, deadline: Deadline) -> tuple[Mapping[str, Json] | None, list[str]]:
        params = {"ServiceNamespace": "ecs", "ResourceIds": [resource], "ScalableDimension": _DIMENSION}
        said = self._aws.read("application-autoscaling", "DescribeScalableTargets", params, within=deadline.left)
        for found in said.get("ScalableTargets", []):
            suspended = found.get("SuspendedState") or {}
            limits = f"{found.get('MinCapacity')} to {found.get('MaxCapacity')} tasks"
            note = f"application autoscaling keeps it at {limits}: it is suspended with the kill and let go by restore"
            return {key: suspended.get(flag) is True for key, flag in _FLAGS.items()}, [note]
        return None, []


def _scalable(resource: str) -> dict[str, Json]:
    return {"ServiceNamespace": "ecs", "ResourceId": resource, "ScalableDimension": _DIMENSION}


def _resource(service: Mapping[str, Any]) -> str:
    return f"service/{_last(service['clusterArn'])}/{service['serviceName']}"


def _last(name: Json) -> str:
    """A name, also of what is named by its ARN."""
    return str(name).rpartition("/")[2]


def _notes(service: Mapping[str, Any]) -> list[str]:
    found = []
    if service.get("schedulingStrategy") == "DAEMON":
        found.append("it runs one task on every instance: ECS lets nobody set how many")
    if (service.get("deploymentController") or {}).get("type") == "EXTERNAL":
        found.append("something outside of ECS deploys it by task sets, and may start them again")
    return found
