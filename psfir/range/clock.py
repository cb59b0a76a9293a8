"""The clock of the range: the real one, set off by as much as a fault says. Its servers go by it; psfir does not."""

from __future__ import annotations

import time


class RangeClock:
    """`skew` is by how many seconds the range is ahead of the real time."""

    def __init__(self) -> None:
        self.skew = 0.0

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self.skew  # noqa: TID251 - a simulated world lives in real time
