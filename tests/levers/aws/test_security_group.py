"""aws.security_group on the moto server: what the contract does not ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from psfir.domain.change import Change, Held, Result
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.errors import Declined, Drift, NoAnswer, NoSuchTarget
from psfir.levers.aws.security_group import SecurityGroup
from psfir.range.aws.server import AwsRange
from psfir.range.faulty import Fault
from psfir.range.front import Front
from psfir.range.server import Asked, Reply
from psfir.vendors.aws import AwsClient
from tests.levers.aws.moto import connection, moto
from tests.levers.aws.stage_security_group import EVERYTHING, SecurityGroupStage, TwoInterfacesStage

ERROR = "<Error><Code>OperationNotPermitted</Code><Message>not yours</Message></Error>"
REFUSED = f"<Response><Errors>{ERROR}</Errors></Response>".encode()


@pytest.fixture
def stage() -> Iterator[SecurityGroupStage]:
    with SecurityGroupStage() as stage:
        yield stage


@pytest.fixture
def two() -> Iterator[TwoInterfacesStage]:
    with TwoInterfacesStage() as stage:
        yield stage


def planned(stage: SecurityGroupStage, lever: SecurityGroup) -> Change:
    change = lever.plan(stage.target, lever.read(stage.target, within=20), stage.mode, stage.settings)
    assert isinstance(change, Change)
    return change


def test_a_quarantine_that_lets_everything_out_does_not_hold(stage: SecurityGroupStage) -> None:
    """AWS opens every new group to the outside: the instance is in it and goes on talking."""
    lever = stage.lever(stage.upstream)
    change = planned(stage, lever)
    lever.apply(change, within=20)
    assert "lets nothing through" in lever.verify(change, within=20).says
    stage.world.do("ec2", "AuthorizeSecurityGroupEgress", GroupId=stage.quarantine, IpPermissions=EVERYTHING)
    look = lever.verify(change, within=20)
    assert look.held is Held.NOT_HELD
    assert "lets out everything to 0.0.0.0/0" in look.says


def test_a_door_for_forensics_is_told_and_holds(stage: SecurityGroupStage) -> None:
    """Whoever looks at the instance comes in by it, and everybody can read that it is there."""
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.9.0.0/24"}]}
    stage.world.do("ec2", "AuthorizeSecurityGroupIngress", GroupId=stage.quarantine, IpPermissions=[rule])
    lever = stage.lever(stage.upstream)
    change = planned(stage, lever)
    lever.apply(change, within=20)
    look = lever.verify(change, within=20)
    assert look.held is Held.HELD
    assert "lets in tcp 22 from 10.9.0.0/24" in look.says


def test_a_pull_that_was_cut_off_half_way_stands_and_is_put_back(two: TwoInterfacesStage) -> None:
    """One interface of two is cut off: that is no refusal, or nobody would put it back."""

    def second(asked: Asked) -> bool:
        return two.writing(asked) and two.enis[1].encode() in asked.body

    with Front(two.upstream) as front:
        front.fault(Fault("refused", reply=Reply(400, REFUSED)), when=second)
        lever = two.lever(front.url)
        change = planned(two, lever)
        with pytest.raises(NoAnswer, match="the rest was not done"):
            lever.apply(change, within=20)
        assert [two.groups(eni) == {two.quarantine} for eni in two.enis] == [True, False]
        front.heal()
        assert lever.restore(change, within=20).result is Result.CHANGED
    assert [two.groups(eni) for eni in two.enis] == [{two.agent, two.base}] * 2


def test_ec2s_own_refusal_is_no_proxys_page(stage: SecurityGroupStage) -> None:
    """Its errors are worded in another XML than IAM's."""
    with Front(stage.upstream) as front:
        lever = stage.lever(front.url)
        change = planned(stage, lever)
        front.fault(Fault("refused", reply=Reply(400, REFUSED)), when=stage.writing)
        with pytest.raises(Declined, match="OperationNotPermitted: not yours"):
            lever.apply(change, within=20)


def test_an_interface_that_came_later_is_drift_trap_19(stage: SecurityGroupStage) -> None:
    """What is put back was recorded; what came since belongs to somebody."""
    lever = stage.lever(stage.upstream)
    change = planned(stage, lever)
    lever.apply(change, within=20)
    more = {"NetworkInterfaceId": stage.interface(stage.agent), "InstanceId": stage.instance, "DeviceIndex": 1}
    stage.world.do("ec2", "AttachNetworkInterface", **more)
    assert lever.verify(change, within=20).held is Held.NOT_HELD
    with pytest.raises(Drift):
        lever.restore(change, within=20)


def test_what_is_not_there_is_no_such_target(stage: SecurityGroupStage) -> None:
    """An instance that is gone has no interface, which is no quarantine."""
    lever = stage.lever(stage.upstream)
    for gone in ({"instance": "i-00000000000000000"}, {"interface": "eni-00000000000000000"}):
        with pytest.raises(NoSuchTarget):
            lever.read({"connection": "aws-prod", **gone}, within=20)


def test_check_looks_at_the_group_and_the_permissions(stage: SecurityGroupStage) -> None:
    """A group that is open, of another VPC, or not there would fail tonight."""
    vpc = str(stage.world.do("ec2", "CreateVpc", CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])
    elsewhere = stage.group("elsewhere", vpc)
    statement = {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}
    keys = stage.world.user("psfir", {"Version": "2012-10-17", "Statement": [statement]})
    with AwsRange(moto(), AwsClient(connection())) as aws:
        lever = SecurityGroup(connection(aws.url, keys))

        def check(group: str) -> list[Finding]:
            return list(lever.check(stage.target, {"groups": [group]}, within=20))

        assert {one.ready for one in check(stage.quarantine)} == {Ready.READY}
        failing = {group: _failing(check(group)) for group in (stage.other, elsewhere, "sg-00000000000000000")}
    assert "lets out everything to 0.0.0.0/0" in failing[stage.other]
    assert f"is of {vpc}" in failing[elsewhere]
    assert "InvalidGroup.NotFound" in failing["sg-00000000000000000"]
    assert stage.writes() == 0


def _failing(findings: list[Finding]) -> str:
    return "; ".join(one.says for one in findings if (one.matter, one.ready) == (Matter.TARGET, Ready.WOULD_FAIL))


def test_it_says_that_what_is_established_goes_on() -> None:
    """Whoever chooses it must know."""
    assert "established go on" in SecurityGroup.about.blast_radius
