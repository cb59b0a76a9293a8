"""A usage plan of a REST API, with limits and without. Its calls are the lever's own, so no matrix plays on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from psfir.domain.canon import Json
from tests.levers.aws.stage_api_gateway_throttle import STAGE, ApiGatewayThrottleStage


class UsagePlanStage(ApiGatewayThrottleStage):
    name = "aws.api_gateway_throttle, plan"
    throttle: ClassVar[Mapping[str, Json]] = {"rateLimit": 50, "burstLimit": 10}

    def lay_out(self) -> None:
        super().lay_out()
        stages: Json = [{"apiId": self.api, "stage": STAGE}]
        limits: dict[str, Json] = {"throttle": dict(self.throttle)} if self.throttle else {}
        made = self.world.do("apigateway", "CreateUsagePlan", name="partners", apiStages=stages, **limits)
        self.plan = str(made["id"])
        self.target = {"connection": "aws-prod", "plan": self.plan}

    def found(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.world.get("apigateway", "GetUsagePlan", usagePlanId=self.plan)
        return dict(found.get("throttle", {}))

    def limit(self, path: str, value: str) -> None:
        patch: Json = [{"op": "replace", "path": path, "value": value}]
        self.world.do("apigateway", "UpdateUsagePlan", usagePlanId=self.plan, patchOperations=patch)

    def pulled(self) -> bool:
        return self.found() == {"rateLimit": 0.0, "burstLimit": 0}

    def disturb(self) -> None:
        self.limit("/throttle/rateLimit", "7")


class UnlimitedPlanStage(UsagePlanStage):
    throttle: ClassVar[Mapping[str, Json]] = {}
