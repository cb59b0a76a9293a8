"""What `check` finds beforehand on AWS, with the policy simulation that the range puts before moto."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from psfir.contracts import Preflight
from psfir.domain.canon import Json
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.levers.aws.iam_deny import IamDeny
from psfir.range.aws.moto import ACCOUNT
from psfir.range.aws.server import AwsRange
from psfir.vendors.aws import AwsClient
from tests.levers.aws.moto import World, connection, enforced, moto, reset

ROLE = "support-agent"
TARGET: Mapping[str, Json] = {"connection": "aws-prod", "role": ROLE}
SETTINGS: Mapping[str, Json] = {"deny": ["bedrock:InvokeModel*"]}
NEEDS = [one.action for one in IamDeny.about.permissions]


@pytest.fixture
def world() -> World:
    reset()
    world = World()
    world.role(ROLE)
    return world


@pytest.fixture
def aws(world: World) -> Iterator[AwsRange]:
    with AwsRange(moto(), AwsClient(connection())) as aws:
        yield aws


def allowing(*actions: str, **more: Json) -> dict[str, Json]:
    statement: dict[str, Json] = {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def check(
    aws: AwsRange, keys: Mapping[str, str], settings: Mapping[str, Json] = SETTINGS, **more: Any
) -> list[Finding]:
    target = {**TARGET, "role": more.pop("role", ROLE)}
    lever = IamDeny(connection(aws.url, keys, **more))
    assert isinstance(lever, Preflight)
    return list(lever.check(target, settings, within=10))


def of(findings: list[Finding], matter: Matter) -> Finding:
    found = [one for one in findings if one.matter is matter]
    assert len(found) == 1, findings
    return found[0]


def test_all_is_well(world: World, aws: AwsRange) -> None:
    """Credential, target and permission, and none of it written."""
    findings = check(aws, world.user("psfir", allowing(*NEEDS)), account=ACCOUNT)
    assert [one.matter for one in findings] == [Matter.CREDENTIAL, Matter.TARGET, Matter.PERMISSION]
    assert {one.ready for one in findings} == {Ready.READY}
    assert "user/psfir" in findings[0].says
    assert world.get("iam", "ListRolePolicies", RoleName=ROLE)["PolicyNames"] == []


def test_a_missing_permission_would_fail_and_is_named(world: World, aws: AwsRange) -> None:
    """It looks, so the plan would go well, and the kill at night would not."""
    found = of(check(aws, world.user("psfir", allowing("iam:Get*", "iam:List*", "iam:Del*"))), Matter.PERMISSION)
    assert found.ready is Ready.WOULD_FAIL
    assert "allow iam:PutRolePolicy" in found.todo


def test_what_only_putting_back_needs_stands_in_nobody_s_way(world: World, aws: AwsRange) -> None:
    """A credential for the kill alone is ready for it, and the way back is told."""
    keys = world.user("psfir", allowing("iam:Get*", "iam:List*", "iam:PutRolePolicy"))
    found = of(check(aws, keys), Matter.PERMISSION)
    assert found.ready is Ready.BEWARE
    assert "IAM would deny iam:DeleteRolePolicy, which putting it back needs" in found.says


def test_a_condition_cannot_be_told(world: World, aws: AwsRange) -> None:
    """Unknown is not ready."""
    condition = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    found = of(check(aws, world.user("psfir", allowing("iam:*", Condition=condition))), Matter.PERMISSION)
    assert found.ready is Ready.COULD_NOT_TELL


def test_who_may_not_simulate_cannot_tell(world: World, aws: AwsRange) -> None:
    """What would have to be allowed to find out is said."""
    aws.simulates = False
    found = of(check(aws, world.user("psfir")), Matter.PERMISSION)
    assert found.ready is Ready.COULD_NOT_TELL
    assert "iam:SimulatePrincipalPolicy" in found.todo


def test_another_account_would_fail(world: World, aws: AwsRange) -> None:
    """The connection names one, and the keys are of another."""
    found = of(check(aws, world.user("psfir"), account="999999999999"), Matter.CREDENTIAL)
    assert found.ready is Ready.WOULD_FAIL
    assert ACCOUNT in found.says


def test_keys_nobody_knows_would_fail(world: World, aws: AwsRange) -> None:
    """With policies enforced, as AWS has it."""
    with enforced():
        findings = check(aws, {"access_key_id": "AKIAGONE", "secret_access_key": "gone-for-good"})
    assert of(findings, Matter.CREDENTIAL).ready is Ready.WOULD_FAIL


def test_a_role_that_is_not_there_would_fail(world: World, aws: AwsRange) -> None:
    """A runbook that names it is wrong."""
    assert of(check(aws, world.user("psfir"), role="gone"), Matter.TARGET).ready is Ready.WOULD_FAIL


def test_a_service_linked_role_would_fail(world: World, aws: AwsRange) -> None:
    """AWS lets nobody put a policy on it."""
    world.do("iam", "CreateServiceLinkedRole", AWSServiceName="autoscaling.amazonaws.com")
    findings = check(aws, world.user("psfir"), role="AWSServiceRoleForAutoScaling")
    assert (Matter.TARGET, Ready.WOULD_FAIL) in {(one.matter, one.ready) for one in findings}


def test_psfir_does_not_saw_off_its_own_branch(world: World, aws: AwsRange) -> None:
    """Its credential is a session of the very role, and the deny takes what restoring needs."""
    world.allow(ROLE)
    arn = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
    findings = check(aws, world.user("psfir"), {"deny": ["iam:*"]}, assume_role=arn)
    own = [one for one in findings if one.matter is Matter.CREDENTIAL and one.ready is Ready.WOULD_FAIL]
    assert len(own) == 1
    assert "could not put this back" in own[0].says


def test_a_sessions_role_is_simulated_with_its_path(world: World, aws: AwsRange) -> None:
    """A session's name leaves the path out, and the simulation wants it."""
    arn = world.role("killer", Path="/incident/")
    world.allow("killer")
    assert of(check(aws, world.user("psfir"), assume_role=arn), Matter.PERMISSION).ready is Ready.READY


def test_nobody_there_cannot_tell() -> None:
    """What could not be asked is never ready."""
    lever = IamDeny(connection("http://127.0.0.1:9"))
    assert {one.ready for one in lever.check(TARGET, SETTINGS, within=2)} == {Ready.COULD_NOT_TELL}
