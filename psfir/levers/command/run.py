"""`command.run`: hands a pull to a program of your own, which psfir.yaml has to allow by its absolute path.

It is called by a verb, `read`, `apply`, `verify` or `restore`, and planning calls none but the first. What it does not
say clearly is unknown: it may have been carried out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Look, NothingToDo, Outcome, Reading, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.domain.scrub import Scrubber
from psfir.errors import LeverError, NoAnswer, Refusal, UsageError
from psfir.levers.command.protocol import ALREADY_SO, SCHEMA, Asked
from psfir.levers.settle import Way, same, settled, word
from psfir.vendors.deadline import Deadline
from psfir.vendors.program import allowed, texts


class CommandRun:
    """The state is whatever the program says of the thing; `set: {value: ...}` is what it shall become."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="command.run",
        line="Hands a pull to a program of your own, which psfir.yaml allows by its path.",
        connects=("command",),
        target=(
            Field("thing", FieldType.TEXT, "what the program shall act on, as it names it"),
            Field("more", FieldType.OBJECT, "whatever else it wants to know", required=False),
        ),
        example={
            "lever": "command.run",
            "target": {"connection": "kill-tool", "thing": "support-assistant"},
            "set": {"value": "off"},
            "within": "30s",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.NEW,
        settings=(Field("value", FieldType.ANY, "the state that the thing shall have"),),
        permissions=(Permission("command", "run", "{connection}"),),
        blast_radius="Whatever the program does, with the rights of the user that psfir runs as.",
        undo="Calls the program to put back the state that it told of, if it still tells of the one psfir asked for.",
        exact=False,
        vendor="command",
        propagation=0.0,
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._connection = connection
        self._where = f"connection {connection.name}"
        self._argv = tuple(texts(connection.settings["argv"]))
        self._scrubber = Scrubber()

    def read(self, target: Target, *, within: float) -> Reading:
        said, _ = self._call("read", target, {}, within=within)[1:]
        if "state" not in said:
            what = f"{self._argv[0]} read: its answer has no state"
            raise LeverError(what, where=self._where, todo="docs/command.md says what it answers")
        self._no_secret(said["state"])
        notes = said.get("notes")
        told = tuple(self._scrubber.text(str(one)) for one in notes) if isinstance(notes, list) else ()
        version = said.get("version")
        return Reading(said["state"], None if version is None else self._scrubber.text(str(version)), told)

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        if "value" not in settings:
            raise UsageError("command.run is not told which value to set", todo="say set: {value: ...}")
        name, before, after = _name(target), reading.state, settings["value"]
        self._no_secret(after)
        if same(before, after):
            return NothingToDo(f"{name} is already {word(after)}", after)
        why = f"{name} goes from {word(before)} to {word(after)} to {mode.value} it, by {self._argv[0]}"
        return Change(self.about.name, dict(target), before, after, why, reading.version)

    def apply(self, change: Change, *, within: float) -> Outcome:
        return self._move("apply", change, Way(change.before, change.after), within)

    def verify(self, change: Change, *, within: float) -> Look:
        _, said, line = self._call("verify", change.target, {"wanted": change.after}, within=within)
        name, held = _name(change.target), said.get("held")
        if not isinstance(held, str) or held not in tuple(Held):
            return Look(Held.COULD_NOT_TELL, f"{name}: the program says neither held nor not_held; {line}".rstrip("; "))
        return Look(Held(held), f"{name}: {line or held}")

    def restore(self, change: Change, *, within: float) -> Outcome:
        return self._move("restore", change, Way(change.after, change.before), within)

    def check(self, target: Target, settings: Mapping[str, Json], *, within: float) -> Sequence[Finding]:
        program = allowed(self._connection, self._scrubber)
        program.check()
        says = f"{self._argv[0]} is allowed, and nobody else may write it"
        state = self.read(target, within=within).state
        return [
            Finding(Matter.PERMISSION, Ready.READY, says),
            Finding(Matter.TARGET, Ready.READY, f"{_name(target)} is {word(state)}"),
        ]

    def _move(self, verb: str, change: Change, way: Way, within: float) -> Outcome:
        """The program is asked for the state right before, and told what it has to be: it may know more."""
        deadline, name = Deadline(within), _name(change.target)
        seen = self.read(change.target, within=deadline.left).state
        if done := settled(name, seen, way, where=self._where):
            return done
        more = {"expected": way.expected, "wanted": way.wanted, "version": change.version}
        code, said, line = self._call(verb, change.target, more, within=deadline.left)
        if "state" in said and not same(said["state"], way.wanted):
            self._no_secret(said["state"])
            what = f"{name}: the program says that it is done, and that it is {word(said['state'])}"
            raise NoAnswer(what, where=self._where)
        result = Result.ALREADY_SO if code == ALREADY_SO else Result.CHANGED
        says = f"{name} is {'already' if code == ALREADY_SO else 'now'} {word(way.wanted)}"
        return Outcome(result, f"{says}: {line}" if line else says, way.wanted)

    def _call(
        self, verb: str, target: Target, more: Mapping[str, Json], *, within: float
    ) -> tuple[int, Mapping[str, Any], str]:
        program, writes = allowed(self._connection, self._scrubber), verb in {"apply", "restore"}
        asked = Asked(self._where, self._argv[0], verb, writes, self._scrubber.text)
        given = {key: value for key, value in target.items() if key != "connection"}
        longest = self._connection.settings.get("timeout")
        share = min(within, float(longest)) if isinstance(longest, (int, float)) else within
        said: dict[str, Json] = {"schema": SCHEMA, "verb": verb, "target": given, "within": round(share, 3), **more}
        return asked.answer(program.run(verb, said, within=share), expected=more.get("expected"))

    def _no_secret(self, value: Json) -> None:
        if self._scrubber.json(value) is not value:
            what = "the state holds a secret of the connection, which may not be recorded"
            raise Refusal(what, where=self._where, todo="let the program leave it out")


def _name(target: Target) -> str:
    return str(target["thing"])
