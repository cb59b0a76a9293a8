"""What is to be known about a deployment of AppConfig, in words: on its way, baking, in the way of another, watched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.contracts import Target
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.levers.aws.deployments import Deployed, Deployment


def moving(there: Deployed) -> str:
    """What is not there yet, of this profile."""
    heading, turned = there.heading, there.turned
    if turned and turned.state == "ROLLING_BACK":
        return f"{turned} is still rolling back"
    if heading.state == "VALIDATING":
        return f"{heading} is being validated"
    return f"{heading} has reached {heading.reached:g} % of its targets" if heading.state == "DEPLOYING" else ""


def bakes(heading: Deployment) -> str:
    if heading.state != "BAKING":
        return ""
    return f"{heading} bakes for {heading.bake} minutes, in which an alarm rolls it back"


def notes(target: Target, there: Deployed) -> tuple[str, ...]:
    """The environment takes no other deployment while one is under way."""
    busy = there.busy
    if busy is None:
        return ()
    what = f"{busy} of the profile {busy.profile} is under way in this environment ({busy.state})"
    if target.get("under_way") == "stop":
        return (f"{what}: it is stopped first, which rolls it back, and not begun again",)
    return (f"{what}: until it is over no other one is taken; under_way: stop would roll it back",)


def alarms(environment: Mapping[str, Any]) -> list[Finding]:
    """One that rings already, as in an incident it may, rolls a deployment back as soon as it is begun."""
    watched = [str(one.get("AlarmArn")).rpartition(":")[2] for one in environment.get("Monitors", [])]
    if not watched:
        return []
    says = f"the environment watches the alarms {', '.join(watched)}: one that rings rolls the deployment back"
    todo = "see that none of them rings when the feature is off, or name another rung behind this one"
    return [Finding(Matter.UNDONE_BY, Ready.BEWARE, says, todo)]


def pace(strategy: Mapping[str, Any]) -> list[Finding]:
    """How long it takes to everybody, and how long nothing else can be deployed then."""
    name = strategy.get("Name") or strategy.get("Id")
    takes, bake = (int(strategy.get(key) or 0) for key in ("DeploymentDurationInMinutes", "FinalBakeTimeInMinutes"))
    found = []
    if takes:
        says = f"with the strategy {name} it takes {takes} minutes until everybody has it"
        todo = "name a strategy that deploys to all at once"
        found.append(Finding(Matter.TARGET, Ready.BEWARE, says, todo))
    if bake:
        says = f"with the strategy {name} it bakes for {bake} minutes, and the environment takes nothing else meanwhile"
        todo = "a strategy of your own with no bake time leaves it free at once"
        found.append(Finding(Matter.TARGET, Ready.BEWARE, says, todo))
    return found
