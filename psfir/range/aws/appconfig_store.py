"""What an account has in AppConfig: applications, their profiles with versions, environments with deployments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

from psfir.range.aws.modelled import No
from psfir.range.aws.rollouts import AWS_OWN, Deployment, Strategy

FLAGS = "AWS.AppConfig.FeatureFlags"
HOSTED = "hosted"
T = TypeVar("T")
BAD, GONE, CLASH = "BadRequestException", "ResourceNotFoundException", "ConflictException"


@dataclass
class Version:
    """One hosted version."""

    number: int
    content: bytes
    kind: str
    label: str = ""


@dataclass
class Profile:
    name: str
    kind: str
    location: str
    versions: list[Version] = field(default_factory=list)


@dataclass
class Environment:
    name: str
    monitors: list[dict[str, str]] = field(default_factory=list)
    deployments: list[Deployment] = field(default_factory=list)


@dataclass
class Application:
    name: str
    profiles: dict[str, Profile] = field(default_factory=dict)
    environments: dict[str, Environment] = field(default_factory=dict)


class Store:
    """Looked up by what a request names; `No` for what is not there."""

    def __init__(self) -> None:
        self._ids = count(1)
        self.applications: dict[str, Application] = {}
        self.strategies = {one.id: one for one in AWS_OWN}

    def new(self) -> str:
        return f"range{next(self._ids):02d}"

    def application(self, params: Mapping[str, Any]) -> Application:
        return _there(self.applications, params["ApplicationId"], "Application")

    def environment(self, params: Mapping[str, Any]) -> Environment:
        return _there(self.application(params).environments, params["EnvironmentId"], "Environment")

    def profile(self, params: Mapping[str, Any]) -> Profile:
        return _there(self.application(params).profiles, params["ConfigurationProfileId"], "ConfigurationProfile")

    def strategy(self, params: Mapping[str, Any]) -> Strategy:
        return _there(self.strategies, params["DeploymentStrategyId"], "DeploymentStrategy")

    def version(self, params: Mapping[str, Any], said: str) -> Version:
        """By its number or its label."""
        versions = self.profile(params).versions
        found = {str(one.number): one for one in versions} | {one.label: one for one in versions if one.label}
        return _there(found, said, "HostedConfigurationVersion")

    def deployment(self, params: Mapping[str, Any]) -> Deployment:
        found = {str(one.number): one for one in self.environment(params).deployments}
        return _there(found, str(params["DeploymentNumber"]), "Deployment")


def _there(found: Mapping[str, T], name: str, kind: str) -> T:
    try:
        return found[name]
    except KeyError:
        raise No(GONE, f"{kind} {name} could not be found") from None


def check(there: Profile, content: bytes) -> None:
    """A profile of flags takes nothing else."""
    if there.kind != FLAGS:
        return
    try:
        said = json.loads(content)
    except ValueError:
        said = None
    values = said.get("values", {}) if isinstance(said, dict) else None
    if not isinstance(values, dict) or said.get("version") != "1" or values.keys() - said.get("flags", {}).keys():
        raise No(BAD, "The content is no set of feature flags")
