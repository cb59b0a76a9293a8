"""The end of a call, for whatever a client does until then: each of its steps gets what is left."""

from __future__ import annotations

import time
from threading import Event

CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Deadline:
    """The end of a span that began now; no jump of the wall clock moves it."""

    def __init__(self, within: float) -> None:
        self._end = time.clock_gettime(CLOCK) + within

    @property
    def left(self) -> float:
        return max(0.0, self._end - time.clock_gettime(CLOCK))

    def pause(self, seconds: float) -> None:
        """Wait so long before the next try, and not beyond the end."""
        Event().wait(min(seconds, self.left))

    def spare(self) -> float:
        """What is left; TimeoutError once that is nothing."""
        if (left := self.left) <= 0:
            raise TimeoutError("no time is left")
        return left
