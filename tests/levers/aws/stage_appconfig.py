"""What an assistant reads of AppConfig: flags in one profile, free-form settings in another one beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from psfir.domain.canon import Json
from psfir.levers.aws.appconfig import AppConfig
from psfir.range.server import Asked
from tests.levers.aws.moto import connection
from tests.levers.aws.stage import RangeStage

ALARM = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:errors"
FLAG = "support-assistant"


def flags(enabled: bool = True, other: bool = True) -> dict[str, Any]:
    on: Mapping[str, Json] = {FLAG: {"enabled": enabled, "model": "large"}, "search": {"enabled": other}}
    return {"version": "1", "flags": {name: {"name": name} for name in on}, "values": dict(on)}


class AppConfigStage(RangeStage):
    """Of the flags version 1 is on and deployed, 2 off, 3 another one that is on. A deployment is over at once."""

    name = "aws.appconfig"
    settings = {"version": "2"}  # noqa: RUF012 - as its parent has it

    def lay_out(self) -> None:
        self.application = self.appconfig("CreateApplication", Name="assistant")["Id"]
        watched: Json = [{"AlarmArn": ALARM}]
        made = self.in_application("CreateEnvironment", Name="production", Monitors=watched)
        self.environment = made["Id"]
        self.profile = self.profiled("flags", Type="AWS.AppConfig.FeatureFlags")
        self.strategy = self.strategy_of("at once")
        for content in (flags(), flags(enabled=False), flags(other=False)):
            self.version(content)
        self.deploy("1")
        self.target = {
            "connection": "aws-prod",
            "application": self.application,
            "environment": self.environment,
            "profile": self.profile,
            "strategy": self.strategy,
        }

    def appconfig(self, operation: str, **params: Any) -> dict[str, Any]:
        return self.do("appconfig", operation, **params)

    def in_application(self, operation: str, **params: Any) -> dict[str, Any]:
        return self.appconfig(operation, ApplicationId=self.application, **params)

    def profiled(self, name: str, **more: Json) -> str:
        location = str(more.pop("LocationUri", "hosted")) if more else "hosted"
        made = self.in_application("CreateConfigurationProfile", Name=name, LocationUri=location, **more)
        return str(made["Id"])

    def strategy_of(self, name: str, takes: int = 0, growth: float = 100.0, bake: int = 0) -> str:
        spans = {"DeploymentDurationInMinutes": takes, "GrowthFactor": growth, "FinalBakeTimeInMinutes": bake}
        return str(self.appconfig("CreateDeploymentStrategy", Name=name, **spans)["Id"])

    def version(
        self,
        content: Any,  # noqa: ANN401 - whatever JSON, or bytes
        profile: str = "",
    ) -> str:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        about: dict[str, Any] = {"ConfigurationProfileId": profile or self.profile, "ContentType": "application/json"}
        made = self.in_application("CreateHostedConfigurationVersion", Content=body, **about)
        return str(made["VersionNumber"])

    def deploy(self, version: str, strategy: str = "", profile: str = "") -> int:
        what = {"ConfigurationProfileId": profile or self.profile, "ConfigurationVersion": version}
        how = {"EnvironmentId": self.environment, "DeploymentStrategyId": strategy or self.strategy}
        return int(self.in_application("StartDeployment", **what, **how)["DeploymentNumber"])

    def lever(self, url: str) -> AppConfig:
        return AppConfig(connection(url, self.aws.root))

    def served(self, place: float = 50.0, profile: str = "") -> Any:  # noqa: ANN401 - whatever the configuration holds
        """What an application gets whose place among all of them is that one."""
        found = self.aws.appconfig.served(self.application, self.environment, profile or self.profile, place)
        return json.loads(found.content) if found else None

    def deployments(self) -> list[tuple[int, str, str]]:
        """Number, version and state, the newest first."""
        said = self.in_application("ListDeployments", EnvironmentId=self.environment)["Items"]
        return [(one["DeploymentNumber"], one["ConfigurationVersion"], one["State"]) for one in said]

    def on(self) -> bool:
        return bool(self.served()["values"][FLAG]["enabled"])

    def pulled(self) -> bool:
        return not self.on()

    def disturb(self) -> None:
        self.deploy("3")


class FlagStage(AppConfigStage):
    """A version that nobody serves is no change of the world: what counts is what is deployed."""

    name = "aws.appconfig, a flag"
    settings = {"enabled": False}  # noqa: RUF012 - as its parent has it

    def lay_out(self) -> None:
        super().lay_out()
        self.target = {**self.target, "flag": FLAG}

    def renew(self) -> None:
        """A version that says off is deployed again wherever there is one: this one has none yet."""
        values = {FLAG: {"enabled": True, "model": f"model-{len(self.deployments())}"}, "search": {"enabled": True}}
        self.deploy(self.version({**flags(), "values": values}))

    def writing(self, asked: Asked) -> bool:
        return asked.writes and "/deployments" in asked.path

    def disturb(self) -> None:
        entry: dict[str, Json] = {"enabled": True, "model": "small"}
        values: dict[str, Json] = {FLAG: entry, "search": {"enabled": True}}
        self.deploy(self.version({**flags(), "values": values}))
