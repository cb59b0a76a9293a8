"""The stage of litellm.model."""

from __future__ import annotations

from psfir.contracts import BoundConnection, Lever
from psfir.levers.litellm.model import Model
from tests.levers.litellm.gateway import MODEL, GatewayStage


class ModelStage(GatewayStage):
    name = "litellm.model"
    target = {"connection": "llm-gateway", "model": MODEL}  # noqa: RUF012 - nothing changes it

    def on(self, connection: BoundConnection) -> Lever:
        return Model(connection)

    def pulled(self) -> bool:
        return not any(self.gateway.offers(number, MODEL) for number in range(self.replicas))

    def disturb(self) -> None:
        self.gateway.models[MODEL]["model_name"] = "support-old"
        self.gateway.refresh(0)
