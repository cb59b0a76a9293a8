"""aws.sagemaker_endpoint on the range's SageMaker: updates that take a while or fail, and what weights do not steer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Result
from psfir.domain.modes import Mode
from psfir.domain.needs import Use, needs
from psfir.domain.preflight import Matter, Ready
from psfir.errors import Busy, Drift, NoSuchTarget, Refusal, UsageError
from psfir.levers.aws.sagemaker_endpoint import SageMakerEndpoint
from psfir.range.faulty import Fault
from psfir.range.front import Front
from psfir.range.server import Reply
from tests.levers.aws.granted import AwsGranted
from tests.levers.aws.moto import connection, root
from tests.levers.aws.stage_sagemaker_endpoint import ENDPOINT, SETTINGS, TARGET, SageMakerEndpointStage


@pytest.fixture
def stage() -> Iterator[SageMakerEndpointStage]:
    with SageMakerEndpointStage() as stage:
        yield stage


def planned(stage: SageMakerEndpointStage, settings: Mapping[str, Json] = SETTINGS) -> Change:
    lever = stage.lever(stage.upstream)
    change = lever.plan(TARGET, lever.read(TARGET, within=5), Mode.DEGRADE, settings)
    assert isinstance(change, Change)
    return change


def described(**more: Json) -> Reply:
    """An endpoint as SageMaker may describe it."""
    variants: Json = [{"VariantName": "main", "CurrentWeight": 1.0, "DesiredWeight": 1.0}]
    arn = f"arn:aws:sagemaker:eu-west-1:123456789012:endpoint/{ENDPOINT}"
    names = {"EndpointName": ENDPOINT, "EndpointArn": arn, "EndpointStatus": "InService"}
    return Reply(200, {**names, "ProductionVariants": variants, "CreationTime": 1, "LastModifiedTime": 1, **more})


def test_every_request_goes_to_the_safe_variant_and_back(stage: SageMakerEndpointStage) -> None:
    """As an application sees it; the weights come back as they were."""
    stage.weigh(main=3, safe=0.1)
    before = stage.weights()
    lever, change = stage.lever(stage.upstream), planned(stage)
    assert set(stage.answers(20)) == {"main"}
    lever.apply(change, within=5)
    assert set(stage.answers(20)) == {"safe"}
    assert lever.restore(change, within=5).result is Result.CHANGED
    assert stage.weights() == before


def test_instances_stay_as_they_are(stage: SageMakerEndpointStage) -> None:
    """Only weights are sent: to name a count would scale."""
    stage.lever(stage.upstream).apply(planned(stage), within=5)
    variants = stage.aws.sagemaker.at(ENDPOINT).variants
    assert {name: one.count for name, one in variants.items()} == {"main": 4, "safe": 4}


def test_it_does_not_hold_while_the_endpoint_is_updating(stage: SageMakerEndpointStage) -> None:
    """Requests go on as before for as long as that takes; pulled again it is already so."""
    lever, change = stage.lever(stage.upstream), planned(stage)
    stage.aws.sagemaker.settling = 90.0
    assert lever.apply(change, within=5).result is Result.CHANGED
    look = lever.verify(change, within=5)
    assert (look.held, "the endpoint is Updating" in look.says) == (Held.NOT_HELD, True)
    assert set(stage.answers(3)) == {"main"}
    assert lever.apply(change, within=5).result is Result.ALREADY_SO
    stage.aws.sagemaker.pass_by(seconds=91)
    assert lever.verify(change, within=5).held is Held.HELD
    assert set(stage.answers(3)) == {"safe"}


def test_another_update_under_way_is_waited_for(stage: SageMakerEndpointStage) -> None:
    """SageMaker would refuse it with the code of a wrong request."""
    stage.aws.sagemaker.settling = 90.0
    stage.weigh(main=5, safe=1)
    change = planned(stage)
    assert change.before == {"weights": {"main": 5, "safe": 1}}
    with pytest.raises(Busy, match="takes no update: the endpoint is Updating"):
        stage.lever(stage.upstream).apply(change, within=5)
    stage.aws.sagemaker.pass_by(seconds=91)
    assert stage.lever(stage.upstream).apply(change, within=5).result is Result.CHANGED


def test_an_update_that_fails_is_seen(stage: SageMakerEndpointStage) -> None:
    """SageMaker goes back to what was there, and says why."""
    lever, change = stage.lever(stage.upstream), planned(stage)
    stage.aws.sagemaker.fails = "no capacity is left"
    lever.apply(change, within=5)
    look = lever.verify(change, within=5)
    assert look.held is Held.NOT_HELD
    assert "its last update failed: no capacity is left" in look.says


def test_a_request_that_names_its_variant_is_not_steered(stage: SageMakerEndpointStage) -> None:
    """Which is why about says so: weights are for those who leave the choice."""
    stage.lever(stage.upstream).apply(planned(stage), within=5)
    assert stage.answers(TargetVariant="main") == ["main"]
    assert "TargetVariant" in SageMakerEndpoint.about.blast_radius


def test_another_configuration_is_drift_trap_19(stage: SageMakerEndpointStage) -> None:
    """With it come other variants: nothing is put back over them."""
    lever, change = stage.lever(stage.upstream), planned(stage)
    lever.apply(change, within=5)
    stage.config("second", {"main": (1.0, 4), "newer": (1.0, 1)})
    stage.sagemaker("UpdateEndpoint", EndpointName=ENDPOINT, EndpointConfigName="second")
    with pytest.raises(Drift, match="newer 1"):
        lever.restore(change, within=5)
    assert stage.weights() == {"main": 1.0, "newer": 1.0}


def test_digits_that_sagemaker_does_not_keep_are_no_drift(stage: SageMakerEndpointStage) -> None:
    """A weight of 0.1 comes back as the nearest that fits into four bytes."""
    with Front(stage.upstream) as front:
        variant: Json = [
            {"VariantName": "main", "CurrentWeight": 0.10000000149011612, "DesiredWeight": 0.10000000149011612}
        ]
        front.fault(Fault("short", reply=described(ProductionVariants=variant)))
        assert stage.lever(front.url).read(TARGET, within=5).state == {"weights": {"main": 0.1}}


@pytest.mark.parametrize("status", ["Failed", "OutOfService", "Deleting"])
def test_an_endpoint_that_serves_nobody_is_no_target(stage: SageMakerEndpointStage, status: str) -> None:
    """Whatever its weights say."""
    with Front(stage.upstream) as front:
        front.fault(Fault(status, reply=described(EndpointStatus=status)))
        with pytest.raises(NoSuchTarget, match=status):
            stage.lever(front.url).read(TARGET, within=5)


def test_variants_without_weights_are_not_steered_by_them(stage: SageMakerEndpointStage) -> None:
    """Where inference components serve, a request names its component."""
    with Front(stage.upstream) as front:
        front.fault(Fault("components", reply=described(ProductionVariants=[{"VariantName": "main"}])))
        with pytest.raises(NoSuchTarget, match="main of the endpoint support-ranker have no weight"):
            stage.lever(front.url).read(TARGET, within=5)


def test_an_endpoint_that_is_not_there_is_no_such_target(stage: SageMakerEndpointStage) -> None:
    """SageMaker answers as to a wrong request, in words."""
    with pytest.raises(NoSuchTarget, match="Could not find endpoint"):
        stage.lever(stage.upstream).read({**TARGET, "endpoint": "gone"}, within=5)


def test_all_at_nothing_is_refused_before_anything_is_sent(stage: SageMakerEndpointStage) -> None:
    """To stop all of it, the right to ask is taken away."""
    with pytest.raises(Refusal, match="would be left to answer") as refused:
        planned(stage, {"weights": {"main": 0, "safe": 0.0}})
    assert "aws.iam_deny" in refused.value.todo


def test_a_variant_that_is_not_there_is_told_with_those_that_are(stage: SageMakerEndpointStage) -> None:
    """A slip of the pen must not leave everything to nobody."""
    with pytest.raises(UsageError, match="has no variant save") as refused:
        planned(stage, {"weights": {"save": 1}})
    assert "did you mean safe?" in refused.value.todo


def test_who_has_to_bear_the_requests_is_told(stage: SageMakerEndpointStage) -> None:
    """A variant of one instance gets what four had; and shadows go on."""
    stage.config("second", {"main": (1.0, 4), "safe": (0.0, 1)})
    stage.sagemaker("UpdateEndpoint", EndpointName=ENDPOINT, EndpointConfigName="second")
    (note,) = stage.lever(stage.upstream).read(TARGET, within=5).notes
    assert "main 4, safe 1" in note
    with Front(stage.upstream) as front:
        shadow: Json = [{"VariantName": "next"}]
        front.fault(Fault("shadow", reply=described(ShadowProductionVariants=shadow)))
        (note,) = stage.lever(front.url).read(TARGET, within=5).notes
    assert "shadow variants next" in note


def test_check_weighs_both_rights_on_this_endpoint(stage: SageMakerEndpointStage) -> None:
    """To look, and to update."""
    narrow = AwsGranted(stage, list(needs(Use(SageMakerEndpoint.about, TARGET, "off", SETTINGS))), "narrow")
    lever = SageMakerEndpoint(connection(stage.aws.url, narrow.keys))
    assert {one.ready for one in lever.check(TARGET, SETTINGS, within=10)} == {Ready.READY}
    narrow.without([line for line in narrow.lines if "Update" in line.action])
    (denied,) = [one for one in lever.check(TARGET, SETTINGS, within=10) if one.ready is Ready.WOULD_FAIL]
    assert (denied.matter, "UpdateEndpointWeightsAndCapacities" in denied.says) == (Matter.PERMISSION, True)


def test_what_moto_has_of_sagemaker_is_still_motos(stage: SageMakerEndpointStage) -> None:
    """The range knows endpoints; models go on to moto."""
    made: dict[str, Any] = {"ModelName": "main", "ExecutionRoleArn": "arn:aws:iam::123456789012:role/worker"}
    stage.sagemaker("CreateModel", **made)
    assert root().read("sagemaker", "DescribeModel", {"ModelName": "main"}, within=30)["ModelName"] == "main"
