"""The network interfaces that aws.security_group is about: one, or all that an instance has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.contracts import Target
from psfir.domain.values import frozen
from psfir.errors import NoSuchTarget
from psfir.vendors.aws import AwsClient, Deadline


@frozen
class Interface:
    """One of them, with the IDs of its groups in a fixed order; `arn_rest` is its ARN without the partition."""

    id: str
    groups: tuple[str, ...]
    vpc: str
    arn_rest: str
    notes: tuple[str, ...] = ()


class Interfaces:
    """Reads them from EC2."""

    def __init__(self, aws: AwsClient) -> None:
        self._aws = aws

    def of(self, target: Target, deadline: Deadline) -> list[Interface]:
        """At least one, in the order of their IDs."""
        found = [self._one(one) for one in self._described(_asked(target), deadline)]
        if not found:
            todo = "check its ID, whether it still runs, and region and account of this connection"
            raise NoSuchTarget(f"{named(target)} has no network interface", where=self._aws.where, todo=todo)
        return sorted(found, key=lambda one: one.id)

    def _described(self, params: dict[str, Any], deadline: Deadline) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        while True:
            said = self._aws.read("ec2", "DescribeNetworkInterfaces", params, within=deadline.left)
            found += said.get("NetworkInterfaces", [])
            if not said.get("NextToken"):
                return found
            params = {**params, "NextToken": said["NextToken"]}

    def _one(self, said: Mapping[str, Any]) -> Interface:
        name, notes = str(said["NetworkInterfaceId"]), list[str]()
        if said.get("RequesterManaged"):
            notes.append(f"the interface {name} belongs to a service of AWS, which may let nobody else set its groups")
        groups = sorted({str(one["GroupId"]) for one in said.get("Groups", [])})
        rest = f"ec2:{self._aws.region}:{said.get('OwnerId', '')}:network-interface/{name}"
        return Interface(name, tuple(groups), str(said.get("VpcId")), rest, tuple(notes))


def named(target: Target) -> str:
    """What the target is called in a sentence."""
    if target.get("instance"):
        return f"the instance {target['instance']}"
    return f"the interface {target.get('interface')}"


def _asked(target: Target) -> dict[str, Any]:
    if target.get("instance"):
        return {"Filters": [{"Name": "attachment.instance-id", "Values": [target["instance"]]}]}
    return {"NetworkInterfaceIds": [target.get("interface")]}
