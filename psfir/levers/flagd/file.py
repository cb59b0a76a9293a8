"""`flagd.file`: serves one variant of a flag to everybody, in the file that flagd reads.

`DISABLED` is never written: it hands callers the default in their own code, which may be the very feature that is to
stop. A flag that is found so is enabled, since only then anything at all is decided here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import WRITING, Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Look, NothingToDo, Outcome, Reading, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding
from psfir.errors import Drift, LeverError, UsageError
from psfir.levers.flagd.ahead import findings
from psfir.levers.flagd.definition import DISABLED, Found, State, everyone, find, replaced, serving, words
from psfir.levers.settle import same
from psfir.vendors.deadline import Deadline
from psfir.vendors.flag_file import Disk, FlagFile, Kept

_YAML = (".yaml", ".yml")


class FlagdFile:
    """`set: {variant: ...}` is what everybody gets. A restore puts back the flag's own bytes."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="flagd.file",
        line="Serves one variant of a flag to everybody, in the flag file that flagd reads.",
        connects=("flagd",),
        target=(Field("flag", FieldType.TEXT, "the flag's key"),),
        example={
            "lever": "flagd.file",
            "target": {"connection": "flag-file", "flag": "support-assistant"},
            "set": {"variant": "off"},
            "within": "20s",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.NEW,
        settings=(Field("variant", FieldType.TEXT, "which of its variants everybody gets"),),
        permissions=(
            Permission("flagd", "read", "the file with the flag {flag}"),
            Permission("flagd", "write", "the folder of the file with the flag {flag}", WRITING),
        ),
        blast_radius="Every application whose flagd reads this file, unless a later source of that flagd has the flag "
        "too. Requests that have evaluated it already go on. What else writes the file may put it back.",
        undo="Puts back the flag's own text as it was found, if it is still as psfir left it. The rest of the file "
        "stays as it is by then.",
        exact=True,
        vendor="flagd",
        propagation=2.0,
    )

    def __init__(self, connection: BoundConnection, *, disk: Disk | None = None) -> None:
        path = Path(str(connection.settings["file"]))
        self._where = f"connection {connection.name}"
        self._file = FlagFile(path, where=self._where, disk=disk)
        self._yaml = path.suffix in _YAML

    def read(self, target: Target, *, within: float) -> Reading:
        kept, _, found = self._look(_flag(target), within)
        notes = []
        if found.state["state"] == DISABLED:
            notes.append("it is DISABLED: callers get the default of their own code, which psfir cannot see")
        if kept.about.st_nlink > 1:
            notes.append("its file has a second name, so that psfir will not replace it")
        return Reading(dict(found.state), kept.version, tuple(notes))

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        flag, before, variant = _flag(target), reading.state, settings.get("variant")
        if not isinstance(before, Mapping):
            raise UsageError(f"the reading of flag {flag} is none", todo="read it again")
        if not isinstance(variant, str):
            raise UsageError("flagd.file is not told which variant to serve", todo="say set: {variant: NAME}")
        after = everyone(before, variant)
        if same(before, after):
            return NothingToDo(f"flag {flag} already {words(after)}", dict(after))
        why = f"flag {flag} {words(before)}; to {mode.value} it, it now {words(after)}"
        return Change(self.about.name, dict(target), dict(before), dict(after), why, reading.version)

    def apply(self, change: Change, *, within: float) -> Outcome:
        return self._move(_flag(change.target), (change.before, change.after), within)

    def verify(self, change: Change, *, within: float) -> Look:
        flag = _flag(change.target)
        _, _, found = self._look(flag, within)
        after = _state(change.after)
        held = serving(found.state) == serving(after)
        beside = "" if not held or same(found.state, after) else "; somebody has edited it since"
        return Look(Held.HELD if held else Held.NOT_HELD, f"flag {flag} {words(found.state)}{beside}")

    def restore(self, change: Change, *, within: float) -> Outcome:
        return self._move(_flag(change.target), (change.after, change.before), within)

    def check(self, target: Target, settings: Mapping[str, Json], *, within: float) -> Sequence[Finding]:
        flag = _flag(target)
        kept, _, found = self._look(flag, within)
        everyone(found.state, str(settings.get("variant")))
        return findings(self._file.path, kept, f"flag {flag} {words(found.state)}")

    def _move(self, flag: str, way: tuple[Json, Json], within: float) -> Outcome:
        deadline, (expected, wanted) = Deadline(within), map(_state, way)
        kept, text, found = self._look(flag, deadline.left)
        if same(found.state, wanted):
            return Outcome(Result.ALREADY_SO, f"flag {flag} already {words(found.state)}", dict(found.state))
        if not same(found.state, expected):
            what = f"flag {flag} {words(found.state)}, and is not as psfir saw it: somebody else has changed the file"
            raise Drift(what, expected=expected, found=found.state, where=self._where, todo="look at who writes it")
        new = replaced(text, found, wanted, flag)
        self._file.swap(kept, new.encode(), within=deadline.left)
        return Outcome(Result.CHANGED, f"flag {flag} now {words(wanted)}", dict(wanted))

    def _look(self, flag: str, within: float) -> tuple[Kept, str, Found]:
        kept = self._file.read(within=within)
        try:
            text = kept.content.decode()
        except UnicodeDecodeError as error:
            line = kept.content.count(b"\n", 0, error.start) + 1
            what = f"{self._file.path}: line {line}: it is no UTF-8"
            raise LeverError(what, where=self._where, todo="mend the file") from None
        try:
            return kept, text, find(text, flag, yaml=self._yaml)
        except LeverError as error:
            what, todo = f"{self._file.path}: {error.what}", error.todo or "mend the file"
            raise type(error)(what, where=self._where, todo=todo) from None


def _flag(target: Target) -> str:
    return str(target["flag"])


def _state(value: Json) -> State:
    if not isinstance(value, Mapping):
        raise UsageError("this change of flagd.file holds no state")
    return value
