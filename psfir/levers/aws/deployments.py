"""What aws.appconfig asks of deployments: what is deployed now, what is on its way, and who rolled it back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from psfir.contracts import Target
from psfir.domain.values import frozen
from psfir.errors import Busy, Declined, NoSuchTarget
from psfir.vendors.aws import AwsClient, Deadline
from psfir.vendors.patience import wait

_SERVICE = "appconfig"
_REACHED = frozenset({"BAKING", "COMPLETE"})
_FORWARD = frozenset({"VALIDATING", "DEPLOYING", "BAKING"})
_BACK = frozenset({"ROLLING_BACK", "ROLLED_BACK", "REVERTED"})
_PAGES = 20
_PAUSE = 0.5
_EVENTS = ("ROLLBACK_STARTED", "REVERT_COMPLETED")


@frozen
class Deployment:
    """One line of the environment's list."""

    number: int
    profile: str
    version: str
    state: str
    reached: float = 0.0
    bake: int = 0

    @property
    def under_way(self) -> bool:
        """AppConfig begins no other one in this environment meanwhile."""
        return self.state in _FORWARD or self.state == "ROLLING_BACK"

    def __str__(self) -> str:
        return f"deployment {self.number} of version {self.version}"


@frozen
class Deployed:
    """`heading` is what the profile's targets have or are getting, `former` what it goes back to when that is stopped.

    `turned` is a later one of the profile that went back, or goes, and `busy` whichever one is under way here.
    """

    heading: Deployment
    former: Deployment | None
    turned: Deployment | None
    busy: Deployment | None
    latest: int


class Deployments:
    """Those of one target's environment."""

    def __init__(self, aws: AwsClient) -> None:
        self._aws = aws

    def now(self, target: Target, deadline: Deadline) -> Deployed:
        """NoSuchTarget where the profile was never deployed: there would be nothing to put back."""
        latest, busy, turned = None, None, None
        standing: list[Deployment] = []
        for one in self._listed(target, deadline):
            latest = latest or one
            busy = busy or (one if one.under_way else None)
            if one.profile != target["profile"]:
                continue
            if one.state in _BACK and not standing:
                turned = turned or one
            elif one.state in _FORWARD | _REACHED and (not standing or one.state == "COMPLETE"):
                standing.append(one)
            if len(standing) > 1:
                break
        if latest is None or not standing:
            what = f"nothing of the profile {target['profile']} is deployed in the environment {target['environment']}"
            todo = "check its IDs, and region and account of this connection, and deploy it once"
            raise NoSuchTarget(what, where=self._aws.where, todo=todo)
        return Deployed(standing[0], standing[1] if standing[1:] else None, turned, busy, latest.number)

    def whole(self, target: Target, number: int, deadline: Deadline) -> dict[str, Any]:
        params = {**_place(target), "DeploymentNumber": number}
        return self._aws.read(_SERVICE, "GetDeployment", params, within=deadline.left)

    def why_back(self, target: Target, one: Deployment, deadline: Deadline) -> str:
        """In AppConfig's own words, such as the alarm that went off."""
        for event in self.whole(target, one.number, deadline).get("EventLog", []):
            if event.get("EventType") in _EVENTS:
                whom = str(event.get("TriggeredBy", "")).lower().replace("_", " ")
                return f"by {whom}: {event.get('Description', '')}".strip(" :")
        return "for a reason that AppConfig does not tell"

    def start(self, target: Target, version: str, seen: Deployed, deadline: Deadline) -> dict[str, Any]:
        """Only if no other one was begun since it was looked at, and under the key that what is there is under."""
        key = self.whole(target, seen.heading.number, deadline).get("KmsKeyIdentifier")
        params = {
            **_place(target),
            "ConfigurationProfileId": target["profile"],
            "ConfigurationVersion": version,
            "DeploymentStrategyId": target.get("strategy") or "AppConfig.AllAtOnce",
            "Description": "psfir",
            "LatestDeploymentNumber": seen.latest,
        }
        if key:
            params["KmsKeyIdentifier"] = key
        return self._aws.write(_SERVICE, "StartDeployment", params, within=deadline.left)

    def stop(self, target: Target, one: Deployment, deadline: Deadline) -> None:
        """It goes back to what was deployed before. While it bakes that has to be allowed for."""
        params: dict[str, Any] = {**_place(target), "DeploymentNumber": one.number}
        if one.state == "BAKING":
            params["AllowRevert"] = True
        try:
            self._aws.write(_SERVICE, "StopDeployment", params, within=deadline.left)
        except Declined as error:
            # It was over in the same moment, so that looking again tells something else.
            what = f"{one} could not be stopped: {error.what}"
            raise Busy(what, where=self._aws.where, todo="look again: it may be over") from error

    def over(self, target: Target, one: Deployment, deadline: Deadline) -> bool:
        """Wait until that one is under way no longer; False if it outlasts the share."""
        while True:
            found = next((each for each in self._listed(target, deadline) if each.number == one.number), None)
            if found and not found.under_way:
                return True
            if not wait(_PAUSE, deadline):
                return False

    def _listed(self, target: Target, deadline: Deadline) -> Iterator[Deployment]:
        """The newest first."""
        params: dict[str, Any] = dict(_place(target))
        for _ in range(_PAGES):
            said = self._aws.read(_SERVICE, "ListDeployments", params, within=deadline.left)
            yield from (_deployment(one) for one in said.get("Items", []))
            if not said.get("NextToken"):
                return
            params["NextToken"] = said["NextToken"]


def _place(target: Target) -> Mapping[str, Any]:
    return {"ApplicationId": target["application"], "EnvironmentId": target["environment"]}


def _deployment(said: Mapping[str, Any]) -> Deployment:
    numbers = float(said.get("PercentageComplete") or 0.0), int(said.get("FinalBakeTimeInMinutes") or 0)
    named = str(said.get("ConfigurationProfileId")), str(said.get("ConfigurationVersion")), str(said.get("State"))
    return Deployment(int(said.get("DeploymentNumber") or 0), *named, *numbers)
