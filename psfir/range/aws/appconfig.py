"""AppConfig, which moto has only half of: versions, strategies, deployments, alarms that roll back, and what is served.

`ring` lets an alarm go off, `pass_by` lets minutes go by. With `lag` what was just begun is not listed for a while.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from psfir.range.aws.appconfig_store import BAD, CLASH, HOSTED, Application, Environment, Profile, Store, Version, check
from psfir.range.aws.modelled import Handler, Keeping, No
from psfir.range.aws.rollouts import (
    BAKING,
    COMPLETE,
    DEPLOYING,
    REVERTED,
    ROLLED_BACK,
    ROLLING_BACK,
    UNDER_WAY,
    Deployment,
    Strategy,
)

_PAGE = 50


class AppConfig(Keeping):
    service: ClassVar[str] = "appconfig"

    def begin(self) -> None:
        self._store = Store()
        self._ringing: set[str] = set()
        self.lag = 0.0
        self.back = 0.0
        """How many minutes it takes to roll back."""

    def ring(self, alarm: str) -> None:
        """Whatever is under way in an environment that this alarm watches goes back, now and from now on."""
        with self.lock:
            self._ringing.add(alarm)
            for application in self._store.applications.values():
                for environment in application.environments.values():
                    self._heed(environment)

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "CreateApplication": self._create_application,
            "CreateEnvironment": self._create_environment,
            "GetEnvironment": self._get_environment,
            "CreateConfigurationProfile": self._create_profile,
            "GetConfigurationProfile": self._get_profile,
            "CreateHostedConfigurationVersion": self._create_version,
            "GetHostedConfigurationVersion": self._get_version,
            "ListHostedConfigurationVersions": self._list_versions,
            "DeleteHostedConfigurationVersion": self._delete_version,
            "CreateDeploymentStrategy": self._create_strategy,
            "GetDeploymentStrategy": self._get_strategy,
            "StartDeployment": self._start,
            "GetDeployment": self._get_deployment,
            "ListDeployments": self._list_deployments,
            "StopDeployment": self._stop,
        }

    def resources(self, operation: str, params: Mapping[str, Any]) -> Iterable[str]:
        """As the service authorization reference has them: every kind of resource that it marks as required."""
        if operation in {"CreateApplication", "CreateDeploymentStrategy"}:
            return ("*",)
        found = []
        application = f"application/{params.get('ApplicationId')}"
        if "ApplicationId" in params:
            found.append(application)
        if "ConfigurationProfileId" in params:
            found.append(f"{application}/configurationprofile/{params['ConfigurationProfileId']}")
        if "EnvironmentId" in params:
            found.append(f"{application}/environment/{params['EnvironmentId']}")
        if "DeploymentNumber" in params:
            found.append(f"{found[-1]}/deployment/{params['DeploymentNumber']}")
        if "DeploymentStrategyId" in params:
            found.append(f"deploymentstrategy/{params['DeploymentStrategyId']}")
        return found

    def lay_out(
        self, ids: tuple[str, str, str], kind: str, versions: Mapping[int, bytes], strategies: Iterable[str]
    ) -> None:
        """By the ids of application, environment and profile, and of strategies; the last version is deployed."""
        application, environment, profile = ids
        with self.lock:
            for name in strategies:
                self._store.strategies.setdefault(name, Strategy(name, name))
            there = self._store.applications.setdefault(application, Application(application))
            there.profiles[profile] = made = Profile(profile, kind or "AWS.Freeform", HOSTED)
            made.versions = [Version(one, content, "application/json") for one, content in versions.items()]
            at_once = Strategy("range", "range")
            now = there.environments.setdefault(environment, Environment(environment))
            number = len(now.deployments) + 1
            now.deployments.append(Deployment(number, profile, str(max(versions)), at_once, self.now))

    def has(self, application: str, environment: str, profile: str) -> bool:
        with self.lock:
            there = self._store.applications.get(application)
            return there is not None and environment in there.environments and profile in there.profiles

    def served(self, application: str, environment: str, profile: str, place: float) -> Version | None:
        """What a client gets whose place among all of them, in per cent, is this one. None if nothing is deployed."""
        with self.lock:
            there = self._store.environment({"ApplicationId": application, "EnvironmentId": environment})
            self._heed(there)
            for one in reversed(there.deployments):
                if one.profile == profile and one.percentage(self.now) > place:
                    versions = self._store.applications[application].profiles[profile].versions
                    return next((each for each in versions if str(each.number) == one.version), None)
        return None

    # --- what there is ---

    def _create_application(self, params: Mapping[str, Any]) -> dict[str, Any]:
        with self.lock:
            name = self._store.new()
            self._store.applications[name] = Application(str(params["Name"]))
        return {"Id": name, "Name": params["Name"]}

    def _create_environment(self, params: Mapping[str, Any]) -> dict[str, Any]:
        with self.lock:
            name = self._store.new()
            made = Environment(str(params["Name"]), list(params.get("Monitors", [])))
            self._store.application(params).environments[name] = made
        return self._get_environment({**params, "EnvironmentId": name})

    def _get_environment(self, params: Mapping[str, Any]) -> dict[str, Any]:
        with self.lock:
            there = self._store.environment(params)
            self._heed(there)
            last = there.deployments[-1].state(self.now) if there.deployments else COMPLETE
        state = {COMPLETE: "READY_FOR_DEPLOYMENT", BAKING: DEPLOYING}.get(last, last)
        names = {"ApplicationId": params["ApplicationId"], "Id": params["EnvironmentId"], "Name": there.name}
        return {**names, "State": state, "Monitors": there.monitors}

    def _create_profile(self, params: Mapping[str, Any]) -> dict[str, Any]:
        with self.lock:
            name = self._store.new()
            made = Profile(str(params["Name"]), str(params.get("Type", "AWS.Freeform")), str(params["LocationUri"]))
            self._store.application(params).profiles[name] = made
        return self._get_profile({**params, "ConfigurationProfileId": name})

    def _get_profile(self, params: Mapping[str, Any]) -> dict[str, Any]:
        there = self._store.profile(params)
        names = {"ApplicationId": params["ApplicationId"], "Id": params["ConfigurationProfileId"], "Name": there.name}
        return {**names, "LocationUri": there.location, "Type": there.kind}

    def _create_version(self, params: Mapping[str, Any]) -> dict[str, Any]:
        with self.lock:
            there, label = self._store.profile(params), str(params.get("VersionLabel", ""))
            last = there.versions[-1].number if there.versions else 0
            if there.location != HOSTED:
                raise No(BAD, "The profile keeps its configuration somewhere else")
            if params.get("LatestVersionNumber", last) != last:
                raise No(CLASH, f"The latest version is {last}")
            if label and any(one.label == label for one in there.versions):
                raise No(CLASH, f"There is a version with the label {label}")
            check(there, params["Content"])
            there.versions.append(Version(last + 1, params["Content"], str(params["ContentType"]), label))
            return _shown(params, there.versions[-1])

    def _get_version(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return _shown(params, self._store.version(params, str(params["VersionNumber"])))

    def _delete_version(self, params: Mapping[str, Any]) -> dict[str, Any]:
        with self.lock:
            gone = self._store.version(params, str(params["VersionNumber"]))
            self._store.profile(params).versions.remove(gone)
        return {}

    def _list_versions(self, params: Mapping[str, Any]) -> dict[str, Any]:
        wanted = params.get("VersionLabel")
        found = [one for one in reversed(self._store.profile(params).versions) if wanted in {None, one.label}]
        keys = ("ApplicationId", "ConfigurationProfileId", "VersionNumber", "ContentType", "VersionLabel")
        shown = [_shown(params, one) for one in found]
        return {"Items": [{key: one[key] for key in keys if key in one} for one in shown]}

    def _create_strategy(self, params: Mapping[str, Any]) -> dict[str, Any]:
        spans = int(params["DeploymentDurationInMinutes"]), float(params["GrowthFactor"])
        with self.lock:
            name = self._store.new()
            bake = int(params.get("FinalBakeTimeInMinutes", 0))
            self._store.strategies[name] = Strategy(name, str(params["Name"]), *spans, bake)
        return self._store.strategies[name].to_json()

    def _get_strategy(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return self._store.strategy(params).to_json()

    # --- deployments ---

    def _start(self, params: Mapping[str, Any]) -> dict[str, Any]:
        with self.lock:
            there, now = self._store.environment(params), self.now
            self._heed(there)
            last = there.deployments[-1] if there.deployments else None
            number = last.number if last else 0
            if last and last.state(now) in UNDER_WAY:
                raise No(CLASH, f"Deployment number {number} is {last.state(now)} in this environment")
            if params.get("LatestDeploymentNumber", number) != number:
                raise No(CLASH, f"The latest deployment is number {number}")
            version = self._deployable(params)
            strategy, profile = self._store.strategy(params), str(params["ConfigurationProfileId"])
            made = Deployment(number + 1, profile, version, strategy, now, str(params.get("KmsKeyIdentifier", "")))
            made.note("DEPLOYMENT_STARTED", now, {"TriggeredBy": "USER", "Description": "Deployment started"})
            there.deployments.append(made)
            shown = self._whole(params, made)
            self._heed(there)
        return shown

    def _get_deployment(self, params: Mapping[str, Any]) -> dict[str, Any]:
        with self.lock:
            return self._whole(params, self._deployment(params))

    def _list_deployments(self, params: Mapping[str, Any]) -> dict[str, Any]:
        with self.lock:
            there, now = self._store.environment(params), self.now
            self._heed(there)
            listed = [one for one in reversed(there.deployments) if one.started + self.lag <= now]
        first, many = int(params.get("NextToken", "0")), int(params.get("MaxResults", _PAGE))
        more = {"NextToken": str(first + many)} if first + many < len(listed) else {}
        return {"Items": [one.summary(now) for one in listed[first : first + many]], **more}

    def _stop(self, params: Mapping[str, Any]) -> dict[str, Any]:
        with self.lock:
            one, now = self._deployment(params), self.now
            state, revert = one.state(now), params.get("AllowRevert") is True
            if state != DEPLOYING and not (revert and state in {BAKING, COMPLETE}):
                raise No(BAD, f"Deployment number {one.number} is {state} and cannot be stopped")
            one.back = self.back
            why = {"TriggeredBy": "USER", "Description": "Stopped by a user"}
            one.turn(now, REVERTED if state == COMPLETE else ROLLED_BACK, why)
            return self._whole(params, one)

    def _heed(self, there: Environment) -> None:
        """Alarms are looked at whenever somebody asks: between two questions nobody could tell."""
        watched = {one["AlarmArn"] for one in there.monitors} & self._ringing
        last, now = (there.deployments[-1] if there.deployments else None), self.now
        if watched and last and last.state(now) in UNDER_WAY - {ROLLING_BACK}:
            last.back = self.back
            arn = min(watched)
            last.turn(now, ROLLED_BACK, {"TriggeredBy": "CLOUDWATCH_ALARM", "Description": f"Alarm {arn} went off"})

    def _whole(self, params: Mapping[str, Any], one: Deployment) -> dict[str, Any]:
        names = {key: params[key] for key in ("ApplicationId", "EnvironmentId")}
        more = {"DeploymentStrategyId": one.strategy.id, "EventLog": list(one.events)}
        more |= {"KmsKeyIdentifier": one.key} if one.key else {}
        return {**names, **one.summary(self.now), **more}

    def _deployable(self, params: Mapping[str, Any]) -> str:
        """Its number, also where a label was said. What is kept elsewhere is taken for granted."""
        said = str(params["ConfigurationVersion"])
        return str(self._store.version(params, said).number) if self._store.profile(params).location == HOSTED else said

    def _deployment(self, params: Mapping[str, Any]) -> Deployment:
        self._heed(self._store.environment(params))
        return self._store.deployment(params)


def _shown(params: Mapping[str, Any], one: Version) -> dict[str, Any]:
    names = {key: params[key] for key in ("ApplicationId", "ConfigurationProfileId")}
    label = {"VersionLabel": one.label} if one.label else {}
    return {**names, "VersionNumber": one.number, "Content": one.content, "ContentType": one.kind, **label}
