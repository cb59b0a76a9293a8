"""What goes wrong in the assistant: one replica that hears nothing new, and the scenarios that incidents are about."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from psfir.domain.about import FieldType
from psfir.domain.near import near
from psfir.errors import UsageError
from psfir.range.assistant.scenarios import SCENARIOS, Scenario
from psfir.range.faults.fault import FaultAbout, Feature, Ground, Setting, Settings, Undo, every

STALE = "assistant.stale_replica"
_SEEN = {
    "leaks_order": "a customer reports somebody else's order",
    "promises_refund": "customers ask for refunds that the assistant promised",
    "follows_injection": "mail goes to an address that no customer has",
    "loops_on_tool": "tool calls climb, and their bill with them",
    "drifts": "prices in answers are not those of the shop",
}
_SYSTEM = Setting("system", FieldType.TEXT, "", "in which system; empty for all of them")


def _stale_replica(ground: Ground, settings: Settings) -> Undo:
    chosen, place = _of(ground, settings), settings.whole("replica")
    for feature in chosen:
        if not feature.replicas:
            raise UsageError(f"{feature.system} has no replica now", where=STALE, todo="wait until its pods are up")
    _that_many(ground, settings)
    for feature in chosen:
        feature.stale(place)
    return every(partial(feature.stale, 0) for feature in chosen)


def _that_many(ground: Ground, settings: Settings) -> None:
    """Where there is none at all now, there may be some when the fault begins."""
    place = settings.whole("replica")
    for feature in _of(ground, settings):
        if 0 < feature.replicas < place:
            what = f"{feature.system} has {feature.replicas} replicas, and replica is {place}"
            raise UsageError(what, where=STALE, todo=f"set replica to 1 to {feature.replicas}")


def _of(ground: Ground, settings: Settings) -> Sequence[Feature]:
    wanted = settings.text("system")
    found = [one for one in ground.assistants if wanted in ("", one.system)]
    known = [one.system for one in ground.assistants]
    supplied = ground.supplied
    if wanted in supplied or (not wanted and supplied):
        whose = wanted or ", ".join(supplied)
        what = f"nobody told the range how {whose} behaves, so this happens to its own assistant alone"
        raise UsageError(what, todo=" or ".join(f"--set system={one}" for one in known) or "set another fault")
    if not found:
        raise UsageError(f"the range has no system {wanted!r}", todo=near(wanted, known))
    return found


def _scenario(scenario: Scenario) -> FaultAbout:
    name = scenario.name

    def begin(ground: Ground, settings: Settings) -> Undo:
        features = _of(ground, settings)
        for feature in features:
            feature.scenario = name

        def undo() -> None:
            for feature in features:
                if feature.scenario == name:
                    feature.scenario = ""

        return undo

    return FaultAbout(
        f"assistant.{name}", scenario.line, _SEEN[name], begin, (_SYSTEM,), apart="system", group="scenario", check=_of
    )


FAULTS = (
    FaultAbout(
        STALE,
        "one replica is cut off from the flag vendor and keeps the flags it heard last",
        "the flag is off, and one replica still answers",
        _stale_replica,
        (_SYSTEM, Setting("replica", FieldType.WHOLE, 1, "which one, counted from 1 by name", least=1)),
        apart="system",
        check=_that_many,
    ),
    *(_scenario(one) for one in SCENARIOS.values()),
)
