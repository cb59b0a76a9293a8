"""aws.waf_rule on the moto server: what the contract does not ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from botocore.session import Session

from psfir.domain.canon import Json
from psfir.domain.change import Change, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.errors import Busy, Declined, NoSuchTarget, UsageError
from psfir.levers.aws.acl_rules import KEPT
from psfir.levers.aws.waf_rule import WafRule
from psfir.range.aws.server import AwsRange
from psfir.range.faulty import Fault
from psfir.range.front import Front
from psfir.range.server import Asked, Reply
from psfir.vendors.aws import AwsClient
from tests.levers.aws.moto import connection, moto
from tests.levers.aws.stage import operation
from tests.levers.aws.stage_waf_rule import OWN, OwnRuleStage, WafRuleStage, rule


@pytest.fixture
def stage() -> Iterator[WafRuleStage]:
    with WafRuleStage() as stage:
        yield stage


@pytest.fixture
def own() -> Iterator[OwnRuleStage]:
    with OwnRuleStage() as stage:
        yield stage


def planned(stage: WafRuleStage, lever: WafRule, settings: Mapping[str, Json] | None = None, **more: str) -> Change:
    target = {**stage.target, **more}
    change = lever.plan(target, lever.read(target, within=20), Mode.DISABLE, settings or stage.settings)
    assert isinstance(change, Change)
    return change


def test_the_rest_of_the_acl_goes_back_as_it_came(stage: WafRuleStage) -> None:
    """Bytes that are no text, a group's statement, the description: an ACL is written whole."""
    before = stage.found()["WebACL"]
    lever = stage.lever(stage.upstream)
    change = planned(stage, lever)
    lever.apply(change, within=20)
    assert stage.pulled()
    assert {name: one for name, one in stage.rules().items() if name != "bots"} == {
        one["Name"]: one for one in before["Rules"] if one["Name"] != "bots"
    }
    assert lever.restore(change, within=20).result is Result.CHANGED
    assert stage.found()["WebACL"] == before


def test_nothing_that_an_acl_has_is_left_out_of_a_writing() -> None:
    """By the model of the WAF that is installed: a newer one may have learned something."""
    model = Session().get_service_model("wafv2")
    read = model.operation_model("GetWebACL").output_shape
    written = model.operation_model("UpdateWebACL").input_shape
    assert read is not None
    assert written is not None
    both = set(written.members) & set(read.members["WebACL"].members)  # type: ignore[attr-defined]  # it is a structure
    assert set(KEPT) == both - {"Name", "Id"}


def test_who_writes_in_between_is_not_overwritten_trap_19(stage: WafRuleStage) -> None:
    """Between psfir's reading and its writing: WAF refuses the old token, and it can be tried again."""
    done: list[str] = []

    def meanwhile(asked: Asked) -> bool:
        if operation(asked) == "UpdateWebACL" and not done:
            done.append("somebody's rule")
            stage.write([*stage.rules().values(), rule("new", 20, {"GeoMatchStatement": {"CountryCodes": ["YY"]}})])
        return False

    with Front(stage.upstream) as front:
        lever = stage.lever(front.url)
        change = planned(stage, lever)
        front.fault(Fault("somebody is faster", reply=Reply(500, {})), when=meanwhile)
        with pytest.raises(Busy, match="WAFOptimisticLockException"):
            lever.apply(change, within=20)
        assert not stage.pulled()
        assert lever.apply(change, within=20).result is Result.CHANGED
    assert stage.pulled()
    assert "new" in stage.rules()


def test_a_group_of_rules_is_let_count(stage: WafRuleStage) -> None:
    """Of a group WAF overrides its rules' own actions, or none of them."""
    lever = stage.lever(stage.upstream)
    change = planned(stage, lever, rule="common")
    lever.apply(change, within=20)
    assert stage.rules()["common"]["OverrideAction"] == {"None": {}}
    lever.restore(change, within=20)
    assert stage.rules()["common"]["OverrideAction"] == {"Count": {}}


def test_psfirs_own_rule_is_asked_first_and_taken_out_again(own: OwnRuleStage) -> None:
    """Before all others, so that none lets it through; afterwards the ACL is as it was."""
    before = own.found()["WebACL"]
    lever = own.lever(own.upstream)
    change = planned(own, lever)
    lever.apply(change, within=20)
    made = own.rules()[OWN]
    assert made["Priority"] < min(one["Priority"] for one in before["Rules"])
    assert made["Statement"]["ByteMatchStatement"]["SearchString"] == b"/chat"
    lever.restore(change, within=20)
    assert own.found()["WebACL"]["Rules"] == before["Rules"]


def test_where_there_is_no_room_it_is_declined(own: OwnRuleStage) -> None:
    """No other rule is moved for it; `check` says so beforehand, and who would let it through."""
    own.write([rule("first", 0, own.laid[0]["Statement"], Action={"Allow": {}}), *own.laid])
    lever = own.lever(own.upstream)
    with pytest.raises(Declined, match="no place before it"):
        lever.apply(planned(own, lever), within=20)
    assert "no place before the first rule" in told(lever.check(own.target, own.settings, within=20))
    notes = lever.read({**own.target, "rule": "bots"}, within=20).notes
    assert notes == ("the rule first before it lets through what it matches",)


def test_what_is_not_there_is_no_such_target(stage: WafRuleStage) -> None:
    """An ACL that a runbook still names; what is no ACL at all is told as that."""
    lever = stage.lever(stage.upstream)
    gone = stage.acl.replace(stage.id, "11111111-2222-3333-4444-555555555555")
    with pytest.raises(NoSuchTarget):
        lever.read({**stage.target, "acl": gone}, within=20)
    with pytest.raises(UsageError, match="no ARN of a web ACL"):
        lever.read({**stage.target, "acl": "edge"}, within=20)


def test_check_looks_at_the_rule_and_the_permissions(stage: WafRuleStage) -> None:
    """A rule that is not there, and an ACL that only another region has, would fail tonight."""
    statement = {"Effect": "Allow", "Action": "wafv2:*", "Resource": stage.acl}
    keys = stage.world.user("psfir", {"Version": "2012-10-17", "Statement": [statement]})
    with AwsRange(moto(), AwsClient(connection())) as aws:
        lever = WafRule(connection(aws.url, keys))
        found = {one.matter: one.ready for one in lever.check(stage.target, stage.settings, within=20)}
        assert found == dict.fromkeys((Matter.CREDENTIAL, Matter.TARGET, Matter.PERMISSION), Ready.READY)
        assert "has no rule gone" in told(lever.check({**stage.target, "rule": "gone"}, stage.settings, within=20))
        edge = stage.acl.replace("regional/", "global/")
        assert "us-east-1" in told(lever.check({**stage.target, "acl": edge}, stage.settings, within=20))
    assert stage.writes() == 0


def told(findings: object) -> str:
    assert isinstance(findings, list)
    found: list[Finding] = findings
    return "; ".join(one.says for one in found if one.ready is Ready.WOULD_FAIL)
