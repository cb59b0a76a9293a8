"""aws.appconfig on the range's AppConfig: what it writes, what it takes for deployed, and what check finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Result
from psfir.domain.needs import Use, needs
from psfir.domain.preflight import Matter, Ready
from psfir.errors import Declined, Denied, NoAnswer, NoSuchTarget, Refusal
from psfir.levers.aws.appconfig import AppConfig
from psfir.range.faulty import Fault, reset
from psfir.range.front import Front
from psfir.range.server import Reply
from tests.levers.aws.config_pulls import DENIED, OFF, aimed, creating, planned, pulled
from tests.levers.aws.granted import AwsGranted
from tests.levers.aws.moto import connection
from tests.levers.aws.stage_appconfig import FLAG, AppConfigStage, FlagStage, flags


@pytest.fixture
def stage() -> Iterator[FlagStage]:
    with FlagStage() as stage:
        yield stage


def test_only_the_flag_changes_and_the_version_that_was_found_comes_back(stage: FlagStage) -> None:
    """A new version says off and nothing else; what is put back is the old one itself, by its number."""
    change = pulled(stage)
    assert change.version == "1"
    assert stage.served()["values"] == {FLAG: {"enabled": False, "model": "large"}, "search": {"enabled": True}}
    assert stage.lever(stage.upstream).restore(change, within=5).result is Result.CHANGED
    assert [version for _, version, _ in stage.deployments()] == ["1", "4", "1"]


def test_every_variant_of_a_flag_goes_off(stage: FlagStage) -> None:
    """Each has a switch of its own: one that stays on goes on serving whom its rule names."""
    variants = [{"name": "staff", "enabled": True, "rule": "(eq $staff true)"}, {"name": "default", "enabled": True}]
    content: dict[str, Any] = {**flags(), "values": {FLAG: {"_variants": variants}}}
    stage.deploy(stage.version(content))
    change = pulled(stage)
    assert [one["enabled"] for one in stage.served()["values"][FLAG]["_variants"]] == [False, False]
    stage.lever(stage.upstream).restore(change, within=5)
    assert stage.served() == content


def test_a_value_of_a_free_form_configuration(stage: FlagStage) -> None:
    """Named by its pointer; the rest of it stays as it is."""
    profile = stage.profiled("settings", Type="AWS.Freeform")
    content: dict[str, Any] = {"assistant": {"model": "large", "tools": ["search", "refund"]}, "limit": 0.5}
    stage.deploy(stage.version(content, profile), profile=profile)
    change = pulled(stage, {"value": ["search"]}, profile=profile, flag=None, key="/assistant/tools")
    assert stage.served(profile=profile) == {**content, "assistant": {"model": "large", "tools": ["search"]}}
    stage.lever(stage.upstream).restore(change, within=5)
    assert stage.served(profile=profile) == content


def test_a_lost_answer_makes_no_second_version(stage: FlagStage) -> None:
    """The version bears a label by its content, so that the next pull finds it; so does a kill next month."""
    change = planned(stage)
    with Front(stage.upstream) as front:
        front.fault(Fault("lost", carry=True, wire=reset), when=creating, times=1)
        with pytest.raises(NoAnswer):
            stage.lever(front.url).apply(change, within=5)
        assert stage.on()
        assert stage.lever(front.url).apply(change, within=5).result is Result.CHANGED
        assert sum(creating(asked) for asked in front.carried) == 1
    assert not stage.on()


def test_a_version_that_could_not_be_deployed_is_served_to_nobody(stage: FlagStage) -> None:
    """So that it is a plain refusal, and the next pull takes the same one."""
    change = planned(stage)
    with Front(stage.upstream) as front:
        front.fault(Fault("denied", reply=DENIED), when=stage.writing)
        with pytest.raises(Denied, match="StartDeployment"):
            stage.lever(front.url).apply(change, within=5)
    assert stage.on()
    stage.lever(stage.upstream).apply(change, within=5)
    assert [version for _, version, _ in stage.deployments()] == ["4", "1"]


def test_the_key_that_encrypts_it_stays(stage: FlagStage) -> None:
    """Left out, the next deployment would be under a key of AWS's own."""
    how = {"EnvironmentId": stage.environment, "DeploymentStrategyId": stage.strategy, "KmsKeyIdentifier": "alias/ours"}
    stage.in_application("StartDeployment", ConfigurationProfileId=stage.profile, ConfigurationVersion="1", **how)
    pulled(stage)
    said = stage.in_application("GetDeployment", EnvironmentId=stage.environment, DeploymentNumber=3)
    assert said["KmsKeyIdentifier"] == "alias/ours"


def test_what_was_reverted_or_rolled_back_is_not_deployed(stage: FlagStage) -> None:
    """The newest of the list is not what is served: AppConfig went back to the one before."""
    number = stage.deploy("2")
    stage.in_application("StopDeployment", EnvironmentId=stage.environment, DeploymentNumber=number, AllowRevert=True)
    assert stage.deployments()[0] == (2, "2", "REVERTED")
    reading = stage.lever(stage.upstream).read(stage.target, within=5)
    assert (reading.version, stage.on()) == ("1", True)


def test_it_is_found_behind_many_others(stage: FlagStage) -> None:
    """Other profiles of the environment are deployed more often: the list has pages."""
    other = stage.profiled("other", Type="AWS.Freeform")
    version = stage.version({}, other)
    for _ in range(51):
        stage.deploy(version, profile=other)
    assert stage.lever(stage.upstream).read(stage.target, within=5).version == "1"


def test_what_was_never_deployed_cannot_be_put_back(stage: FlagStage) -> None:
    """So it is not taken away either."""
    other = stage.profiled("other", Type="AWS.Freeform")
    with pytest.raises(NoSuchTarget, match="nothing of the profile"):
        stage.lever(stage.upstream).read(aimed(stage, profile=other), within=5)


@pytest.mark.parametrize("gone", [{"application": "nothere"}, {"environment": "nothere"}, {"flag": "nothere"}])
def test_what_is_not_there_is_no_such_target(stage: FlagStage, gone: dict[str, Json]) -> None:
    """Whichever part of its name it is."""
    with pytest.raises(NoSuchTarget):
        stage.lever(stage.upstream).read(aimed(stage, **gone), within=5)


def test_in_what_is_no_json_no_value_can_be_put(stage: FlagStage) -> None:
    """Only a whole version can be deployed there, and its content is not asked for."""
    profile = stage.profiled("settings", Type="AWS.Freeform")
    for text in (b"mode: live\n", b"mode: off\n"):
        stage.version(text, profile)
    stage.deploy("1", profile=profile)
    with pytest.raises(Declined, match="is no JSON"):
        stage.lever(stage.upstream).read(aimed(stage, profile=profile, flag=None, key="/mode"), within=5)
    change = pulled(stage, {"version": "2"}, profile=profile, flag=None)
    assert change.before == {"version": "1"}
    assert not any("hostedconfigurationversions" in one for one in stage.asked[-4:])


def test_what_is_kept_elsewhere_is_deployed_by_version(stage: FlagStage) -> None:
    """Such as in a bucket: no new version can be made there, and none is read."""
    profile = stage.profiled("bucket", Type="AWS.Freeform", LocationUri="s3://configuration/assistant.json")
    stage.deploy("rQ8sJn", profile=profile)
    pulled(stage, {"version": "aB3dEf"}, profile=profile, flag=None)
    with pytest.raises(NoSuchTarget, match="kept outside of AppConfig"):
        stage.lever(stage.upstream).read(aimed(stage, profile=profile, flag=None, key="/mode"), within=5)


def test_a_flag_with_the_connections_own_key_is_refused(stage: FlagStage) -> None:
    """Scrubbed in the record, it could not be put back."""
    entry: dict[str, Json] = {"enabled": True, "note": "x" * 300 + stage.aws.root["secret_access_key"]}
    stage.deploy(stage.version({**flags(), "values": {FLAG: entry}}))
    with pytest.raises(Refusal, match="holds a secret") as refused:
        stage.lever(stage.upstream).read(stage.target, within=5)
    assert stage.aws.root["secret_access_key"] not in str(refused.value)


def test_an_answer_without_a_number_is_no_version(stage: FlagStage) -> None:
    """It may have been made; deploying none is right."""
    change = planned(stage)
    with Front(stage.upstream) as front:
        front.fault(Fault("odd", spoil=lambda answer: Reply(answer.status, b"{}")), when=creating)
        with pytest.raises(NoAnswer, match="without a number"):
            stage.lever(front.url).apply(change, within=5)
    assert stage.on()


def found(stage: FlagStage, lever: AppConfig | None = None, **target: Json) -> list[tuple[Matter, Ready, str]]:
    lever = lever or stage.lever(stage.upstream)
    return [(one.matter, one.ready, one.says) for one in lever.check(aimed(stage, **target), OFF, within=10)]


def test_check_names_the_alarms_and_the_pace_trap_8(stage: FlagStage) -> None:
    """An alarm that would roll the kill back, how long it takes, and how long nothing else can be deployed."""
    says = [
        said
        for _, ready, said in found(stage, strategy="AppConfig.Linear20PercentEvery6Minutes")
        if ready is Ready.BEWARE
    ]
    assert any("watches the alarms errors" in said for said in says)
    assert any("takes 30 minutes until everybody has it" in said for said in says)
    assert any("bakes for 30 minutes" in said for said in says)
    assert stage.writes() == 0


def test_check_finds_what_would_fail(stage: FlagStage) -> None:
    """A strategy that is not there, a flag that is not, and a deployment that is in the way."""
    assert any(ready is Ready.WOULD_FAIL and "nostrat" in says for _, ready, says in found(stage, strategy="nostrat"))
    assert any(ready is Ready.WOULD_FAIL for _, ready, _ in found(stage, flag="nothere"))
    stage.deploy("3", "AppConfig.AllAtOnce")
    assert any("until it is over no other one is taken" in says for _, _, says in found(stage))


def test_check_goes_on_where_it_may_not_look(stage: FlagStage) -> None:
    """Which alarms there are could not be told, and that is not ready."""
    with Front(stage.upstream) as front:
        front.fault(Fault("denied", reply=DENIED), when=lambda asked: asked.path.endswith(stage.environment))
        said = found(stage, stage.lever(front.url))
    assert (Matter.UNDONE_BY, Ready.COULD_NOT_TELL) in {(matter, ready) for matter, ready, _ in said}


def test_a_version_takes_fewer_rights_than_a_flag() -> None:
    """None is made, and none is read."""
    with AppConfigStage() as stage:
        wanted = needs(Use(AppConfig.about, stage.target, "off", stage.settings))
        assert not any("HostedConfigurationVersion" in one.permission.action for one in wanted)


def test_check_weighs_each_right_where_it_is_needed(stage: FlagStage) -> None:
    """The application, the profile, the environment and the strategy; what putting back needs is in nobody's way."""
    narrow = AwsGranted(stage, list(needs(Use(AppConfig.about, stage.target, "off", stage.settings))), "narrow")
    assert Ready.WOULD_FAIL not in {ready for ready, _ in permitted(stage, narrow.keys)}
    resource = f"arn:aws:appconfig:*:*:deploymentstrategy/{stage.strategy}"
    deny: Json = {"Effect": "Deny", "Action": "appconfig:StartDeployment", "Resource": resource}
    every: Json = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    keys = stage.world.user("denied", {"Version": "2012-10-17", "Statement": [every, deny]})
    assert (Ready.WOULD_FAIL, "IAM would deny appconfig:StartDeployment") in permitted(stage, keys)


def permitted(stage: FlagStage, keys: Mapping[str, str]) -> list[tuple[Ready, str]]:
    said = found(stage, AppConfig(connection(stage.aws.url, keys)))
    return [(ready, says) for matter, ready, says in said if matter is Matter.PERMISSION]
