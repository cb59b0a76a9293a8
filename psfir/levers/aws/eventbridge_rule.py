"""`aws.eventbridge_rule`: whether a rule of EventBridge fires, by its schedule or by the events that it matches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from psfir.contracts import Target
from psfir.domain.about import KILLING, RESTORING, Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.modes import Mode
from psfir.errors import Refusal, UsageError
from psfir.levers.aws import enabled
from psfir.levers.aws.ahead import SIMULATES
from psfir.levers.aws.settable import Seen, Settable
from psfir.vendors.aws import Deadline

_RULE = "arn:aws:events:*:*:rule/{rule}"
_ON, _OFF = "ENABLED", "DISABLED"


def _enables(settings: Mapping[str, Json]) -> bool:
    return settings.get("enabled") is True


def _disables(settings: Mapping[str, Json]) -> bool:
    return not _enables(settings)


class EventBridgeRule(Settable):
    """The state is `state` as EventBridge words it, and what the rule `fires` on; `managed_by` where a service owns it.

    A rule that fires on something else by now is another rule: nobody should find it enabled by a restore.
    """

    about: ClassVar[LeverAbout] = LeverAbout(
        name="aws.eventbridge_rule",
        line="Disables a rule of EventBridge: a schedule, or what matches events.",
        connects=("aws",),
        target=(Field("rule", FieldType.TEXT, "the rule's name; on another bus than the default one BUS/NAME"),),
        example={
            "lever": "aws.eventbridge_rule",
            "target": {"connection": "aws-prod", "rule": "nightly-agent-run"},
            "set": {"enabled": False},
            "within": "30s",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.NEW,
        settings=(enabled.setting("whether it fires"),),
        permissions=(
            Permission("aws", "events:DescribeRule", _RULE),
            Permission("aws", "events:DisableRule", _RULE, KILLING, when=_disables),
            Permission("aws", "events:EnableRule", _RULE, RESTORING, when=_disables),
            Permission("aws", "events:EnableRule", _RULE, KILLING, when=_enables),
            Permission("aws", "events:DisableRule", _RULE, RESTORING, when=_enables),
            SIMULATES,
        ),
        blast_radius="All targets of the rule. What it has fired already goes on, and is tried again for up to a day. "
        "Events that come while it is disabled are not kept for it, and a schedule does not catch up.",
        undo="Enables it again.",
        exact=True,
        vendor="aws",
        propagation=60.0,
    )

    def _seen(self, target: Target, deadline: Deadline) -> Seen:
        found = self._aws.read("events", "DescribeRule", _named(target), within=deadline.left)
        state: dict[str, Json] = {"state": str(found.get("State")), "fires": _fires(found)}
        if owner := found.get("ManagedBy"):
            state["managed_by"] = str(owner)
        return Seen(state, str(found.get("Arn")))

    def _wanted(self, target: Target, state: Mapping[str, Json], settings: Mapping[str, Json]) -> dict[str, Json]:
        wanted = enabled.wanted(settings, self._name(target))
        if owner := state.get("managed_by"):
            todo = "switch off what that service runs by it, at that service"
            raise Refusal(
                f"{self._name(target)} is managed by {owner}: EventBridge lets nobody else touch it", todo=todo
            )
        if state.get("state") not in {_ON, _OFF}:
            todo = "disable it by hand, and put back its state with events:PutRule"
            what = f"{self._name(target)} is {state.get('state')}, which enabling it again would not put back"
            raise Refusal(what, todo=todo)
        return {**state, "state": _ON if wanted else _OFF}

    def _write(self, target: Target, seen: Seen, wanted: Mapping[str, Json], deadline: Deadline) -> str:
        operation = "EnableRule" if wanted["state"] == _ON else "DisableRule"
        self._aws.write("events", operation, _named(target), within=deadline.left)
        return ""

    def _name(self, target: Target) -> str:
        return f"the rule {target['rule']}"

    def _word(self, state: Mapping[str, Json]) -> str:
        fires = state.get("fires")
        on = ", ".join(f"{key} {value}" for key, value in fires.items()) if isinstance(fires, Mapping) else ""
        return f"{str(state.get('state')).lower()} ({on or 'fires on nothing'})"


def _named(target: Target) -> dict[str, Json]:
    bus, _, name = str(target["rule"]).rpartition("/")
    if bus.startswith("arn:"):
        raise UsageError(f"{target['rule']} is an ARN", todo="say the rule's name, or BUS/NAME")
    return {"Name": name, "EventBusName": bus} if bus else {"Name": name}


def _fires(found: Mapping[str, Any]) -> dict[str, Json]:
    told = {"schedule": found.get("ScheduleExpression"), "pattern": found.get("EventPattern")}
    return {key: str(value) for key, value in told.items() if value}
