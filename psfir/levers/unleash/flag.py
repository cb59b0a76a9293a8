"""`unleash.flag`: switches a flag off or on in one environment, or gives everyone one of its variants.

A state is the switch and every strategy with its id. So what somebody else changed meanwhile is seen, and never
overwritten, and what Unleash adds by itself when a flag is switched on is not left behind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import KILLING, RESTORING, WRITING, Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.change import Change, Look, NothingToDo, Outcome, Reading
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding
from psfir.errors import Refusal, UsageError
from psfir.levers.unleash.check import Checkup
from psfir.levers.unleash.moving import carry, holds, look
from psfir.levers.unleash.place import ADD, REMOVE, SWITCH, Place
from psfir.levers.unleash.strategies import (
    Deed,
    State,
    lets_in,
    same,
    served,
    steps,
    switched_on,
    variant_for_all,
    words,
)
from psfir.vendors.shared import shared
from psfir.vendors.unleash import SKIP, Unleash

_RESOURCE = "project/{project}:environment/{environment}"
_OFF = "where it was off before"
_NOBODY = "where no strategy that is not disabled lets anybody in"
_GATED = "where the environment wants change requests"


def _fronts(settings: Mapping[str, Json]) -> bool:
    return settings.get("variant") is not None


def _switches(settings: Mapping[str, Json]) -> bool:
    return settings.get("on") is not None and not _fronts(settings)


def _on_with_variant(settings: Mapping[str, Json]) -> bool:
    return settings.get("on") is not None and _fronts(settings)


def _only_on(settings: Mapping[str, Json]) -> bool:
    return settings.get("on") is True and not _fronts(settings)


class Flag:
    """`set: {on: false}` switches it off; `set: {variant: ...}` gives everyone that one."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="unleash.flag",
        line="Switches an Unleash flag off in one environment, or gives everyone one of its variants.",
        connects=("unleash",),
        target=(
            Field("project", FieldType.TEXT, "the project's id"),
            Field("environment", FieldType.TEXT, "the environment's name"),
            Field("flag", FieldType.TEXT, "the flag's name"),
        ),
        example={
            "lever": "unleash.flag",
            "target": {
                "connection": "unleash",
                "project": "default",
                "environment": "production",
                "flag": "support-assistant",
            },
            "set": {"on": False},
            "within": "30s",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.NEW,
        settings=(
            Field("on", FieldType.FLAG, "whether it is on in this environment; default as it is", required=False),
            Field("variant", FieldType.TEXT, "the variant that everyone gets, by its name", required=False),
        ),
        permissions=(
            Permission("unleash", SWITCH, _RESOURCE, WRITING, when=_switches),
            Permission("unleash", SWITCH, _RESOURCE, WRITING, _OFF, _on_with_variant),
            Permission("unleash", ADD, _RESOURCE, KILLING, when=_fronts),
            Permission("unleash", ADD, _RESOURCE, KILLING, _NOBODY, _only_on),
            Permission("unleash", REMOVE, _RESOURCE, RESTORING, when=_fronts),
            Permission("unleash", REMOVE, _RESOURCE, RESTORING, _NOBODY, _only_on),
            Permission("unleash", SKIP, _RESOURCE, WRITING, _GATED),
        ),
        blast_radius="Everyone who is served by the flag in this environment, and every flag that has it as its "
        "parent. An application goes on with what it last polled, by default for 15 seconds.",
        undo="Switches it as it was found and takes away the strategy that was put in front, if all of it is still as "
        "psfir left it. The strategies that were there are never touched, so they keep their ids and their order.",
        exact=True,
        vendor="unleash",
        propagation=15.0,
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._api = shared(connection, Unleash)

    def read(self, target: Target, *, within: float) -> Reading:
        place = Place.of(target)
        state, body = look(self._api, place, within=within)
        if self._api.holds_secret(dict(state)):
            raise Refusal(f"{place} holds a secret of the connection, which may not be recorded", where=self._api.where)
        return Reading(dict(state), None, tuple(map(self._api.clean, _notes(state, body))))

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        place, before = Place.of(target), reading.state
        if not isinstance(before, Mapping):
            raise UsageError(f"the reading of {place} is none", todo="read it again")
        after = wanted(place, before, settings)
        if same(before, after):
            return NothingToDo(f"{place} already {words(after)}", dict(after))
        why = f"{place} {words(before)}; to {mode.value} it, it now {words(after)}"
        return Change(self.about.name, dict(target), dict(before), dict(after), why)

    def apply(self, change: Change, *, within: float) -> Outcome:
        return carry(self._api, Place.of(change.target), change, back=False, within=within)

    def verify(self, change: Change, *, within: float) -> Look:
        return holds(self._api, Place.of(change.target), change, within=within)

    def restore(self, change: Change, *, within: float) -> Outcome:
        return carry(self._api, Place.of(change.target), change, back=True, within=within)

    def check(self, target: Target, settings: Mapping[str, Json], *, within: float) -> Sequence[Finding]:
        place = Place.of(target)
        return Checkup(self._api, place, within=within).all(lambda state: _writes(place, state, settings))


def wanted(place: Place, state: State, settings: Mapping[str, Json]) -> State:
    """The state that the settings ask for."""
    on, said = settings.get("on"), settings.get("variant")
    if on is None and said is None:
        todo = "say set: {on: false} or set: {variant: <name>}"
        raise UsageError("unleash.flag is not told what to set", todo=todo)
    if on is False and said is not None:
        raise UsageError("a flag that is off serves no variant", todo="leave out on: or variant:")
    if said is None:
        return switched_on(state, place.flag) if on and not state["enabled"] else {**state, "enabled": on}
    if not state["enabled"] and on is not True:
        what = f"{place} is off: switching it on is not what was asked for"
        raise Refusal(what, todo="say on: true beside variant: to serve it to everyone")
    served_to_all = variant_for_all({**state, "enabled": True}, place.flag, str(said))
    already = state["enabled"] and same(served(state), served(served_to_all))
    return state if already else served_to_all


_TAKES: Mapping[Deed, str] = {Deed.ADD: ADD, Deed.REMOVE: REMOVE, Deed.ON: SWITCH, Deed.OFF: SWITCH}


def _writes(place: Place, state: State, settings: Mapping[str, Json]) -> tuple[list[str], list[str]]:
    """The permissions that a pull would need from here, and those that putting it back would."""
    after = wanted(place, state, settings)
    # What cannot be put back at all, the reading tells.
    back = steps(after, state) if lets_in(state) or not state["enabled"] else []
    ways = steps(state, after), back
    now, later = (sorted({_TAKES[step.deed] for step in way}) for way in ways)
    return now or [SWITCH], later


def _notes(state: State, body: Mapping[str, Any]) -> list[str]:
    found = []
    children, parents = body.get("children") or [], body.get("dependencies") or []
    if children:
        found.append(f"flags that have it as their parent change too: {', '.join(map(str, children))}")
    if parents:
        names = ", ".join(str(one.get("feature")) for one in parents if isinstance(one, Mapping))
        found.append(f"it depends on {names}: where that is not as it shall be, nobody gets this one")
    if state["enabled"] and not lets_in(state):
        found.append("it is on without a strategy that is not disabled: switched off, it cannot be put back exactly")
    if body.get("type") == "kill-switch":
        found.append("it is a kill switch by its type: with many of those, on is what stops the feature")
    return found
