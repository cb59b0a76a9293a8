"""aws.ecs_service on the moto server: what would scale it up again, and what the contract does not ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Matter, Ready
from psfir.errors import Denied, Drift, NoAnswer, NoSuchTarget, Unreachable
from psfir.levers.aws.ecs_service import EcsService
from psfir.range.aws.server import AwsRange
from psfir.range.faulty import Fault, hang
from psfir.range.front import Front
from psfir.range.server import Asked, Reply
from psfir.vendors.aws import AwsClient
from tests.levers.aws.moto import connection, enforced, moto
from tests.levers.aws.stage import operation
from tests.levers.aws.stage_ecs_service import (
    CLUSTER,
    SCALABLE,
    SERVICE,
    SETTINGS,
    TARGET,
    EcsServiceStage,
    ScaledStage,
)
from tests.shares import told


@pytest.fixture
def plain() -> Iterator[EcsServiceStage]:
    with EcsServiceStage() as stage:
        yield stage


@pytest.fixture
def scaled() -> Iterator[ScaledStage]:
    with ScaledStage() as stage:
        yield stage


def planned(lever: EcsService, target: Mapping[str, Json] = TARGET) -> Change:
    change = lever.plan(target, lever.read(target, within=5), Mode.DISABLE, SETTINGS)
    assert isinstance(change, Change)
    return change


def updating(asked: Asked) -> bool:
    return operation(asked) == "UpdateService"


def scaling(asked: Asked) -> bool:
    return operation(asked) in {"RegisterScalableTarget", "DescribeScalableTargets"}


def test_autoscaling_is_suspended_before_the_count_goes_down_trap_8(scaled: ScaledStage) -> None:
    """The plan says so, and what scales it has no moment in which to act."""
    lever = scaled.lever(scaled.upstream)
    assert "autoscaling keeps it at 2 to 9 tasks" in lever.read(TARGET, within=5).notes[0]
    lever.apply(planned(lever), within=5)
    assert [one for one in scaled.asked if not one.startswith("Describe")] == [
        "RegisterScalableTarget",
        "UpdateService",
    ]
    assert scaled.pulled()


def test_restore_suspends_what_was_suspended_and_no_more(scaled: ScaledStage) -> None:
    """Its schedule was suspended before the kill, so it is afterwards; its limits are untouched."""
    lever = scaled.lever(scaled.upstream)
    change = planned(lever)
    lever.apply(change, within=5)
    assert lever.restore(change, within=5).result is Result.CHANGED
    assert scaled.scaling() == [False, False, True]
    assert (scaled.target_now()["MinCapacity"], scaled.target_now()["MaxCapacity"]) == (2, 9)
    assert scaled.service()["desiredCount"] == 3


def test_somebody_who_scales_it_up_again_is_seen_trap_8(scaled: ScaledStage) -> None:
    """Verify does not hold any longer, whatever apply said."""
    lever = scaled.lever(scaled.upstream)
    change = planned(lever)
    lever.apply(change, within=5)
    scaled.disturb()
    look = lever.verify(change, within=5)
    assert look.held is Held.NOT_HELD
    assert "7 tasks wanted" in look.says


def test_a_pull_that_broke_off_in_the_middle_is_gone_on_with_trap_2(scaled: ScaledStage) -> None:
    """Suspended, and the count's answer lost: the second pull does the rest alone."""
    with Front(scaled.upstream) as front:
        lever = scaled.lever(front.url)
        change = planned(lever)
        front.fault(Fault("silent", wire=hang), when=updating)
        said = told(lambda share: lever.apply(change, within=share), lambda: any(map(updating, front.seen)), share=0.5)
        assert isinstance(said, NoAnswer)
        assert not scaled.pulled()
        front.heal()
        assert lever.apply(change, within=5).result is Result.CHANGED
    assert scaled.pulled()
    assert scaled.asked.count("RegisterScalableTarget") == 1


def test_autoscaling_that_may_not_be_looked_at_holds_up_no_kill(scaled: ScaledStage) -> None:
    """It is left alone and said so, by the kill and by its restore."""
    with Front(scaled.upstream) as front:
        denied = {"__type": "AccessDeniedException", "Message": "no"}
        front.fault(Fault("denied", reply=Reply(400, denied)), when=scaling)
        lever = scaled.lever(front.url)
        assert "cannot be told, so it is left" in lever.read(TARGET, within=5).notes[0]
        change = planned(lever)
        assert lever.apply(change, within=5).result is Result.CHANGED
        front.heal()
        assert lever.read(change.target, within=5).state == change.after == {"desired": 0}
        assert lever.restore(change, within=5).result is Result.CHANGED
    assert scaled.service()["desiredCount"] == 3


def test_autoscaling_that_cannot_be_looked_at_any_more_proves_nothing(scaled: ScaledStage) -> None:
    """What was suspended may be so no longer: verify and restore say that they could not look."""
    with Front(scaled.upstream) as front:
        lever = scaled.lever(front.url)
        change = planned(lever)
        lever.apply(change, within=5)
        front.fault(Fault("silent", wire=hang), when=scaling)
        for deed in (lever.verify, lever.restore):
            with pytest.raises(Unreachable):
                deed(change, within=0.5)
    assert scaled.pulled()


def test_autoscaling_that_may_not_be_suspended_is_said_with_the_way_out(scaled: ScaledStage) -> None:
    """Nothing was changed; the sentence names the permission, and what to say to do without."""
    with Front(scaled.upstream) as front:
        denied = {"__type": "AccessDeniedException", "Message": "no"}
        front.fault(Fault("denied", reply=Reply(400, denied)), when=scaled.writing)
        lever = scaled.lever(front.url)
        with pytest.raises(Denied, match=r"RegisterScalableTarget .*, or say scaling: leave"):
            lever.apply(planned(lever), within=5)
    assert scaled.service()["desiredCount"] == 3


def test_autoscaling_is_left_where_the_runbook_says_so(scaled: ScaledStage) -> None:
    """It is not even asked for."""
    lever = scaled.lever(scaled.upstream)
    lever.apply(planned(lever, {**TARGET, "scaling": "leave"}), within=5)
    assert not {"RegisterScalableTarget", "DescribeScalableTargets"}.intersection(scaled.asked)


def test_somebody_else_scaled_it_before_restore_trap_19(plain: EcsServiceStage) -> None:
    """Their count stands."""
    lever = plain.lever(plain.upstream)
    change = planned(lever)
    lever.apply(change, within=5)
    plain.disturb()
    with pytest.raises(Drift):
        lever.restore(change, within=5)
    assert plain.service()["desiredCount"] == 7


@pytest.mark.parametrize("other", [{"cluster": "gone"}, {"service": "gone"}])
def test_what_is_not_there_is_no_such_target(plain: EcsServiceStage, other: Mapping[str, Json]) -> None:
    """A cluster or a service that a runbook still names."""
    with pytest.raises(NoSuchTarget):
        plain.lever(plain.upstream).read({**TARGET, **other}, within=5)


def test_a_service_that_was_deleted_is_no_such_target(plain: EcsServiceStage) -> None:
    """ECS goes on listing it for a while: that it wants no tasks proves nothing."""
    lever = plain.lever(plain.upstream)
    change = planned(lever)
    plain.world.do("ecs", "DeleteService", cluster=CLUSTER, service=SERVICE, force=True)
    with pytest.raises(NoSuchTarget):
        lever.verify(change, within=5)


def test_a_daemon_is_noted(plain: EcsServiceStage) -> None:
    """How many there are is not for anyone to set."""
    more = {"cluster": CLUSTER, "taskDefinition": "agent", "schedulingStrategy": "DAEMON"}
    plain.world.do("ecs", "CreateService", serviceName="daemon", **more)
    notes = plain.lever(plain.upstream).read({**TARGET, "service": "daemon"}, within=5).notes
    assert "one task on every instance" in "; ".join(notes)


def test_a_cluster_by_its_arn_is_the_same_one(scaled: ScaledStage) -> None:
    """Autoscaling knows it by its name only."""
    lever = scaled.lever(scaled.upstream)
    target = {**TARGET, "cluster": f"arn:aws:ecs:eu-west-1:123456789012:cluster/{CLUSTER}"}
    lever.apply(planned(lever, target), within=5)
    assert scaled.pulled()


def test_check_names_what_would_undo_it_trap_8(scaled: ScaledStage) -> None:
    """And whether the credential may hold that back."""
    ecs: Mapping[str, Json] = {"Effect": "Allow", "Action": ["ecs:*", "iam:SimulatePrincipalPolicy"], "Resource": "*"}
    look: Mapping[str, Json] = {**ecs, "Action": "application-autoscaling:Describe*"}
    keys = scaled.world.user("psfir", {"Version": "2012-10-17", "Statement": [ecs, look]})
    with AwsRange(moto(), AwsClient(connection())) as aws:
        findings = EcsService(connection(aws.url, keys)).check(TARGET, SETTINGS, within=10)
    found = {one.matter: one for one in findings}
    assert found[Matter.UNDONE_BY].ready is Ready.BEWARE
    assert "application autoscaling" in found[Matter.UNDONE_BY].says
    assert found[Matter.PERMISSION].ready is Ready.WOULD_FAIL
    assert "application-autoscaling:RegisterScalableTarget" in found[Matter.PERMISSION].todo
    assert "ecs:UpdateService" not in found[Matter.PERMISSION].todo


def test_what_would_undo_it_may_be_unknown(scaled: ScaledStage) -> None:
    """With policies enforced and none for autoscaling: could not tell, which is not ready."""
    ecs: Mapping[str, Json] = {"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}
    keys = scaled.world.user("psfir", {"Version": "2012-10-17", "Statement": [ecs]})
    with enforced():
        findings = EcsService(connection(keys=keys)).check(TARGET, SETTINGS, within=10)
    undone = [one for one in findings if one.matter is Matter.UNDONE_BY]
    assert [one.ready for one in undone] == [Ready.COULD_NOT_TELL]
    assert SCALABLE["ResourceId"] == f"service/{CLUSTER}/{SERVICE}"


def test_a_pull_that_was_cut_off_half_way_stands_and_is_put_back(scaled: ScaledStage) -> None:
    """Autoscaling is suspended and the count refused: that is no refusal, or nobody would put autoscaling back."""
    denied = Reply(400, {"__type": "AccessDeniedException", "message": "not authorized"})
    with Front(scaled.upstream) as front:
        lever = scaled.lever(front.url)
        planned = lever.plan(scaled.target, lever.read(scaled.target, within=20), Mode.DISABLE, scaled.settings)
        assert isinstance(planned, Change)
        front.fault(Fault("denied", reply=denied), when=lambda asked: operation(asked) == "UpdateService")
        with pytest.raises(NoAnswer, match="the rest was not done"):
            lever.apply(planned, within=20)
        front.heal()
        assert lever.restore(planned, within=20).result is Result.CHANGED
        assert lever.read(scaled.target, within=20).state == planned.before
