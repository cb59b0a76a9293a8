"""aws.appconfig while deployments are under way: gradual, baking, rolled back by an alarm, and in each other's way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from psfir.domain.change import Change, Held, Result
from psfir.errors import Busy, Drift, NoAnswer
from psfir.range.faulty import Fault
from psfir.range.front import Front
from psfir.range.server import Reply
from tests.levers.aws.config_pulls import DENIED, creating, looked, planned, pulled
from tests.levers.aws.stage_appconfig import ALARM, FLAG, FlagStage, flags


@pytest.fixture
def stage() -> Iterator[FlagStage]:
    with FlagStage() as stage:
        yield stage


def test_it_does_not_hold_until_everybody_has_it(stage: FlagStage) -> None:
    """With a strategy that takes its time, some clients go on with the old one; verify says how many have the new."""
    slow = stage.strategy_of("slow", takes=10, growth=20.0)
    change = pulled(stage, strategy=slow)
    held, says = looked(stage, change)
    assert (held, "has reached 20 % of its targets" in says) == (Held.NOT_HELD, True)
    assert [stage.served(place)["values"][FLAG]["enabled"] for place in (10.0, 30.0)] == [False, True]
    assert stage.lever(stage.upstream).apply(change, within=5).result is Result.ALREADY_SO
    stage.aws.appconfig.pass_by(minutes=11)
    assert looked(stage, change)[0] is Held.HELD


def test_baking_holds_and_says_so(stage: FlagStage) -> None:
    """Everybody has it; but an alarm could still roll it back."""
    change = pulled(stage, strategy="AppConfig.AllAtOnce")
    held, says = looked(stage, change)
    assert (held, "bakes for 10 minutes" in says) == (Held.HELD, True)
    stage.aws.appconfig.pass_by(minutes=11)
    assert "bakes" not in looked(stage, change)[1]


def test_an_alarm_that_rolls_it_back_is_seen_trap_8(stage: FlagStage) -> None:
    """Minutes after the kill held: verify does not any longer, and names the alarm."""
    change = pulled(stage, strategy="AppConfig.AllAtOnce")
    stage.aws.appconfig.pass_by(minutes=5)
    stage.aws.appconfig.ring(ALARM)
    assert stage.on()
    held, says = looked(stage, change)
    assert held is Held.NOT_HELD
    assert f"was rolled back by cloudwatch alarm: Alarm {ALARM} went off" in says


def test_an_alarm_that_rings_already_undoes_the_kill_at_once_trap_8(stage: FlagStage) -> None:
    """As it may in an incident: the call goes well, and only looking tells."""
    stage.aws.appconfig.ring(ALARM)
    change = pulled(stage, strategy="AppConfig.AllAtOnce")
    held, says = looked(stage, change)
    assert (held, "was rolled back" in says) == (Held.NOT_HELD, True)
    assert stage.on()


def test_a_roll_back_that_nobody_may_look_into_is_seen_all_the_same(stage: FlagStage) -> None:
    """What is deployed tells; why it went back needs a right of its own."""
    change = pulled(stage, strategy="AppConfig.AllAtOnce")
    stage.aws.appconfig.ring(ALARM)
    with Front(stage.upstream) as front:
        front.fault(Fault("denied", reply=DENIED), when=lambda asked: asked.path.endswith("/deployments/2"))
        look = stage.lever(front.url).verify(change, within=5)
    assert (look.held, "why cannot be told" in look.says) == (Held.NOT_HELD, True)


def test_restore_while_its_own_deployment_bakes_stops_it(stage: FlagStage) -> None:
    """Else it would have to wait for ten minutes: to stop it rolls back to what was found."""
    change = pulled(stage, strategy="AppConfig.AllAtOnce")
    outcome = stage.lever(stage.upstream).restore(change, within=5)
    assert (outcome.result, "was stopped, which rolls it back to 1" in outcome.says) == (Result.CHANGED, True)
    assert stage.on()
    assert stage.deployments() == [(2, "4", "ROLLED_BACK"), (1, "1", "COMPLETE")]


def test_a_roll_back_takes_its_time(stage: FlagStage) -> None:
    """Until it is over, what was put back does not hold."""
    change = pulled(stage, strategy="AppConfig.AllAtOnce")
    stage.aws.appconfig.back = 2.0
    stage.lever(stage.upstream).restore(change, within=5)
    back = Change(change.lever, change.target, change.after, change.before, change.why)
    held, says = looked(stage, back)
    assert (held, "is still rolling back" in says) == (Held.NOT_HELD, True)
    stage.aws.appconfig.pass_by(minutes=3)
    assert looked(stage, back)[0] is Held.HELD


def test_a_bad_version_on_its_way_is_stopped_if_that_is_what_is_wanted(stage: FlagStage) -> None:
    """To go back to what was there before is one call, whatever under_way says."""
    stage.deploy("3", stage.strategy_of("slow", takes=30, growth=10.0))
    change = pulled(stage, {"version": "1"}, flag=None)
    assert (change.before, change.after) == ({"version": "3"}, {"version": "1"})
    assert stage.deployments() == [(2, "3", "ROLLED_BACK"), (1, "1", "COMPLETE")]


def test_another_deployment_under_way_is_left_alone(stage: FlagStage) -> None:
    """The environment takes one at a time: the rung gives way to the next, and says what could be done."""
    slow = stage.strategy_of("slow", takes=30, growth=10.0)
    other = stage.profiled("other", Type="AWS.Freeform")
    stage.deploy(stage.version({}, other), slow, other)
    change = planned(stage)
    lever = stage.lever(stage.upstream)
    (note,) = lever.read(stage.target, within=5).notes
    assert f"of the profile {other} is under way in this environment (DEPLOYING)" in note
    with pytest.raises(Busy, match="takes one at a time") as refused:
        lever.apply(change, within=5)
    assert "under_way: stop" in refused.value.todo
    assert stage.deployments()[0] == (2, "1", "DEPLOYING")


@pytest.mark.parametrize("bake", [0, 10])
def test_another_deployment_under_way_is_stopped_if_that_is_said(stage: FlagStage, bake: int) -> None:
    """Deploying or baking, it goes back to what was there before it, and is not begun again by restore."""
    takes = 0 if bake else 30
    slow = stage.strategy_of("slow", takes=takes, growth=10.0, bake=bake)
    other = stage.profiled("other", Type="AWS.Freeform")
    stage.deploy(stage.version({"new": False}, other), profile=other)
    stage.deploy(stage.version({"new": True}, other), slow, other)
    change = planned(stage, under_way="stop")
    lever = stage.lever(stage.upstream)
    assert "not begun again" in lever.read(change.target, within=5).notes[0]
    assert lever.apply(change, within=5).result is Result.CHANGED
    assert (stage.on(), stage.served(profile=other)) == (False, {"new": False})
    assert lever.restore(change, within=5).result is Result.CHANGED
    assert [state for _, _, state in stage.deployments()][:3] == ["COMPLETE", "COMPLETE", "ROLLED_BACK"]


def test_what_was_stopped_and_is_not_gone_back_yet_is_unknown(stage: FlagStage) -> None:
    """That one was touched: nothing of it may be called failed."""
    stage.aws.appconfig.back = 5.0
    stage.deploy("3", stage.strategy_of("slow", takes=30, growth=10.0))
    change = planned(stage, under_way="stop")
    with pytest.raises(NoAnswer, match="had not gone back before the share was over"):
        stage.lever(stage.upstream).apply(change, within=2.0)


def test_a_stop_that_was_not_followed_by_a_deployment_is_unknown(stage: FlagStage) -> None:
    """The same: somebody else's deployment is gone, and ours was refused."""
    stage.deploy("3", stage.strategy_of("slow", takes=30, growth=10.0))
    change = planned(stage, under_way="stop")
    with Front(stage.upstream) as front:
        front.fault(
            Fault("denied", reply=DENIED), when=lambda asked: asked.path.endswith("/deployments") and asked.writes
        )
        with pytest.raises(NoAnswer, match="was stopped, and version 4 not deployed"):
            stage.lever(front.url).apply(change, within=5)


def test_one_that_was_over_before_it_was_stopped_is_looked_at_again(stage: FlagStage) -> None:
    """AppConfig stops none that is complete; to revert it nobody has asked."""
    stage.deploy("3", stage.strategy_of("slow", takes=30, growth=10.0))
    change = planned(stage, under_way="stop")

    def meanwhile(answer: Reply) -> Reply:
        stage.aws.appconfig.pass_by(minutes=60)
        return answer

    with Front(stage.upstream) as front:
        front.fault(Fault("slower", spoil=meanwhile), when=lambda asked: asked.path.endswith("/deployments"), times=1)
        with pytest.raises(Busy, match="could not be stopped"):
            stage.lever(front.url).apply(change, within=5)
    assert stage.deployments()[0] == (2, "3", "COMPLETE")


def test_who_deploys_in_between_is_not_overwritten_trap_19(stage: FlagStage) -> None:
    """AppConfig is told which deployment was the latest, and takes no other one."""
    change = planned(stage)

    def meanwhile(answer: Reply) -> Reply:
        stage.deploy("3")
        return answer

    with Front(stage.upstream) as front:
        front.fault(Fault("slower", spoil=meanwhile), when=creating)
        with pytest.raises(Busy, match="409 ConflictException"):
            stage.lever(front.url).apply(change, within=5)
    assert stage.served() == flags(other=False)


def test_a_list_that_lags_leads_to_no_second_deployment(stage: FlagStage) -> None:
    """What was just begun is not told yet: another pull is taken for what it is, and looking again tells."""
    change = planned(stage)
    stage.aws.appconfig.pass_by(minutes=2)
    stage.aws.appconfig.lag = 60.0
    lever = stage.lever(stage.upstream)
    assert lever.apply(change, within=5).result is Result.CHANGED
    assert looked(stage, change)[0] is Held.NOT_HELD
    with pytest.raises(Busy):
        lever.apply(change, within=5)
    stage.aws.appconfig.lag = 0.0
    assert looked(stage, change)[0] is Held.HELD
    assert len(stage.deployments()) == 2


def test_what_others_deployed_meanwhile_stays_trap_19(stage: FlagStage) -> None:
    """Of a flag the rest of the profile is nobody's business: it is put back beside their change."""
    change = pulled(stage)
    stage.deploy(stage.version(flags(enabled=False, other=False)))
    assert stage.lever(stage.upstream).restore(change, within=5).result is Result.CHANGED
    assert stage.served() == flags(enabled=True, other=False)


def test_whoever_deployed_a_version_keeps_it_trap_19(stage: FlagStage) -> None:
    """Of a whole version nothing can be put back beside theirs."""
    change = pulled(stage, {"version": "2"}, flag=None)
    stage.deploy("3")
    with pytest.raises(Drift, match="at version 3, not at version 2"):
        stage.lever(stage.upstream).restore(change, within=5)
