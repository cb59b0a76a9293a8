"""An instance with an interface of its own, and a group that lets nothing through.

moto mixes the groups that an instance was started with into those of its interfaces, so this one is started with none.
"""

from __future__ import annotations

from psfir.domain.canon import Json
from psfir.domain.modes import Mode
from psfir.levers.aws.security_group import SecurityGroup
from tests.levers.aws.moto import connection
from tests.levers.aws.stage import AwsStage

EVERYTHING: Json = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]


class SecurityGroupStage(AwsStage):
    name = "aws.security_group"
    mode = Mode.ISOLATE
    interfaces = 1

    def lay_out(self) -> None:
        self.vpc = str(self.world.get("ec2", "DescribeVpcs")["Vpcs"][0]["VpcId"])
        self.agent, self.base, self.quarantine, self.other = map(self.group, ("agent", "base", "quarantine", "other"))
        self.world.do("ec2", "RevokeSecurityGroupEgress", GroupId=self.quarantine, IpPermissions=EVERYTHING)
        self.subnet = str(self.world.get("ec2", "DescribeSubnets")["Subnets"][0]["SubnetId"])
        self.enis = sorted(self.interface(self.agent, self.base) for _ in range(self.interfaces))
        attached = [{"NetworkInterfaceId": eni, "DeviceIndex": place} for place, eni in enumerate(self.enis)]
        more = {"ImageId": "ami-12345678", "MinCount": 1, "MaxCount": 1, "NetworkInterfaces": attached}
        self.instance = str(self.world.do("ec2", "RunInstances", **more)["Instances"][0]["InstanceId"])
        self.target = {"connection": "aws-prod", "instance": self.instance}
        self.settings = {"groups": [self.quarantine]}

    def group(self, name: str, vpc: str | None = None) -> str:
        said = self.world.do("ec2", "CreateSecurityGroup", GroupName=name, Description=name, VpcId=vpc or self.vpc)
        return str(said["GroupId"])

    def interface(self, *groups: str) -> str:
        said = self.world.do("ec2", "CreateNetworkInterface", SubnetId=self.subnet, Groups=list(groups))
        return str(said["NetworkInterface"]["NetworkInterfaceId"])

    def lever(self, url: str) -> SecurityGroup:
        return SecurityGroup(connection(url))

    def groups(self, eni: str) -> set[str]:
        said = self.world.get("ec2", "DescribeNetworkInterfaces", NetworkInterfaceIds=[eni])
        return {str(one["GroupId"]) for one in said["NetworkInterfaces"][0]["Groups"]}

    def pulled(self) -> bool:
        return all(self.groups(eni) == {self.quarantine} for eni in self.enis)

    def disturb(self) -> None:
        self.put(self.enis[0], self.other)

    def put(self, eni: str, *groups: str) -> None:
        self.world.do("ec2", "ModifyNetworkInterfaceAttribute", NetworkInterfaceId=eni, Groups=list(groups))


class InterfaceStage(SecurityGroupStage):
    """Only one interface is named, whatever else the instance has."""

    name = "aws.security_group, interface"

    def lay_out(self) -> None:
        super().lay_out()
        self.target = {"connection": "aws-prod", "interface": self.enis[0]}


class TwoInterfacesStage(SecurityGroupStage):
    """An instance is cut off on both of its interfaces, or it is not."""

    name = "aws.security_group, two interfaces"
    interfaces = 2
    pull = 2
