"""The stage of `launchdarkly.ai_config`: three models, rules and targets, and somebody else at work on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, cast

from psfir.contracts import Lever
from psfir.domain.canon import Json
from psfir.domain.modes import Mode
from psfir.levers.launchdarkly.ai_config import AiConfig
from psfir.testing.stage import Stage
from tests.levers.launchdarkly.stage_flag import ENVIRONMENT, EU, PROJECT, Account

MODELS = ("large-model", "small-model", "canned")


class AiConfigStage(Stage):
    """The smaller model for everyone."""

    name = "launchdarkly.ai_config"
    target: Mapping[str, Json] = cast("Mapping[str, Json]", AiConfig.about.example["target"])
    settings: Mapping[str, Json] = {"variation": "small-model"}
    mode = Mode.DEGRADE

    def __init__(self) -> None:
        self.account = Account()
        self.config = self.account.estate.add_ai_config(PROJECT, "support-answers", MODELS)
        self.ids = self.account.estate.variation_ids(self.config)
        self.edit({"kind": "addRule", "clauses": [EU], "variationId": self.ids[0]})
        self.edit({"kind": "addTargets", "contextKind": "user", "variationId": self.ids[0], "values": ["ann"]})

    def edit(self, *instructions: Mapping[str, Any]) -> None:
        self.account.estate.edit(self.config, ENVIRONMENT, *map(dict, instructions))

    def here(self) -> dict[str, Any]:
        return self.account.estate.targeting(self.config, ENVIRONMENT)

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.account.token,)

    @property
    def upstream(self) -> str:
        return self.account.server.url

    def lever(self, url: str) -> Lever:
        return AiConfig(self.account.connection(url))

    def pulled(self) -> bool:
        here = self.here()
        named = [one for one in (*here["targets"], *here["contextTargets"]) if one["values"]]
        return not named and all(one.get("variation") == 1 for one in (here["fallthrough"], *here["rules"]))

    def writes(self) -> int:
        return self.account.estate.writes

    def disturb(self) -> None:
        self.edit({"kind": "addRule", "clauses": [EU], "variationId": self.ids[0]})

    def __enter__(self) -> Self:
        self.account.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.account.__exit__()


STAGES: tuple[type[Stage], ...] = (AiConfigStage,)
