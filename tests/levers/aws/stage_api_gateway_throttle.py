"""A stage of a REST API with a limit, and one without any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.domain.canon import Json
from psfir.levers.aws.api_gateway_throttle import ApiGatewayThrottle
from tests.levers.aws.moto import connection
from tests.levers.aws.stage import AwsStage

STAGE = "prod"


class ApiGatewayThrottleStage(AwsStage):
    name = "aws.api_gateway_throttle"
    settings: Mapping[str, Json] = {"rate": 0}
    laid: Mapping[str, Json] = {"*/*": 100, "~1chat/POST": 20}

    def lay_out(self) -> None:
        do = self.world.do
        made = do("apigateway", "CreateRestApi", name="assistant")
        self.api, root = str(made["id"]), str(made["rootResourceId"])
        method: dict[str, Json] = {"restApiId": self.api, "resourceId": root, "httpMethod": "GET"}
        do("apigateway", "PutMethod", **method, authorizationType="NONE")
        do("apigateway", "PutIntegration", **method, type="MOCK")
        do("apigateway", "CreateDeployment", restApiId=self.api, stageName=STAGE)
        self.target = {"connection": "aws-prod", "api": self.api, "stage": STAGE}
        for key, rate in self.laid.items():
            self.patch(f"/{key}/throttling/rateLimit", str(rate))

    def lever(self, url: str) -> ApiGatewayThrottle:
        return ApiGatewayThrottle(connection(url))

    def patch(self, path: str, value: str) -> None:
        patch: Json = [{"op": "replace", "path": path, "value": value}]
        self.world.do("apigateway", "UpdateStage", restApiId=self.api, stageName=STAGE, patchOperations=patch)

    def methods(self) -> dict[str, Any]:
        return dict(self.world.get("apigateway", "GetStage", restApiId=self.api, stageName=STAGE)["methodSettings"])

    def pulled(self) -> bool:
        limits = {(one["throttlingRateLimit"], one["throttlingBurstLimit"]) for one in self.methods().values()}
        return limits == {(0, 0)}

    def disturb(self) -> None:
        self.patch("/*/*/throttling/rateLimit", "7")


class UnlimitedStage(ApiGatewayThrottleStage):
    """Nothing was set: what is put back is nothing, not a number."""

    name = "aws.api_gateway_throttle, unlimited"
    laid: Mapping[str, Json] = {}
