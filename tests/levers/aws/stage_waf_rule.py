"""A web ACL with rules that count: one of its own, a group of AWS's, and one that matches bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.domain.canon import Json
from psfir.levers.aws.waf_rule import WafRule
from tests.levers.aws.moto import connection
from tests.levers.aws.stage import AwsStage

SEEN: Json = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "edge"}
TRANSFORMED: Json = [{"Priority": 0, "Type": "NONE"}]
BYTES: Mapping[str, Any] = {
    "SearchString": b"/admin\xff",
    "FieldToMatch": {"UriPath": {}},
    "TextTransformations": TRANSFORMED,
    "PositionalConstraint": "STARTS_WITH",
}
OWN = "psfir-chat-off"


def rule(name: str, priority: int, statement: Mapping[str, Any], **does: Any) -> dict[str, Any]:
    does = does or {"Action": {"Count": {}}}
    return {"Name": name, "Priority": priority, "Statement": statement, "VisibilityConfig": SEEN, **does}


class WafRuleStage(AwsStage):
    name = "aws.waf_rule"
    rule = "bots"
    settings: Mapping[str, Json] = {"action": "block"}

    def lay_out(self) -> None:
        group = {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}}
        self.laid = [
            rule("bots", 5, {"GeoMatchStatement": {"CountryCodes": ["XX"]}}),
            rule("common", 6, group, OverrideAction={"Count": {}}),
            rule("admin", 7, {"ByteMatchStatement": BYTES}),
        ]
        made = self.world.do(
            "wafv2",
            "CreateWebACL",
            Name="edge",
            Scope="REGIONAL",
            DefaultAction={"Allow": {}},
            Description="before the assistant",
            VisibilityConfig=SEEN,
            Rules=self.laid,
        )
        self.id, self.acl = str(made["Summary"]["Id"]), str(made["Summary"]["ARN"])
        self.target = {"connection": "aws-prod", "acl": self.acl, "rule": self.rule}

    def lever(self, url: str) -> WafRule:
        return WafRule(connection(url))

    def found(self) -> dict[str, Any]:
        return self.world.get("wafv2", "GetWebACL", Name="edge", Scope="REGIONAL", Id=self.id)

    def rules(self) -> dict[str, dict[str, Any]]:
        return {str(one["Name"]): one for one in self.found()["WebACL"]["Rules"]}

    def pulled(self) -> bool:
        return bool(self.rules().get(self.rule, {}).get("Action") == {"Block": {}})

    def disturb(self) -> None:
        found = [one for one in self.rules().values() if one["Name"] != self.rule]
        self.write([*found, rule(self.rule, 9, self.laid[0]["Statement"], Action={"Captcha": {}})])

    def write(self, rules: list[dict[str, Any]]) -> None:
        """What somebody does at the console."""
        more: dict[str, Any] = {"DefaultAction": {"Allow": {}}, "VisibilityConfig": SEEN, "Rules": rules}
        token = self.found()["LockToken"]
        named = {"Name": "edge", "Scope": "REGIONAL", "Id": self.id, "Description": "before the assistant"}
        self.world.do("wafv2", "UpdateWebACL", **named, **more, LockToken=token)


class OwnRuleStage(WafRuleStage):
    """A rule of psfir's own is made before all others, and goes again."""

    name = "aws.waf_rule, its own"
    rule = OWN
    settings: Mapping[str, Json] = {"path": "/chat"}
