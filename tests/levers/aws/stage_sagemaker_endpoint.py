"""An endpoint with the model that does harm, and a safe one beside it that gets nothing yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.domain.canon import Json
from psfir.domain.modes import Mode
from psfir.levers.aws.sagemaker_endpoint import SageMakerEndpoint
from tests.levers.aws.moto import connection, root
from tests.levers.aws.stage import RangeStage

ENDPOINT = "support-ranker"
TARGET: Mapping[str, Json] = {"connection": "aws-prod", "endpoint": ENDPOINT}
SETTINGS: Mapping[str, Json] = {"weights": {"safe": 1}}


class SageMakerEndpointStage(RangeStage):
    name = "aws.sagemaker_endpoint"
    target = TARGET
    settings = SETTINGS
    mode = Mode.DEGRADE

    def lay_out(self) -> None:
        self.config("first", {"main": (1.0, 4), "safe": (0.0, 4)})
        self.sagemaker("CreateEndpoint", EndpointConfigName="first", EndpointName=ENDPOINT)

    def sagemaker(self, operation: str, **params: Json) -> dict[str, Any]:
        return self.do("sagemaker", operation, **params)

    def config(self, name: str, variants: Mapping[str, tuple[float, int]]) -> None:
        """Weight and instances of each."""
        told: list[dict[str, Json]] = [
            {"VariantName": each, "ModelName": each, "InitialVariantWeight": weight, "InitialInstanceCount": number}
            for each, (weight, number) in variants.items()
        ]
        self.sagemaker("CreateEndpointConfig", EndpointConfigName=name, ProductionVariants=told)

    def weigh(self, **weights: float) -> None:
        told: Json = [{"VariantName": name, "DesiredWeight": one} for name, one in weights.items()]
        self.sagemaker("UpdateEndpointWeightsAndCapacities", EndpointName=ENDPOINT, DesiredWeightsAndCapacities=told)

    def lever(self, url: str) -> SageMakerEndpoint:
        return SageMakerEndpoint(connection(url, self.aws.root))

    def answers(self, times: int = 1, **more: Json) -> list[str]:
        """Which variants an application gets its answers from."""
        params = {"EndpointName": ENDPOINT, "Body": b"{}", **more}
        said = [root().read("sagemaker-runtime", "InvokeEndpoint", params, within=30) for _ in range(times)]
        return [str(one["InvokedProductionVariant"]) for one in said]

    def weights(self) -> dict[str, float]:
        return {name: one.weight for name, one in self.aws.sagemaker.at(ENDPOINT).variants.items()}

    def pulled(self) -> bool:
        return self.weights() == {"main": 0.0, "safe": 1.0}

    def disturb(self) -> None:
        self.weigh(main=2, safe=1)
