"""Deeds for later, in one thread that sleeps until the next of them is due."""

from __future__ import annotations

import heapq
import traceback
from collections.abc import Callable
from threading import Condition, Thread
from time import monotonic  # noqa: TID251 - faults come and go in real time

Deed = Callable[[], None]

_SLICE = 3600.0
"""The longest wait in one piece: the operating system's own is no longer than some weeks or years."""


class Timer:
    """The thread is there only once something waits. Deeds run one after the other.

    One that raises is a fault of the range: it is shown, and the others keep their times.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._waiting: list[tuple[float, int, Deed]] = []
        self._count = 0
        self._over = False
        self._thread: Thread | None = None

    def after(self, seconds: float, deed: Deed) -> int:
        """A number to drop it by."""
        with self._changed:
            self._count += 1
            heapq.heappush(self._waiting, (monotonic() + seconds, self._count, deed))
            if self._thread is None:
                self._thread = Thread(target=self._run, name="psfir faults", daemon=True)
                self._thread.start()
            self._changed.notify()
            return self._count

    def drop(self, number: int) -> None:
        """It will not be done, unless it is being done right now."""
        with self._changed:
            self._waiting = [one for one in self._waiting if one[1] != number]
            heapq.heapify(self._waiting)
            self._changed.notify()

    def stop(self) -> None:
        with self._changed:
            self._over = True
            self._waiting.clear()
            self._changed.notify()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        while (deed := self._next()) is not None:
            try:
                deed()
            except Exception:  # noqa: BLE001 - whatever it is, it is shown and the next deed is due all the same
                traceback.print_exc()

    def _next(self) -> Deed | None:
        with self._changed:
            while not self._over:
                left = self._waiting[0][0] - monotonic() if self._waiting else None
                if left is not None and left <= 0:
                    return heapq.heappop(self._waiting)[2]
                self._changed.wait(None if left is None else min(left, _SLICE))
        return None
