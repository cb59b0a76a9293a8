"""A parameter that says what an assistant does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.domain.canon import Json
from psfir.levers.aws.ssm_parameter import SsmParameter
from tests.levers.aws.moto import connection
from tests.levers.aws.stage import AwsStage

PARAMETER = "/support-assistant/mode"
TARGET: Mapping[str, Json] = {"connection": "aws-prod", "parameter": PARAMETER}
SETTINGS: Mapping[str, Json] = {"value": "off"}


class SsmParameterStage(AwsStage):
    name = "aws.ssm_parameter"
    target = TARGET
    settings = SETTINGS

    def lay_out(self) -> None:
        self.put("model-large", Type="String", Description="what it answers with")

    def put(self, value: str, name: str = PARAMETER, **more: Json) -> None:
        self.world.do("ssm", "PutParameter", Name=name, Value=value, Overwrite=True, **more)

    def lever(self, url: str) -> SsmParameter:
        return SsmParameter(connection(url))

    def found(self) -> dict[str, Any]:
        return dict(self.world.get("ssm", "GetParameter", Name=PARAMETER)["Parameter"])

    def pulled(self) -> bool:
        return bool(self.found()["Value"] == "off")

    def disturb(self) -> None:
        self.put("model-small")
