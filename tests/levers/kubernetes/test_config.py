"""kubernetes.config: keys and variables exactly as they were, and pods that really read the new value."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

import pytest

from psfir.domain.canon import Json
from psfir.errors import Declined, NoSuchTarget
from psfir.levers.kubernetes.parts import parts
from psfir.range.kubernetes.resources import CONFIG_MAPS, DEPLOYMENTS, Obj
from tests.levers.kubernetes.cluster_stage import NAMESPACE
from tests.levers.kubernetes.pulling import WITHIN, notes, planned, pulled, restored
from tests.levers.kubernetes.stage_config import ENV, ConfigStage, VariableStage


class OfAnother(VariableStage):
    """A variable that is not there."""

    target: Mapping[str, Json] = {**VariableStage.target, "env": "LIMIT"}


@pytest.fixture
def stage() -> Iterator[ConfigStage]:
    with ConfigStage() as stage:
        yield stage


@pytest.fixture
def variable() -> Iterator[VariableStage]:
    with VariableStage() as stage:
        yield stage


def pods(stage: ConfigStage) -> set[str]:
    stage.cluster.settle()
    return {pod["metadata"]["name"] for pod in stage.cluster.pods(NAMESPACE)}


def test_who_reads_a_key_is_restarted_each_time(stage: ConfigStage) -> None:
    """By the kill, by the restore, and by a second kill to the same value."""
    template, seen = stage.template(), [pods(stage)]
    for _ in range(2):
        change = pulled(stage)
        seen.append(pods(stage))
        restored(stage, change)
        seen.append(pods(stage))
    assert all(not one & other for one, other in pairwise(seen))
    assert stage.template() == template
    assert stage.get(CONFIG_MAPS)["data"] == ENV


def test_the_same_value_again_by_other_hands_is_a_restart_too(stage: ConfigStage) -> None:
    """Somebody puts the key back by hand and leaves the mark: the next kill marks it anew."""
    pulled(stage)
    before = pods(stage)
    stage.edit(CONFIG_MAPS, {"data": {"MODEL": "large"}})
    pulled(stage)
    assert not before & pods(stage)


def test_a_key_that_was_not_there_is_taken_away_again(stage: ConfigStage) -> None:
    """Restore leaves no empty key behind."""
    stage.target = {**stage.target, "key": "LIMIT"}
    change = pulled(stage)
    assert stage.get(CONFIG_MAPS)["data"] == {**ENV, "LIMIT": "small"}
    restored(stage, change)
    assert stage.get(CONFIG_MAPS)["data"] == ENV


def test_without_a_deployment_nothing_is_restarted_and_it_is_said(stage: ConfigStage) -> None:
    """Some applications read their key again by themselves."""
    stage.target = {key: value for key, value in stage.target.items() if key != "deployment"}
    before = pods(stage)
    assert "pods that read the key at start keep the old value" in notes(stage)
    pulled(stage)
    assert pods(stage) == before


def test_a_config_map_that_is_immutable_is_a_no_at_once(stage: ConfigStage) -> None:
    """The server's own words, and no other try: nobody was faster, the wish is wrong."""
    stage.edit(CONFIG_MAPS, {"immutable": True})
    change = planned(stage)
    with pytest.raises(Declined, match="field is immutable when `immutable` is set"):
        stage.lever().apply(change, within=WITHIN)
    tries = [deed for deed in stage.cluster.deeds if deed.verb == "patch"]
    assert [deed.code for deed in tries] == [422]


def test_a_variable_is_set_beside_its_neighbours(variable: VariableStage) -> None:
    """And put back where it was, in its place."""
    env = variable.env()
    change = pulled(variable)
    assert {one["name"]: one["value"] for one in variable.env()} == {**ENV, "MODEL": "small"}
    restored(variable, change)
    assert variable.env() == env


def test_a_variable_that_was_not_there_is_taken_away_again() -> None:
    """Restore leaves no empty variable behind."""
    with OfAnother() as stage:
        env = stage.env()
        change = pulled(stage)
        assert {"name": "LIMIT", "value": "small"} in stage.env()
        restored(stage, change)
        assert stage.env() == env


@pytest.mark.parametrize("empty", [{"name": "MODEL"}, {"name": "MODEL", "value": ""}], ids=["bare", "empty"])
def test_a_variable_that_was_empty_is_empty_again(variable: VariableStage, empty: Obj) -> None:
    """Which is not the same as not being there."""
    (container,) = variable.template()["spec"]["containers"]
    variable.edit(DEPLOYMENTS, {"spec": {"template": {"spec": {"containers": [{**container, "env": [empty]}]}}}})
    change = pulled(variable)
    assert [part["value"] for part in parts(change.before).values()] == [""]
    restored(variable, change)
    assert [one["name"] for one in variable.env()] == ["MODEL"]
    assert not variable.env()[0].get("value")


def test_a_container_that_is_not_there_is_said_with_those_that_are(variable: VariableStage) -> None:
    """So that the runbook can be mended."""
    with pytest.raises(NoSuchTarget, match="has no container sidecar") as error:
        variable.lever().read({**variable.target, "container": "sidecar"}, within=WITHIN)
    assert error.value.todo == "it has support-agent"
