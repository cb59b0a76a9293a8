"""What a security group lets through: one that something is to be quarantined in should let nothing through.

A new group lets everything out by AWS's own default, so that a quarantine often has an open door.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from psfir.domain.preflight import Finding, Matter, Ready
from psfir.domain.values import frozen
from psfir.levers.aws.interfaces import Interface
from psfir.vendors.aws import AwsClient, Deadline

_ANYWHERE = {"0.0.0.0/0", "::/0"}
_ALL = "-1"


@frozen
class Rule:
    """What is let through. `everything` is any protocol from or to anywhere."""

    says: str
    everything: bool


@frozen
class Group:
    """A security group by its ID; `arn_rest` is its ARN without the partition."""

    id: str
    vpc: str
    arn_rest: str
    rules: tuple[Rule, ...]


class Groups:
    """Reads them from EC2."""

    def __init__(self, aws: AwsClient) -> None:
        self._aws = aws

    def named(self, ids: Sequence[str], deadline: Deadline) -> list[Group]:
        """Each of them; EC2 refuses if one is missing."""
        said = self._aws.read("ec2", "DescribeSecurityGroups", {"GroupIds": [*ids]}, within=deadline.left)
        return [self._one(one) for one in said.get("SecurityGroups", [])]

    def _one(self, said: Mapping[str, Any]) -> Group:
        name = str(said["GroupId"])
        rules = (
            *_rules(said.get("IpPermissions", []), "lets in", "from"),
            *_rules(said.get("IpPermissionsEgress", []), "lets out", "to"),
        )
        rest = f"ec2:{self._aws.region}:{said.get('OwnerId', '')}:security-group/{name}"
        return Group(name, str(said.get("VpcId")), rest, rules)


def fits(groups: Iterable[Group], interfaces: Sequence[Interface]) -> Iterator[Finding]:
    """What is wrong with putting these interfaces into these groups."""
    for group in groups:
        if strangers := [one.id for one in interfaces if one.vpc != group.vpc]:
            says = f"{group.id} is of {group.vpc}, and {', '.join(strangers)} is not: EC2 would refuse it"
            yield Finding(Matter.TARGET, Ready.WOULD_FAIL, says, "name a group of the same VPC")
        for rule in group.rules:
            ready = Ready.WOULD_FAIL if rule.everything else Ready.BEWARE
            todo = "revoke that rule, or name a group without any" if rule.everything else ""
            yield Finding(Matter.TARGET, ready, f"{group.id} {rule.says}", todo)
    for one in interfaces:
        for note in one.notes:
            yield Finding(Matter.TARGET, Ready.BEWARE, note)


def _rules(permissions: Iterable[Mapping[str, Any]], does: str, way: str) -> Iterator[Rule]:
    for one in permissions:
        protocol, to = str(one.get("IpProtocol")), [*_ends(one)]
        everything = protocol == _ALL and not _ANYWHERE.isdisjoint(to)
        yield Rule(f"{does} {_what(protocol, one)} {way} {', '.join(to)}", everything)


def _ends(one: Mapping[str, Any]) -> Iterator[str]:
    yield from (str(each["CidrIp"]) for each in one.get("IpRanges", []))
    yield from (str(each["CidrIpv6"]) for each in one.get("Ipv6Ranges", []))
    yield from (str(each["PrefixListId"]) for each in one.get("PrefixListIds", []))
    yield from (str(each.get("GroupId")) for each in one.get("UserIdGroupPairs", []))


def _what(protocol: str, one: Mapping[str, Any]) -> str:
    if protocol == _ALL:
        return "everything"
    ports = {str(one[key]) for key in ("FromPort", "ToPort") if one.get(key) is not None}
    return " ".join([protocol, *(["-".join(sorted(ports, key=int))] if ports else [])])
