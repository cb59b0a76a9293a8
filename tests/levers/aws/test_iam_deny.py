"""aws.iam_deny on the moto server, with its enforcement of policies where that is the point."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Result
from psfir.domain.modes import Mode
from psfir.errors import Denied, Drift, NoSuchTarget
from psfir.levers.aws.iam_deny import IamDeny
from psfir.range.aws.account import Account
from psfir.vendors.aws import AwsClient
from tests.levers.aws.moto import connection, enforced
from tests.levers.aws.stage_iam_deny import ROLE, TARGET, IamDenyStage

LISTING = {"deny": ["sqs:ListQueues"]}


@pytest.fixture
def stage() -> Iterator[IamDenyStage]:
    with IamDenyStage() as stage:
        yield stage


def planned(lever: IamDeny, settings: Mapping[str, Json], target: Mapping[str, Json] = TARGET) -> Change:
    change = lever.plan(target, lever.read(target, within=5), Mode.DISABLE, settings)
    assert isinstance(change, Change)
    return change


def pod(keys: Mapping[str, str]) -> AwsClient:
    """The AI as it runs: it assumes its role and calls."""
    arn = f"arn:aws:iam::123456789012:role/{ROLE}"
    return AwsClient(connection(keys=keys, assume_role=arn))


def calls(client: AwsClient) -> bool:
    """Whether what it is there for goes through."""
    try:
        client.read("sqs", "ListQueues", {}, within=5)
    except Denied:
        return False
    return True


def test_a_deny_stops_old_and_new_sessions_and_restore_lets_them_through_trap_10(stage: IamDenyStage) -> None:
    """With policies enforced: a session that had begun is stopped, so is one that begins; afterwards both go on."""
    keys, own = stage.world.user("node"), stage.world.user("psfir")
    lever = IamDeny(connection(keys=own))
    with enforced():
        running = pod(keys)
        assert calls(running)
        change = planned(lever, LISTING)
        assert lever.apply(change, within=5).result is Result.CHANGED
        assert not calls(running), "the session that had begun is stopped"
        assert not calls(pod(keys)), "so is one that assumes the role again"
        assert lever.restore(change, within=5).result is Result.CHANGED
        assert calls(running)
        assert calls(pod(keys))


def test_it_says_that_it_takes_minutes_trap_10() -> None:
    """Lint warns of a share that is shorter, and its example has one in minutes."""
    assert IamDeny.about.propagation >= 60
    assert IamDeny.about.example["within"] == "3m"


def test_a_lost_answer_that_was_carried_out_is_found_by_its_policy_trap_2(stage: IamDenyStage) -> None:
    """What was changed is read, not everything of psfir's on the role: else another kill would leave it unknown."""
    lever = stage.lever(stage.upstream)
    first = planned(lever, LISTING)
    lever.apply(first, within=5)
    change = planned(lever, stage.settings)
    lever.apply(change, within=5)
    assert lever.read(change.target, within=5).state == change.after


def test_two_kills_on_one_role_stand_side_by_side(stage: IamDenyStage) -> None:
    """Neither overwrites the other, and each is put back by itself, in any order."""
    lever = stage.lever(stage.upstream)
    first = planned(lever, stage.settings)
    lever.apply(first, within=5)
    second = planned(lever, LISTING)
    lever.apply(second, within=5)
    assert lever.read(TARGET, within=5).state == {**_mapping(first.after), **_mapping(second.after)}
    assert lever.restore(first, within=5).result is Result.CHANGED
    assert lever.verify(second, within=5).held is Held.HELD
    assert lever.restore(second, within=5).result is Result.CHANGED
    assert stage.world.get("iam", "ListRolePolicies", RoleName=ROLE)["PolicyNames"] == ["its-own"]


def test_somebody_else_altered_the_policy_before_restore_trap_19(stage: IamDenyStage) -> None:
    """It is not deleted: both are shown."""
    lever = stage.lever(stage.upstream)
    change = planned(lever, stage.settings)
    lever.apply(change, within=5)
    stage.disturb()
    with pytest.raises(Drift) as refused:
        lever.restore(change, within=5)
    assert refused.value.expected == change.after
    assert refused.value.found != change.after
    assert stage.asked.count("DeleteRolePolicy") == 0


def test_what_is_not_psfirs_own_is_left_alone(stage: IamDenyStage) -> None:
    """The role's own policies are neither in the state nor touched."""
    lever = stage.lever(stage.upstream)
    change = planned(lever, stage.settings)
    lever.apply(change, within=5)
    lever.restore(change, within=5)
    found = stage.world.get("iam", "GetRolePolicy", RoleName=ROLE, PolicyName="its-own")
    assert found["PolicyDocument"]["Statement"][0]["Effect"] == "Allow"


def test_many_policies_are_read_page_by_page(stage: IamDenyStage) -> None:
    """Its own is found behind a hundred others."""
    for number in range(105):
        stage.world.allow(ROLE, policy=f"a-{number:03}")
    lever = stage.lever(stage.upstream)
    change = planned(lever, stage.settings)
    lever.apply(change, within=5)
    assert lever.read(TARGET, within=10).state == change.after


def test_a_role_that_is_not_there_is_no_such_target(stage: IamDenyStage) -> None:
    """Also where it went after the kill: that the policy is not there either proves nothing."""
    lever = stage.lever(stage.upstream)
    change = planned(lever, stage.settings)
    gone = {**TARGET, "role": "gone"}
    with pytest.raises(NoSuchTarget):
        lever.read(gone, within=5)
    for deed in (lever.apply, lever.verify, lever.restore):
        with pytest.raises(NoSuchTarget):
            deed(Change(change.lever, gone, change.before, change.after, "x"), within=5)


def notes(world: Account, name: str) -> str:
    return "; ".join(IamDeny(connection()).read({**TARGET, "role": name}, within=5).notes)


def test_a_plain_role_has_no_notes(stage: IamDenyStage) -> None:
    """Nothing is in the way."""
    assert notes(stage.world, ROLE) == ""


def test_what_gets_in_the_way_is_noted(stage: IamDenyStage) -> None:
    """A role that belongs to AWS, one with a boundary, one that nobody may assume."""
    world = stage.world
    world.do("iam", "CreateServiceLinkedRole", AWSServiceName="autoscaling.amazonaws.com")
    assert "linked to a service of AWS" in notes(world, "AWSServiceRoleForAutoScaling")
    world.role("bounded", PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess")
    assert "permissions boundary arn:aws:iam::aws:policy/ReadOnlyAccess" in notes(world, "bounded")
    nobody = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}]}
    world.role("orphan")
    world.do("iam", "UpdateAssumeRolePolicy", RoleName="orphan", PolicyDocument=json.dumps(nobody))
    assert "nobody may assume the role orphan" in notes(world, "orphan")


def test_a_missing_permission_is_named(stage: IamDenyStage) -> None:
    """The cure of a kill that may not is in its sentence."""
    looks: Mapping[str, Json] = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["iam:Get*", "iam:List*"], "Resource": "*"}],
    }
    lever = IamDeny(connection(keys=stage.world.user("reader", looks)))
    with enforced():
        change = planned(lever, stage.settings)
        with pytest.raises(Denied, match="allow iam:PutRolePolicy"):
            lever.apply(change, within=5)
    assert not stage.pulled()


def _mapping(value: Json) -> Mapping[str, Json]:
    assert isinstance(value, Mapping)
    return value
