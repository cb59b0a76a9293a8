"""What a person must know before the pull, looked up beside the reading and never in its way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Thread
from typing import Any

from psfir.errors import PsfirError
from psfir.levers.launchdarkly.place import Place
from psfir.levers.launchdarkly.targeting import State, off_word, same
from psfir.levers.launchdarkly.variations import truthy
from psfir.levers.launchdarkly.waiting import approvals, dependents, gates
from psfir.vendors.http import Deadline
from psfir.vendors.launchdarkly import LaunchDarkly

LONGEST = 1.5
"""What looking these up may add to a reading at most."""


class Beside:
    """Two further looks, begun before the flag is read: who depends on it, and whether an approval is required."""

    def __init__(self, api: LaunchDarkly, place: Place, *, within: float) -> None:
        self._found: dict[str, Any] = {}
        self._deadline = Deadline(min(LONGEST, within / 2))
        looks: Mapping[str, Callable[..., object]] = {"dependents": dependents, "approvals": approvals}
        self._threads = [Thread(target=self._look, args=(name, call, api, place)) for name, call in looks.items()]
        for thread in self._threads:
            thread.daemon = True
            thread.start()

    def notes(self, place: Place, tags: object) -> list[str]:
        for thread in self._threads:
            thread.join(self._deadline.left)
        settings, keys = self._found.get("approvals"), self._found.get("dependents")
        found = []
        if isinstance(keys, list) and keys:
            found.append(f"flags that have it as a prerequisite change too: {', '.join(keys)}")
        if isinstance(keys, (PsfirError, type(None))):
            found.append(_untold("which flags have it as a prerequisite", keys))
        if isinstance(settings, Mapping) and gates(settings, tags):
            found.append(
                f"environment {place.environment} requires an approval: "
                "it is refused unless the token's role has bypassRequiredApproval"
            )
        if isinstance(settings, PsfirError) or "approvals" not in self._found:
            found.append(_untold("whether the environment requires an approval", settings))
        return found

    def _look(self, name: str, call: Callable[..., object], api: LaunchDarkly, place: Place) -> None:
        try:
            self._found[name] = call(api, place, within=self._deadline.left)
        except PsfirError as error:
            self._found[name] = error


def of_state(state: State, here: Mapping[str, Any], thing: Mapping[str, Any]) -> list[str]:
    """What the flag itself says: what off means, and what is not the same for everyone."""
    found = []
    if state["off"] is None:
        found.append("it has no off variation: switched off, applications get the default in their own code")
    elif same(state["fallthrough"], {"variation": state["off"]}):
        found.append(f"switched off it serves {off_word(state)}, the same as switched on: that stops nothing")
    elif truthy(state["variations"], state["off"]):
        found.append(f"switched off it serves {off_word(state)}: the off variation is itself a yes")
    if before := _keys(here.get("prerequisites")):
        found.append(f"it has prerequisites ({', '.join(before)}): whoever fails one gets {off_word(state)}")
    if thing.get("archived") is True:
        found.append("it is archived: applications get the default in their own code")
    return found


def _keys(prerequisites: object) -> Sequence[str]:
    found = prerequisites if isinstance(prerequisites, list) else []
    return [str(one.get("key")) for one in found if isinstance(one, Mapping)]


def _untold(what: str, error: object) -> str:
    return f"{what} could not be told: {error.what if isinstance(error, PsfirError) else 'no answer in time'}"
