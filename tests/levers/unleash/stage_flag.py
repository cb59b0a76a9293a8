"""The stages of `unleash.flag`: one flag with strategies and variants, on the stand-in and on the real Unleash."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from psfir.contracts import Lever
from psfir.domain.canon import Json
from psfir.domain.modes import Mode
from psfir.levers.unleash.flag import Flag
from psfir.testing.stage import Stage
from tests.levers.unleash.world import HALF, SOME, RealOne, StandIn, World

REAL = ", real Unleash"
"""Ends the name of a stage on the real one: by it the tests are kept in one process."""


class FlagStage(Stage):
    """Disable."""

    name = "unleash.flag"
    settings: Mapping[str, Json] = {"on": False}
    kind: type[World] = StandIn
    world: World

    @property
    def target(self) -> Mapping[str, Json]:  # type: ignore[override]  # each world has a flag of its own
        return self.world.target

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.world.token,)

    @property
    def upstream(self) -> str:
        return self.world.url

    def lever(self, url: str) -> Lever:
        return Flag(self.world.connection(url))

    def pulled(self) -> bool:
        return self.world.here()["enabled"] is False

    def writes(self) -> int:
        return self.world.writes()

    def disturb(self) -> None:
        self.world.disturb()

    def lay_out(self) -> None:
        self.world.lay_out(SOME, HALF)

    def __enter__(self) -> Self:
        self.world = self.kind()
        self.lay_out()
        return self

    def __exit__(self, *_: object) -> None:
        self.world.stop()


class VariantStage(FlagStage):
    """One variant for everyone, past a constraint and a rollout."""

    name = "unleash.flag to a variant"
    settings: Mapping[str, Json] = {"variant": "small"}
    mode = Mode.DEGRADE

    def pulled(self) -> bool:
        here = self.world.here()
        first = here["strategies"][0]
        everyone = not first["constraints"] and first["parameters"]["rollout"] == "100" and not first["disabled"]
        return bool(here["enabled"] and everyone and [one["name"] for one in first["variants"]] == ["small"])


class OnStage(FlagStage):
    """A kill switch that is on when it stops the feature, with a strategy that somebody has disabled."""

    name = "unleash.flag on, past disabled strategies"
    settings: Mapping[str, Json] = {"on": True}
    pull = 2

    def lay_out(self) -> None:
        self.world.lay_out({**HALF, "disabled": True}, on=False)

    def pulled(self) -> bool:
        return self.world.here()["enabled"] is True


class RealFlagStage(FlagStage):
    name = FlagStage.name + REAL
    kind = RealOne
    again = True


class RealVariantStage(VariantStage):
    name = VariantStage.name + REAL
    kind = RealOne
    again = True


class RealOnStage(OnStage):
    name = OnStage.name + REAL
    kind = RealOne
    again = True
