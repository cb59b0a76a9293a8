"""The tiny estate: switches in one JSON file, for the demo, drills and tests, so that a later command finds what an earlier left.

It fails the way real vendors fail. Whatever takes time (lag, late landing, a controller that turns it back) follows from
instants in the file when it is read: no thread is needed, and every process sees the same.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, get_ident
from typing import Any, Protocol

from psfir.domain.canon import Json, canonical
from psfir.domain.near import near
from psfir.errors import Declined, Drift, LeverError, NoAnswer, NoSuchTarget, Unreachable

SCHEMA = "psfir.estate/1"
FAULTS = ("hang", "fail", "refuse", "slow", "lie", "land_late", "revert_after", "stuck", "on")
CHANGED, LATE = "changed", "late"
CONTROLLER, SOMEBODY = "a controller", "somebody else"
_LOCK_POLL = 0.005
_OWN_WAIT = 10.0
_WRITES_KEPT = 2000
_HISTORY_KEPT = 200
_BOOT_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Ticks(Protocol):
    """The half of a Clock that the estate needs."""

    def elapsed(self) -> float: ...
    def wait(self, event: Event, seconds: float) -> bool: ...


class BootTicks:
    """The boot-time clock: shared by all processes, moved by no correction of the wall."""

    def elapsed(self) -> float:
        return time.clock_gettime(_BOOT_CLOCK)

    def wait(self, event: Event, seconds: float) -> bool:
        return event.wait(max(0.0, seconds))


@dataclass(frozen=True)
class Seen:
    """One switch as the estate tells it."""

    state: Mapping[str, Json]
    version: int


class Estate:
    """One estate file. Every write is logged with what became of it; reads never touch the file.

    Faults of a switch, by name: `hang` S (no answer for S, not carried out if the caller gives up sooner), `fail` text,
    `refuse` text (writes), `slow` S (carried out at once, answered after S), `lie` (says changed, changes nothing),
    `land_late` S (no answer, carried out after S), `revert_after` S (a controller puts back what it wants), `stuck`
    (replicas that never follow). `hang`, `fail` and `slow` strike writes unless `on` lists `read` too.
    """

    def __init__(self, path: Path, *, clock: Ticks | None = None) -> None:
        self.path = path
        self.clock = clock or BootTicks()

    @classmethod
    def create(cls, path: Path, switches: Mapping[str, Mapping[str, Any]], *, clock: Ticks | None = None) -> Estate:
        """Lay out an estate. A switch is {state, replicas: number or names, lag: seconds, faults: {...}}, all but state optional."""
        estate = cls(path, clock=clock)
        at = estate.clock.elapsed()
        path.parent.mkdir(parents=True, exist_ok=True)
        with estate._locked(estate.countdown(_OWN_WAIT)):
            made = {name: _new(about, at) for name, about in switches.items()}
            estate._save({"schema": SCHEMA, "touched": at, "switches": made, "writes": []})
        return estate

    def switches(self) -> list[str]:
        return sorted(self._load()["switches"])

    def read(self, name: str, *, within: float) -> Seen:
        """The switch now, as its API tells it: that is not yet what its replicas do."""
        self._strike(name, "read", self.countdown(within))
        entry = _at(self._one(self._load(), name), self.clock.elapsed())
        return Seen(entry["state"], entry["version"])

    def write(self, name: str, state: Mapping[str, Json], *, version: int | None, within: float) -> None:
        """Set the whole state if the version is still this one (None: whatever it is); Drift otherwise."""
        left = self.countdown(within)
        try:
            self._strike(name, "write", left)
        except LeverError as error:
            with self._editing() as data:
                _log(data, name, state, f"not carried out: {error.what}")
            raise
        with self._editing(left) as data:
            switch = self._one(data, name)
            conflict = self._carry_out(data, name, state, version)
        if conflict:
            raise conflict
        faults = switch["faults"]
        if "land_late" in faults:
            self._pause(name, float("inf"), left)
        self._pause(name, float(faults.get("slow", 0.0)), left)

    def served(self, name: str) -> dict[str, Mapping[str, Json]]:
        """What each replica does now, from the consumer's side: no fault of the API hides it."""
        data = self._load()
        switch, now = self._one(data, name), self.clock.elapsed()
        follows = _at(switch, now - switch["lag"])["state"]
        stuck = switch["faults"].get("stuck", ())
        return {r: switch["stuck_state"] if r in stuck else follows for r in switch["replicas"]}

    def writes(self, name: str | None = None) -> list[dict[str, Any]]:
        """Every write that was asked for, oldest first, with what `became` of it."""
        return [dict(one) for one in self._load()["writes"] if name in {None, one["switch"]}]

    def effects(self, name: str | None = None) -> int:
        """How many writes changed something, or will."""
        return sum(one["became"] in {CHANGED, LATE} for one in self.writes(name))

    def put(self, name: str, state: Mapping[str, Json]) -> None:
        """Somebody else changes it, past every fault."""
        with self._editing() as data:
            _append(self._one(data, name), data["touched"], state, by=SOMEBODY)

    def fault(self, name: str, **faults: Json) -> None:
        """Add faults to a switch; None takes one away."""
        with self._editing() as data:
            switch, now = self._one(data, name), self.clock.elapsed()
            merged = {key: value for key, value in {**switch["faults"], **faults}.items() if value is not None}
            switch["faults"] = _checked(merged)
            wanted = _at(switch, now)["state"]
            if "revert_after" in faults:
                switch["wanted"] = wanted
            if "stuck" in faults:
                switch["stuck_state"] = wanted

    def countdown(self, within: float) -> Callable[[], float]:
        """What is left of `within` from now on."""
        end = self.clock.elapsed() + within
        return lambda: min(within, max(0.0, end - self.clock.elapsed()))

    def _carry_out(
        self, data: dict[str, Any], name: str, state: Mapping[str, Json], version: int | None
    ) -> Drift | None:
        switch, now = data["switches"][name], data["touched"]
        faults, current = switch["faults"], _at(switch, now)
        if version not in {None, current["version"]}:
            _log(data, name, state, "conflict")
            what = f"switch {name} is at version {current['version']}, not {version}: somebody else has changed it"
            return Drift(what, expected=version, found=current["state"], where=str(self.path))
        if faults.get("lie"):
            _log(data, name, state, "lied")
            return None
        late = float(faults.get("land_late", 0.0))
        _log(data, name, state, LATE if late else CHANGED)
        # A controller looks again from here on: what it meant to put back before is out of date.
        switch["history"] = [e for e in switch["history"] if e["by"] != CONTROLLER or e["at"] <= now]
        _append(switch, now + late, state)
        if "revert_after" in faults and canonical(state) != canonical(switch["wanted"]):
            _append(switch, now + late + float(faults["revert_after"]), switch["wanted"], by=CONTROLLER)
        return None

    def _strike(self, name: str, deed: str, left: Callable[[], float]) -> None:
        """Suffer the faults that come before the deed."""
        faults = self._one(self._load(), name)["faults"]
        if deed in faults.get("on", ("write",)):
            before = ("hang",) if deed == "write" else ("hang", "slow")
            for fault in before:
                self._pause(name, float(faults.get(fault, 0.0)), left)
            if "fail" in faults:
                raise LeverError(str(faults["fail"]), where=str(self.path))
        if deed == "write" and "refuse" in faults:
            raise Declined(str(faults["refuse"]), where=str(self.path))

    def _pause(self, name: str, seconds: float, left: Callable[[], float]) -> None:
        if seconds <= 0:
            return
        span = left()
        self.clock.wait(Event(), min(seconds, span))
        if seconds > span:
            raise NoAnswer(f"switch {name} did not answer in time", where=str(self.path))

    def _one(self, data: Mapping[str, Any], name: str) -> dict[str, Any]:
        found: dict[str, Any] | None = data["switches"].get(name)
        if found is None:
            raise NoSuchTarget(
                f"there is no switch {name!r}", where=str(self.path), todo=near(str(name), sorted(data["switches"]))
            )
        return found

    @contextmanager
    def _editing(self, left: Callable[[], float] | None = None) -> Iterator[dict[str, Any]]:
        with self._locked(left or self.countdown(_OWN_WAIT)):
            data = self._load()
            data["touched"] = self.clock.elapsed()
            yield data
            self._save(data)

    @contextmanager
    def _locked(self, left: Callable[[], float]) -> Iterator[None]:
        """One writer at a time, of all processes; the lock dies with its holder."""
        lock = os.open(self.path.with_name(self.path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if left() <= 0:
                        raise Unreachable("another process keeps the estate locked", where=str(self.path)) from None
                    self.clock.wait(Event(), _LOCK_POLL)
            yield
        finally:
            os.close(lock)

    def _load(self) -> dict[str, Any]:
        try:
            data: dict[str, Any] = json.loads(self.path.read_bytes())
        except FileNotFoundError:
            raise NoSuchTarget(
                "there is no estate here", where=str(self.path), todo="psfir demo lays one out"
            ) from None
        except (OSError, ValueError) as error:
            raise LeverError(f"the estate cannot be read: {error}", where=str(self.path)) from error
        if not isinstance(data, dict) or data.get("schema") != SCHEMA:
            raise LeverError(f"this is no estate: its schema is not {SCHEMA}", where=str(self.path))
        now = self.clock.elapsed()
        if now < data["touched"]:
            _settle(data, now)
        return data

    def _save(self, data: Mapping[str, Any]) -> None:
        new = self.path.with_name(f".{self.path.name}.{os.getpid()}.{get_ident()}")
        new.write_text(json.dumps(data, indent=1), encoding="utf-8")
        new.replace(self.path)


def _new(about: Mapping[str, Any], at: float) -> dict[str, Any]:
    replicas = about.get("replicas", 0)
    names = [f"r{n + 1}" for n in range(replicas)] if isinstance(replicas, int) else list(replicas)
    state = dict(about["state"])
    return {
        "history": [{"at": at, "state": state, "version": int(about.get("version", 1)), "by": ""}],
        "replicas": names or ["one"],
        "lag": float(about.get("lag", 0.0)),
        "faults": _checked(about.get("faults", {})),
        "wanted": state,
        "stuck_state": state,
    }


def _checked(faults: Mapping[str, Json]) -> dict[str, Json]:
    for fault in faults:
        if fault not in FAULTS:
            raise ValueError(f"{fault!r} is no fault of an estate: {near(fault, FAULTS)}")
    return dict(faults)


def _at(switch: Mapping[str, Any], now: float) -> dict[str, Any]:
    """What the switch is at an instant: of what had landed by then, the newest landing."""
    history: Sequence[dict[str, Any]] = switch["history"]
    landed = [entry for entry in history if entry["at"] <= now]
    return max(landed, key=_order) if landed else history[0]


def _order(entry: Mapping[str, Any]) -> tuple[float, int]:
    return entry["at"], entry["version"]


def _append(switch: dict[str, Any], at: float, state: Mapping[str, Json], by: str = "") -> None:
    history: list[dict[str, Any]] = switch["history"]
    version = max(entry["version"] for entry in history) + 1
    history.append({"at": at, "state": dict(state), "version": version, "by": by})
    history.sort(key=_order)
    del history[:-_HISTORY_KEPT]


def _settle(data: dict[str, Any], now: float) -> None:
    """The file is of an earlier boot, whose instants mean nothing any more: all that was under way then is over."""
    data["touched"] = now
    for switch in data["switches"].values():
        switch["history"] = [{**max(switch["history"], key=_order), "at": now - switch["lag"]}]


def _log(data: dict[str, Any], name: str, state: Mapping[str, Json], became: str) -> None:
    data["writes"].append({"at": data["touched"], "switch": name, "state": dict(state), "became": became})
    del data["writes"][:-_WRITES_KEPT]
