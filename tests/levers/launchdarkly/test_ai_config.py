"""launchdarkly.ai_config: everyone gets the other model, the prompts stay out of the record, and back exactly."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from psfir.domain.canon import Json, canonical
from psfir.domain.change import Change, Held, Result
from psfir.domain.modes import Mode
from psfir.errors import Denied, Drift, NoSuchTarget
from psfir.levers.launchdarkly.ai_config import AiConfig
from tests.levers.launchdarkly.stage_ai_config import AiConfigStage
from tests.levers.launchdarkly.stage_flag import ENVIRONMENT

TARGET = AiConfigStage.target


@pytest.fixture
def stage() -> Iterator[AiConfigStage]:
    with AiConfigStage() as stage:
        yield stage


@pytest.fixture
def lever(stage: AiConfigStage) -> AiConfig:
    return AiConfig(stage.account.connection())


def planned(lever: AiConfig, variation: Json = "small-model") -> Change:
    change = lever.plan(TARGET, lever.read(TARGET, within=5), Mode.DEGRADE, {"variation": variation})
    assert isinstance(change, Change)
    return change


def test_rules_and_targets_are_reached_too_trap_4(stage: AiConfigStage, lever: AiConfig) -> None:
    """A fallthrough that somebody set already is not everyone: verify does not hold until rules and targets follow."""
    change = planned(lever)
    stage.edit({"kind": "updateFallthroughVariationOrRollout", "variationId": stage.ids[1]})
    assert lever.verify(change, within=5).held is Held.NOT_HELD
    assert lever.apply(planned(lever), within=5).result is Result.CHANGED
    assert stage.pulled()


def test_restore_puts_back_the_very_same_rules(stage: AiConfigStage, lever: AiConfig) -> None:
    """Fallthrough, rules with their ids, and targets are as they were."""
    before = {name: stage.here()[name] for name in ("fallthrough", "rules", "targets", "contextTargets")}
    change = planned(lever)
    lever.apply(change, within=5)
    lever.restore(change, within=5)
    assert {name: stage.here()[name] for name in before} == before


def prompt(stage: AiConfigStage, text: str) -> None:
    first = stage.account.estate.thing(stage.config)["variations"][0]
    first["value"]["messages"] = [{"role": "system", "content": text}]


def test_prompts_are_not_recorded(stage: AiConfigStage, lever: AiConfig) -> None:
    """A variation's text stands in no change; that it has become another one is drift all the same."""
    prompt(stage, "be kind")
    change = planned(lever)
    assert "be kind" not in canonical(change.to_json()).decode()
    lever.apply(change, within=5)
    prompt(stage, "be brief")
    with pytest.raises(Drift):
        lever.restore(change, within=5)


def test_it_works_with_and_without_the_beta_header(stage: AiConfigStage, lever: AiConfig) -> None:
    """The vendor may take AI Configs out of beta: the same calls go through."""
    stage.account.estate.ai_configs_are_beta = False
    assert lever.apply(planned(lever, 1), within=5).result is Result.CHANGED


def test_a_missing_right_is_named_trap_1(stage: AiConfigStage) -> None:
    """401 names the one action that AI Configs have for it."""
    stage.account.token = stage.account.estate.add_token("viewProject")
    lever = AiConfig(stage.account.connection())
    with pytest.raises(Denied) as denied:
        lever.apply(planned(lever), within=5)
    assert f"updateAIConfigTargeting on proj/assistants:env/{ENVIRONMENT}:aiconfig/support-answers" in denied.value.todo


def test_a_config_that_is_not_there_is_said(lever: AiConfig) -> None:
    """So is an environment that it does not have."""
    with pytest.raises(NoSuchTarget):
        lever.read({**TARGET, "ai_config": "nothing"}, within=5)
    with pytest.raises(NoSuchTarget, match="did you mean production"):
        lever.read({**TARGET, "environment": "produktion"}, within=5)
