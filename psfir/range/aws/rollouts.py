"""A deployment of AppConfig on its way: to more and more of its targets, baking, complete, or back again.

What state it is in follows from the time, so that nothing has to run for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from psfir.domain.values import frozen

DEPLOYING, BAKING, COMPLETE = "DEPLOYING", "BAKING", "COMPLETE"
ROLLING_BACK, ROLLED_BACK, REVERTED = "ROLLING_BACK", "ROLLED_BACK", "REVERTED"
UNDER_WAY = frozenset({DEPLOYING, BAKING, ROLLING_BACK})
_ALL = 100.0
_MINUTE = 60.0


@frozen
class Strategy:
    """Spans are in minutes; each step of `growth` per cent takes its part of `duration`."""

    id: str
    name: str
    duration: int = 0
    growth: float = _ALL
    bake: int = 0
    kind: str = "LINEAR"

    def to_json(self) -> dict[str, Any]:
        return {"Id": self.id, "Name": self.name, "ReplicateTo": "NONE", **self.pace()}

    def pace(self) -> dict[str, Any]:
        """As deployments bear it, too."""
        growth = {"GrowthType": self.kind, "GrowthFactor": self.growth}
        return {"DeploymentDurationInMinutes": self.duration, **growth, "FinalBakeTimeInMinutes": self.bake}


AWS_OWN = (
    Strategy("AppConfig.AllAtOnce", "AppConfig.AllAtOnce", 0, _ALL, 10),
    Strategy("AppConfig.Linear50PercentEvery30Seconds", "AppConfig.Linear50PercentEvery30Seconds", 1, 50.0, 1),
    Strategy("AppConfig.Linear20PercentEvery6Minutes", "AppConfig.Linear20PercentEvery6Minutes", 30, 20.0, 30),
    Strategy("AppConfig.Canary10Percent20Minutes", "AppConfig.Canary10Percent20Minutes", 20, 10.0, 10, "EXPONENTIAL"),
)
"""Those that every account has."""


@dataclass
class Deployment:
    """`turned` is since when it goes back, with the state that this ends in; `back` how many minutes that takes."""

    number: int
    profile: str
    version: str
    strategy: Strategy
    started: float
    key: str = ""
    turned: tuple[float, str] | None = None
    back: float = 0.0
    events: list[dict[str, Any]] = field(default_factory=list)

    def state(self, now: float) -> str:
        if self.turned:
            at, end = self.turned
            return ROLLING_BACK if end == ROLLED_BACK and _minutes(at, now) < self.back else end
        gone = _minutes(self.started, now)
        if gone < self.strategy.duration:
            return DEPLOYING
        return BAKING if gone < self.strategy.duration + self.strategy.bake else COMPLETE

    def percentage(self, now: float) -> float:
        """How many of the targets have it."""
        if self.turned:
            return 0.0
        gone, strategy = _minutes(self.started, now), self.strategy
        if gone >= strategy.duration:
            return _ALL
        steps = max(1.0, _ALL / strategy.growth)
        return min(_ALL, strategy.growth * (1 + int(gone / (strategy.duration / steps))))

    def turn(self, now: float, end: str, why: Mapping[str, str]) -> None:
        """It goes back. `why` says by whom and in words."""
        self.turned = now, end
        kind = "REVERT_COMPLETED" if end == REVERTED else "ROLLBACK_STARTED"
        self.note(kind, now, why)

    def note(self, kind: str, now: float, why: Mapping[str, str]) -> None:
        """The newest first, as AWS has them."""
        self.events.insert(0, {"EventType": kind, **why, "OccurredAt": now})

    def summary(self, now: float) -> dict[str, Any]:
        return {
            "DeploymentNumber": self.number,
            "ConfigurationProfileId": self.profile,
            "ConfigurationVersion": self.version,
            **self.strategy.pace(),
            "State": self.state(now),
            "PercentageComplete": self.percentage(now),
            "StartedAt": self.started,
        }


def _minutes(since: float, now: float) -> float:
    return (now - since) / _MINUTE
