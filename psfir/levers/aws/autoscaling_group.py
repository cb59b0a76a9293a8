"""`aws.autoscaling_group`: how many instances an Auto Scaling group runs; none is off.

Its least, most and wanted number are pinned to one, so that no scaling policy can leave it. What may set other bounds,
scheduled actions and predictive scaling, is suspended first and let go last.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from psfir.contracts import Target
from psfir.domain.about import KILLING, RESTORING, WRITING, Field, FieldType, LeverAbout, Permission, Phase, Stops
from psfir.domain.canon import Json
from psfir.domain.change import Outcome, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.errors import Drift, NoAnswer, NoSuchTarget, PsfirError, UsageError
from psfir.levers.aws.ahead import SIMULATES
from psfir.levers.aws.group_scaling import notes, scaling
from psfir.levers.aws.settable import Seen, Settable
from psfir.levers.settle import Way, same
from psfir.vendors.aws import Deadline

_GROUP = "arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/{group}"
_SCHEDULE = "ScheduledActions"
_BOUNDS = {"min": "MinSize", "max": "MaxSize", "desired": "DesiredCapacity"}
_SCALES = "where psfir lever check is to name what would scale it"
_RUNS, _SUSPENDED = "runs", "suspended"


class AutoScalingGroup(Settable):
    """The state is `size` with `min`, `max` and `desired`, and whether the `schedule` runs or is suspended."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="aws.autoscaling_group",
        line="Pins how many instances an Auto Scaling group runs, and suspends what would set other bounds.",
        connects=("aws",),
        target=(Field("group", FieldType.TEXT, "the group's name"),),
        example={
            "lever": "aws.autoscaling_group",
            "target": {"connection": "aws-prod", "group": "inference-gpu"},
            "set": {"size": 0},
            "within": "90s",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.BOTH,
        settings=(Field("size", FieldType.WHOLE, "how many instances; default 0", required=False, default=0),),
        permissions=(
            Permission("aws", "autoscaling:DescribeAutoScalingGroups", "*"),
            Permission("aws", "autoscaling:DescribePolicies", "*", (Phase.READ,), _SCALES),
            Permission("aws", "autoscaling:DescribeScheduledActions", "*", (Phase.READ,), _SCALES),
            Permission("aws", "autoscaling:SuspendProcesses", _GROUP, KILLING),
            Permission("aws", "autoscaling:ResumeProcesses", _GROUP, RESTORING),
            Permission("aws", "autoscaling:UpdateAutoScalingGroup", _GROUP, WRITING),
            SIMULATES,
        ),
        blast_radius="All instances of the group, with whatever else runs on them: each is drained from its load "
        "balancer, kept by lifecycle hooks for as long as they say, and terminated with what is on its own disks. "
        "Instances that are protected from scale-in, or on standby, stay.",
        undo="Puts the bounds and the wanted number back, and then lets scheduled actions go on if they ran before; "
        "one that was due meanwhile is not caught up. New instances are started, not the old ones.",
        exact=True,
        vendor="aws",
        propagation=60.0,
    )

    def _seen(self, target: Target, deadline: Deadline) -> Seen:
        found = self._group(target, deadline)
        size: dict[str, Json] = {key: int(found[name]) for key, name in _BOUNDS.items()}
        suspended = {str(one.get("ProcessName")) for one in found.get("SuspendedProcesses", [])}
        state: dict[str, Json] = {"size": size, "schedule": _SUSPENDED if _SCHEDULE in suspended else _RUNS}
        running = f"{len(found.get('Instances', []))} instances are there"
        return Seen(state, str(found.get("AutoScalingGroupARN")), notes(found, suspended), more=running)

    def _wanted(self, target: Target, state: Mapping[str, Json], settings: Mapping[str, Json]) -> dict[str, Json]:
        wanted = settings.get("size", 0)
        if isinstance(wanted, bool) or not isinstance(wanted, int) or wanted < 0:
            raise UsageError(f"aws.autoscaling_group cannot run {wanted!r} instances", todo="say set: {size: 0}")
        return {"size": dict.fromkeys(_BOUNDS, wanted), "schedule": _SUSPENDED}

    def _move(self, target: Target, way: Way, deadline: Deadline) -> Outcome:
        """Part by part, so that a pull that broke off in the middle can be gone on with."""
        expected, wanted = (dict(one) if isinstance(one, Mapping) else {} for one in (way.expected, way.wanted))
        seen, name = self._seen(target, deadline), self._name(target)
        if same(dict(seen.state), wanted):
            return Outcome(Result.ALREADY_SO, f"{name} is already {self._word(wanted)}", dict(seen.state))
        for part, value in seen.state.items():
            if not same(value, wanted.get(part)) and not same(value, expected.get(part)):
                what = f"{name} is {self._word(seen.state)}, not {self._word(expected)}: somebody else has changed it"
                raise Drift(what, expected=expected, found=dict(seen.state), where=self._aws.where)
        more = self._write(target, seen, wanted, deadline)
        return Outcome(Result.CHANGED, f"{name} is now {self._word(wanted)}; {more}", wanted)

    def _write(self, target: Target, seen: Seen, wanted: Mapping[str, Json], deadline: Deadline) -> str:
        """What would set other bounds is suspended before them and let go after them."""
        order = ("schedule", "size") if wanted.get("schedule") == _SUSPENDED else ("size", "schedule")
        done: list[str] = []
        for part in (one for one in order if not same(seen.state[one], wanted.get(one))):
            try:
                self._set(target, part, wanted.get(part), deadline)
            except PsfirError as error:
                if not done:
                    raise
                # Only what was not touched at all may be called failed or refused: this stands, and is put back.
                what = f"{self._name(target)}: its {done[0]} was set, and the rest was not done: {error.what}"
                raise NoAnswer(what, where=self._aws.where, todo=error.todo) from error
            done.append(part)
        return "instances come and go in their own time"

    def _set(self, target: Target, part: str, value: Json, deadline: Deadline) -> None:
        params: dict[str, Json] = {"AutoScalingGroupName": target["group"]}
        if part == "size" and isinstance(value, Mapping):
            params |= {name: value[key] for key, name in _BOUNDS.items()}
            self._aws.write("autoscaling", "UpdateAutoScalingGroup", params, within=deadline.left)
            return
        operation = "SuspendProcesses" if value == _SUSPENDED else "ResumeProcesses"
        self._aws.write("autoscaling", operation, {**params, "ScalingProcesses": [_SCHEDULE]}, within=deadline.left)

    def _findings(self, target: Target, seen: Seen, deadline: Deadline) -> list[Finding]:
        found = [Finding(Matter.UNDONE_BY, Ready.BEWARE, note) for note in seen.notes]
        return [*found, *scaling(self._aws, str(target["group"]), deadline)]

    def _name(self, target: Target) -> str:
        return f"the group {target['group']}"

    def _word(self, state: Mapping[str, Json]) -> str:
        size = state.get("size")
        bounds = size if isinstance(size, Mapping) else {}
        schedule = "suspended" if state.get("schedule") == _SUSPENDED else "running"
        return f"at {bounds.get('desired')} of {bounds.get('min')} to {bounds.get('max')}, its schedule {schedule}"

    def _group(self, target: Target, deadline: Deadline) -> dict[str, Any]:
        params = {"AutoScalingGroupNames": [target["group"]]}
        said = self._aws.read("autoscaling", "DescribeAutoScalingGroups", params, within=deadline.left)
        for found in said.get("AutoScalingGroups", []):
            if found.get("Status"):
                what = f"the group {target['group']} is going: {found['Status']}"
                raise NoSuchTarget(what, where=self._aws.where, todo="see what has taken its place")
            return dict(found)
        todo = "check group, and region and account of this connection"
        raise NoSuchTarget(f"there is no group {target['group']}", where=self._aws.where, todo=todo)
