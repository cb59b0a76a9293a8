"""What would be in the way of a trigger. Whether its URL is good cannot be told without pulling it: that is said."""

from __future__ import annotations

from collections.abc import Callable

from psfir.domain.preflight import Finding, Matter, Ready
from psfir.errors import PsfirError
from psfir.levers.launchdarkly.check import Checkup, failed
from psfir.levers.launchdarkly.place import Place
from psfir.levers.launchdarkly.waiting import approvals, gates
from psfir.vendors.http import Deadline
from psfir.vendors.launchdarkly import Ask, LaunchDarkly, items, under
from psfir.vendors.launchdarkly_trigger import Trigger

_DRILL = "pull it once in a drill"


def findings(
    trigger: Trigger, api: LaunchDarkly | None, place: Place, wants: tuple[str, Callable[[], str]], deadline: Deadline
) -> list[Finding]:
    """`wants`: the instruction the trigger must have, and what says how the flag is. `api` is None without a token."""
    kind, seen = wants
    found = []
    try:
        says = f"there is a secret URL at {trigger.check()}; whether it is good cannot be told without pulling it"
        found.append(Finding(Matter.CREDENTIAL, Ready.BEWARE, says, _DRILL))
    except PsfirError as error:
        return [failed(Matter.CREDENTIAL, error)]
    try:
        found.append(Finding(Matter.TARGET, Ready.READY, seen()))
    except PsfirError as error:
        return [*found, failed(Matter.TARGET, error)]
    if api is None:
        untold = "without a token it cannot be read"
        return [
            *found,
            Finding(Matter.PERMISSION, Ready.COULD_NOT_TELL, f"whether a trigger is enabled: {untold}", _DRILL),
            Finding(Matter.APPROVAL, Ready.COULD_NOT_TELL, f"whether an approval is required: {untold}", _DRILL),
            Finding(Matter.UNDONE_BY, Ready.COULD_NOT_TELL, f"what is scheduled: {untold}", _DRILL),
        ]
    checkup = Checkup(api, place, within=deadline.left)
    return [*found, _enabled(api, place, kind, deadline), _approval(api, place, deadline), *checkup.undone_by()]


def _enabled(api: LaunchDarkly, place: Place, kind: str, deadline: Deadline) -> Finding:
    """The list shows no URL, so it cannot be told whether one of these is ours."""
    path = under("flags", place.project, place.key, "triggers", place.environment)
    try:
        listed = items(api.ask(Ask("GET", path), within=deadline.left))
    except PsfirError as error:
        return Finding(Matter.PERMISSION, Ready.COULD_NOT_TELL, str(error))
    good = [one for one in listed if one.get("enabled") is True and _does(one, kind)]
    if good:
        says = f"{len(good)} of the flag's {len(listed)} triggers are enabled and say {kind}"
        return Finding(Matter.PERMISSION, Ready.READY, says)
    says = f"none of the flag's {len(listed)} triggers is enabled and says {kind}"
    return Finding(Matter.PERMISSION, Ready.WOULD_FAIL, says, "enable or create one in LaunchDarkly")


def _approval(api: LaunchDarkly, place: Place, deadline: Deadline) -> Finding:
    try:
        settings = approvals(api, place, within=deadline.left)
        tags = api.ask(place.get(), within=deadline.left).body.get("tags")
    except PsfirError as error:
        return Finding(Matter.APPROVAL, Ready.COULD_NOT_TELL, str(error))
    if settings is None or gates(settings, tags):
        says = f"environment {place.environment} may require an approval; whether a trigger goes past it is not known"
        return Finding(Matter.APPROVAL, Ready.COULD_NOT_TELL, says, _DRILL)
    return Finding(Matter.APPROVAL, Ready.READY, f"environment {place.environment} requires none")


def _does(one: object, kind: str) -> bool:
    steps = one.get("instructions") if isinstance(one, dict) else None
    return isinstance(steps, list) and any(isinstance(step, dict) and step.get("kind") == kind for step in steps)
