"""aws.eventbridge_rule on the moto server: other buses, rules of services, and what the contract does not ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Matter, Ready
from psfir.errors import Drift, NoSuchTarget, Refusal, UsageError
from psfir.levers.aws.eventbridge_rule import EventBridgeRule
from psfir.range.aws.moto import ACCOUNT, REGION
from psfir.range.aws.server import AwsRange
from psfir.vendors.aws import AwsClient
from tests.levers.aws.moto import connection, enforced, moto
from tests.levers.aws.stage_eventbridge_rule import RULE, SETTINGS, TARGET, EventBridgeRuleStage

ALL_CALLS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


@pytest.fixture
def stage() -> Iterator[EventBridgeRuleStage]:
    with EventBridgeRuleStage() as stage:
        yield stage


def planned(lever: EventBridgeRule, target: Mapping[str, Json] = TARGET) -> Change:
    change = lever.plan(target, lever.read(target, within=5), Mode.DISABLE, SETTINGS)
    assert isinstance(change, Change)
    return change


def test_a_rule_on_another_bus_is_another_rule(stage: EventBridgeRuleStage) -> None:
    """Of the same name: the one on the default bus goes on."""
    stage.world.do("events", "CreateEventBus", Name="agents")
    stage.world.do("events", "PutRule", Name=RULE, EventBusName="agents", EventPattern='{"source": ["acme"]}')
    lever, target = stage.lever(stage.upstream), {**TARGET, "rule": f"agents/{RULE}"}
    change = planned(lever, target)
    assert lever.apply(change, within=5).result is Result.CHANGED
    assert not stage.pulled()
    there = stage.world.get("events", "DescribeRule", Name=RULE, EventBusName="agents")
    assert there["State"] == "DISABLED"
    assert lever.restore(change, within=5).result is Result.CHANGED


def test_a_rule_that_a_service_manages_is_refused(stage: EventBridgeRuleStage) -> None:
    """The plan says whose it is, and check says it the day before."""
    bus = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default"
    stage.world.do("events", "CreateArchive", ArchiveName="all", EventSourceArn=bus)
    (theirs,) = stage.world.get("events", "ListRules", NamePrefix="Events-Archive-")["Rules"]
    lever, target = stage.lever(stage.upstream), {**TARGET, "rule": theirs["Name"]}
    with pytest.raises(Refusal, match="is managed by"):
        planned(lever, target)
    found = lever.check(target, SETTINGS, within=5)
    assert (Matter.TARGET, Ready.WOULD_FAIL) in {(each.matter, each.ready) for each in found}


def test_a_state_that_cannot_be_put_back_is_refused(stage: EventBridgeRuleStage) -> None:
    """Enabling it again would make another state of it."""
    stage.world.do("events", "PutRule", Name=RULE, ScheduleExpression="rate(1 day)", State=ALL_CALLS)
    with pytest.raises(Refusal, match=ALL_CALLS):
        planned(stage.lever(stage.upstream))


@pytest.mark.parametrize("rule", ["gone", "gone/nightly-agent-run"])
def test_a_rule_that_is_not_there_is_no_such_target(stage: EventBridgeRuleStage, rule: str) -> None:
    """Nor one on a bus that is not there."""
    with pytest.raises(NoSuchTarget):
        stage.lever(stage.upstream).read({**TARGET, "rule": rule}, within=5)


def test_an_arn_is_not_taken_for_a_bus(stage: EventBridgeRuleStage) -> None:
    """What to say instead is said."""
    with pytest.raises(UsageError, match="is an ARN") as refused:
        stage.lever(stage.upstream).read({**TARGET, "rule": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/x"}, within=5)
    assert "BUS/NAME" in refused.value.todo


def test_a_rule_that_fires_on_something_else_by_now_is_not_enabled_trap_19(stage: EventBridgeRuleStage) -> None:
    """Both schedules are in the sentence, and what somebody made of it stands."""
    lever = stage.lever(stage.upstream)
    change = planned(lever)
    lever.apply(change, within=5)
    stage.world.do("events", "PutRule", Name=RULE, ScheduleExpression="rate(5 minutes)", State="DISABLED")
    with pytest.raises(Drift, match=r"rate\(5 minutes\).*rate\(1 day\)"):
        lever.restore(change, within=5)
    assert stage.pulled()


def test_check_names_what_is_missing_to_put_it_back(stage: EventBridgeRuleStage) -> None:
    """A credential that may only disable kills well tonight; that another one has to end it is said."""
    own = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{RULE}"
    one = {"Effect": "Allow", "Action": ["events:DescribeRule", "events:DisableRule"], "Resource": own}
    keys = stage.world.user("psfir", {"Version": "2012-10-17", "Statement": [one]})
    with AwsRange(moto(), AwsClient(connection())) as aws:
        found = EventBridgeRule(connection(aws.url, keys)).check(TARGET, SETTINGS, within=10)
    told = {each.matter: each for each in found}
    assert told[Matter.TARGET].ready is Ready.READY
    assert told[Matter.PERMISSION].ready is Ready.BEWARE
    assert "deny events:EnableRule, which putting it back needs" in told[Matter.PERMISSION].says
    assert stage.writes() == 0


def test_it_takes_no_more_than_it_says(stage: EventBridgeRuleStage) -> None:
    """With policies enforced, the permissions of `about` suffice for all of it."""
    actions = [one.action for one in EventBridgeRule.about.permissions]
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    keys = stage.world.user("psfir", {"Version": "2012-10-17", "Statement": [statement]})
    with enforced():
        lever = EventBridgeRule(connection(keys=keys))
        change = planned(lever)
        assert lever.apply(change, within=5).result is Result.CHANGED
        assert lever.verify(change, within=5).held is Held.HELD
        assert lever.restore(change, within=5).result is Result.CHANGED
