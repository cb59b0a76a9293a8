"""A lever, a probe and a capture that do what a test tells them, and the worst too: hang, lie, answer late or never."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Event, Lock
from typing import TypeAlias

from psfir.contracts import Captured, Target
from psfir.domain.about import CaptureAbout, Field, FieldType, LeverAbout, ProbeAbout, Stops
from psfir.domain.canon import Json, canonical
from psfir.domain.change import Change, Held, Look, NothingToDo, Outcome, Reading, Result
from psfir.domain.modes import Mode
from psfir.domain.verdict import Sight
from psfir.errors import Drift, NoAnswer

CONNECTION = "fake"


class Fault(StrEnum):
    """How a call goes wrong, beside raising an error. What waits, waits for `release()`, whatever `within` says."""

    HANG = "waits, then gives up without having done anything"
    LATE = "waits, then does it and says so"
    LOST = "does it, but its answer is lost"
    LIE = "says that it did it, and did not"


Step: TypeAlias = Fault | BaseException | None
"""What becomes of one call: None goes well."""


class _Script:
    """What becomes of the next calls of each kind; after the last step all goes well."""

    def __init__(self) -> None:
        self.released = Event()
        self._steps: dict[str, list[Step]] = {}
        self._lock = Lock()

    def add(self, deed: str, steps: Iterable[Step]) -> None:
        with self._lock:
            self._steps.setdefault(deed, []).extend(steps)

    def next(self, deed: str) -> Fault | None:
        """Suffer the next step: an error is raised, waiting is waited for."""
        with self._lock:
            steps = self._steps.get(deed)
            step = steps.pop(0) if steps else None
        if isinstance(step, BaseException):
            raise step
        if step in {Fault.HANG, Fault.LATE}:
            self.released.wait()
        if step is Fault.HANG:
            raise NoAnswer(f"the fake {deed} hung")
        return step


@dataclass(frozen=True)
class FakeConnection:
    """A BoundConnection made of plain values; `secrets` are the values themselves."""

    name: str = CONNECTION
    kind: str = "fake"
    settings: Mapping[str, Json] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def refs(self) -> Mapping[str, str]:
        return {name: f"env:{name.upper()}" for name in self.secrets}

    def secret(self, name: str) -> str | None:
        return self.secrets.get(name)


class FakeLever:
    """A Lever on a state in memory. `script` says how the next calls go; `writes` has every state that was written."""

    def __init__(self, state: Mapping[str, Json], *, name: str = "fake.switch") -> None:
        self.about = LeverAbout(
            name=name,
            line="Sets a state in memory.",
            connects=("fake",),
            target=(Field("switch", FieldType.TEXT, "any name"),),
            example={
                "lever": name,
                "target": {"connection": CONNECTION, "switch": "a"},
                "set": {"on": False},
                "within": "5s",
            },
            modes=tuple(Mode),
            stops=Stops.BOTH,
            settings=(Field("on", FieldType.FLAG, "whether it is on"),),
            permissions=(),
            blast_radius="Nothing outside of this test.",
            undo="Puts back the whole state.",
            exact=True,
            vendor="fake",
        )
        self.state: dict[str, Json] = dict(state)
        self.writes: list[dict[str, Json]] = []
        self.calls: list[str] = []
        self._script = _Script()
        self._lock = Lock()

    def script(self, deed: str, *steps: Step) -> None:
        """How the next calls of `read`, `plan`, `apply`, `verify` or `restore` go, one step each."""
        self._script.add(deed, steps)

    def release(self) -> None:
        """Let go of every call that waits, now and later."""
        self._script.released.set()

    def put(self, **state: Json) -> None:
        """Somebody else changes it."""
        with self._lock:
            self.state = {**self.state, **state}

    def read(self, target: Target, *, within: float) -> Reading:
        self._begin("read")
        with self._lock:
            return Reading(dict(self.state), str(len(self.writes)))

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        self._begin("plan")
        before = reading.state if isinstance(reading.state, Mapping) else {}
        after = {**before, **settings}
        if _same(after, before):
            return NothingToDo("it is so already", after)
        return Change(self.about.name, dict(target), dict(before), after, f"to {mode.value} it", reading.version)

    def apply(self, change: Change, *, within: float) -> Outcome:
        return self._move("apply", change.before, change.after)

    def verify(self, change: Change, *, within: float) -> Look:
        self._begin("verify")
        with self._lock:
            held = _same(self.state, change.after)
            return Look(Held.HELD if held else Held.NOT_HELD, canonical(self.state).decode())

    def restore(self, change: Change, *, within: float) -> Outcome:
        return self._move("restore", change.after, change.before)

    def _begin(self, deed: str) -> Fault | None:
        self.calls.append(deed)
        return self._script.next(deed)

    def _move(self, deed: str, expected: Json, wanted: Json) -> Outcome:
        fault = self._begin(deed)
        assert isinstance(wanted, Mapping)
        with self._lock:
            if _same(self.state, wanted):
                return Outcome(Result.ALREADY_SO, "it is so already", dict(self.state))
            if not _same(self.state, expected):
                raise Drift("somebody else has changed it", expected=expected, found=dict(self.state))
            if fault is not Fault.LIE:
                self.state = dict(wanted)
                self.writes.append(dict(wanted))
        if fault is Fault.LOST:
            raise NoAnswer("its answer was lost")
        return Outcome(Result.CHANGED, "set", dict(wanted))


Seen: TypeAlias = Callable[[], Mapping[str, Mapping[str, Json]]]


class FakeProbe:
    """A Probe: one sight a replica of what `replicas` tells when it looks, such as `lambda: {"r1": lever.state}`."""

    def __init__(self, replicas: Seen, *, name: str = "fake") -> None:
        self.about = ProbeAbout(
            name=name,
            line="Looks at states in memory.",
            connects=("fake",),
            target=(),
            expect=(Field("state", FieldType.OBJECT, "the values each replica must have"),),
            example={"probe": name, "target": {"connection": CONNECTION}, "expect": {"state": {"on": False}}},
        )
        self.looks = 0
        self._replicas = replicas
        self._script = _Script()

    def script(self, *steps: Step) -> None:
        """How the next looks go. A LIE sees whatever was expected."""
        self._script.add("look", steps)

    def release(self) -> None:
        self._script.released.set()

    def look(self, target: Target, expect: Mapping[str, Json], *, within: float) -> Sequence[Sight]:
        self.looks += 1
        lie = self._script.next("look") is Fault.LIE
        wanted = expect.get("state", {})
        assert isinstance(wanted, Mapping)
        sights = []
        for replica, state in self._replicas().items():
            held = lie or all(key in state and _same(state[key], value) for key, value in wanted.items())
            says = canonical(state).decode()
            sights.append(Sight(replica, Held.HELD if held else Held.NOT_HELD, says))
        return sights


class FakeCapture:
    """A Capture that always takes the same bytes."""

    def __init__(self, content: bytes = b"evidence", *, name: str = "fake") -> None:
        self.about = CaptureAbout(
            name=name,
            line="Keeps bytes of a test.",
            connects=("fake",),
            example={"source": name, "target": {"connection": CONNECTION}},
            keeps="the bytes it was made with",
        )
        self.content = content
        self._script = _Script()

    def script(self, *steps: Step) -> None:
        self._script.add("take", steps)

    def release(self) -> None:
        self._script.released.set()

    def take(self, target: Target, *, within: float) -> Captured:
        self._script.next("take")
        return Captured("evidence.bin", "application/octet-stream", self.content)


def _same(one: Json, other: Json) -> bool:
    return canonical(one) == canonical(other)
