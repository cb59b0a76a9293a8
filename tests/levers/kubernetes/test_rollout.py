"""kubernetes.rollout: revisions as Kubernetes counts them, and templates that stay where they are kept."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from psfir.domain.change import Held
from psfir.errors import Drift, NoSuchTarget, Refusal
from psfir.levers.kubernetes.parts import parts
from psfir.range.kubernetes.resources import DEPLOYMENTS, REPLICA_SETS, Obj
from tests.levers.kubernetes.cluster_stage import NAMESPACE
from tests.levers.kubernetes.pulling import WITHIN, held, notes, planned, pulled, restored
from tests.levers.kubernetes.stage_rollout import EARLIER, LATER, LATEST, RolloutStage, StandStillStage

PATH = "/apis/apps/v1/namespaces/assistants/deployments/support-agent"


@pytest.fixture
def stage() -> Iterator[RolloutStage]:
    with RolloutStage() as stage:
        yield stage


def images(stage: RolloutStage) -> set[str]:
    """What the pods run once the rollout is through."""
    stage.cluster.settle()
    return {pod["spec"]["containers"][0]["image"] for pod in stage.cluster.pods(NAMESPACE)}


def template(stage: RolloutStage) -> Obj:
    found: Obj = stage.get(DEPLOYMENTS)["spec"]["template"]
    return found


def test_the_pods_go_back_and_come_forth_again(stage: RolloutStage) -> None:
    """The template is exactly the one that was there, both ways, and no new ReplicaSet is made."""
    before, sets = template(stage), len(stage.cluster.store.all(REPLICA_SETS, NAMESPACE))
    change = pulled(stage)
    assert images(stage) == {EARLIER}
    assert held(stage, change) is Held.HELD
    restored(stage, change)
    assert images(stage) == {LATER}
    assert template(stage) == before
    assert len(stage.cluster.store.all(REPLICA_SETS, NAMESPACE)) == sets


def test_a_revision_is_known_by_its_number_after_it_was_gone_back_to(stage: RolloutStage) -> None:
    """Kubernetes gives it a new one; a runbook that names the old one finds it all the same."""
    pulled(stage)
    stage.cluster.settle()
    stage.deploy(LATEST)
    assert images(stage) == {LATEST}
    pulled(stage)
    assert images(stage) == {EARLIER}


def test_a_revision_that_is_not_kept_is_said_with_those_that_are(stage: RolloutStage) -> None:
    """So that the runbook can be mended."""
    with pytest.raises(NoSuchTarget, match="keeps no revision 9") as error:
        stage.lever().read({**stage.target, "revision": 9}, within=WITHIN)
    assert error.value.todo == "it keeps 1, 2"


def test_what_a_template_holds_is_in_no_record(stage: RolloutStage) -> None:
    """The state names ReplicaSets: a variable's value in a template is nobody's to read in a journal."""
    spec = template(stage)["spec"]
    spec["containers"][0]["env"] = [{"name": "KEY", "value": "canary-in-a-template"}]
    stage.edit(DEPLOYMENTS, {"spec": {"template": {"spec": spec}}})
    stage.cluster.settle()
    assert "canary" not in json.dumps(pulled(stage).to_json(), default=dict)


def test_a_deploy_since_the_plan_is_not_overwritten(stage: RolloutStage) -> None:
    """Somebody mends it forward meanwhile: theirs stands."""
    change = planned(stage)
    stage.deploy(LATEST)
    with pytest.raises(Drift, match="somebody else has changed it"):
        stage.lever().apply(change, within=WITHIN)
    assert stage.image == LATEST


def test_a_template_that_is_no_longer_kept_cannot_be_put_back(stage: RolloutStage) -> None:
    """Somebody deleted its ReplicaSet since: the sentence says how to go on."""
    change = pulled(stage)
    stage.cluster.settle()
    name = str(parts(change.before)[PATH]["replica_set"])
    stage.cluster.remove(REPLICA_SETS, name, namespace=NAMESPACE)
    with pytest.raises(Drift, match=f"{name}, whose template was to be put in place, is gone") as drift:
        stage.lever().restore(change, within=WITHIN)
    assert "deploy that version again" in drift.value.todo


def test_a_template_that_nobody_keeps_is_named_before_the_kill(stage: RolloutStage) -> None:
    """While a rollout is paused a new template has no ReplicaSet yet: it could not be given back."""
    stage.edit(DEPLOYMENTS, {"spec": {"paused": True}})
    stage.deploy(LATEST)
    assert "a template that no ReplicaSet keeps" in notes(stage)


def test_nothing_is_made_up_for_a_template_that_nobody_kept(stage: RolloutStage) -> None:
    """A change that was planned from one is refused on the way back, with what to do."""
    change = pulled(stage)
    unkept = {**parts(change.before), PATH: {"paused": False, "replica_set": None}}
    with pytest.raises(Refusal, match="no ReplicaSet kept the template"):
        stage.lever().restore(replace(change, before=unkept), within=WITHIN)


def test_a_paused_rollout_stands_still() -> None:
    """What is deployed meanwhile reaches no pod, and does once it is let go."""
    with StandStillStage() as stage:
        change = pulled(stage)
        stage.deploy(LATEST)
        assert images(stage) == {LATER}
        assert held(stage, change) is Held.HELD
        stage.edit(DEPLOYMENTS, {"spec": {"paused": False}})
        assert images(stage) == {LATEST}
        assert held(stage, change) is Held.NOT_HELD
