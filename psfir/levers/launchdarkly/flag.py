"""`launchdarkly.flag`: switches a flag off or on, or makes it serve one variation to everyone.

A state is all that decides who gets what: the switch, the off variation, fallthrough, rules and targets, and the
variations that they name. So what somebody else changed meanwhile is seen, and never overwritten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import WRITING, Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.change import Change, Look, NothingToDo, Outcome, Reading
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding
from psfir.errors import Refusal, UsageError
from psfir.levers.launchdarkly.check import Checkup
from psfir.levers.launchdarkly.moving import carry, holds, look
from psfir.levers.launchdarkly.notes import Beside, of_state
from psfir.levers.launchdarkly.place import Place
from psfir.levers.launchdarkly.targeting import PARTS, State, differing, everyone, off_word, same, words
from psfir.levers.launchdarkly.variations import find, word
from psfir.vendors.launchdarkly import EXAMPLE, WHERE, LaunchDarkly
from psfir.vendors.shared import shared

_RESOURCE = "proj/{project}:env/{environment}:flag/{flag}"
_ONLY = {"rules": "where the flag has rules", "targets": "where the flag names targets"}


def _switches(said: Mapping[str, Json]) -> bool:
    return said.get("on") is not None


def _serves(said: Mapping[str, Json]) -> bool:
    return said.get("variation") is not None and said.get("on") is not False


def _serves_off(said: Mapping[str, Json]) -> bool:
    return said.get("variation") is not None and said.get("on") is False


_WHEN = {"on": _switches, "off": _serves_off, "fallthrough": _serves, "rules": _serves, "targets": _serves}
"""Which part is written, by what a rung sets."""


class Flag:
    """`set: {on: false}` switches it off; `set: {variation: ...}` serves that one to everyone."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="launchdarkly.flag",
        line="Switches a LaunchDarkly flag off, or serves one of its variations to everyone.",
        connects=("launchdarkly",),
        target=(
            *WHERE,
            Field("flag", FieldType.TEXT, "the flag's key"),
        ),
        example={
            "lever": "launchdarkly.flag",
            "target": {
                "connection": "flags",
                **EXAMPLE,
                "flag": "support-assistant",
            },
            "set": {"on": False},
            "within": "30s",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.NEW,
        settings=(
            Field("on", FieldType.FLAG, "whether the flag is on; default as it is", required=False),
            Field(
                "variation",
                FieldType.ANY,
                "what everyone gets: a variation's name, value or index; with on: false, as the off variation",
                required=False,
            ),
            Field(
                "ignore_conflicts",
                FieldType.FLAG,
                "go on where a pending change or approval request would then fail",
                required=False,
                default=False,
            ),
        ),
        permissions=(
            Permission("launchdarkly", "viewProject", "proj/{project}"),
            *(
                Permission("launchdarkly", PARTS[part], _RESOURCE, WRITING, _ONLY.get(part, ""), when)
                for part, when in _WHEN.items()
            ),
        ),
        blast_radius="Everyone who is served by the flag in this environment, and every flag that has it as a "
        "prerequisite there. Requests that have evaluated it already go on.",
        undo="Sets switch, fallthrough, rules, targets and off variation as they were found, if all of it is still "
        "as psfir left it. Refuses what no instruction can say, such as a running experiment.",
        exact=True,
        vendor="launchdarkly",
        propagation=5.0,
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._api = shared(connection, LaunchDarkly)

    def read(self, target: Target, *, within: float) -> Reading:
        place = Place.of(target)
        beside = Beside(self._api, place, within=within)
        state, said = look(self._api, place, within=within)
        if self._api.holds_secret(state):
            raise Refusal(f"{place} holds a secret of the connection, which may not be recorded", where=self._api.where)
        here = place.here(said.body)
        notes = (*of_state(state, here, said.body), *beside.notes(place, said.body.get("tags")))
        return Reading(state, str(here.get("version")), tuple(map(self._api.clean, notes)))

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        place, before = Place.of(target), reading.state
        if not isinstance(before, Mapping):
            raise UsageError(f"the reading of {place} is none", todo="read it again")
        after = wanted(place, before, settings)
        if same(before, after):
            return NothingToDo(f"{place} already {words(after)}", after)
        why = f"{place} {words(before)}; to {mode.value} it, it now {words(after)}"
        detail: dict[str, Json] = {"ignore_conflicts": settings.get("ignore_conflicts") is True}
        return Change(self.about.name, dict(target), before, after, why, reading.version, detail)

    def apply(self, change: Change, *, within: float) -> Outcome:
        return carry(self._api, Place.of(change.target), change, back=False, within=within)

    def verify(self, change: Change, *, within: float) -> Look:
        return holds(self._api, Place.of(change.target), change, within=within)

    def restore(self, change: Change, *, within: float) -> Outcome:
        return carry(self._api, Place.of(change.target), change, back=True, within=within)

    def check(self, target: Target, settings: Mapping[str, Json], *, within: float) -> Sequence[Finding]:
        place = Place.of(target)
        checkup = Checkup(self._api, place, within=within)
        return checkup.all(lambda state: differing(state, wanted(place, state, settings)) or ("on",))


def wanted(place: Place, state: State, settings: Mapping[str, Json]) -> State:
    """The state that the settings ask for."""
    on, said = settings.get("on"), settings.get("variation")
    if on is None and said is None:
        todo = "say set: {on: false} or set: {variation: <name>}"
        raise UsageError("launchdarkly.flag is not told what to set", todo=todo)
    switched = {**state, "on": state["on"] if on is None else on}
    if said is None:
        return switched
    index = find(state["variations"], said)
    if switched["on"] is True:
        return everyone(switched, index)
    if on is None and state["off"] != index:
        what = f"{place} is off and serves {off_word(state)}: switching it on is not what was asked for"
        todo = (
            f"say on: true to serve {word(state['variations'], index)} to everyone, or on: false to serve it while off"
        )
        raise Refusal(what, todo=todo)
    return {**switched, "off": index}
