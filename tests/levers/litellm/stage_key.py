"""The stages of litellm.key: a gateway of one replica, and one of two that each remember the key."""

from __future__ import annotations

from psfir.contracts import BoundConnection, Lever
from psfir.levers.litellm.key import Key
from psfir.range.litellm.server import digest
from tests.levers.litellm.gateway import KEY, GatewayStage


class KeyStage(GatewayStage):
    name = "litellm.key"
    target = {"connection": "llm-gateway", "key": digest(KEY)}  # noqa: RUF012 - nothing changes it

    def on(self, connection: BoundConnection) -> Lever:
        return Key(connection)

    def pulled(self) -> bool:
        return not any(self.gateway.takes(number, KEY) for number in range(self.replicas))

    def disturb(self) -> None:
        self.gateway.keys[self.key]["models"] = ["support", "everything"]


class TwoReplicasStage(KeyStage):
    name = "litellm.key on two replicas"
    replicas = 2
    pull = 2
