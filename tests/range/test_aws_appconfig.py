"""The range's AppConfig, asked by botocore with its own transport: shapes, errors, and what an application gets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import Session

from psfir.range.aws.appconfig_store import FLAGS
from psfir.range.aws.server import AwsRange
from tests.range.aws_range import aws_range, policy

ALARM = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:errors"
AT_ONCE = "AppConfig.AllAtOnce"


@pytest.fixture(scope="module")
def aws() -> Iterator[AwsRange]:
    with aws_range() as aws:
        yield aws


def client(aws: AwsRange, service: str, keys: dict[str, str] | None = None) -> Any:  # noqa: ANN401 - made while it runs
    given = keys or aws.root
    session: Any = Session()
    return session.create_client(
        service,
        region_name="eu-west-1",
        endpoint_url=aws.url,
        aws_access_key_id=given["access_key_id"],
        aws_secret_access_key=given["secret_access_key"],
        config=Config(retries={"total_max_attempts": 1}),
    )


class Laid:
    """An application with one environment and one profile of flags."""

    def __init__(self, aws: AwsRange) -> None:
        aws.appconfig.reset()
        self.api = client(aws, "appconfig")
        self.application = {"ApplicationId": self.api.create_application(Name="assistant")["Id"]}
        watched = [{"AlarmArn": ALARM}]
        made = self.api.create_environment(Name="production", Monitors=watched, **self.application)
        self.environment = {**self.application, "EnvironmentId": made["Id"]}
        profile = self.api.create_configuration_profile(Name="f", LocationUri="hosted", Type=FLAGS, **self.application)
        self.profile = {**self.application, "ConfigurationProfileId": profile["Id"]}

    def version(self, *, enabled: bool, **more: Any) -> dict[str, Any]:
        content = {"version": "1", "flags": {"a": {"name": "a"}}, "values": {"a": {"enabled": enabled}}}
        body, kind = json.dumps(content).encode(), "application/json"
        made: dict[str, Any] = self.api.create_hosted_configuration_version(
            Content=body, ContentType=kind, **self.profile, **more
        )
        return made

    def deploy(self, version: str, **more: Any) -> dict[str, Any]:
        what = {"DeploymentStrategyId": AT_ONCE, "ConfigurationVersion": version, **self.environment, **self.profile}
        said: dict[str, Any] = self.api.start_deployment(**{**what, **more})
        return said


@pytest.fixture
def laid(aws: AwsRange) -> Laid:
    return Laid(aws)


def code(error: pytest.ExceptionInfo[ClientError]) -> tuple[int, str]:
    said = error.value.response
    return said["ResponseMetadata"]["HTTPStatusCode"], said["Error"]["Code"]


def test_a_version_is_kept_as_it_was_sent(laid: Laid) -> None:
    """Bytes in, bytes out; its number and label go in headers."""
    made = laid.version(enabled=True, VersionLabel="on")
    assert (made["VersionNumber"], made["VersionLabel"], made["ContentType"]) == (1, "on", "application/json")
    again = laid.api.get_hosted_configuration_version(VersionNumber=1, **laid.profile)
    assert json.loads(again["Content"].read())["values"] == {"a": {"enabled": True}}
    (listed,) = laid.api.list_hosted_configuration_versions(VersionLabel="on", **laid.profile)["Items"]
    assert listed["VersionNumber"] == 1
    assert laid.api.list_hosted_configuration_versions(VersionLabel="off", **laid.profile)["Items"] == []


def test_a_version_that_clashes_is_not_made(laid: Laid) -> None:
    """By its label, or because another one came in between; and a profile of flags takes nothing else."""
    laid.version(enabled=True, VersionLabel="on")
    for more in ({"VersionLabel": "on"}, {"LatestVersionNumber": 0}):
        with pytest.raises(ClientError) as error:
            laid.version(enabled=True, **more)
        assert code(error) == (409, "ConflictException")
    for content in (b"[]", b"no json", b'{"version": "1", "flags": {}, "values": {"a": {}}}'):
        with pytest.raises(ClientError) as error:
            laid.api.create_hosted_configuration_version(Content=content, ContentType="text/plain", **laid.profile)
        assert code(error) == (400, "BadRequestException")


def test_one_deployment_at_a_time(aws: AwsRange, laid: Laid) -> None:
    """While it bakes the environment takes no other one, and a number that is not the latest is none either."""
    laid.version(enabled=True)
    first = laid.deploy("1")
    assert (first["DeploymentNumber"], first["State"], first["FinalBakeTimeInMinutes"]) == (1, "BAKING", 10)
    assert laid.api.get_environment(**laid.environment)["State"] == "DEPLOYING"
    with pytest.raises(ClientError) as error:
        laid.deploy("1")
    assert code(error) == (409, "ConflictException")
    aws.appconfig.pass_by(minutes=11)
    assert laid.api.get_environment(**laid.environment)["State"] == "READY_FOR_DEPLOYMENT"
    with pytest.raises(ClientError) as error:
        laid.deploy("1", LatestDeploymentNumber=0)
    assert code(error) == (409, "ConflictException")
    assert laid.deploy("1", LatestDeploymentNumber=1)["DeploymentNumber"] == 2


def test_it_grows_as_its_strategy_says(aws: AwsRange, laid: Laid) -> None:
    """Step by step, then baking, then complete; stopped on its way, it goes back."""
    laid.version(enabled=True)
    laid.deploy("1", DeploymentStrategyId="AppConfig.Linear20PercentEvery6Minutes")
    seen = []
    for minutes in (0, 7, 24, 30):
        aws.appconfig.pass_by(minutes=minutes)
        said = laid.api.get_deployment(DeploymentNumber=1, **laid.environment)
        seen.append((said["State"], said["PercentageComplete"]))
    assert seen == [("DEPLOYING", 20.0), ("DEPLOYING", 40.0), ("BAKING", 100.0), ("COMPLETE", 100.0)]
    laid.deploy("1", DeploymentStrategyId="AppConfig.Canary10Percent20Minutes")
    laid.api.stop_deployment(DeploymentNumber=2, **laid.environment)
    states = [one["State"] for one in laid.api.list_deployments(**laid.environment)["Items"]]
    assert states == ["ROLLED_BACK", "COMPLETE"]


def test_what_is_over_is_stopped_only_to_be_reverted(aws: AwsRange, laid: Laid) -> None:
    """That has to be asked for."""
    laid.version(enabled=True)
    laid.deploy("1")
    aws.appconfig.pass_by(minutes=11)
    with pytest.raises(ClientError) as error:
        laid.api.stop_deployment(DeploymentNumber=1, **laid.environment)
    assert code(error) == (400, "BadRequestException")
    said = laid.api.stop_deployment(DeploymentNumber=1, AllowRevert=True, **laid.environment)
    assert (said["State"], said["EventLog"][0]["EventType"]) == ("REVERTED", "REVERT_COMPLETED")


def test_an_alarm_rolls_back_and_is_named(aws: AwsRange, laid: Laid) -> None:
    """Also one that rings when the deployment is begun."""
    laid.version(enabled=True)
    laid.deploy("1")
    aws.appconfig.ring(ALARM)
    laid.deploy("1")
    for number in (1, 2):
        said = laid.api.get_deployment(DeploymentNumber=number, **laid.environment)
        newest = said["EventLog"][0]
        assert (said["State"], newest["TriggeredBy"]) == ("ROLLED_BACK", "CLOUDWATCH_ALARM")
        assert ALARM in newest["Description"]


def test_an_application_gets_what_is_deployed_once(aws: AwsRange, laid: Laid) -> None:
    """By a session; nothing, as long as it has not changed, and anew when it has."""
    data = client(aws, "appconfigdata")
    place = [laid.environment["ApplicationId"], laid.environment["EnvironmentId"]]
    asked = {"ApplicationIdentifier": place[0], "EnvironmentIdentifier": place[1]}
    asked["ConfigurationProfileIdentifier"] = laid.profile["ConfigurationProfileId"]
    token = data.start_configuration_session(**asked)["InitialConfigurationToken"]
    with pytest.raises(ClientError) as error:
        data.get_latest_configuration(ConfigurationToken=token)
    assert code(error) == (404, "ResourceNotFoundException")
    got = []
    for enabled in (True, None, False):
        if enabled is not None:
            laid.deploy(str(laid.version(enabled=enabled)["VersionNumber"]))
            aws.appconfig.pass_by(minutes=11)
        said = data.get_latest_configuration(ConfigurationToken=token)
        token = said["NextPollConfigurationToken"]
        text = said["Configuration"].read()
        got.append(json.loads(text)["values"]["a"]["enabled"] if text else None)
    assert got == [True, None, False]
    with pytest.raises(ClientError) as error:
        data.get_latest_configuration(ConfigurationToken="nobodys")
    assert code(error) == (400, "BadRequestException")


def test_policies_count_on_every_kind_of_thing(aws: AwsRange, laid: Laid) -> None:
    """To deploy takes the application, the environment, the profile and the strategy."""
    laid.version(enabled=True)
    ends = [f"application/{laid.application['ApplicationId']}*", f"deploymentstrategy/{AT_ONCE}"]
    arns = [f"arn:aws:appconfig:eu-west-1:123456789012:{end}" for end in ends]
    statements = [policy("Allow", "appconfig:*", resource=arn)["Statement"] for arn in arns]
    for name, said in (("half", statements[0]), ("both", [*statements[0], *statements[1]])):  # type: ignore[misc]  # lists
        keys = aws.account.user(name, {"Version": "2012-10-17", "Statement": said})
        laid.api = client(aws, "appconfig", keys)
        if name == "both":
            assert laid.deploy("1")["DeploymentNumber"] == 1
            continue
        with pytest.raises(ClientError, match="deploymentstrategy/AppConfig") as error:
            laid.deploy("1")
        assert code(error) == (403, "AccessDeniedException")


def test_what_is_not_there_is_404(laid: Laid) -> None:
    """Whatever it is."""
    nowhere = {**laid.environment, "EnvironmentId": "nothere"}
    asked: list[tuple[str, dict[str, Any]]] = [
        ("get_environment", nowhere),
        ("get_deployment", {"DeploymentNumber": 9, **laid.environment}),
        ("get_deployment_strategy", {"DeploymentStrategyId": "nothere"}),
        ("get_hosted_configuration_version", {"VersionNumber": 9, **laid.profile}),
    ]
    for operation, params in asked:
        with pytest.raises(ClientError) as error:
            getattr(laid.api, operation)(**params)
        assert code(error) == (404, "ResourceNotFoundException")
