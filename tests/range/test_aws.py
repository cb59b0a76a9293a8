"""The range's AWS: IAM's policy simulation over the policies that moto has, read by botocore's own parser."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from psfir.domain.canon import Json
from psfir.errors import Denied, NoSuchTarget
from psfir.range.aws.server import AwsRange
from psfir.vendors.aws import AwsClient
from psfir.vendors.aws_query import QueryService
from tests.levers.aws.moto import World, connection, moto, reset

ROLE = "support-agent"


@pytest.fixture
def world() -> World:
    reset()
    return World()


@pytest.fixture
def aws(world: World) -> Iterator[AwsRange]:
    with AwsRange(moto(), AwsClient(connection())) as aws:
        yield aws


def policy(*statements: Mapping[str, Json]) -> dict[str, Json]:
    return {"Version": "2012-10-17", "Statement": [{"Resource": "*", **one} for one in statements]}


def simulated(aws: AwsRange, arn: str, *actions: str, **more: Json) -> dict[str, Any]:
    """What botocore makes of the answer, by action."""
    params = {"PolicySourceArn": arn, "ActionNames": list(actions), **more}
    said = AwsClient(connection(aws.url)).read("iam", "SimulatePrincipalPolicy", params, within=30)
    assert said["IsTruncated"] is False
    return {one["EvalActionName"]: one for one in said["EvaluationResults"]}


def decisions(aws: AwsRange, arn: str, *actions: str, **more: Json) -> list[str]:
    return [one["EvalDecision"] for one in simulated(aws, arn, *actions, **more).values()]


def test_a_roles_own_policies_decide(world: World, aws: AwsRange) -> None:
    """What is allowed, what nobody allows, and what is denied although it is allowed."""
    arn = world.role(ROLE)
    world.allow(ROLE, policy({"Effect": "Allow", "Action": ["iam:Get*", "iam:PutRolePolicy"]}))
    world.allow(ROLE, policy({"Effect": "Deny", "Action": "iam:putrole*"}), policy="stop")
    wanted = ["allowed", "explicitDeny", "implicitDeny"]
    assert decisions(aws, arn, "iam:GetRole", "iam:PutRolePolicy", "ecs:UpdateService") == wanted


def test_resources_count(world: World, aws: AwsRange) -> None:
    """A policy for one role says nothing of another, and NotAction allows all the rest."""
    arn = world.role(ROLE)
    mine = "arn:aws:iam::123456789012:role/support-*"
    world.allow(ROLE, policy({"Effect": "Allow", "NotAction": "s3:*", "Resource": mine}))
    assert decisions(aws, arn, "iam:GetRole", ResourceArns=[arn]) == ["allowed"]
    assert decisions(aws, arn, "s3:GetObject", ResourceArns=[arn]) == ["implicitDeny"]
    assert decisions(aws, arn, "iam:GetRole", ResourceArns=[arn.replace("support", "other")]) == ["implicitDeny"]


def test_a_condition_is_named_as_missing(world: World, aws: AwsRange) -> None:
    """It cannot be told, which is not allowed."""
    arn = world.role(ROLE)
    condition = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    world.allow(ROLE, policy({"Effect": "Allow", "Action": "*", "Condition": condition}))
    found = simulated(aws, arn, "iam:GetRole")["iam:GetRole"]
    assert (found["EvalDecision"], found["MissingContextValues"]) == ("implicitDeny", ["aws:RequestedRegion"])


@pytest.mark.parametrize(
    ("condition", "value", "holds"),
    [
        ({"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}, "us-east-1", True),
        ({"StringLike": {"aws:RequestedRegion": ["us-*", "eu-*"]}}, "eu-west-1", True),
        ({"StringNotLike": {"aws:RequestedRegion": "eu-*"}}, "eu-west-1", False),
        ({"StringLike": {"aws:requestedregion": "eu-?"}}, "eu-west-1", False),
    ],
)
def test_a_condition_is_weighed_with_its_key(
    world: World, aws: AwsRange, condition: Json, value: str, holds: bool
) -> None:
    """As far as its operator is known; one that is not is named, as if its key were missing."""
    arn = world.role(ROLE)
    world.allow(ROLE, policy({"Effect": "Allow", "Action": "*", "Condition": condition}))
    context: Json = [{"ContextKeyName": "aws:RequestedRegion", "ContextKeyValues": [value], "ContextKeyType": "string"}]
    wanted = "allowed" if holds else "implicitDeny"
    assert decisions(aws, arn, "iam:GetRole", ContextEntries=context) == [wanted]
    odd: Json = {"DateLessThan": {"aws:RequestedRegion": "2030-01-01T00:00:00Z"}}
    world.allow(ROLE, policy({"Effect": "Allow", "Action": "*", "Condition": odd}))
    found = simulated(aws, arn, "iam:GetRole", ContextEntries=context)["iam:GetRole"]
    assert (found["EvalDecision"], found["MissingContextValues"]) == ("implicitDeny", ["aws:RequestedRegion"])


def test_of_several_resources_each_is_decided(world: World, aws: AwsRange) -> None:
    """The answer as a whole is the worst of them, and names none of them."""
    arn = world.role(ROLE)
    world.allow(ROLE, policy({"Effect": "Allow", "Action": "*", "Resource": arn}))
    found = simulated(aws, arn, "iam:GetRole", ResourceArns=[arn, f"{arn}-2"])["iam:GetRole"]
    assert (found["EvalDecision"], found["EvalResourceName"]) == ("implicitDeny", "*")
    each = {one["EvalResourceName"]: one["EvalResourceDecision"] for one in found["ResourceSpecificResults"]}
    assert each == {arn: "allowed", f"{arn}-2": "implicitDeny"}


def test_attached_policies_and_groups_and_the_boundary_count(world: World, aws: AwsRange) -> None:
    """A user's policies may come from a group, and a boundary has to allow as well."""
    world.user("psfir", policy({"Effect": "Allow", "Action": "s3:GetObject"}))
    document = json.dumps(policy({"Effect": "Allow", "Action": ["iam:*", "ecs:*"]}))
    managed = world.do("iam", "CreatePolicy", PolicyName="wide", PolicyDocument=document)["Policy"]["Arn"]
    world.do("iam", "CreateGroup", GroupName="on-call")
    world.do("iam", "AttachGroupPolicy", GroupName="on-call", PolicyArn=managed)
    arn = "arn:aws:iam::123456789012:user/psfir"
    assert decisions(aws, arn, "s3:GetObject", "iam:GetRole") == ["allowed", "implicitDeny"]
    world.do("iam", "AddUserToGroup", GroupName="on-call", UserName="psfir")
    assert decisions(aws, arn, "iam:GetRole") == ["allowed"]
    narrow = json.dumps(policy({"Effect": "Allow", "Action": "ecs:*"}))
    limit = world.do("iam", "CreatePolicy", PolicyName="limit", PolicyDocument=narrow)["Policy"]["Arn"]
    role = world.role("bounded", PermissionsBoundary=limit)
    world.do("iam", "AttachRolePolicy", RoleName="bounded", PolicyArn=managed)
    assert decisions(aws, role, "iam:GetRole", "ecs:UpdateService") == ["implicitDeny", "allowed"]


def test_a_policy_handed_in_counts_too(world: World, aws: AwsRange) -> None:
    """What would be, if it were put there."""
    arn = world.role(ROLE)
    world.allow(ROLE)
    deny = json.dumps(policy({"Effect": "Deny", "Action": "bedrock:*"}))
    assert decisions(aws, arn, "bedrock:InvokeModel", PolicyInputList=[deny]) == ["explicitDeny"]


def test_who_may_not_ask_is_denied(world: World, aws: AwsRange) -> None:
    """As most credentials are; the missing action is named."""
    aws.simulates = False
    with pytest.raises(Denied, match="allow iam:SimulatePrincipalPolicy"):
        decisions(aws, world.role(ROLE), "iam:GetRole")


@pytest.mark.parametrize("whose", ["role/nobody", "user/nobody", "group/nobody"])
def test_nobodys_policies_cannot_be_simulated(aws: AwsRange, whose: str) -> None:
    """As IAM says it."""
    with pytest.raises(NoSuchTarget, match="NoSuchEntity"):
        decisions(aws, f"arn:aws:iam::123456789012:{whose}", "iam:GetRole")


def test_everything_else_is_motos(world: World, aws: AwsRange) -> None:
    """Of IAM and of other services."""
    arn = world.role(ROLE)
    client = AwsClient(connection(aws.url))
    assert client.read("iam", "GetRole", {"RoleName": ROLE}, within=30)["Role"]["Arn"] == arn
    assert client.read("sqs", "ListQueues", {}, within=30)


def test_a_form_is_read_by_the_models_shapes() -> None:
    """Lists, structures in lists, numbers and truths; what is no operation of the service is none."""
    form = (
        "Action=SimulatePrincipalPolicy&Version=2010-05-08&PolicySourceArn=a&ActionNames.member.1=x&ActionNames.member.2=y"
        "&ContextEntries.member.1.ContextKeyName=k&ContextEntries.member.1.ContextKeyValues.member.1=v&MaxItems=7"
    )
    asked = QueryService("iam").asked(form.encode())
    assert asked is not None
    assert asked.params == {
        "PolicySourceArn": "a",
        "ActionNames": ["x", "y"],
        "ContextEntries": [{"ContextKeyName": "k", "ContextKeyValues": ["v"]}],
        "MaxItems": 7,
    }
    assert QueryService("iam").asked(b"Action=GetCallerIdentity&Version=2011-06-15") is None
    assert QueryService("iam").asked(b'{"json": true}') is None


def test_an_answer_holds_what_the_model_has_and_nothing_else() -> None:
    """Maps and truths as the protocol writes them; a member nobody knows is a mistake of the range."""
    iam = QueryService("iam")
    one = {"EvalDecisionDetails": {"a<b": "allowed"}, "EvalActionName": "x"}
    said = iam.answer("SimulatePrincipalPolicy", {"EvaluationResults": [one], "IsTruncated": False})
    assert b"<entry><key>a&lt;b</key><value>allowed</value></entry>" in said
    assert b"<IsTruncated>false</IsTruncated>" in said
    with pytest.raises(KeyError):
        iam.answer("SimulatePrincipalPolicy", {"Nonsense": 1})
