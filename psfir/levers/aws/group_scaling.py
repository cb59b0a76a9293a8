"""What gets in the way of an Auto Scaling group that is pinned: what would scale it, own it, or keep its instances."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from psfir.domain.preflight import Finding, Matter, Ready
from psfir.errors import PsfirError
from psfir.vendors.aws import AwsClient, Deadline

_OWNERS: Mapping[str, str] = {
    "eks:nodegroup-name": "the EKS node group",
    "elasticbeanstalk:environment-name": "the Elastic Beanstalk environment",
    "AmazonECSManaged": "a capacity provider of ECS",
    "AWSBatchServiceTag": "AWS Batch",
}
_STANDBY = ("Standby", "EnteringStandby")


def notes(group: Mapping[str, Any], suspended: Collection[str]) -> tuple[str, ...]:
    """What the group itself tells."""
    instances = group.get("Instances", [])
    found = []
    if "Terminate" in suspended:
        found.append("terminating is suspended for it: no instance ends until that is resumed")
    if kept := [str(one.get("InstanceId")) for one in instances if one.get("ProtectedFromScaleIn")]:
        found.append(f"protected from scale-in, so that they stay: {', '.join(kept)}")
    if aside := [str(one.get("InstanceId")) for one in instances if one.get("LifecycleState") in _STANDBY]:
        found.append(f"on standby, so that they stay: {', '.join(aside)}")
    tags = {str(tag.get("Key")): str(tag.get("Value")) for tag in group.get("Tags", [])}
    for key, owner in _OWNERS.items():
        if key in tags:
            found.append(f"{owner} {tags[key]}".rstrip() + " owns it, and may set other bounds")
    return tuple(found)


def scaling(aws: AwsClient, group: str, deadline: Deadline) -> list[Finding]:
    """Its scheduled actions and scaling policies by name. The kill goes without this look."""
    asked = {
        "DescribeScheduledActions": (
            "ScheduledUpdateGroupActions",
            "ScheduledActionName",
            "scheduled actions set other bounds, and are suspended with the kill",
        ),
        "DescribePolicies": (
            "ScalingPolicies",
            "PolicyName",
            "scaling policies scale it, and have no room while it is pinned",
        ),
    }
    found = []
    for operation, (key, name, says) in asked.items():
        try:
            said = aws.read("autoscaling", operation, {"AutoScalingGroupName": group}, within=deadline.left)
        except PsfirError as error:
            what = f"what would scale it cannot be told: {error.what}"
            found.append(Finding(Matter.UNDONE_BY, Ready.COULD_NOT_TELL, what, error.todo))
            continue
        if names := [str(one.get(name)) for one in said.get(key, [])]:
            found.append(Finding(Matter.UNDONE_BY, Ready.BEWARE, f"{says}: {', '.join(names)}"))
    return found
