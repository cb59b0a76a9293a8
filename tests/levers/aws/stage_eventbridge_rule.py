"""A rule that starts an agent's run every night."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.domain.canon import Json
from psfir.levers.aws.eventbridge_rule import EventBridgeRule
from tests.levers.aws.moto import connection
from tests.levers.aws.stage import AwsStage

RULE = "nightly-agent-run"
TARGET: Mapping[str, Json] = {"connection": "aws-prod", "rule": RULE}
SETTINGS: Mapping[str, Json] = {"enabled": False}


class EventBridgeRuleStage(AwsStage):
    name = "aws.eventbridge_rule"
    target = TARGET
    settings = SETTINGS

    def lay_out(self) -> None:
        self.world.do("events", "PutRule", Name=RULE, ScheduleExpression="rate(1 day)")

    def lever(self, url: str) -> EventBridgeRule:
        return EventBridgeRule(connection(url))

    def found(self) -> dict[str, Any]:
        return self.world.get("events", "DescribeRule", Name=RULE)

    def pulled(self) -> bool:
        return bool(self.found()["State"] == "DISABLED")

    def disturb(self) -> None:
        self.world.do("events", "PutRule", Name=RULE, ScheduleExpression="rate(1 hour)")
