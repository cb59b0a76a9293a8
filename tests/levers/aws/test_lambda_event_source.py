"""aws.lambda_event_source on the moto server, with the states on the way that moto passes over."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from psfir.domain.change import Change, Held, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Matter, Ready
from psfir.errors import Busy, Drift, LeverError, NoSuchTarget
from psfir.levers.aws.lambda_event_source import LambdaEventSource
from psfir.range.aws.moto import ACCOUNT, REGION
from psfir.range.aws.server import AwsRange
from psfir.range.faulty import Fault
from psfir.range.front import Front
from psfir.range.server import Asked, Reply
from psfir.vendors.aws import AwsClient
from tests.levers.aws.moto import connection, enforced, moto
from tests.levers.aws.stage_lambda_event_source import FUNCTION, SETTINGS, LambdaEventSourceStage

IN_USE = Reply(400, {"__type": "ResourceInUseException", "Message": "because it is in use"})


@pytest.fixture
def stage() -> Iterator[LambdaEventSourceStage]:
    with LambdaEventSourceStage() as stage:
        yield stage


def planned(stage: LambdaEventSourceStage, lever: LambdaEventSource) -> Change:
    change = lever.plan(stage.target, lever.read(stage.target, within=5), Mode.DISABLE, SETTINGS)
    assert isinstance(change, Change)
    return change


def lever_of(stage: LambdaEventSourceStage) -> LambdaEventSource:
    return stage.lever(stage.upstream)


def saying(**said: str) -> Fault:
    """Lambda's own answer, with this in it."""

    def spoil(answer: Reply) -> Reply:
        assert isinstance(answer.body, bytes)
        return Reply(answer.status, {**json.loads(answer.body), **said}, {"Content-Type": "application/json"})

    return Fault("another state", spoil=spoil)


def looking(asked: Asked) -> bool:
    return asked.method == "GET"


def test_one_that_is_on_its_way_is_so_already_and_does_not_hold_yet(stage: LambdaEventSourceStage) -> None:
    """While Lambda is still disabling it, batches are handed over: no second write, and no success."""
    with Front(stage.upstream) as front:
        lever = stage.lever(front.url)
        change = planned(stage, lever)
        front.fault(saying(State="Disabling"), when=looking)
        outcome, look = lever.apply(change, within=5), lever.verify(change, within=5)
    assert outcome.result is Result.ALREADY_SO
    assert "still disabling it" in outcome.says
    assert look.held is Held.NOT_HELD
    assert "hands over what it has taken already" in look.says
    assert stage.writes() == 0


def test_a_pull_says_that_batches_are_still_handed_over(stage: LambdaEventSourceStage) -> None:
    """The answer to the write says that it is on its way."""
    with Front(stage.upstream) as front:
        lever = stage.lever(front.url)
        change = planned(stage, lever)
        front.fault(saying(State="Disabling"), when=stage.writing)
        outcome = lever.apply(change, within=5)
    assert outcome.result is Result.CHANGED
    assert "still disabling it" in outcome.says
    assert lever_of(stage).verify(change, within=5).held is Held.HELD


@pytest.mark.parametrize("state", ["Creating", "Updating"])
def test_a_state_that_takes_no_change_is_busy(stage: LambdaEventSourceStage, state: str) -> None:
    """Whether it will be enabled is not told: a moment later it is."""
    with Front(stage.upstream) as front:
        front.fault(saying(State=state))
        with pytest.raises(Busy, match=f"is {state}"):
            stage.lever(front.url).read(stage.target, within=5)


def test_lambda_takes_no_change_while_another_is_under_way(stage: LambdaEventSourceStage) -> None:
    """Nothing was done, and it may be tried again."""
    with Front(stage.upstream) as front:
        lever = stage.lever(front.url)
        change = planned(stage, lever)
        front.fault(Fault("in use", reply=IN_USE), when=stage.writing)
        with pytest.raises(Busy):
            lever.apply(change, within=5)
    assert not stage.pulled()


def test_what_is_being_deleted_or_gone_is_no_such_target(stage: LambdaEventSourceStage) -> None:
    """A deployment that makes it anew gives it another UUID."""
    with Front(stage.upstream) as front:
        front.fault(saying(State="Deleting"))
        with pytest.raises(NoSuchTarget, match="being deleted"):
            stage.lever(front.url).read(stage.target, within=5)
    gone = {**stage.target, "mapping": "00000000-0000-0000-0000-000000000000"}
    with pytest.raises(NoSuchTarget):
        lever_of(stage).read(gone, within=5)


def test_a_state_that_nobody_knows_is_no_reading(stage: LambdaEventSourceStage) -> None:
    """Neither enabled nor disabled: unknown is never off."""
    with Front(stage.upstream) as front:
        front.fault(saying(State="Paused"))
        with pytest.raises(LeverError, match="'Paused'"):
            stage.lever(front.url).read(stage.target, within=5)


def test_one_that_feeds_another_function_by_now_is_not_enabled_trap_19(stage: LambdaEventSourceStage) -> None:
    """Somebody has moved it since the kill: whether that one may run is theirs to say."""
    lever = lever_of(stage)
    change = planned(stage, lever)
    lever.apply(change, within=5)
    stage.disturb()
    with pytest.raises(Drift, match="agent-worker-next"):
        lever.restore(change, within=5)
    assert stage.pulled()


def test_a_stream_is_noted_for_what_it_loses(stage: LambdaEventSourceStage) -> None:
    """A queue has days, a stream may have one."""
    assert lever_of(stage).read(stage.target, within=5).notes == ()
    with Front(stage.upstream) as front:
        front.fault(saying(EventSourceArn=f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/turns"), when=looking)
        notes = stage.lever(front.url).read(stage.target, within=5).notes
    assert "longer than the stream keeps it is lost" in notes[0]


def test_it_takes_no_more_than_it_says(stage: LambdaEventSourceStage) -> None:
    """With policies enforced, the permissions of `about` suffice for all of it."""
    actions = [one.action for one in LambdaEventSource.about.permissions]
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    keys = stage.world.user("psfir", {"Version": "2012-10-17", "Statement": [statement]})
    with enforced():
        lever = LambdaEventSource(connection(keys=keys))
        change = planned(stage, lever)
        assert lever.apply(change, within=5).result is Result.CHANGED
        assert lever.verify(change, within=5).held is Held.HELD
        assert lever.restore(change, within=5).result is Result.CHANGED


def test_check_looks_at_the_mapping_and_the_permissions(stage: LambdaEventSourceStage) -> None:
    """A policy for another mapping is none for this one."""
    own = f"arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:{stage.target['mapping']}"
    one = {"Effect": "Allow", "Action": "lambda:*EventSourceMapping", "Resource": own}
    fits = stage.world.user("fits", {"Version": "2012-10-17", "Statement": [one]})
    other = {"Effect": "Allow", "Action": "lambda:Get*", "Resource": "*"}
    lacks = stage.world.user("lacks", {"Version": "2012-10-17", "Statement": [other]})
    with AwsRange(moto(), AwsClient(connection())) as aws:
        found = LambdaEventSource(connection(aws.url, fits)).check(stage.target, SETTINGS, within=10)
        assert {each.matter: each.ready for each in found} == dict.fromkeys(
            (Matter.CREDENTIAL, Matter.TARGET, Matter.PERMISSION), Ready.READY
        )
        found = LambdaEventSource(connection(aws.url, lacks)).check(stage.target, {"enabled": True}, within=10)
    told = {(each.matter, each.ready): each for each in found}
    assert "already enabled" in told[Matter.TARGET, Ready.BEWARE].says
    assert "UpdateEventSourceMapping" in told[Matter.PERMISSION, Ready.WOULD_FAIL].todo
    assert stage.writes() == 0


def test_a_mapping_that_does_not_tell_its_arn_has_one_all_the_same(stage: LambdaEventSourceStage) -> None:
    """Check asks IAM about it by that."""
    with Front(stage.upstream) as front:
        front.fault(saying(EventSourceMappingArn=""), when=looking)
        said = stage.lever(front.url).check(stage.target, SETTINGS, within=5)
    assert said[1].ready is Ready.READY
    assert FUNCTION in str(lever_of(stage).read(stage.target, within=5).state)
