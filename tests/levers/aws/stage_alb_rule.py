"""A load balancer with a rule for the chat, a target group for the agent and one for the static fallback."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.domain.canon import Json
from psfir.levers.aws.alb_rule import AlbRule
from tests.levers.aws.moto import connection
from tests.levers.aws.stage import AwsStage


class AlbRuleStage(AwsStage):
    name = "aws.alb_rule"
    settings: Mapping[str, Json] = {"respond": {"status": 503, "body": "off"}}

    def lay_out(self) -> None:
        do = self.world.do
        subnets = self.world.get("ec2", "DescribeSubnets")["Subnets"][:2]
        self.vpc = str(subnets[0]["VpcId"])
        self.balancer = self.balanced("edge")
        self.agent, self.static = self.group("agent"), self.group("static")
        forward: Json = [{"Type": "forward", "TargetGroupArn": self.agent}]
        more: dict[str, Json] = {"Protocol": "HTTP", "Port": 80, "DefaultActions": forward}
        listener = do("elbv2", "CreateListener", LoadBalancerArn=self.balancer, **more)
        self.listener = str(listener["Listeners"][0]["ListenerArn"])
        path: Json = [{"Field": "path-pattern", "Values": ["/chat*"]}]
        rule = do("elbv2", "CreateRule", ListenerArn=self.listener, Priority=10, Conditions=path, Actions=forward)
        self.rule = str(rule["Rules"][0]["RuleArn"])
        self.target = {"connection": "aws-prod", "rule": self.rule}

    def balanced(self, name: str) -> str:
        subnets = [str(one["SubnetId"]) for one in self.world.get("ec2", "DescribeSubnets")["Subnets"][:2]]
        said = self.world.do("elbv2", "CreateLoadBalancer", Name=name, Subnets=subnets)
        return str(said["LoadBalancers"][0]["LoadBalancerArn"])

    def group(self, name: str) -> str:
        more: dict[str, Json] = {"Protocol": "HTTP", "Port": 80, "VpcId": self.vpc}
        return str(self.world.do("elbv2", "CreateTargetGroup", Name=name, **more)["TargetGroups"][0]["TargetGroupArn"])

    def lever(self, url: str) -> AlbRule:
        return AlbRule(connection(url))

    def actions(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.world.get("elbv2", "DescribeRules", RuleArns=[self.rule])["Rules"]
        return list(found[0]["Actions"])

    def pulled(self) -> bool:
        end = self.actions()[-1]
        return bool(end.get("FixedResponseConfig", {}).get("StatusCode") == "503")

    def disturb(self) -> None:
        self.act([{"Type": "forward", "TargetGroupArn": self.static}])

    def act(self, actions: Json) -> None:
        self.world.do("elbv2", "ModifyRule", RuleArn=self.rule, Actions=actions)


class ListenerStage(AlbRuleStage):
    """What no rule takes is the listener's own."""

    name = "aws.alb_rule, listener"

    def lay_out(self) -> None:
        super().lay_out()
        self.target = {"connection": "aws-prod", "listener": self.listener}

    def actions(self) -> list[dict[str, Any]]:
        found = self.world.get("elbv2", "DescribeListeners", ListenerArns=[self.listener])["Listeners"]
        return list(found[0]["DefaultActions"])

    def act(self, actions: Json) -> None:
        self.world.do("elbv2", "ModifyListener", ListenerArn=self.listener, DefaultActions=actions)
