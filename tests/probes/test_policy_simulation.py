"""aws.policy_simulation over the policies that moto has: what is denied, what cannot be told, what it never sees."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Change, Held
from psfir.domain.modes import Mode
from psfir.domain.verdict import Sight
from psfir.errors import UsageError
from psfir.levers.aws.iam_deny import IamDeny
from psfir.probes.aws.policy_simulation import PolicySimulation
from psfir.range.aws.server import AwsRange
from psfir.range.faulty import Fault, hang, reset
from psfir.range.front import Front
from psfir.range.server import Reply
from psfir.testing import FakeConnection
from psfir.vendors.aws import AwsClient
from psfir.vendors.aws_query import QueryService
from tests.levers.aws.moto import KEYS, World, connection, enforced, moto
from tests.levers.aws.moto import reset as empty
from tests.shares import told

HELD, NOT_HELD, UNTOLD = Held.HELD, Held.NOT_HELD, Held.COULD_NOT_TELL
ROLE, INVOKE = "support-agent", "bedrock:InvokeModel"
MODEL = "arn:aws:bedrock:eu-west-1::foundation-model/large"
SMALL = "arn:aws:bedrock:eu-west-1::foundation-model/small"
REGION = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}


def policy(effect: str, action: Json = "bedrock:*", resource: Json = "*", **more: Json) -> dict[str, Json]:
    statement: Json = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.fixture
def world() -> World:
    empty()
    world = World()
    world.role(ROLE)
    world.allow(ROLE, policy("Allow"))
    return world


@pytest.fixture
def aws(world: World) -> Iterator[AwsRange]:
    with AwsRange(moto(), AwsClient(connection())) as aws:
        yield aws


def looks(
    aws: AwsRange, decision: str, *, by: FakeConnection | None = None, within: float = 20, **more: Json
) -> dict[str, Sight]:
    target = {"role": ROLE, "actions": [INVOKE], **more}
    probe = PolicySimulation(by or connection(aws.url))
    return {sight.replica: sight for sight in probe.look(target, {"decision": decision}, within=within)}


def look(aws: AwsRange, decision: str, **more: Any) -> Sight:
    (sight,) = looks(aws, decision, **more).values()
    return sight


def helds(aws: AwsRange, **more: Any) -> list[Held]:
    return [look(aws, decision, **more).held for decision in ("explicitDeny", "denied", "allowed")]


def test_a_kill_and_its_restore_are_seen(aws: AwsRange) -> None:
    """Allowed before, denied explicitly after the pull, and allowed again after the restore."""
    assert helds(aws) == [NOT_HELD, NOT_HELD, HELD]
    lever = IamDeny(connection(aws.url))
    target: Mapping[str, Json] = {"connection": "aws-prod", "role": ROLE}
    change = lever.plan(target, lever.read(target, within=20), Mode.DISABLE, {"deny": ["bedrock:InvokeModel*"]})
    assert isinstance(change, Change)
    lever.apply(change, within=20)
    assert helds(aws) == [HELD, HELD, NOT_HELD]
    assert look(aws, "explicitDeny").says == "denied explicitly"
    found = looks(aws, "allowed", actions=["bedrock:ListFoundationModels", "bedrock:InvokeModelWithResponseStream"])
    assert [(name.rpartition(":")[2], sight.held) for name, sight in found.items()] == [
        ("ListFoundationModels", HELD),
        ("InvokeModelWithResponseStream", NOT_HELD),
    ]
    lever.restore(change, within=20)
    assert helds(aws) == [NOT_HELD, NOT_HELD, HELD]


def test_that_nothing_allows_it_is_weaker(world: World, aws: AwsRange) -> None:
    """Denied, not explicitly, and a policy of the resource could allow it: the sight says so."""
    world.allow(ROLE, policy("Allow", "s3:GetObject"))
    assert helds(aws, resources=[MODEL]) == [NOT_HELD, HELD, NOT_HELD]
    assert look(aws, "denied", resources=[MODEL]).says == (
        "denied, since nothing allows it; a policy of the resource is not weighed, and could allow it"
    )


def test_allowed_on_one_resource_is_not_denied_on_all(world: World, aws: AwsRange) -> None:
    """IAM takes * for a resource of that name: that nothing allows it there says nothing of the others."""
    world.allow(ROLE, policy("Allow", INVOKE, MODEL))
    for resources in (None, ["*"], ["arn:aws:bedrock:eu-west-1::foundation-model/*"]):
        assert helds(aws, resources=resources) == [UNTOLD] * 3
    found = looks(aws, "denied", resources=[MODEL, SMALL])
    assert [(name, sight.held) for name, sight in found.items()] == [
        (f"{INVOKE} on {MODEL}", NOT_HELD),
        (f"{INVOKE} on {SMALL}", HELD),
    ]
    world.allow(ROLE, policy("Deny", INVOKE), policy="stop")
    assert helds(aws) == [HELD, HELD, NOT_HELD]


def test_a_condition_wants_its_context(world: World, aws: AwsRange) -> None:
    """Without the key it could not tell, and names it; with it, it is weighed."""
    world.allow(ROLE, policy("Allow", Condition=REGION))
    assert helds(aws, resources=[MODEL]) == [UNTOLD] * 3
    assert "it hangs on aws:RequestedRegion: say in context" in look(aws, "denied", resources=[MODEL]).says
    for region, held in (("eu-west-1", NOT_HELD), (["us-east-1"], HELD)):
        assert look(aws, "denied", resources=[MODEL], context={"aws:requestedregion": region}).held is held
    world.allow(ROLE, policy("Deny", Condition={"Bool": {"aws:ViaAWSService": "false"}}), policy="stop")
    context: Json = {"aws:RequestedRegion": "eu-west-1", "aws:ViaAWSService": False}
    assert look(aws, "explicitDeny", resources=[MODEL], context=context).held is HELD


def test_its_boundary_counts_and_is_named(world: World, aws: AwsRange) -> None:
    """What a permissions boundary leaves out nothing else can allow, and what it allows is said to be weighed."""
    limit = json.dumps(policy("Allow", "s3:*"))
    arn = world.do("iam", "CreatePolicy", PolicyName="limit", PolicyDocument=limit)["Policy"]["Arn"]
    world.do("iam", "PutRolePermissionsBoundary", RoleName=ROLE, PermissionsBoundary=arn)
    found = look(aws, "denied", resources=[MODEL])
    assert (found.held, "nothing allows it, by its permissions boundary" in found.says) == (HELD, True)
    world.allow(ROLE, policy("Allow", "s3:*"))
    found = look(aws, "allowed", actions=["s3:GetObject"])
    assert found.held is HELD
    assert found.says.endswith("resource control policies, service control policies")


def answered(**more: Any) -> Reply:
    """As IAM would say it, by botocore's own model."""
    result = {"EvalActionName": INVOKE, "EvalResourceName": "*", "EvalDecision": "allowed", **more}
    body = QueryService("iam").answer("SimulatePrincipalPolicy", {"EvaluationResults": [result], "IsTruncated": False})
    return Reply(200, body, {"Content-Type": "text/xml"})


@pytest.mark.parametrize(
    ("reply", "held", "says"),
    [
        (answered(), NOT_HELD, "not weighed: policies of the resource and of sessions, resource control policies, ser"),
        (
            answered(OrganizationsDecisionDetail={"AllowedByOrganizations": True}),
            NOT_HELD,
            "of sessions, resource control policies, its permissions boundary",
        ),
        (
            answered(EvalDecision="explicitDeny", OrganizationsDecisionDetail={"AllowedByOrganizations": False}),
            HELD,
            "denied explicitly, by a policy of its organization",
        ),
        (answered(EvalActionName="bedrock:Other"), UNTOLD, "IAM's simulation does not say"),
        (answered(EvalDecision="perhaps"), UNTOLD, "IAM's simulation does not say"),
        (Reply(200, b"<html>"), UNTOLD, "no SimulatePrincipalPolicyResponse"),
        (Reply(400, QueryService("iam").error("Throttling", "Rate exceeded")), UNTOLD, "come back later"),
        (Reply(500, QueryService("iam").error("ServiceFailure", "x")), UNTOLD, "500"),
        (
            Reply(
                403,
                QueryService("iam").error(
                    "AccessDenied",
                    f"User: u is not authorized to perform: iam:SimulatePrincipalPolicy on resource: {ROLE}",
                ),
            ),
            UNTOLD,
            f"allow iam:SimulatePrincipalPolicy on {ROLE}",
        ),
    ],
)
def test_what_iam_may_answer(world: World, aws: AwsRange, reply: Reply, held: Held, says: str) -> None:
    """What it weighed and what it did not, and what is no whole answer."""
    limit = json.dumps(policy("Allow", "*"))
    arn = world.do("iam", "CreatePolicy", PolicyName="limit", PolicyDocument=limit)["Policy"]["Arn"]
    world.do("iam", "PutRolePermissionsBoundary", RoleName=ROLE, PermissionsBoundary=arn)
    with Front(aws.url) as front:
        front.fault(Fault("odd", reply=reply), when=lambda asked: b"Action=Simulate" in asked.body)
        found = look(aws, "denied", by=connection(front.url))
    assert (found.held, says in found.says) == (held, True), found.says


@pytest.mark.parametrize("fault", [Fault("hangs", wire=hang), Fault("resets", wire=reset)], ids=lambda one: one.name)
def test_no_answer_could_not_tell(aws: AwsRange, fault: Fault) -> None:
    """A sight of each action, in its share."""
    with Front(aws.url) as front:
        looks(aws, "denied", by=connection(front.url))
        front.seen.clear()
        front.fault(fault)

        def at(share: float) -> dict[str, Sight]:
            return looks(aws, "denied", by=connection(front.url), within=share, actions=[INVOKE, "s3:GetObject"])

        found = told(at, lambda: front.seen)
    assert isinstance(found, dict)
    assert [sight.held for sight in found.values()] == [UNTOLD] * 2


def test_pages_are_put_together(aws: AwsRange) -> None:
    """By the marker that IAM hands out."""
    first = {"EvaluationResults": [], "IsTruncated": True, "Marker": "more"}
    body = QueryService("iam").answer("SimulatePrincipalPolicy", first)
    with Front(aws.url) as front:
        page = Fault("first page", reply=Reply(200, body, {"Content-Type": "text/xml"}))
        front.fault(page, when=lambda asked: b"Action=Simulate" in asked.body, times=1)
        assert look(aws, "allowed", by=connection(front.url)).held is HELD
        assert b"Marker=more" in front.seen[-1].body


def test_what_its_own_permissions_are(world: World, aws: AwsRange) -> None:
    """To read the role is among them: a role that is not there, or that may not be read, could not tell."""
    assert "NoSuchEntity" in look(aws, "denied", role="nobody").says
    keys = world.user("looks", policy("Allow", "iam:SimulatePrincipalPolicy"))
    with enforced():
        found = look(aws, "denied", by=connection(aws.url, keys))
    assert (found.held, "allow iam:GetRole" in found.says) == (UNTOLD, True)
    assert KEYS["secret_access_key"] not in found.says


@pytest.mark.parametrize(
    ("target", "decision", "says"),
    [
        ({"actions": ["bedrock:InvokeModel*"]}, "denied", "it takes no patterns"),
        ({"actions": ["bedrock"]}, "denied", "it takes no patterns"),
        ({"actions": []}, "denied", "not told which actions"),
        ({}, "implicitDeny", "'implicitDeny' is none"),
        ({"context": "x"}, "denied", "no mapping of keys"),
        ({"context": {"a:b": None}}, "denied", "neither a text, a number"),
        ({"context": {"a:b": []}}, "denied", "is no value"),
        ({"context": {"a:b": [1, "x"]}}, "denied", "of several kinds"),
    ],
)
def test_what_cannot_be_looked_at(target: Mapping[str, Json], decision: str, says: str) -> None:
    """A sentence, before anything is asked."""
    probe = PolicySimulation(connection("http://127.0.0.1:1"))
    with pytest.raises(UsageError, match=says):
        probe.look({"role": ROLE, "actions": [INVOKE], **target}, {"decision": decision}, within=1)
