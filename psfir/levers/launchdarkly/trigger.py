"""`launchdarkly.trigger`: posts to the secret URL of a flag trigger. Another credential than the token, same vendor.

The trigger alone knows what it does. So the flag is read before and after: by REST where there is a token that
works, else as an application sees it, with the SDK key. Without either nothing could be known, and nothing is pulled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import RESTORING, Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json, canonical
from psfir.domain.change import Change, Held, Look, NothingToDo, Outcome, Reading, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding
from psfir.errors import Busy, Denied, Drift, LeverError, NoAnswer, PsfirError, Refusal, Unreachable, UsageError
from psfir.levers.launchdarkly.check_trigger import findings
from psfir.levers.launchdarkly.moving import Move, look, move
from psfir.levers.launchdarkly.place import Place
from psfir.levers.launchdarkly.targeting import same
from psfir.levers.launchdarkly.variations import truthy
from psfir.vendors.http import Deadline
from psfir.vendors.launchdarkly import EXAMPLE, WHERE, LaunchDarkly
from psfir.vendors.launchdarkly_sdk import LaunchDarklySdk
from psfir.vendors.launchdarkly_trigger import Trigger
from psfir.vendors.shared import shared


class FlagTrigger:
    """The state is the switch and what off serves: all that a trigger can move, and what it means."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="launchdarkly.trigger",
        line="Switches a LaunchDarkly flag by the secret URL of its trigger, without an access token.",
        connects=("launchdarkly",),
        target=(
            *WHERE,
            Field("flag", FieldType.TEXT, "the key of the trigger's flag"),
        ),
        example={
            "lever": "launchdarkly.trigger",
            "target": {
                "connection": "flags-trigger",
                **EXAMPLE,
                "flag": "support-assistant",
            },
            "set": {"on": False},
            "within": "30s",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.NEW,
        settings=(Field("on", FieldType.FLAG, "what the trigger makes of the flag"),),
        permissions=(
            Permission("launchdarkly", "viewProject", "proj/{project}"),
            Permission("launchdarkly", "updateOn", "proj/{project}:env/{environment}:flag/{flag}", RESTORING),
        ),
        blast_radius="Everyone who is served by the flag in this environment, and every flag that has it as a "
        "prerequisite there.",
        undo="Sets the switch as it was found through the flag's own API. That needs a token with updateOn.",
        exact=True,
        vendor="launchdarkly",
        propagation=5.0,
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._connection = connection
        self._api = shared(connection, LaunchDarkly)
        self._sdk = LaunchDarklySdk(connection)
        self._trigger = Trigger(connection)

    def read(self, target: Target, *, within: float) -> Reading:
        """By REST; where that is denied, limited or away, or there is no token, with the SDK key, which is no token."""
        place, deadline = Place.of(target), Deadline(within)
        token, sdk_key = (self._connection.secret(name) is not None for name in ("token", "sdk_key"))
        if not token and not sdk_key:
            todo = "give the connection a token that may view the project, or the environment's sdk_key"
            raise Denied(
                f"{place} cannot be read: there is neither token nor SDK key", where=self._api.where, todo=todo
            )
        if token:
            try:
                return self._by_rest(place, within / 2 if sdk_key else within)
            except (Denied, Busy, Unreachable):
                if not sdk_key:
                    raise
        return self._by_sdk(place, deadline.left)

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        place, before = Place.of(target), reading.state
        if not isinstance(before, Mapping) or not isinstance(settings.get("on"), bool):
            todo = "say set: {on: false}"
            raise UsageError("launchdarkly.trigger is not told what the trigger makes of the flag", todo=todo)
        after = {**before, "on": settings["on"]}
        if same(before, after):
            return NothingToDo(f"{place} already {_words(after)}", after)
        why = f"{place} {_words(before)}; its trigger is pulled to {mode.value} it"
        return Change(self.about.name, dict(target), before, after, why, reading.version)

    def apply(self, change: Change, *, within: float) -> Outcome:
        deadline, place = Deadline(within), Place.of(change.target)
        state = self.read(change.target, within=deadline.left).state
        if done := self._settled(place, state, (change.before, change.after)):
            return done
        self._trigger.fire(within=deadline.left)
        try:
            state = self.read(change.target, within=deadline.left).state
        except PsfirError as error:
            raise NoAnswer(f"the trigger was pulled; {error.what}", where=self._api.where) from error
        if not same(state, change.after):
            what = f"the trigger was pulled and answered, and {place} {_words(state)}: it may do another thing"
            raise NoAnswer(what, where=self._api.where, todo="look at the trigger in LaunchDarkly")
        return Outcome(Result.CHANGED, f"{place} {_words(state)}", state)

    def verify(self, change: Change, *, within: float) -> Look:
        state = self.read(change.target, within=within).state
        held = Held.HELD if same(state, change.after) else Held.NOT_HELD
        return Look(held, f"{Place.of(change.target)} {_words(state)}")

    def restore(self, change: Change, *, within: float) -> Outcome:
        """The trigger goes one way only: back leads through the flag's own API."""
        deadline, place = Deadline(within), Place.of(change.target)
        state = self.read(change.target, within=deadline.left).state
        if done := self._settled(place, state, (change.after, change.before)):
            return done
        if self._connection.secret("token") is None or not isinstance(change.before, Mapping):
            todo = "give the connection a token with updateOn, or switch the flag by hand in LaunchDarkly"
            raise Refusal(f"a trigger cannot put {place} back", where=self._api.where, todo=todo)
        whole, _ = look(self._api, place, within=deadline.left)
        wanted = {**whole, "on": change.before["on"]}
        comment = f"psfir: put back as found before this: {change.why}"
        outcome = move(self._api, Move(place, whole, wanted, comment), within=deadline.left)
        return Outcome(outcome.result, outcome.says, change.before)

    def check(self, target: Target, settings: Mapping[str, Json], *, within: float) -> Sequence[Finding]:
        place, deadline = Place.of(target), Deadline(within)

        def seen() -> str:
            return f"{place} {_words(self.read(target, within=deadline.left).state)}"

        api = self._api if self._connection.secret("token") is not None else None
        kind = "turnFlagOn" if settings.get("on") is True else "turnFlagOff"
        return findings(self._trigger, api, place, (kind, seen), deadline)

    def _settled(self, place: Place, state: Json, way: tuple[Json, Json]) -> Outcome | None:
        expected, wanted = way
        if same(state, wanted):
            return Outcome(Result.ALREADY_SO, f"{place} already {_words(state)}", state)
        if not same(state, expected):
            what = f"{place} {_words(state)}, not as psfir saw it: somebody else has changed it"
            raise Drift(what, expected=expected, found=state, where=self._api.where)
        return None

    def _by_rest(self, place: Place, within: float) -> Reading:
        state, said = look(self._api, place, within=within)
        value = None if state["off"] is None else state["variations"][state["off"]]["value"]
        return self._reading(
            on=state["on"], off=state["off"], value=value, version=place.here(said.body).get("version")
        )

    def _by_sdk(self, place: Place, within: float) -> Reading:
        flag = self._sdk.flag(place.key, within=within)
        off, values = flag.get("offVariation"), flag.get("variations") or []
        if off is not None and not 0 <= off < len(values):
            raise LeverError(f"variation {off} is named, and there are {len(values)}", where=self._api.where)
        value = None if off is None else values[off]
        return self._reading(on=flag.get("on") is True, off=off, value=value, version=flag.get("version"))

    def _reading(self, *, on: bool, off: object, value: Json, version: object) -> Reading:
        state: dict[str, Json] = {"on": on, "off": None if off is None else {"value": value}}
        notes = []
        if off is None:
            notes.append("it has no off variation: switched off, applications get the default in their own code")
        elif truthy([{"value": value}], 0):
            notes.append(f"switched off it serves {canonical(value).decode()}: the off variation is itself a yes")
        if self._connection.secret("token") is None:
            notes.append("restoring it needs a token, and the connection has none")
        return Reading(state, str(version), tuple(notes))


def _words(state: Any) -> str:  # noqa: ANN401 - a state as it was recorded
    if state["on"]:
        return "is on"
    return (
        f"is off and serves {canonical(state['off']['value']).decode() if state['off'] else 'whatever its code says'}"
    )
