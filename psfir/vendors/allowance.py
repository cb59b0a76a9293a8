"""How many calls an account still allows, as its answers say: one budget for all who use that account in this process.

Five hundred rungs that each found out for themselves would each be refused once. Here the first answer tells all: when
nothing is left, nothing is sent before the reset, and whoever asks hears at once how long that is. Waiting is for the
caller, who knows its share.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from psfir.domain.durations import show
from psfir.domain.values import frozen
from psfir.errors import Busy
from psfir.vendors.deadline import CLOCK

LONGEST = 60.0
"""No reset further away is believed: after that one call tries again."""

_SOON = 0.1


@frozen
class Told:
    """What an answer said of one limit: how many calls are left, until which reset, and in how many seconds that is."""

    left: int
    reset: float
    seconds: float


class _Window:
    """One limit. `most` is what a whole window was seen to allow."""

    def __init__(self) -> None:
        self.out = 0
        self._reset = 0.0
        self._ends: float | None = None
        self._left: int | None = None
        self._most: int | None = None

    def wait(self, now: float) -> float:
        """Seconds until one more may be sent; 0 if it may be now."""
        if self._ends is not None and now >= self._ends:
            self._left = None if self._most is None else self._most - self.out
            self._ends = None
        if self._left is None or self._left > 0:
            return 0.0
        if self._ends is not None:
            return self._ends - now
        # Nobody has told of this window yet: the answers that will are on their way, or one more is sent for them.
        return _SOON if self.out else 0.0

    def take(self) -> None:
        self.out += 1
        if self._left is not None:
            self._left -= 1

    def back(self) -> None:
        self.out -= 1

    def hear(self, told: Told, now: float) -> None:
        """What is under way may not be counted in it yet."""
        left = told.left - max(0, self.out - 1)
        if told.reset > self._reset:
            self._reset, self._left = told.reset, left
            self._ends = now + min(told.seconds, LONGEST)
        elif told.reset == self._reset:
            self._left = left if self._left is None else min(self._left, left)
            self._ends = now + min(told.seconds, LONGEST) if self._ends is None else self._ends
        self._most = max(self._most or 1, told.left + 1)

    def shut(self, seconds: float, now: float) -> None:
        """Whatever was left: nothing before that."""
        self._left, self._ends = 0, now + min(seconds, LONGEST)


class Allowance:
    """The limits of one account: one for all calls, and one for each route. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._windows: dict[str, _Window] = {}

    @contextmanager
    def one(self, route: str, *, where: str) -> Iterator[None]:
        """Room for one call; Busy, with nothing sent, if there is none before a reset."""
        with self._lock:
            windows = [self._windows.setdefault(name, _Window()) for name in dict.fromkeys(("", route))]
            now = time.clock_gettime(CLOCK)
            seconds = max(window.wait(now) for window in windows)
            if seconds > 0:
                what = f"the account's rate limit is used up for {show(round(seconds, 1))}: nothing was sent"
                raise Busy(what, after=seconds, where=where, todo="the limit is shared by all tokens of the account")
            for window in windows:
                window.take()
        try:
            yield
        finally:
            with self._lock:
                for window in windows:
                    window.back()

    def hear(self, route: str, told: Told) -> None:
        """What an answer said, while its call has not been given back; "" is the route of all calls together."""
        with self._lock:
            self._windows.setdefault(route, _Window()).hear(told, time.clock_gettime(CLOCK))

    def shut(self, seconds: float) -> None:
        """The vendor wants to be left alone."""
        with self._lock:
            self._windows.setdefault("", _Window()).shut(seconds, time.clock_gettime(CLOCK))
