"""aws.sqs_policy on the moto server: the statements of others, and what the contract does not ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Ready
from psfir.errors import Drift, LeverError, NoSuchTarget, UsageError
from psfir.levers.aws.queue_policy import denied, parsed
from psfir.levers.aws.sqs_policy import SqsPolicy
from psfir.range.aws.server import AwsRange
from psfir.range.faulty import Fault
from psfir.range.front import Front
from psfir.range.server import Reply
from psfir.vendors.aws import AwsClient
from tests.levers.aws.moto import connection, enforced, moto
from tests.levers.aws.stage import operation
from tests.levers.aws.stage_sqs_policy import ARN, DENIED, OWNERS, SETTINGS, TARGET, BareQueueStage, SqsPolicyStage


@pytest.fixture
def stage() -> Iterator[SqsPolicyStage]:
    with SqsPolicyStage() as stage:
        yield stage


def planned(lever: SqsPolicy, settings: Mapping[str, Json] = SETTINGS) -> Change:
    change = lever.plan(TARGET, lever.read(TARGET, within=5), Mode.DISABLE, settings)
    assert isinstance(change, Change)
    return change


def test_what_others_say_of_the_queue_stays(stage: SqsPolicyStage) -> None:
    """During the kill and after it the policy is theirs to the letter, one statement more or less."""
    before = stage.policy()
    lever = stage.lever(stage.upstream)
    change = planned(lever)
    lever.apply(change, within=5)
    assert stage.policy() == {**(before or {}), "Statement": [OWNERS, DENIED]}
    lever.restore(change, within=5)
    assert stage.policy() == before


def test_what_others_say_meanwhile_stays_too(stage: SqsPolicyStage) -> None:
    """A restore takes out one statement, whatever was put beside it since."""
    lever = stage.lever(stage.upstream)
    change = planned(lever)
    lever.apply(change, within=5)
    later = {**OWNERS, "Sid": "later"}
    stage.put(later, DENIED)
    assert lever.restore(change, within=5).result is Result.CHANGED
    assert (stage.policy() or {})["Statement"] == [later]


def test_a_queue_without_a_policy_has_none_again() -> None:
    """An empty one would be something else."""
    with BareQueueStage() as stage:
        assert stage.policy() is None
        lever = stage.lever(stage.upstream)
        change = planned(lever)
        lever.apply(change, within=5)
        assert stage.pulled()
        lever.restore(change, within=5)
        assert stage.policy() is None


def test_two_kills_on_one_queue_are_put_back_one_by_one(stage: SqsPolicyStage) -> None:
    """The first one's restore leaves the second one standing."""
    lever = stage.lever(stage.upstream)
    receive = planned(lever)
    lever.apply(receive, within=5)
    send = planned(lever, {"deny": ["send"]})
    lever.apply(send, within=5)
    assert receive.target["statement"] != send.target["statement"]
    lever.restore(receive, within=5)
    assert not stage.pulled()
    assert lever.verify(send, within=5).held is Held.HELD
    lever.restore(send, within=5)
    assert (stage.policy() or {})["Statement"] == [OWNERS]


def test_a_policy_of_a_single_statement_is_one_of_many(stage: SqsPolicyStage) -> None:
    """The language of policies lets the brackets be left out."""
    text = '{"Version": "2012-10-17", "Statement": {"Sid": "one", "Effect": "Allow"}}'
    stage.world.do("sqs", "SetQueueAttributes", QueueUrl=stage.url, Attributes={"Policy": text})
    lever = stage.lever(stage.upstream)
    lever.apply(planned(lever), within=5)
    assert [one["Sid"] for one in (stage.policy() or {})["Statement"]] == ["one", DENIED["Sid"]]


def test_a_statement_that_somebody_altered_is_not_taken_out_trap_19(stage: SqsPolicyStage) -> None:
    """It says what they want by now."""
    lever = stage.lever(stage.upstream)
    change = planned(lever)
    lever.apply(change, within=5)
    stage.disturb()
    assert "something else" in lever.verify(change, within=5).says
    with pytest.raises(Drift):
        lever.restore(change, within=5)


@pytest.mark.parametrize("text", ["{", "[]", '{"Version": "2012-10-17"}'])
def test_a_policy_that_cannot_be_read_is_not_written_over(text: str) -> None:
    """Whatever it says would be lost."""
    with pytest.raises(LeverError, match="cannot be read"):
        parsed(text, "connection aws-prod")


def test_an_answer_without_the_queues_arn_is_no_reading(stage: SqsPolicyStage) -> None:
    """A statement has to name the queue."""
    with Front(stage.upstream) as front:
        odd = Fault("odd", reply=Reply(200, {"Attributes": {}}))
        front.fault(odd, when=lambda asked: operation(asked) == "GetQueueAttributes")
        with pytest.raises(LeverError, match="without the queue's ARN"):
            stage.lever(front.url).read(TARGET, within=5)


def test_a_queue_that_is_not_there_is_no_such_target(stage: SqsPolicyStage) -> None:
    """SQS has a word of its own for it."""
    with pytest.raises(NoSuchTarget):
        stage.lever(stage.upstream).read({**TARGET, "queue": "gone"}, within=5)


@pytest.mark.parametrize("queue", [ARN, "https://sqs.eu-west-1.amazonaws.com/123456789012/agent-jobs"])
def test_a_queue_goes_by_its_name_alone(stage: SqsPolicyStage, queue: str) -> None:
    """A URL would lead past the connection's own account and region."""
    with pytest.raises(UsageError, match="say its name"):
        stage.lever(stage.upstream).read({**TARGET, "queue": queue}, within=5)


def test_what_is_denied_is_told_in_words() -> None:
    """As the setting words it."""
    assert denied({**DENIED, "Action": ["sqs:SendMessage", "sqs:ReceiveMessage"]}) == "send and receive"
    assert denied({**DENIED, "Action": "sqs:SendMessage"}) == "send"


def test_it_takes_no_more_than_it_says(stage: SqsPolicyStage) -> None:
    """With policies enforced, the permissions of `about` suffice for all of it; check weighs the queue, too."""
    actions = [one.action for one in SqsPolicy.about.permissions]
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    keys = stage.world.user("psfir", {"Version": "2012-10-17", "Statement": [statement]})
    own = stage.world.user("own", {"Version": "2012-10-17", "Statement": [{**statement, "Resource": ARN}]})
    with enforced():
        lever = SqsPolicy(connection(keys=keys))
        change = planned(lever)
        assert lever.apply(change, within=5).result is Result.CHANGED
        assert lever.verify(change, within=5).held is Held.HELD
        assert lever.restore(change, within=5).result is Result.CHANGED
    with AwsRange(moto(), AwsClient(connection())) as aws:
        found = SqsPolicy(connection(aws.url, own)).check(TARGET, SETTINGS, within=10)
    assert {each.ready for each in found} == {Ready.READY}
