"""`launchdarkly.ai_config`: serves one variation of an AI Config, that is another model or prompt, to everyone.

An AI Config has no switch: what is served while it is off is nobody's to set here. Its values are prompts, so the state
holds their digests and not their texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import WRITING, Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.change import Change, Look, NothingToDo, Outcome, Reading
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding
from psfir.errors import UsageError
from psfir.levers.launchdarkly.check import Checkup
from psfir.levers.launchdarkly.moving import carry, holds, look
from psfir.levers.launchdarkly.place import AI_CONFIG, Place
from psfir.levers.launchdarkly.targeting import State, differing, everyone, same, words
from psfir.levers.launchdarkly.variations import find
from psfir.vendors.launchdarkly import EXAMPLE, WHERE, LaunchDarkly
from psfir.vendors.shared import shared


class AiConfig:
    """`set: {variation: ...}` names the variation by its name, its key or its index."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="launchdarkly.ai_config",
        line="Serves one variation of a LaunchDarkly AI Config to everyone: another model, another prompt.",
        connects=("launchdarkly",),
        target=(
            *WHERE,
            Field("ai_config", FieldType.TEXT, "the AI Config's key"),
        ),
        example={
            "lever": "launchdarkly.ai_config",
            "target": {
                "connection": "flags",
                **EXAMPLE,
                "ai_config": "support-answers",
            },
            "set": {"variation": "small-model"},
            "within": "30s",
        },
        modes=(Mode.DEGRADE,),
        stops=Stops.NEW,
        settings=(Field("variation", FieldType.ANY, "what everyone gets: a variation's name, key or index"),),
        permissions=(
            Permission("launchdarkly", "viewProject", "proj/{project}"),
            Permission(
                "launchdarkly",
                "updateAIConfigTargeting",
                "proj/{project}:env/{environment}:aiconfig/{ai_config}",
                WRITING,
            ),
        ),
        blast_radius="Everyone who is served by the AI Config in this environment. Conversations that have fetched "
        "it already go on with what they have.",
        undo="Sets fallthrough, rules and targets as they were found, if all of it is still as psfir left it.",
        exact=True,
        vendor="launchdarkly",
        propagation=5.0,
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._api = shared(connection, LaunchDarkly)

    def read(self, target: Target, *, within: float) -> Reading:
        place = _place(target)
        state, said = look(self._api, place, within=within)
        here = place.here(said.body)
        return Reading(state, str(here.get("version")), tuple(map(self._api.clean, _notes(here))))

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        place, before = _place(target), reading.state
        if not isinstance(before, Mapping):
            raise UsageError(f"the reading of {place} is none", todo="read it again")
        after = _wanted(before, settings)
        if same(before, after):
            return NothingToDo(f"{place} already {words(after)}", after)
        why = f"{place} {words(before)}; to {mode.value} it, it now {words(after)}"
        return Change(self.about.name, dict(target), before, after, why, reading.version)

    def apply(self, change: Change, *, within: float) -> Outcome:
        return carry(self._api, _place(change.target), change, back=False, within=within)

    def verify(self, change: Change, *, within: float) -> Look:
        return holds(self._api, _place(change.target), change, within=within)

    def restore(self, change: Change, *, within: float) -> Outcome:
        return carry(self._api, _place(change.target), change, back=True, within=within)

    def check(self, target: Target, settings: Mapping[str, Json], *, within: float) -> Sequence[Finding]:
        checkup = Checkup(self._api, _place(target), within=within)
        return checkup.all(lambda state: differing(state, _wanted(state, settings)))


def _place(target: Target) -> Place:
    return Place.of(target, AI_CONFIG)


def _wanted(state: State, settings: Mapping[str, Json]) -> State:
    said = settings.get("variation")
    if said is None:
        todo = "say set: {variation: <name>}"
        raise UsageError("launchdarkly.ai_config is not told which variation to serve", todo=todo)
    return everyone(state, find(state["variations"], said))


def _notes(here: Mapping[str, Any]) -> list[str]:
    if here.get("enabled", True) is True:
        return []
    return ["it is not enabled in this environment: what is set here reaches nobody until it is"]
