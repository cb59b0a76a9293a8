"""aws.api_gateway_throttle on the moto server: what the contract does not ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from psfir.domain.change import Change, Held
from psfir.domain.modes import Mode
from psfir.domain.preflight import Matter, Ready
from psfir.errors import Drift, NoSuchTarget, UsageError
from psfir.levers.aws.api_gateway_throttle import ApiGatewayThrottle
from psfir.range.aws.server import AwsRange
from psfir.vendors.aws import AwsClient
from tests.levers.aws.moto import connection, moto
from tests.levers.aws.stage_api_gateway_throttle import ApiGatewayThrottleStage, UnlimitedStage


@pytest.fixture
def stage() -> Iterator[ApiGatewayThrottleStage]:
    with ApiGatewayThrottleStage() as stage:
        yield stage


@pytest.fixture
def unlimited() -> Iterator[UnlimitedStage]:
    with UnlimitedStage() as stage:
        yield stage


def planned(stage: ApiGatewayThrottleStage, lever: ApiGatewayThrottle, **more: str) -> Change:
    target = {**stage.target, **more}
    change = lever.plan(target, lever.read(target, within=20), Mode.DISABLE, stage.settings)
    assert isinstance(change, Change)
    return change


def test_a_method_with_a_limit_of_its_own_goes_off_with_the_stage(stage: ApiGatewayThrottleStage) -> None:
    """Its own limit is the one that counts for it: it would have gone on."""
    lever = stage.lever(stage.upstream)
    change = planned(stage, lever)
    lever.apply(change, within=20)
    assert stage.pulled()
    lever.restore(change, within=20)
    assert {key: one["throttlingRateLimit"] for key, one in stage.methods().items()} == {"*/*": 100, "~1chat/POST": 20}


def test_a_method_that_gets_a_limit_of_its_own_later_is_seen(stage: ApiGatewayThrottleStage) -> None:
    """Somebody lets one method through again."""
    lever = stage.lever(stage.upstream)
    change = planned(stage, lever)
    lever.apply(change, within=20)
    stage.patch("/~1chat/GET/throttling/rateLimit", "50")
    assert lever.verify(change, within=20).held is Held.NOT_HELD


def test_what_had_no_limit_has_none_afterwards(unlimited: UnlimitedStage) -> None:
    """The entry is taken away: a number of any size would be another state."""
    lever = unlimited.lever(unlimited.upstream)
    change = planned(unlimited, lever)
    lever.apply(change, within=20)
    assert unlimited.pulled()
    lever.restore(change, within=20)
    assert unlimited.methods() == {}


def test_what_somebody_set_there_meanwhile_is_not_taken_away_trap_19(unlimited: UnlimitedStage) -> None:
    """Logging was switched on to look at the incident, in the entry that the kill has made."""
    lever = unlimited.lever(unlimited.upstream)
    change = planned(unlimited, lever)
    lever.apply(change, within=20)
    unlimited.patch("/*/*/logging/loglevel", "INFO")
    with pytest.raises(Drift, match="other settings for the whole stage"):
        lever.restore(change, within=20)
    assert unlimited.methods()["*/*"]["loggingLevel"] == "INFO"


def test_one_method_alone(stage: ApiGatewayThrottleStage) -> None:
    """All others go on, and it is told that it gets settings of its own."""
    lever = stage.lever(stage.upstream)
    change = planned(stage, lever, method="get /tickets/{id}")
    assert "GET /tickets/{id} gets settings of its own" in lever.read(change.target, within=20).notes[0]
    lever.apply(change, within=20)
    limits = {key: one["throttlingRateLimit"] for key, one in stage.methods().items()}
    assert limits == {"*/*": 100, "~1chat/POST": 20, "~1tickets~1{id}/GET": 0}
    lever.restore(change, within=20)
    assert "~1tickets~1{id}/GET" not in stage.methods()


def test_what_is_not_there_is_no_such_target(stage: ApiGatewayThrottleStage) -> None:
    """An API or a stage that a runbook still names, and a method that is none."""
    lever = stage.lever(stage.upstream)
    for gone in ({"api": "gone"}, {"stage": "gone"}):
        with pytest.raises(NoSuchTarget):
            lever.read({**stage.target, **gone}, within=20)
    with pytest.raises(UsageError, match="say it as POST /chat"):
        lever.read({**stage.target, "method": "chat"}, within=20)


def test_check_looks_at_the_stage_and_the_permissions(stage: ApiGatewayThrottleStage) -> None:
    """Policies name HTTP's own methods, on the stage's path."""
    arn = f"arn:aws:apigateway:*::/restapis/{stage.api}/stages/*"
    reading = {"Effect": "Allow", "Action": "apigateway:GET", "Resource": arn}
    both = {**reading, "Action": ["apigateway:GET", "apigateway:PATCH"]}
    with AwsRange(moto(), AwsClient(connection())) as aws:
        for name, statement, ready in (("looks", reading, Ready.WOULD_FAIL), ("kills", both, Ready.READY)):
            keys = stage.world.user(name, {"Version": "2012-10-17", "Statement": [statement]})
            findings = ApiGatewayThrottle(connection(aws.url, keys)).check(stage.target, stage.settings, within=20)
            assert {one.matter: one.ready for one in findings}[Matter.PERMISSION] is ready
    assert stage.writes() == 0
