"""aws.alb_rule on the moto server: what the contract does not ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Change, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.errors import NoSuchTarget
from psfir.levers.aws.alb_rule import AlbRule
from psfir.levers.aws.listener_actions import normal, sent
from psfir.range.aws.server import AwsRange
from psfir.vendors.aws import AwsClient
from tests.levers.aws.moto import connection, moto
from tests.levers.aws.stage_alb_rule import AlbRuleStage


@pytest.fixture
def stage() -> Iterator[AlbRuleStage]:
    with AlbRuleStage() as stage:
        yield stage


def planned(stage: AlbRuleStage, lever: AlbRule, settings: Mapping[str, Json]) -> Change:
    change = lever.plan(stage.target, lever.read(stage.target, within=20), Mode.DEGRADE, settings)
    assert isinstance(change, Change)
    return change


def test_weights_and_stickiness_come_back(stage: AlbRuleStage) -> None:
    """A rollout was under way when it was killed: it goes on from where it was."""
    listed: Json = [{"TargetGroupArn": stage.agent, "Weight": 80}, {"TargetGroupArn": stage.static, "Weight": 20}]
    sticky: Json = {"Enabled": True, "DurationSeconds": 300}
    stage.act([{"Type": "forward", "ForwardConfig": {"TargetGroups": listed, "TargetGroupStickinessConfig": sticky}}])
    lever = stage.lever(stage.upstream)
    change = planned(stage, lever, {"forward": {stage.static: 1}})
    lever.apply(change, within=20)
    now = stage.actions()[0]["ForwardConfig"]
    assert [one["TargetGroupArn"] for one in now["TargetGroups"]] == [stage.static]
    assert now["TargetGroupStickinessConfig"]["Enabled"] is False, "whoever was sticky goes to the fallback as well"
    assert lever.restore(change, within=20).result is Result.CHANGED
    back = stage.actions()[0]["ForwardConfig"]
    assert {one["TargetGroupArn"]: one["Weight"] for one in back["TargetGroups"]} == {stage.agent: 80, stage.static: 20}
    assert back["TargetGroupStickinessConfig"] == sticky


def test_one_forward_in_two_words_is_the_same() -> None:
    """AWS takes the short form and tells both; of one group any weight is all."""
    short = {"Type": "forward", "TargetGroupArn": "arn:a", "Order": 1}
    off = {"Enabled": False}
    group = {"TargetGroupArn": "arn:a", "Weight": 100}
    long = {**short, "ForwardConfig": {"TargetGroups": [group], "TargetGroupStickinessConfig": off}}
    assert normal([short]) == normal([long])


def test_a_sign_in_keeps_its_secret_and_its_place() -> None:
    """AWS shows the secret to nobody, and takes the rule without it if it is told to keep the one it has."""
    oidc = {"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": {"ClientId": "agent"}}
    fixed = {"Type": "fixed-response", "Order": 2, "FixedResponseConfig": {"StatusCode": "503"}}
    first, second = sent(normal([fixed, oidc]))
    assert (first["Order"], second["Order"]) == (1, 2)
    assert first["AuthenticateOidcConfig"] == {"ClientId": "agent", "UseExistingClientSecret": True}


def test_a_default_rule_is_its_listeners(stage: AlbRuleStage) -> None:
    """AWS would refuse to change it by its own ARN; moto would not."""
    rules = stage.world.get("elbv2", "DescribeRules", ListenerArn=stage.listener)["Rules"]
    default = next(str(one["RuleArn"]) for one in rules if one["IsDefault"])
    with pytest.raises(NoSuchTarget, match="name its listener"):
        stage.lever(stage.upstream).read({**stage.target, "rule": default}, within=20)


def test_what_is_not_there_is_no_such_target(stage: AlbRuleStage) -> None:
    """A rule that a runbook still names."""
    with pytest.raises(NoSuchTarget):
        stage.lever(stage.upstream).read({**stage.target, "rule": f"{stage.rule}0"}, within=20)


def test_check_looks_at_the_fallback_and_who_would_undo_it_trap_8(stage: AlbRuleStage) -> None:
    """Nobody healthy behind it, another load balancer before it, a controller that made the rule."""
    tag: Json = [{"Key": "elbv2.k8s.aws/cluster", "Value": "prod"}]
    stage.world.do("elbv2", "AddTags", ResourceArns=[stage.rule], Tags=tag)
    other = stage.group("other")
    forward: Json = [{"Type": "forward", "TargetGroupArn": other}]
    more: dict[str, Json] = {"Protocol": "HTTP", "Port": 80, "DefaultActions": forward}
    stage.world.do("elbv2", "CreateListener", LoadBalancerArn=stage.balanced("inner"), **more)
    statement = {"Effect": "Allow", "Action": "elasticloadbalancing:*", "Resource": "*"}
    keys = stage.world.user("psfir", {"Version": "2012-10-17", "Statement": [statement]})
    with AwsRange(moto(), AwsClient(connection())) as aws:
        lever = AlbRule(connection(aws.url, keys))
        answers = lever.check(stage.target, stage.settings, within=20)
        empty = lever.check(stage.target, {"forward": {stage.static: 1}}, within=20)
        taken = lever.check(stage.target, {"forward": {other: 1}}, within=20)
    assert _told(answers, Ready.WOULD_FAIL) == ""
    assert "elbv2.k8s.aws/cluster prod" in _told(answers, Ready.BEWARE, Matter.UNDONE_BY)
    assert "no target of" in _told(empty, Ready.BEWARE)
    assert "serves another load balancer" in _told(taken, Ready.WOULD_FAIL)
    assert stage.writes() == 0


def _told(findings: object, ready: Ready, matter: Matter = Matter.TARGET) -> str:
    assert isinstance(findings, list)
    found: list[Finding] = findings
    return "; ".join(one.says for one in found if (one.ready, one.matter) == (ready, matter))
