"""How the tests of aws.appconfig plan, pull and look."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Result
from psfir.domain.modes import Mode
from psfir.range.server import Asked, Reply
from tests.levers.aws.stage_appconfig import AppConfigStage

OFF: Mapping[str, Json] = {"enabled": False}
DENIED = Reply(403, {"Message": "no"}, {"x-amzn-ErrorType": "AccessDeniedException"})


def aimed(stage: AppConfigStage, **target: Json) -> dict[str, Json]:
    """The stage's target with some of it said otherwise; what is None is not said."""
    return {key: value for key, value in {**stage.target, **target}.items() if value is not None}


def planned(stage: AppConfigStage, settings: Mapping[str, Json] = OFF, **target: Json) -> Change:
    lever = stage.lever(stage.upstream)
    there = aimed(stage, **target)
    change = lever.plan(there, lever.read(there, within=5), Mode.DISABLE, settings)
    assert isinstance(change, Change)
    return change


def pulled(stage: AppConfigStage, settings: Mapping[str, Json] = OFF, **target: Json) -> Change:
    change = planned(stage, settings, **target)
    assert stage.lever(stage.upstream).apply(change, within=5).result is Result.CHANGED
    return change


def looked(stage: AppConfigStage, change: Change) -> tuple[Held, str]:
    look = stage.lever(stage.upstream).verify(change, within=5)
    return look.held, look.says


def creating(asked: Asked) -> bool:
    """Whether a version is made."""
    return asked.method == "POST" and asked.path.endswith("/hostedconfigurationversions")
