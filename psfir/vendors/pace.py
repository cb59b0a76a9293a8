"""How fast a vendor that only says "too fast" lets itself be asked: slower after each refusal, faster with each answer.

AWS throttles by service and account and names neither a limit nor a reset. Whoever is refused was not carried out, so
it may be asked again; that five hundred rungs do so one after the other, and not all at once, is what this is for.
"""

from __future__ import annotations

import random
import time
from threading import Event, Lock

from psfir.errors import Busy
from psfir.vendors.deadline import CLOCK, Deadline

FIRST, MOST = 0.02, 0.5
"""Seconds between two calls after the first refusal, and after many."""

_SLOWER, _FASTER, _NONE = 1.5, 0.9, 0.002


class Pace:
    """Shared by all who ask the same service with one credential. Without a refusal nobody waits."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._gap = 0.0
        self._next = 0.0
        self._slowed = 0.0

    def wait(self, deadline: Deadline, *, where: str) -> float:
        """Until it is this call's turn; Busy, at once and with nothing sent, where that lies beyond its end.

        The answer is its turn, to be given back if it was refused all the same.
        """
        now = time.clock_gettime(CLOCK)
        with self._lock:
            if not self._gap:
                return now
            turn = max(now, self._next)
            if turn - now >= deadline.left:
                todo = "give the rung a longer share, or pull fewer at once"
                raise Busy("it throttles, and this call's turn lies beyond its share", where=where, todo=todo)
            self._next = turn + self._gap * random.uniform(0.8, 1.2)  # noqa: S311 - it spreads callers, and guards nothing
        if turn > now:
            Event().wait(turn - now)
        return turn

    def refused(self, turn: float) -> None:
        """Many that went off together are refused together: that is one reason to be slower, not many."""
        with self._lock:
            if turn < self._slowed:
                return
            self._slowed = time.clock_gettime(CLOCK)
            self._gap = min(MOST, max(FIRST, self._gap * _SLOWER))

    def answered(self) -> None:
        if self._gap:
            with self._lock:
                self._gap *= _FASTER
                if self._gap < _NONE:
                    self._gap = 0.0
