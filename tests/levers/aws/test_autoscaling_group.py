"""aws.autoscaling_group on the moto server: what would scale it back, and what the contract does not ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.errors import Denied, Drift, NoAnswer, NoSuchTarget
from psfir.levers.aws.autoscaling_group import AutoScalingGroup
from psfir.levers.aws.group_scaling import notes
from psfir.range.aws.server import AwsRange
from psfir.range.faulty import Fault
from psfir.range.front import Front
from psfir.range.server import Asked, Reply
from psfir.vendors.aws import AwsClient
from tests.levers.aws.moto import connection, enforced, moto
from tests.levers.aws.stage import operation
from tests.levers.aws.stage_autoscaling_group import GROUP, SETTINGS, TARGET, AutoScalingGroupStage

DENIED = Reply(403, b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>")
MORNING: Mapping[str, Json] = {"ScheduledActionName": "morning", "Recurrence": "0 8 * * *", "MinSize": 2, "MaxSize": 8}


@pytest.fixture
def stage() -> Iterator[AutoScalingGroupStage]:
    with AutoScalingGroupStage() as stage:
        yield stage


def planned(lever: AutoScalingGroup, settings: Mapping[str, Json] = SETTINGS) -> Change:
    change = lever.plan(TARGET, lever.read(TARGET, within=5), Mode.DISABLE, settings)
    assert isinstance(change, Change)
    return change


def updating(asked: Asked) -> bool:
    return operation(asked) == "UpdateAutoScalingGroup"


def undone_by(lever: AutoScalingGroup) -> list[Finding]:
    return [one for one in lever.check(TARGET, SETTINGS, within=10) if one.matter is Matter.UNDONE_BY]


def test_the_schedule_is_suspended_first_and_let_go_last_trap_8(stage: AutoScalingGroupStage) -> None:
    """What would set other bounds has no moment in which to act; the instances are gone."""
    lever = stage.lever(stage.upstream)
    change = planned(lever)
    lever.apply(change, within=5)
    assert stage.pulled()
    assert stage.found()["Instances"] == []
    lever.restore(change, within=5)
    writes = [one for one in stage.asked if not one.startswith("Describe")]
    assert writes == ["SuspendProcesses", "UpdateAutoScalingGroup", "UpdateAutoScalingGroup", "ResumeProcesses"]
    assert (stage.size(), stage.suspended()) == ((1, 2, 4), set())


def test_restore_suspends_what_was_suspended_and_no_more(stage: AutoScalingGroupStage) -> None:
    """Somebody had suspended its schedule, and health checks: both are as they were."""
    stage.grouped("SuspendProcesses", ScalingProcesses=["ScheduledActions", "HealthCheck"])
    lever = stage.lever(stage.upstream)
    change = planned(lever)
    lever.apply(change, within=5)
    lever.restore(change, within=5)
    assert stage.suspended() == {"ScheduledActions", "HealthCheck"}
    assert not {"SuspendProcesses", "ResumeProcesses"}.intersection(stage.asked)
    assert stage.size() == (1, 2, 4)


def test_made_small_it_has_no_room_to_grow(stage: AutoScalingGroupStage) -> None:
    """No scaling policy can leave a least and a most of one."""
    lever = stage.lever(stage.upstream)
    lever.apply(planned(lever, {"size": 1}), within=5)
    assert stage.size() == (1, 1, 1)


def test_somebody_who_scales_it_up_again_is_seen_trap_8(stage: AutoScalingGroupStage) -> None:
    """Verify does not hold any longer, and says how many instances there are."""
    lever = stage.lever(stage.upstream)
    change = planned(lever)
    lever.apply(change, within=5)
    assert lever.verify(change, within=5).says.endswith("0 instances are there")
    stage.disturb()
    look = lever.verify(change, within=5)
    assert look.held is Held.NOT_HELD
    assert "at 3 of 0 to 9" in look.says


def test_somebody_else_scaled_it_before_restore_trap_19(stage: AutoScalingGroupStage) -> None:
    """Their bounds stand."""
    lever = stage.lever(stage.upstream)
    change = planned(lever)
    lever.apply(change, within=5)
    stage.disturb()
    with pytest.raises(Drift):
        lever.restore(change, within=5)
    assert stage.size() == (0, 3, 9)


def test_a_pull_that_was_cut_off_half_way_stands_and_is_put_back(stage: AutoScalingGroupStage) -> None:
    """The schedule is suspended and the bounds refused: that is no refusal, or nobody would let the schedule go."""
    with Front(stage.upstream) as front:
        lever = stage.lever(front.url)
        change = planned(lever)
        front.fault(Fault("denied", reply=DENIED), when=updating)
        with pytest.raises(NoAnswer, match="its schedule was set, and the rest was not done"):
            lever.apply(change, within=5)
        front.heal()
        assert stage.suspended() == {"ScheduledActions"}
        assert lever.restore(change, within=5).result is Result.CHANGED
    assert (stage.size(), stage.suspended()) == ((1, 2, 4), set())


def test_what_was_not_touched_at_all_is_refused(stage: AutoScalingGroupStage) -> None:
    """The first of the two writes is denied: nothing is there to put back."""
    with Front(stage.upstream) as front:
        lever = stage.lever(front.url)
        change = planned(lever)
        front.fault(Fault("denied", reply=DENIED), when=stage.writing)
        with pytest.raises(Denied, match="SuspendProcesses"):
            lever.apply(change, within=5)
    assert (stage.size(), stage.suspended()) == ((1, 2, 4), set())


def test_a_group_that_is_not_there_or_going_is_no_such_target(stage: AutoScalingGroupStage) -> None:
    """AWS answers without it, and lists one that is being deleted for a while."""
    with pytest.raises(NoSuchTarget, match="no group gone"):
        stage.lever(stage.upstream).read({**TARGET, "group": "gone"}, within=5)

    def going(answer: Reply) -> Reply:
        status = b"<Status>Delete in progress</Status><DefaultCooldown>"
        assert isinstance(answer.body, bytes)
        return Reply(answer.status, answer.body.replace(b"<DefaultCooldown>", status), answer.headers)

    with Front(stage.upstream) as front:
        front.fault(Fault("going", spoil=going))
        with pytest.raises(NoSuchTarget, match="Delete in progress"):
            stage.lever(front.url).read(TARGET, within=5)


def test_check_names_what_would_scale_it_trap_8(stage: AutoScalingGroupStage) -> None:
    """Scheduled actions and scaling policies, each by name, and nothing where there is none."""
    lever = stage.lever(stage.upstream)
    assert undone_by(lever) == []
    stage.grouped("PutScheduledUpdateGroupAction", **MORNING)
    stage.grouped("PutScalingPolicy", PolicyName="busy", AdjustmentType="ChangeInCapacity", ScalingAdjustment=1)
    found = undone_by(lever)
    assert {one.ready for one in found} == {Ready.BEWARE}
    assert ["morning" in found[0].says, "busy" in found[1].says] == [True, True]
    assert stage.writes() == 0


def test_what_would_scale_it_may_be_unknown(stage: AutoScalingGroupStage) -> None:
    """With policies enforced and none for looking at it: could not tell, and the kill goes all the same."""
    actions = [one.action for one in AutoScalingGroup.about.permissions]
    needed = [one for one in actions if not one.endswith(("DescribePolicies", "DescribeScheduledActions"))]
    statement: Mapping[str, Json] = {"Effect": "Allow", "Action": needed, "Resource": "*"}
    keys = stage.world.user("psfir", {"Version": "2012-10-17", "Statement": [statement]})
    with enforced():
        lever = AutoScalingGroup(connection(keys=keys))
        found = undone_by(lever)
        change = planned(lever)
        assert lever.apply(change, within=5).result is Result.CHANGED
        assert lever.verify(change, within=5).held is Held.HELD
        assert lever.restore(change, within=5).result is Result.CHANGED
    assert [one.ready for one in found] == [Ready.COULD_NOT_TELL, Ready.COULD_NOT_TELL]
    assert "DescribeScheduledActions" in found[0].todo


def test_check_weighs_the_permissions_on_this_group(stage: AutoScalingGroupStage) -> None:
    """Looking is for all groups; writing for this one is enough, and what only check looks at is no must."""
    look = {"Effect": "Allow", "Action": "autoscaling:DescribeAutoScalingGroups", "Resource": "*"}
    own = f"arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/{GROUP}"
    write = {"Effect": "Allow", "Action": ["autoscaling:*Processes", "autoscaling:Update*"], "Resource": own}
    fits = stage.world.user("fits", {"Version": "2012-10-17", "Statement": [look, write]})
    lacks = stage.world.user("lacks", {"Version": "2012-10-17", "Statement": [look]})
    with AwsRange(moto(), AwsClient(connection())) as aws:
        found = AutoScalingGroup(connection(aws.url, fits)).check(TARGET, SETTINGS, within=10)
        assert {one.ready for one in found} == {Ready.READY}
        found = AutoScalingGroup(connection(aws.url, lacks)).check(TARGET, SETTINGS, within=10)
    kill, back = (one for one in found if one.matter is Matter.PERMISSION)
    assert (kill.ready, back.ready) == (Ready.WOULD_FAIL, Ready.BEWARE)
    assert "autoscaling:UpdateAutoScalingGroup" in kill.todo
    assert "autoscaling:ResumeProcesses" in back.says


def test_instances_that_would_stay_are_named(stage: AutoScalingGroupStage) -> None:
    """Protected from scale-in, or on standby: scaling to none leaves them."""
    first, second = (one["InstanceId"] for one in stage.found()["Instances"])
    stage.grouped("SetInstanceProtection", InstanceIds=[first], ProtectedFromScaleIn=True)
    stage.grouped("EnterStandby", InstanceIds=[second], ShouldDecrementDesiredCapacity=True)
    said = "; ".join(stage.lever(stage.upstream).read(TARGET, within=5).notes)
    assert f"protected from scale-in, so that they stay: {first}" in said
    assert f"on standby, so that they stay: {second}" in said


def test_who_owns_the_group_is_told() -> None:
    """An EKS node group or the like sets bounds of its own; and without terminating nothing ends."""
    tags = [{"Key": "eks:nodegroup-name", "Value": "gpu"}, {"Key": "team", "Value": "ml"}]
    assert notes({"Tags": tags}, set()) == ("the EKS node group gpu owns it, and may set other bounds",)
    assert notes({"Tags": [{"Key": "AmazonECSManaged", "Value": ""}]}, set())[0].startswith("a capacity provider")
    assert "no instance ends" in notes({}, {"Terminate"})[0]
