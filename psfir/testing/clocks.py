"""A clock for tests: four minutes of soak pass in a blink, and the wall can jump while the run goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Event, Lock
from time import perf_counter

NIGHT = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)
_SLICE = 0.002


class SettableClock:
    """A Clock whose time passes only in `wait` and `advance`; many threads may wait at once, side by side.

    A wait first gives other threads `settle` real seconds in which nobody begins to wait or asks the time; only then
    does it move, and no further than to where the first of all waits ends. With `running=False` only `advance` does.
    """

    def __init__(self, now: datetime = NIGHT, *, settle: float = 0.03, running: bool = True) -> None:
        self.settle = settle
        self.running = running
        self._now = now
        self._elapsed = 1000.0
        self._boot = "boot-1"
        self._lock = Lock()
        self._waits: dict[object, float] = {}
        self._stirred = perf_counter()

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def elapsed(self) -> float:
        with self._lock:
            self._stirred = perf_counter()
            return self._elapsed

    def boot_id(self) -> str:
        return self._boot

    def wait(self, event: Event, seconds: float) -> bool:
        token = object()
        with self._lock:
            end = self._elapsed + max(0.0, seconds)
            self._waits[token] = end
            self._stirred = perf_counter()
        try:
            while not event.wait(_SLICE):
                if self._over(end):
                    return event.is_set()
            return True
        finally:
            with self._lock:
                del self._waits[token]
                self._stirred = perf_counter()

    def advance(self, seconds: float) -> None:
        """Time passes: on the wall and on the boot-time clock alike."""
        with self._lock:
            self._move(seconds)

    def jump(self, seconds: float) -> None:
        """The wall clock is set, forwards or backwards; the run clock does not notice."""
        with self._lock:
            self._now += timedelta(seconds=seconds)

    def reboot(self) -> None:
        """Another boot: its clock counts from the beginning."""
        with self._lock:
            self._boot = f"boot-{int(self._boot.removeprefix('boot-')) + 1}"
            self._elapsed = 1.0

    def _over(self, end: float) -> bool:
        with self._lock:
            quiet = perf_counter() - self._stirred >= self.settle
            if self._elapsed < end and self.running and quiet and end <= min(self._waits.values()):
                self._move(end - self._elapsed)
            return self._elapsed >= end

    def _move(self, seconds: float) -> None:
        self._elapsed += seconds
        self._now += timedelta(seconds=seconds)
        self._stirred = perf_counter()
