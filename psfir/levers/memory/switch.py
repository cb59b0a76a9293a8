"""`memory.switch`: sets a switch of the tiny estate. A flag vendor's lever with nothing to sign up for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import WRITING, Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json, canonical
from psfir.domain.change import Change, Held, Look, NothingToDo, Outcome, Reading, Result
from psfir.domain.modes import Mode
from psfir.errors import Drift, UsageError
from psfir.vendors.memory import estate_of


class Switch:
    """One switch of an estate file. A restore puts back the whole state it found."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="memory.switch",
        line="Sets a switch of the estate that is a file of the workspace.",
        connects=("memory",),
        target=(Field("switch", FieldType.TEXT, "which switch"),),
        example={
            "lever": "memory.switch",
            "target": {"connection": "estate", "switch": "support-assistant"},
            "set": {"on": False},
            "within": "10s",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.BOTH,
        settings=(
            Field("on", FieldType.FLAG, "whether the assistant answers at all", required=False),
            Field("model", FieldType.TEXT, "which model answers", required=False),
            Field("tools", FieldType.FLAG, "whether it may use its tools", required=False),
            Field("tenant", FieldType.TEXT, "the tenant that is cut off", required=False),
            Field(
                "answers",
                FieldType.TEXT,
                "whether a model answers, or prepared texts",
                required=False,
                choices=("live", "canned"),
            ),
        ),
        permissions=(Permission("memory", "write", "{switch}", WRITING),),
        blast_radius="Every replica that follows the switch.",
        undo="Writes back the whole state it found, if the switch is still as psfir left it.",
        exact=True,
        vendor="memory",
        propagation=0.0,
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._estate = estate_of(connection)

    def read(self, target: Target, *, within: float) -> Reading:
        seen = self._estate.read(_switch(target), within=within)
        return Reading(dict(seen.state), str(seen.version))

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        if not settings:
            raise UsageError("memory.switch is not told what to set", todo="say set: {on: false}")
        before = reading.state if isinstance(reading.state, Mapping) else {}
        after = {**before, **settings}
        wanted = ", ".join(f"{key} = {_word(value)}" for key, value in sorted(settings.items()))
        if canonical(after) == canonical(before):
            return NothingToDo(f"switch {_switch(target)} already has {wanted}", after)
        why = f"switch {_switch(target)} gets {wanted} to {mode.value} it"
        return Change(self.about.name, dict(target), dict(before), after, why, reading.version)

    def apply(self, change: Change, *, within: float) -> Outcome:
        return self._move(change, (change.before, change.after), within)

    def verify(self, change: Change, *, within: float) -> Look:
        state = self.read(change.target, within=within).state
        held = Held.HELD if canonical(state) == canonical(change.after) else Held.NOT_HELD
        return Look(held, f"switch {_switch(change.target)} has {_states(state)}")

    def restore(self, change: Change, *, within: float) -> Outcome:
        return self._move(change, (change.after, change.before), within)

    def _move(self, change: Change, way: tuple[Json, Json], within: float) -> Outcome:
        """Write only over the state it was told to expect, at the version at which that was seen."""
        left = self._estate.countdown(within)
        name = _switch(change.target)
        seen = self._estate.read(name, within=within)
        expected, wanted = way
        if canonical(seen.state) == canonical(wanted):
            return Outcome(Result.ALREADY_SO, f"switch {name} already has {_states(wanted)}", dict(seen.state))
        if canonical(seen.state) != canonical(expected) or not isinstance(wanted, Mapping):
            raise Drift(
                f"switch {name} has {_states(seen.state)}, not {_states(expected)}: somebody else has changed it",
                expected=expected,
                found=dict(seen.state),
            )
        self._estate.write(name, wanted, version=seen.version, within=left())
        return Outcome(Result.CHANGED, f"switch {name} now has {_states(wanted)}", wanted)


def _switch(target: Target) -> str:
    return str(target["switch"])


def _states(state: Json) -> str:
    if not isinstance(state, Mapping):
        return _word(state)
    return ", ".join(f"{key} = {_word(value)}" for key, value in sorted(state.items())) or "nothing set"


def _word(value: Json) -> str:
    return canonical(value).decode()
