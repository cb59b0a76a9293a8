"""The instances and network interfaces that runbooks quarantine, and the security groups that they are to be in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psfir.domain.canon import Json
from psfir.range.supply.aws_thing import Place, Thing, texts
from psfir.range.supply.uses import Use

_BASE = "psfir-range-live"
"""The group that whatever is made is in before a kill."""
_EVERYTHING: Json = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
_IMAGE = "ami-12c6146b"


def _interfaces(place: Place, use: Use) -> list[dict[str, Any]]:
    name, instance = use.text("interface"), use.text("instance")
    by = "network-interface-id" if name else "attachment.instance-id"
    only: Json = [{"Name": by, "Values": [name or instance]}]
    return list(place.account.get("ec2", "DescribeNetworkInterfaces", Filters=only).get("NetworkInterfaces", []))


def _made(place: Place, uses: Sequence[Use]) -> None:
    """An instance is started with an interface of ours: moto mixes its own groups into those of its interfaces."""
    do, subnet = place.account.do, place.account.get("ec2", "DescribeSubnets")["Subnets"][0]
    for name in {group: None for use in uses for group in texts(use.set.get("groups"))}:
        _group(place, name, str(subnet["VpcId"]))
    groups: Json = [_base(place, str(subnet["VpcId"]))]
    if name := uses[0].text("interface"):
        place.name(name)
    made = do("ec2", "CreateNetworkInterface", SubnetId=subnet["SubnetId"], Groups=groups)
    if name := uses[0].text("instance"):
        interface: Json = [{"NetworkInterfaceId": made["NetworkInterface"]["NetworkInterfaceId"], "DeviceIndex": 0}]
        place.name(name)
        do("ec2", "RunInstances", ImageId=_IMAGE, MinCount=1, MaxCount=1, NetworkInterfaces=interface)


def _group(place: Place, name: str, vpc: str) -> None:
    """One that lets nothing through, in or out."""
    listed: Json = [name]
    if not place.has("ec2", "DescribeSecurityGroups", GroupIds=listed):
        place.name(name)
        _new(place, f"psfir-range-{name}", vpc)
        place.account.do("ec2", "RevokeSecurityGroupEgress", GroupId=name, IpPermissions=_EVERYTHING)


def _base(place: Place, vpc: str) -> str:
    only: Json = [{"Name": "group-name", "Values": [_BASE]}]
    found = place.account.get("ec2", "DescribeSecurityGroups", Filters=only).get("SecurityGroups", [])
    return str(found[0]["GroupId"]) if found else _new(place, _BASE, vpc)


def _new(place: Place, name: str, vpc: str) -> str:
    made = place.account.do("ec2", "CreateSecurityGroup", GroupName=name, Description=name, VpcId=vpc)
    return str(made["GroupId"])


def _quarantined(place: Place, use: Use) -> bool:
    wanted, found = set(texts(use.set.get("groups"))), _interfaces(place, use)
    return bool(found) and all({one["GroupId"] for one in each["Groups"]} == wanted for each in found)


THINGS = {
    "aws.security_group": Thing(
        "instance or interface",
        lambda use: use.text("instance") or use.text("interface"),
        lambda place, use: bool(_interfaces(place, use)),
        _made,
        _quarantined,
    ),
}
