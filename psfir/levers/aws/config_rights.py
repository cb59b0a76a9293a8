"""The rights of aws.appconfig: IAM wants each action on every kind of thing that it touches."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from psfir.domain.about import KILLING, LOOKING, RESTORING, WRITING, Permission, Phase, always
from psfir.domain.canon import Json
from psfir.levers.aws.ahead import SIMULATES

_APPLICATION = "arn:aws:appconfig:*:*:application/{application}"
_ENVIRONMENT = f"{_APPLICATION}/environment/{{environment}}"
_PROFILE = f"{_APPLICATION}/configurationprofile/{{profile}}"
_DEPLOYMENT = f"{_ENVIRONMENT}/deployment/*"
_STRATEGY = "arn:aws:appconfig:*:*:deploymentstrategy/{strategy}"
_STOPPING = "where a deployment that is under way is to be stopped, its own too"
_KEYED = "where a key of the customer's own encrypts what is deployed"
_AHEAD = "where psfir lever check is to name the alarms that undo it and how long it takes"
_ANEW = "where others deployed the profile meanwhile, or deleted the version that was found"


def _inside(settings: Mapping[str, Json]) -> bool:
    """Whether a version is made, and not only deployed."""
    return "version" not in settings


def _on(
    action: str,
    *resources: str,
    phases: tuple[Phase, ...] = LOOKING,
    only: str = "",
    when: Callable[[Mapping[str, Json]], bool] = always,
) -> tuple[Permission, ...]:
    return tuple(Permission("aws", action, resource, phases, only, when) for resource in resources)


def _made(phases: tuple[Phase, ...], only: str = "") -> tuple[Permission, ...]:
    """What it takes to make a version, or to find that it is there."""
    actions = ("appconfig:ListHostedConfigurationVersions", "appconfig:CreateHostedConfigurationVersion")
    places = _APPLICATION, _PROFILE
    return tuple(one for each in actions for one in _on(each, *places, phases=phases, only=only, when=_inside))


RIGHTS = (
    *_on("appconfig:ListDeployments", _APPLICATION, _ENVIRONMENT),
    *_on("appconfig:GetDeployment", _APPLICATION, _ENVIRONMENT, _DEPLOYMENT, phases=WRITING),
    *_on("appconfig:GetHostedConfigurationVersion", _APPLICATION, _PROFILE, when=_inside),
    *_made(KILLING),
    *_made(RESTORING, _ANEW),
    *_on("appconfig:StartDeployment", _APPLICATION, _ENVIRONMENT, _PROFILE, _STRATEGY, phases=WRITING),
    *_on("appconfig:StopDeployment", _APPLICATION, _ENVIRONMENT, _DEPLOYMENT, phases=WRITING, only=_STOPPING),
    *_on("kms:GenerateDataKey", "*", phases=WRITING, only=_KEYED),
    *_on("appconfig:GetEnvironment", _APPLICATION, _ENVIRONMENT, phases=(Phase.READ,), only=_AHEAD),
    *_on("appconfig:GetDeploymentStrategy", _STRATEGY, phases=(Phase.READ,), only=_AHEAD),
    SIMULATES,
)
