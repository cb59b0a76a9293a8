"""aws.api_gateway_throttle and what stands beside a stage's own limits: usage plans, HTTP and WebSocket APIs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Change
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.errors import Refusal, UsageError
from psfir.range.aws.server import AwsRange
from psfir.range.faulty import Fault
from psfir.range.front import Front
from psfir.range.server import Reply
from psfir.vendors.aws import AwsClient
from tests.levers.aws.moto import connection, enforced
from tests.levers.aws.stage_api_gateway_throttle import STAGE, ApiGatewayThrottleStage
from tests.levers.aws.usage_plan import UnlimitedPlanStage, UsagePlanStage


@pytest.fixture
def stage() -> Iterator[UsagePlanStage]:
    with UsagePlanStage() as stage:
        yield stage


@pytest.fixture
def aws(stage: UsagePlanStage) -> Iterator[AwsRange]:
    with AwsRange(stage.upstream, AwsClient(connection())) as aws:
        yield aws


def checked(stage: ApiGatewayThrottleStage, url: str, **target: Json) -> Sequence[Finding]:
    return stage.lever(url).check({**stage.target, **target}, stage.settings, within=20)


def of_stage(stage: UsagePlanStage, url: str, **target: Json) -> list[Finding]:
    """What a look ahead at the stage itself says of it, and not of the credential."""
    aim: dict[str, Json] = {"connection": "aws-prod", "api": stage.api, "stage": STAGE, **target}
    found = stage.lever(url).check(aim, stage.settings, within=20)
    return [one for one in found if one.matter is Matter.TARGET]


@pytest.mark.parametrize("make", [UsagePlanStage, UnlimitedPlanStage])
def test_a_plan_goes_off_and_comes_back(make: type[UsagePlanStage]) -> None:
    """With the numbers that it had, or with none; the stage that it is for is not touched."""
    with make() as stage:
        lever = stage.lever(stage.upstream)
        before, methods = stage.found(), stage.methods()
        change = lever.plan(stage.target, lever.read(stage.target, within=20), Mode.ISOLATE, stage.settings)
        assert isinstance(change, Change)
        assert f"the usage plan {stage.plan} lets through nothing for the whole plan" in change.why
        lever.apply(change, within=20)
        assert (stage.pulled(), stage.methods()) == (True, methods)
        lever.restore(change, within=20)
        assert stage.found() == before


def test_a_plan_with_limits_for_single_methods_is_refused(stage: UsagePlanStage) -> None:
    """They count before its own, so that it would not be off; moto keeps none, so the answer is AWS's own shape."""
    throttled: Json = {
        "apiId": stage.api,
        "stage": STAGE,
        "throttle": {"/chat/POST": {"rateLimit": 5, "burstLimit": 1}},
    }
    body: Json = {"id": stage.plan, "name": "partners", "apiStages": [throttled], "throttle": {"rateLimit": 50}}
    with Front(stage.upstream) as front:
        front.fault(Fault("own", reply=Reply(200, body)), when=lambda asked: "usageplans" in asked.path)
        with pytest.raises(Refusal, match=rf"limits of its own for /chat/POST of {stage.api}:{STAGE}") as refused:
            stage.lever(front.url).read(stage.target, within=20)
    assert refused.value.todo


def test_a_look_ahead_names_the_plans_of_a_stage(stage: UsagePlanStage, aws: AwsRange) -> None:
    """Those that have limits of their own, which callers with their keys go by first."""
    there, beside = of_stage(stage, aws.url)
    assert (there.ready, beside.ready) == (Ready.READY, Ready.BEWARE)
    assert "the usage plan partners has limits of its own for this stage" in beside.says
    assert f"pull plan: {stage.plan}" in beside.todo
    patch: Json = [{"op": "remove", "path": "/throttle"}]
    stage.world.do("apigateway", "UpdateUsagePlan", usagePlanId=stage.plan, patchOperations=patch)
    assert len(of_stage(stage, aws.url)) == 1


def test_a_look_ahead_at_a_plan(stage: UsagePlanStage, aws: AwsRange) -> None:
    """Is it there, and may it be changed."""
    arn = f"arn:aws:apigateway:*::/usageplans/{stage.plan}"
    statement: Json = {"Effect": "Allow", "Action": "apigateway:GET", "Resource": arn}
    keys = stage.world.user("looks", {"Version": "2012-10-17", "Statement": [statement]})
    lever = type(stage.lever(aws.url))(connection(aws.url, keys))
    found = {one.matter: one for one in lever.check(stage.target, stage.settings, within=20)}
    assert found[Matter.TARGET].says == f"the usage plan {stage.plan} is there"
    assert (found[Matter.PERMISSION].ready, "apigateway:PATCH" in found[Matter.PERMISSION].says) == (
        Ready.WOULD_FAIL,
        True,
    )
    gone = {one.matter: one.ready for one in checked(stage, aws.url, plan="nobody")}
    assert gone[Matter.TARGET] is Ready.WOULD_FAIL


@pytest.mark.parametrize(("kind", "says"), [("HTTP", "an HTTP API"), ("WEBSOCKET", "a WebSocket API")])
def test_an_api_of_another_kind_is_named(stage: UsagePlanStage, aws: AwsRange, kind: str, says: str) -> None:
    """What this lever leaves alone is told apart from what is not there."""
    more = {"RouteSelectionExpression": "$request.body.action"} if kind == "WEBSOCKET" else {}
    other = stage.world.do("apigatewayv2", "CreateApi", Name="other", ProtocolType=kind, **more)["ApiId"]
    _, found = of_stage(stage, aws.url, api=other)
    assert (found.ready, f"{other} is {says}, and this lever limits stages of REST APIs alone" in found.says) == (
        Ready.WOULD_FAIL,
        True,
    )
    assert len(of_stage(stage, aws.url, api="nobody12")) == 1


def test_without_the_rights_to_look_beside_it_says_so(stage: UsagePlanStage, aws: AwsRange) -> None:
    """The kill needs neither: that it cannot be told is no failure."""
    arn = f"arn:aws:apigateway:*::/restapis/{stage.api}/stages/{STAGE}"
    statement: Json = {"Effect": "Allow", "Action": ["apigateway:GET", "apigateway:PATCH"], "Resource": arn}
    keys = stage.world.user("kills", {"Version": "2012-10-17", "Statement": [statement]})
    lever = type(stage.lever(aws.url))(connection(aws.url, keys))
    aim: dict[str, Json] = {"connection": "aws-prod", "api": stage.api, "stage": STAGE}
    with enforced():
        found = lever.check(aim, stage.settings, within=20)
    (untold,) = [one for one in found if one.matter is Matter.TARGET and one.ready is Ready.COULD_NOT_TELL]
    assert untold.says.startswith("whether a usage plan has limits of its own for this stage cannot be told")
    assert "allow apigateway:GET" in untold.todo


def test_an_api_needs_its_stage(stage: UsagePlanStage) -> None:
    """Said before anything is asked."""
    with pytest.raises(UsageError, match="not told which stage"):
        stage.lever("http://127.0.0.1:1").read({"connection": "aws-prod", "api": stage.api}, within=1)
