"""What the stages of litellm.key and litellm.model have in common: one gateway with some replicas."""

from __future__ import annotations

from abc import abstractmethod
from types import MappingProxyType
from typing import Self

from psfir.contracts import BoundConnection, Lever
from psfir.range.litellm.server import ADMIN, LiteLLM
from psfir.testing import FakeConnection
from psfir.testing.stage import Stage

KEY = "sk-canary-virtual-key-7c21"
MODEL = "support-large-eu"


def connection(url: str, places: list[str], *, tried: bool = True) -> BoundConnection:
    """`tried`: it has the virtual key itself."""
    secrets = {"token": ADMIN, **({"key": KEY} if tried else {})}
    named = {"replicas": places} if len(places) > 1 else {}
    return FakeConnection("llm-gateway", "litellm", {"url": url, **named}, secrets)


class GatewayStage(Stage):
    settings = MappingProxyType({"blocked": True})
    secrets = (ADMIN, KEY)
    replicas = 1

    def __init__(self) -> None:
        self.gateway = LiteLLM(replicas=self.replicas)
        self.key = self.gateway.add_key(KEY, alias="support-assistant", models=["support"])
        self.gateway.add_model(MODEL, "support")

    @property
    def upstream(self) -> str:
        return self.gateway.url

    def lever(self, url: str) -> Lever:
        return self.on(connection(url, self.gateway.places(url)))

    @abstractmethod
    def on(self, connection: BoundConnection) -> Lever: ...

    def writes(self) -> int:
        return self.gateway.effects

    def __enter__(self) -> Self:
        self.gateway.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.gateway.__exit__()
