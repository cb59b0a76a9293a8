"""The tiny estate: switches in one JSON file, so that a later command finds what an earlier one left.

It fails the way real vendors fail. Whatever takes time (lag, late landing, a controller that turns it back) follows
from instants in the file when it is read: no thread is needed, and every process sees the same.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any, Protocol

from psfir.contracts import BoundConnection
from psfir.domain.canon import Json
from psfir.domain.near import near
from psfir.domain.values import frozen
from psfir.errors import CatalogError, Declined, Drift, LeverError, NoAnswer, NoSuchTarget, Unreachable
from psfir.vendors import memory_history as history

SCHEMA = "psfir.estate/1"
CHANGED, LATE, LIED, CONFLICT = "changed", "late", "lied", "conflict"
_LOCK_POLL = 0.005
_OWN_WAIT = 10.0
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


@frozen
class Seen:
    """One switch as the estate's API tells it."""

    state: Mapping[str, Json]
    version: int


class Estate:
    """One estate file. Every write is logged with what became of it; reads never touch the file.

    Faults of a switch, by name: `hang` S (no answer for S, not carried out if the caller gives up sooner), `fail` text,
    `refuse` text (writes), `slow` S (carried out at once, answered after S), `lie` (says changed, changes nothing),
    `land_late` S (no answer, carried out after S), `revert_after` S (a controller puts back what it wants), `stuck`
    (replicas that never follow). `hang`, `fail` and `slow` strike writes, or the deeds that `on` lists: read, write.
    """

    def __init__(self, path: Path, *, clock: Ticks | None = None) -> None:
        self.path = path
        self.clock = clock or BootTicks()

    @classmethod
    def create(cls, path: Path, switches: Mapping[str, Mapping[str, Any]], *, clock: Ticks | None = None) -> Estate:
        """A new estate. A switch is {state, replicas: number or names, lag: seconds, faults}; only state is needed."""
        estate = cls(path, clock=clock)
        now = estate.clock.elapsed()
        made = {name: history.new_switch(about, now) for name, about in switches.items()}
        path.parent.mkdir(parents=True, exist_ok=True)
        with estate._locked(estate.countdown(_OWN_WAIT)):
            estate._save({"schema": SCHEMA, "touched": now, "switches": made, "writes": []})
        return estate

    def switches(self) -> list[str]:
        return sorted(self._load()["switches"])

    def read(self, name: str, *, within: float) -> Seen:
        """The switch now, as its API tells it: that is not yet what its replicas do."""
        left = self.countdown(within)
        self._strike(name, "read", left)
        self._pause(name, self._faults(name, "read").get("slow"), left)
        entry = history.at(self._one(self._load(), name), self.clock.elapsed())
        return Seen(entry["state"], entry["version"])

    def write(self, name: str, state: Mapping[str, Json], *, version: int | None, within: float) -> None:
        """Set the whole state if the version is still this one (None: whatever it is); Drift otherwise."""
        left, faults = self.countdown(within), self._faults(name, "write")
        try:
            self._strike(name, "write", left)
        except LeverError as error:
            with self._editing() as data:
                history.log(data, name, state, f"not carried out: {error.what}")
            raise
        with self._editing(left) as data:
            conflict = self._carry_out(data, name, state, version)
        if conflict:
            raise conflict
        self._pause(name, float("inf") if "land_late" in faults else faults.get("slow"), left)

    def served(self, name: str) -> dict[str, Mapping[str, Json]]:
        """What each replica does now, from the consumer's side: no fault of the API hides it."""
        return history.served(self._one(self._load(), name), self.clock.elapsed())

    def writes(self, name: str | None = None) -> list[dict[str, Any]]:
        """Every write that was asked for, oldest first, with what `became` of it."""
        return [dict(one) for one in self._load()["writes"] if name in {None, one["switch"]}]

    def effects(self, name: str | None = None) -> int:
        """How many writes changed something, or will."""
        return sum(one["became"] in {CHANGED, LATE} for one in self.writes(name))

    def put(self, name: str, state: Mapping[str, Json]) -> None:
        """Somebody else changes it, past every fault."""
        with self._editing() as data:
            history.land(self._one(data, name), data["touched"], state, by=history.SOMEBODY)

    def fault(self, name: str, **faults: Json) -> None:
        """Add faults to a switch; None takes one away."""
        with self._editing() as data:
            history.set_faults(self._one(data, name), data["touched"], faults)

    def countdown(self, within: float) -> Callable[[], float]:
        """What is left of `within` from now on."""
        end = self.clock.elapsed() + within
        return lambda: min(within, max(0.0, end - self.clock.elapsed()))

    def _carry_out(
        self, data: dict[str, Any], name: str, state: Mapping[str, Json], version: int | None
    ) -> Drift | None:
        switch, now = self._one(data, name), data["touched"]
        current = history.at(switch, now)
        if version not in {None, current["version"]}:
            history.log(data, name, state, CONFLICT)
            what = f"switch {name} is at version {current['version']}, not {version}: somebody else has changed it"
            return Drift(what, expected=version, found=current["state"], where=str(self.path))
        if switch["faults"].get("lie"):
            history.log(data, name, state, LIED)
            return None
        history.log(data, name, state, LATE if "land_late" in switch["faults"] else CHANGED)
        history.write(switch, now, state)
        return None

    def _faults(self, name: str, deed: str) -> Mapping[str, Any]:
        """The faults that strike this deed."""
        faults: dict[str, Any] = self._one(self._load(), name)["faults"]
        both = {"hang", "fail", "slow"}
        only = set() if deed in faults.get("on", ("write",)) else both
        return {key: value for key, value in faults.items() if key not in only and (deed == "write" or key in both)}

    def _strike(self, name: str, deed: str, left: Callable[[], float]) -> None:
        """Suffer the faults that come before the deed."""
        faults = self._faults(name, deed)
        self._pause(name, faults.get("hang"), left)
        if "fail" in faults:
            raise LeverError(str(faults["fail"]), where=str(self.path))
        if "refuse" in faults:
            raise Declined(str(faults["refuse"]), where=str(self.path))

    def _pause(self, name: str, seconds: float | None, left: Callable[[], float]) -> None:
        if not seconds:
            return
        span = left()
        self.clock.wait(Event(), min(seconds, span))
        if seconds > span:
            raise NoAnswer(f"switch {name} did not answer in time", where=str(self.path))

    def _one(self, data: Mapping[str, Any], name: str) -> dict[str, Any]:
        found: dict[str, Any] | None = data["switches"].get(name)
        if found is None:
            known = sorted(data["switches"])
            raise NoSuchTarget(f"there is no switch {name!r}", where=str(self.path), todo=near(str(name), known))
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
        lock = self._open_lock()
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

    def _open_lock(self) -> int:
        try:
            return os.open(self.path.with_name(self.path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise LeverError(f"the estate cannot be locked: {error.strerror}", where=str(self.path)) from error

    def _load(self) -> dict[str, Any]:
        where = str(self.path)
        try:
            data = json.loads(self.path.read_bytes())
        except FileNotFoundError:
            raise NoSuchTarget("there is no estate here", where=where, todo="psfir demo lays one out") from None
        except (OSError, ValueError) as error:
            raise LeverError(f"the estate cannot be read: {error}", where=where) from error
        if not isinstance(data, dict) or data.get("schema") != SCHEMA:
            raise LeverError(f"this is no estate: its schema is not {SCHEMA}", where=where)
        now = self.clock.elapsed()
        if now < data["touched"]:
            history.settle(data, now)
        return data

    def _save(self, data: Mapping[str, Any]) -> None:
        """Whole or not at all. Only whoever holds the lock comes here, so one name for the new file is enough."""
        new = self.path.with_name(f".{self.path.name}.new")
        try:
            new.write_text(json.dumps(data, indent=1), encoding="utf-8")
            new.replace(self.path)
        except OSError as error:
            raise LeverError(f"the estate cannot be written: {error.strerror}", where=str(self.path)) from error


def estate_of(connection: BoundConnection) -> Estate:
    """The estate behind a connection of kind memory."""
    path = connection.settings.get("path")
    if not isinstance(path, str):
        raise CatalogError(f"connection {connection.name} has no path", todo="say path: FILE in psfir.yaml")
    return Estate(Path(path))
