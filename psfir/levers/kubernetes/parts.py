"""The one shape of the Kubernetes levers: a change is a set of parts, each a few fields of one object.

The state is `{path of the object: its part}`, where None stands for an object that is not there. Each part is moved by
compare-and-swap, from what the plan saw to what it shall be; a pull that was cut off half-way finds the parts that it
had moved already as wanted, and moves the rest.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import LeverAbout
from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Look, NothingToDo, Outcome, Reading, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.domain.values import frozen
from psfir.errors import Denied, Drift, NoAnswer, NoSuchTarget, PsfirError
from psfir.levers.kubernetes.ahead import Ahead, failed, needs, undone_by
from psfir.levers.settle import Way, same, settled, word
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes import Conflict, Invalid, KubernetesClient
from psfir.vendors.shared import shared

_PAUSE = 0.05
_TURNS = 6
"""A controller that races a write is done within moments; more conflicts than this are somebody's doing."""


@frozen
class Seen:
    """What a look found: `parts` by path, the version of the object that matters most, what will get in the way."""

    parts: Mapping[str, Json]
    version: str = ""
    notes: tuple[str, ...] = ()
    undone_by: tuple[str, ...] = ()
    """Who would put back what is changed."""


class Parts(ABC):
    """Read, apply, verify and restore for all of them; a lever adds what its parts are and what they shall be."""

    about: ClassVar[LeverAbout]
    spare: ClassVar[tuple[str, ...]] = ()
    """Permissions such as `list pods` without which the pull goes well, and less is known."""

    def __init__(self, connection: BoundConnection) -> None:
        self._client = shared(connection, KubernetesClient)

    @abstractmethod
    def look(self, target: Target, deadline: Deadline) -> Seen:
        """All parts as they are now."""

    @abstractmethod
    def wanted(self, target: Target, before: Mapping[str, Any], settings: Mapping[str, Json]) -> Mapping[str, Json]:
        """What the parts shall be, purely. UsageError if the settings make no sense."""

    @abstractmethod
    def now(self, target: Target, path: str, deadline: Deadline) -> tuple[Json, str]:
        """One part as it is now, and the version of its object; None and '' where there is no such object."""

    @abstractmethod
    def write(self, target: Target, move: tuple[str, Way], seen: str, deadline: Deadline) -> None:
        """Move one part, if its object still has this version; Conflict or Invalid if it has not."""

    @abstractmethod
    def name(self, path: str) -> str:
        """An object in a few words."""

    def instead(self, path: str) -> str | None:
        """Where to look and to try the same patch when the object itself may not be read or written to."""
        return None

    def passes(self, path: str) -> bool:
        """Whether the object is one that ends by itself, as pods and Jobs do: once gone, nothing of it is put back."""
        return False

    def order(self, paths: Sequence[str]) -> Sequence[str]:
        """Which part is moved first."""
        return sorted(paths)

    def back(self, paths: Sequence[str]) -> Sequence[str]:
        """Which part is put back first."""
        return list(self.order(paths))[::-1]

    def read(self, target: Target, *, within: float) -> Reading:
        seen = self.look(target, Deadline(within))
        return Reading(dict(seen.parts), seen.version or None, seen.notes + seen.undone_by)

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        before = parts(reading.state)
        after = dict(self.wanted(target, before, settings))
        moves = [(path, way) for path, way in self._ways(before, after) if not same(way.expected, way.wanted)]
        if not moves:
            said = ", ".join(f"{self.name(path)} is already {word(part)}" for path, part in after.items())
            return NothingToDo(said or "there is nothing there to change", after)
        said = "; ".join(f"{self.name(p)} goes from {word(w.expected)} to {word(w.wanted)}" for p, w in moves)
        return Change(self.about.name, dict(target), before, after, f"{said}, to {mode.value} it", reading.version)

    def apply(self, change: Change, *, within: float) -> Outcome:
        return self._move(change.target, Way(change.before, change.after), Deadline(within))

    def restore(self, change: Change, *, within: float) -> Outcome:
        return self._move(change.target, Way(change.after, change.before), Deadline(within), back=True)

    def verify(self, change: Change, *, within: float) -> Look:
        deadline = Deadline(within)
        ways = self._ways(parts(change.before), parts(change.after))
        moved = [(path, way) for path, way in ways if not same(way.expected, way.wanted)]
        said = []
        for path, way in moved or ways:  # where nothing was to be moved, all of it has to be as it was
            part = self.now(change.target, path, deadline)[0]
            held = same(_changed(part, way), _changed(way.wanted, way)) if moved else same(part, way.wanted)
            if self._gone(path, part):
                said.append(f"{self.name(path)} has ended")
            elif not held:
                return Look(Held.NOT_HELD, f"{self.name(path)} is {word(part)}, not {word(way.wanted)}")
            else:
                said.append(f"{self.name(path)} is {word(part)}")
        return Look(Held.HELD if said else Held.COULD_NOT_TELL, ", ".join(said) or "there is nothing to look at")

    def check(self, target: Target, settings: Mapping[str, Json], *, within: float) -> Sequence[Finding]:
        deadline = Deadline(within)
        ahead = Ahead(self._client, deadline)
        credential = ahead.credential()
        if credential.ready is not Ready.READY:
            return [credential]
        there, seen, written = self._target(target, settings, deadline)
        named = {**target, **{f"set.{key}": value for key, value in settings.items()}}
        wanted = list(needs(self.about, named, written, self.spare))
        return [
            credential,
            *there,
            *ahead.permissions(wanted, self.instead),
            *(undone_by(seen.undone_by) if seen else ()),
        ]

    def _target(
        self, target: Target, settings: Mapping[str, Json], deadline: Deadline
    ) -> tuple[list[Finding], Seen | None, list[str]]:
        """What is there, and which of it would be written."""
        try:
            seen = self.look(target, deadline)
            after = self.wanted(target, parts(seen.parts), settings)
        except Denied as error:
            return [Finding(Matter.TARGET, Ready.COULD_NOT_TELL, error.what)], None, []
        except PsfirError as error:
            return [failed(Matter.TARGET, error)], None, []
        said = ", ".join(f"{self.name(path)} is {word(part)}" for path, part in seen.parts.items() if part is not None)
        found = [Finding(Matter.TARGET, Ready.READY, said or "it would be made")]
        found += [Finding(Matter.TARGET, Ready.BEWARE, note) for note in seen.notes]
        return found, seen, [path for path, part in after.items() if not same(part, seen.parts.get(path))]

    def _ways(self, expected: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[tuple[str, Way]]:
        paths = self.order(list(wanted))
        return [(path, Way(expected.get(path), wanted[path])) for path in paths]

    def _move(self, target: Target, whole: Way, deadline: Deadline, *, back: bool = False) -> Outcome:
        """All parts are looked at before the first is written: one that drifted must not leave the others half-way."""
        order = self.back if back else self.order
        expected, wanted = parts(whole.expected), parts(whole.wanted)
        ways = [(path, Way(expected.get(path), wanted[path])) for path in order(list(wanted))]
        ways = [(path, way) for path, way in ways if not same(way.expected, way.wanted)]
        now = {path: self.now(target, path, deadline) for path, _ in ways}
        ways = [(path, way) for path, way in ways if not (back and self._gone(path, now[path][0]))]
        for path, way in ways:
            self._settled(path, now[path][0], way)
        said: list[str] = []
        for path, way in ways:
            try:
                if self._swap(target, (path, way), now[path], deadline):
                    said.append(f"{self.name(path)} is now {word(way.wanted)}")
            except PsfirError as error:
                if not said:
                    raise
                if isinstance(error, _Gone) and self.passes(path):
                    said.append(error.what)
                    continue
                what = f"{'; '.join(said)}; the rest was not done: {error.what}"
                raise NoAnswer(what, where=error.where, todo=error.todo) from error
        if not said:
            return Outcome(Result.ALREADY_SO, "everything is already as wanted", dict(wanted))
        return Outcome(Result.CHANGED, "; ".join(said), dict(wanted))

    def _swap(self, target: Target, move: tuple[str, Way], now: tuple[Json, str], deadline: Deadline) -> bool:
        """Whether anything was written. Where a controller was faster, look again and compare again."""
        path, way = move
        part, seen = now
        for turn in range(_TURNS):
            if self._settled(path, part, way):
                return False
            try:
                self.write(target, (path, way), seen, deadline)
            except (Conflict, Invalid, NoSuchTarget) as error:
                if turn == _TURNS - 1 or deadline.left <= _PAUSE:
                    raise
                deadline.pause(_PAUSE)
                was, (part, seen) = seen, self.now(target, path, deadline)
                if seen == was and not isinstance(error, Conflict):
                    raise  # nobody was faster: what was asked for is what is wrong
            else:
                return True
        raise AssertionError("the last turn returns or raises")

    def _settled(self, path: str, part: Json, way: Way) -> bool:
        """Whether it is there already; Drift if it is neither that nor what was expected."""
        if part is None and way.expected is not None and way.wanted is not None:
            what = f"{self.name(path)} is gone, or has ended"
            raise _Gone(what, expected=way.expected, found="gone", where=self._client.where)
        return settled(self.name(path), part, way, where=self._client.where) is not None

    def _gone(self, path: str, part: Json) -> bool:
        return part is None and self.passes(path)


class _Gone(Drift):
    """What was to be changed is not there any more."""


def _changed(part: Json, way: Way) -> Json:
    """Of a part only what this way changes: what else becomes of it does not undo the change."""
    if not (isinstance(part, Mapping) and isinstance(way.expected, Mapping) and isinstance(way.wanted, Mapping)):
        return part
    moved = [key for key, value in way.wanted.items() if not same(value, way.expected.get(key))]
    return {key: part.get(key) for key in moved}


def parts(value: Json) -> dict[str, Any]:
    """A state, by path."""
    return dict(value) if isinstance(value, Mapping) else {}
