"""The stage of `launchdarkly.flag`: one flag with rules, targets and a rollout, and somebody else at work on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from psfir.contracts import Lever
from psfir.domain.canon import Json
from psfir.domain.change import Change, Outcome
from psfir.domain.modes import Mode
from psfir.levers.launchdarkly.flag import Flag
from psfir.range.launchdarkly.server import LaunchDarkly
from psfir.testing import FakeConnection
from psfir.testing.stage import Stage

PROJECT, ENVIRONMENT, KEY = "assistants", "production", "support-assistant"
EU = {"attribute": "country", "op": "in", "values": ["de", "fr"], "contextKind": "user", "negate": False}

TARGET = {"connection": "flags", "project": PROJECT, "environment": ENVIRONMENT, "flag": KEY}
OFF: dict[str, Json] = {"on": False}
SMALL: dict[str, Json] = {"variation": "small"}


class Account:
    """A stand-in with one project, the flag every test uses, and a token that may do all but bypass approvals."""

    def __init__(self, values: tuple[Json, ...] = (True, False)) -> None:
        self.server = LaunchDarkly()
        self.estate = self.server.estate
        self.estate.add_project(PROJECT)
        self.sdk_key = self.estate.add_environment(PROJECT, ENVIRONMENT)
        self.flag = self.estate.add_flag(PROJECT, KEY, values)
        self.token = self.estate.add_token("*")
        self.ids = self.estate.variation_ids(self.flag)

    def edit(self, *instructions: Mapping[str, Any]) -> None:
        self.estate.edit(self.flag, ENVIRONMENT, *map(dict, instructions))

    def crowd(self) -> None:
        """Rules, targets of two kinds and a rollout: all that a fallthrough does not decide."""
        first, last = self.ids[0], self.ids[-1]
        self.edit(
            {"kind": "addRule", "clauses": [EU], "variationId": first, "description": "Europe", "trackEvents": True},
            {"kind": "addRule", "clauses": [EU], "rolloutWeights": {first: 30_000, last: 70_000}},
            {"kind": "addTargets", "contextKind": "user", "variationId": first, "values": ["zoe", "ann"]},
            {"kind": "addTargets", "contextKind": "user", "variationId": last, "values": ["bob"]},
            {"kind": "addTargets", "contextKind": "tenant", "variationId": first, "values": ["acme"]},
            {
                "kind": "updateFallthroughVariationOrRollout",
                "rolloutWeights": {first: 60_000, last: 40_000},
                "rolloutBucketBy": "email",
            },
        )

    def here(self) -> dict[str, Any]:
        return self.estate.targeting(self.flag, ENVIRONMENT)

    def connection(self, url: str = "", **secrets: str) -> FakeConnection:
        return FakeConnection(
            "flags", "launchdarkly", {"url": url or self.server.url}, {"token": self.token, **secrets}
        )

    def __enter__(self) -> Self:
        self.server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()


def bare(here: dict[str, Any]) -> dict[str, Any]:
    """Without what every change moves. In which order a target's keys are listed means nothing."""
    for target in (*here["targets"], *here["contextTargets"]):
        target["values"].sort()
    return {name: value for name, value in here.items() if name not in {"version", "lastModified"}}


def planned(lever: Flag, settings: dict[str, Json] = OFF, mode: Mode = Mode.DISABLE) -> Change:
    change = lever.plan(TARGET, lever.read(TARGET, within=5), mode, settings)
    assert isinstance(change, Change), change
    return change


def pulled(lever: Flag, settings: dict[str, Json] = OFF, within: float = 5) -> Outcome:
    return lever.apply(planned(lever, settings), within=within)


class FlagStage(Stage):
    """Disable."""

    name = "launchdarkly.flag"
    target = Flag.about.example["target"]  # type: ignore[assignment]  # the example's target is a mapping
    settings: Mapping[str, Json] = {"on": False}
    values: tuple[Json, ...] = (True, False)

    def __init__(self) -> None:
        self.account = Account(self.values)
        self.account.crowd()

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.account.token,)

    @property
    def upstream(self) -> str:
        return self.account.server.url

    def lever(self, url: str) -> Lever:
        return Flag(self.account.connection(url))

    def pulled(self) -> bool:
        return self.account.here()["on"] is False

    def writes(self) -> int:
        return self.account.estate.writes

    def disturb(self) -> None:
        self.account.edit({"kind": "addRule", "clauses": [EU], "variationId": self.account.ids[0]})

    def __enter__(self) -> Self:
        self.account.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.account.__exit__()


class DegradeStage(FlagStage):
    """One variation for everyone."""

    name = "launchdarkly.flag to a variation"
    values = ("large", "small", "off")
    settings: Mapping[str, Json] = {"variation": "small"}
    mode = Mode.DEGRADE

    def pulled(self) -> bool:
        here = self.account.here()
        served = [here["fallthrough"], *here["rules"]]
        named = [one for one in (*here["targets"], *here["contextTargets"]) if one["values"]]
        return not named and all(one.get("variation") == 1 for one in served)


STAGES: tuple[type[Stage], ...] = (FlagStage, DegradeStage)
