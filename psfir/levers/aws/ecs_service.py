"""`aws.ecs_service`: how many tasks of an ECS service run; none is off.

What would scale it up again is held back first, and let go last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import WRITING, Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Look, NothingToDo, Outcome, Reading, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.errors import Drift, NoAnswer, PsfirError, UsageError
from psfir.levers.aws.ahead import SIMULATES, Ahead, Need, pulling
from psfir.levers.aws.ecs_calls import LEAVE, PAUSED, EcsCalls, Seen
from psfir.levers.settle import same
from psfir.vendors.aws import AwsClient, Deadline
from psfir.vendors.shared import shared

_SERVICE = "arn:aws:ecs:*:*:service/{cluster}/{service}"
_SCALED = "where application autoscaling scales it"


class EcsService:
    """The state is `desired`, and `scaling`: what of its autoscaling is suspended, null where it has none."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="aws.ecs_service",
        line="Sets how many tasks of an ECS service run, and suspends its autoscaling.",
        connects=("aws",),
        target=(
            Field("cluster", FieldType.TEXT, "the cluster's name or ARN"),
            Field("service", FieldType.TEXT, "the service's name"),
            Field(
                "scaling",
                FieldType.TEXT,
                "whether to suspend its autoscaling; default pause",
                required=False,
                default="pause",
                choices=("pause", LEAVE),
            ),
        ),
        example={
            "lever": "aws.ecs_service",
            "target": {"connection": "aws-prod", "cluster": "assistants", "service": "support-agent"},
            "set": {"desired": 0},
            "within": "90s",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.BOTH,
        settings=(Field("desired", FieldType.WHOLE, "how many tasks; default 0", required=False, default=0),),
        permissions=(
            Permission("aws", "ecs:DescribeServices", _SERVICE),
            Permission("aws", "ecs:UpdateService", _SERVICE, WRITING),
            Permission("aws", "application-autoscaling:DescribeScalableTargets", "*", only=_SCALED),
            Permission("aws", "application-autoscaling:RegisterScalableTarget", "*", WRITING, _SCALED),
            SIMULATES,
        ),
        blast_radius="All tasks of the service: each is asked to stop and ends within its stopTimeout, 30 seconds by "
        "default. Tasks that were started by hand go on.",
        undo="Puts back the count it found, and then what was suspended of its autoscaling.",
        exact=True,
        vendor="aws",
        propagation=30.0,
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._aws = shared(connection, AwsClient)
        self._calls = EcsCalls(self._aws)

    def read(self, target: Target, *, within: float) -> Reading:
        seen = self._calls.seen(target, Deadline(within))
        return Reading(seen.state, None, seen.notes)

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        wanted = settings.get("desired", 0)
        if isinstance(wanted, bool) or not isinstance(wanted, int) or wanted < 0:
            raise UsageError(f"aws.ecs_service cannot run {wanted!r} tasks", todo="say set: {desired: 0}")
        before = dict(reading.state) if isinstance(reading.state, Mapping) else {}
        after = {**before, "desired": wanted}
        if before.get("scaling") is not None:
            after["scaling"] = dict(PAUSED)
        if same(before, after):
            return NothingToDo(f"the service {target['service']} already has {_word(after)}", after)
        # What could not be looked at is not managed, neither by the kill nor by its restore.
        target = dict(target) if "scaling" in before else {**target, "scaling": LEAVE}
        why = f"the service {target['service']} goes from {_word(before)} to {_word(after)} to {mode.value} it"
        return Change(self.about.name, target, before, after, why)

    def apply(self, change: Change, *, within: float) -> Outcome:
        return self._move(change.target, (change.before, change.after), within, order=("scaling", "desired"))

    def verify(self, change: Change, *, within: float) -> Look:
        managed = isinstance(change.after, Mapping) and "scaling" in change.after
        seen = self._calls.seen(change.target, Deadline(within), wholly=managed)
        held = Held.HELD if same(seen.state, change.after) else Held.NOT_HELD
        return Look(held, f"the service {change.target['service']} has {_word(seen.state)}; {seen.running} running")

    def restore(self, change: Change, *, within: float) -> Outcome:
        return self._move(change.target, (change.after, change.before), within, order=("desired", "scaling"))

    def check(self, target: Target, settings: Mapping[str, Json], *, within: float) -> Sequence[Finding]:
        ahead = Ahead(self._aws, within=within)
        says = f"the service {target['service']} is there"
        credential = ahead.credential()
        there, seen = ahead.target(lambda left: self._calls.seen(target, Deadline(left)), says)
        if seen is None:
            return [credential, there]
        needs = [
            Need(one.action, "*" if one.resource == "*" else seen.arn, one.phases)
            for one in pulling(self.about.permissions, target)
        ]
        return [credential, there, *ahead.permissions(needs), *_undone(target, seen)]

    def _move(self, target: Target, way: tuple[Json, Json], within: float, *, order: tuple[str, str]) -> Outcome:
        """Part by part, so that a pull that broke off in the middle can be gone on with."""
        deadline = Deadline(within)
        expected, wanted = (dict(state) if isinstance(state, Mapping) else {} for state in way)
        found = self._calls.seen(target, deadline, wholly="scaling" in wanted).state
        name = f"the service {target['service']}"
        if same(found, wanted):
            return Outcome(Result.ALREADY_SO, f"{name} already has {_word(wanted)}", found)
        for part, value in found.items():
            if not same(value, wanted.get(part)) and not same(value, expected.get(part)):
                what = f"{name} has {_word(found)}, not {_word(expected)}: somebody else has changed it"
                raise Drift(what, expected=expected, found=found, where=self._aws.where)
        done: list[str] = []
        for part in (one for one in order if not same(found.get(one), wanted.get(one))):
            try:
                self._set(target, part, wanted.get(part), deadline)
            except PsfirError as error:
                if not done:
                    raise
                # Only what was not touched at all may be called failed or refused: this stands, and is put back.
                what = f"{name}: {' and '.join(done)} was set, and the rest was not done: {error.what}"
                raise NoAnswer(what, where=self._aws.where, todo=error.todo) from error
            done.append(part)
        return Outcome(Result.CHANGED, f"{name} now has {_word(wanted)}", wanted)

    def _set(self, target: Target, part: str, value: Json, deadline: Deadline) -> None:
        if part == "desired" and isinstance(value, int):
            self._calls.scale(target, value, deadline)
        elif isinstance(value, Mapping):
            self._calls.suspend(target, value, deadline)


def _undone(target: Target, seen: Seen) -> list[Finding]:
    ready = Ready.BEWARE if seen.looked or target.get("scaling") == LEAVE else Ready.COULD_NOT_TELL
    return [Finding(Matter.UNDONE_BY, ready, note) for note in seen.notes]


def _word(state: Mapping[str, Json]) -> str:
    scaling = state.get("scaling")
    held = [key for key, value in scaling.items() if value] if isinstance(scaling, Mapping) else []
    suspended = f" and autoscaling suspended ({', '.join(held)})" if held else ""
    return f"{state.get('desired')} tasks wanted{suspended}"
