"""Preflight of the LaunchDarkly levers: what would be in the way tonight, found without changing anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from psfir.contracts import Preflight
from psfir.domain.canon import Json
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.levers.launchdarkly.ai_config import AiConfig
from psfir.levers.launchdarkly.flag import Flag
from psfir.levers.launchdarkly.trigger import FlagTrigger
from psfir.range.faulty import Fault
from psfir.range.front import Front
from psfir.range.server import Reply
from psfir.testing import FakeConnection
from tests.levers.launchdarkly.stage_ai_config import AiConfigStage
from tests.levers.launchdarkly.stage_flag import ENVIRONMENT, OFF, PROJECT, TARGET, Account, bare
from tests.levers.launchdarkly.stage_trigger import TriggerStage


@pytest.fixture
def account() -> Iterator[Account]:
    with Account(("large", "small", "off")) as account:
        account.crowd()
        yield account


def checked(account: Account, settings: Mapping[str, Json] = OFF, **target: Json) -> dict[Matter, Finding]:
    lever = Flag(account.connection())
    assert isinstance(lever, Preflight)
    return by_matter(lever.check({**TARGET, **target}, settings, within=5))


def by_matter(found: object) -> dict[Matter, Finding]:
    assert isinstance(found, list)
    return {finding.matter: finding for finding in found}


@pytest.mark.parametrize("settings", [OFF, {"variation": "small"}, {"on": True}])
def test_a_rung_that_would_hold_is_ready_in_every_matter(account: Account, settings: Mapping[str, Json]) -> None:
    """Every matter is answered, all are ready, and the account has not moved by a version."""
    before = account.here()
    found = checked(account, settings)
    assert set(found) == set(Matter)
    assert [finding for finding in found.values() if finding.ready is not Ready.READY] == []
    assert account.here() == before
    assert account.estate.writes == 0


def test_a_dry_run_taken_for_the_real_thing_changes_nothing(account: Account) -> None:
    """The dry run asks for what is there already: a vendor that ignored dryRun would have nothing to do."""
    before = account.here()
    with Front(account.server.url) as front:
        Flag(account.connection(front.url)).check(TARGET, {"variation": "small"}, within=5)
        (dry,) = [asked for asked in front.carried if asked.writes]
    assert "dryRun=true" in dry.target
    account.edit(*dry.json()["instructions"])
    assert bare(account.here()) == bare(before)


def test_a_token_that_is_no_good_is_found(account: Account) -> None:
    """The credential would fail, and nothing further is asked with it."""
    account.token = "api-wrong-wrong"
    (finding,) = checked(account).values()
    assert (finding.matter, finding.ready) == (Matter.CREDENTIAL, Ready.WOULD_FAIL)
    assert account.token not in str(finding)


def test_a_missing_right_is_found_trap_1(account: Account) -> None:
    """The action that the rung needs and the role lacks is named."""
    account.token = account.estate.add_token("viewProject", "updateOn")
    assert checked(account)[Matter.PERMISSION].ready is Ready.READY
    finding = checked(account, {"variation": "small"})[Matter.PERMISSION]
    assert finding.ready is Ready.WOULD_FAIL
    assert "updateFallthrough" in finding.todo


def test_an_approval_is_found_trap_1(account: Account) -> None:
    """Where the environment would answer 405 the rung would fail; a token that may bypass is told to be drilled."""
    account.estate.require_approval(PROJECT, ENVIRONMENT)
    assert checked(account)[Matter.APPROVAL].ready is Ready.WOULD_FAIL
    account.token = account.estate.add_token("*", "bypassRequiredApproval")
    found = checked(account)
    assert found[Matter.APPROVAL].ready is Ready.BEWARE
    assert found[Matter.PERMISSION].ready is Ready.READY


def test_what_is_scheduled_is_found(account: Account) -> None:
    """A change that waits would undo it, or be in its way."""
    account.estate.schedule(account.flag, ENVIRONMENT, {"kind": "turnFlagOn"}, at=1_790_000_000_000)
    finding = checked(account)[Matter.UNDONE_BY]
    assert finding.ready is Ready.BEWARE
    assert "a change scheduled for 2026-09-21 14:13 UTC (turnFlagOn)" in finding.says


@pytest.mark.parametrize(("limit", "ready"), [(7, Ready.BEWARE), (900, Ready.READY)])
def test_little_headroom_is_found(account: Account, limit: int, ready: Ready) -> None:
    """Few calls left in the account's window are a warning."""
    account.estate.meter.limit = limit
    assert checked(account)[Matter.RATE].ready is ready


def test_a_starved_account_could_not_tell(account: Account) -> None:
    """429 is neither ready nor failing: it could not be told."""
    account.estate.meter.starve(60)
    assert checked(account)[Matter.CREDENTIAL].ready is Ready.COULD_NOT_TELL


@pytest.mark.parametrize(
    ("settings", "target", "says"),
    [
        (OFF, {"flag": "nowhere"}, "Unknown resource"),
        (OFF, {"environment": "nowhere"}, "environment nowhere"),
        ({"variation": "tiny"}, {}, 'variation "tiny" is no variation'),
        ({}, {}, "is not told what to set"),
    ],
)
def test_a_target_or_a_setting_that_is_none_is_found(
    account: Account, settings: Mapping[str, Json], target: Mapping[str, Json], says: str
) -> None:
    """A flag that is renamed or a variation that is gone would fail tonight."""
    finding = checked(account, settings, **target)[Matter.TARGET]
    assert finding.ready is Ready.WOULD_FAIL
    assert says in finding.says


def test_an_archived_flag_is_found(account: Account) -> None:
    """An archived flag serves nobody."""
    account.estate.thing(account.flag)["archived"] = True
    assert checked(account)[Matter.TARGET].ready is Ready.BEWARE


def test_headers_that_are_absent_could_not_tell(account: Account) -> None:
    """A vendor that does not say how many calls are left is not taken for one with plenty."""
    with Front(account.server.url) as front:
        front.fault(Fault("bare", spoil=lambda reply: Reply(reply.status, reply.raw)))
        found = by_matter(Flag(account.connection(front.url)).check(TARGET, OFF, within=5))
    assert found[Matter.RATE].ready is Ready.COULD_NOT_TELL


@pytest.mark.parametrize("path", ["environments/production", "scheduled-changes"])
def test_what_cannot_be_read_could_not_be_told(account: Account, path: str) -> None:
    """A look that failed is a finding of its own, and the others stand."""
    with Front(account.server.url) as front:
        front.fault(Fault("500", reply=Reply(500, b"oops")), when=lambda asked: asked.path.endswith(path))
        found = by_matter(Flag(account.connection(front.url)).check(TARGET, OFF, within=5))
    matter = Matter.UNDONE_BY if path == "scheduled-changes" else Matter.APPROVAL
    assert [one.matter for one in found.values() if one.ready is Ready.COULD_NOT_TELL] == [matter]


def test_an_ai_config_says_what_it_cannot_know() -> None:
    """There is no dry run for AI Configs: permission and approval are left open, and said to be."""
    with AiConfigStage() as stage:
        lever = AiConfig(stage.account.connection())
        found = by_matter(lever.check(stage.target, stage.settings, within=5))
        assert stage.writes() == 0
    assert found[Matter.TARGET].ready is Ready.READY
    assert found[Matter.PERMISSION].ready is found[Matter.APPROVAL].ready is Ready.COULD_NOT_TELL
    assert "updateAIConfigTargeting" in found[Matter.PERMISSION].todo


@pytest.fixture
def stage() -> Iterator[TriggerStage]:
    with TriggerStage() as stage:
        yield stage


def test_a_trigger_is_checked_without_pulling_it(stage: TriggerStage) -> None:
    """There is a URL, and a trigger that does this is enabled; whether the one is the other stays open."""
    found = by_matter(FlagTrigger(stage.connection(stage.upstream)).check(TARGET, OFF, within=5))
    assert found[Matter.CREDENTIAL].ready is Ready.BEWARE
    assert found[Matter.PERMISSION].ready is found[Matter.TARGET].ready is Ready.READY
    assert found[Matter.APPROVAL].ready is Ready.READY
    assert stage.path not in str(found)
    assert not stage.pulled()


def test_a_trigger_that_is_disabled_or_of_the_other_kind_is_found(stage: TriggerStage) -> None:
    """None of the flag's triggers would do it."""
    lever = FlagTrigger(stage.connection(stage.upstream))
    assert by_matter(lever.check(TARGET, {"on": True}, within=5))[Matter.PERMISSION].ready is Ready.WOULD_FAIL
    for trigger in stage.account.estate.triggers.values():
        trigger["enabled"] = False
    assert by_matter(lever.check(TARGET, OFF, within=5))[Matter.PERMISSION].ready is Ready.WOULD_FAIL


def test_whether_a_trigger_passes_an_approval_is_not_known(stage: TriggerStage) -> None:
    """The vendor does not say: it could not be told, and a drill can."""
    stage.account.estate.require_approval(PROJECT, ENVIRONMENT)
    found = by_matter(FlagTrigger(stage.connection(stage.upstream)).check(TARGET, OFF, within=5))
    assert found[Matter.APPROVAL].ready is Ready.COULD_NOT_TELL


def test_without_a_token_a_trigger_leaves_much_open(stage: TriggerStage) -> None:
    """With the SDK key alone the flag is seen, and all else could not be told; without any key not even that."""
    url = stage.upstream
    settings = {"url": url, "sdk_url": url, "stream_url": url}
    secrets = {"trigger": f"{url}{stage.path}", "sdk_key": stage.account.sdk_key}
    found = by_matter(FlagTrigger(FakeConnection("f", "launchdarkly", settings, secrets)).check(TARGET, OFF, within=5))
    assert found[Matter.TARGET].ready is Ready.READY
    assert {found[matter].ready for matter in (Matter.PERMISSION, Matter.APPROVAL)} == {Ready.COULD_NOT_TELL}
    del secrets["sdk_key"]
    found = by_matter(FlagTrigger(FakeConnection("f", "launchdarkly", settings, secrets)).check(TARGET, OFF, within=5))
    assert found[Matter.TARGET].ready is Ready.WOULD_FAIL
    found = by_matter(FlagTrigger(FakeConnection("f", "launchdarkly", settings, {})).check(TARGET, OFF, within=5))
    assert found[Matter.CREDENTIAL].ready is Ready.WOULD_FAIL
