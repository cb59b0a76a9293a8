"""Waiting for a vendor that said when to come back, if what is left of a call allows it."""

from __future__ import annotations

import random
from collections.abc import Callable
from threading import Event
from typing import TypeVar

from psfir.errors import Busy
from psfir.vendors.deadline import Deadline

T = TypeVar("T")

MARGIN = 0.3
"""What must be left of a call after waiting: time to send what was waited for."""

PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0)
"""Between tries while another change is in progress. Whoever still clashes then leaves the time to the next rung."""


def wait(seconds: float, deadline: Deadline) -> bool:
    """Wait so long and a little more, so that not everybody comes back at once; False, at once, if there is no time."""
    seconds += random.uniform(0.02, 0.1)  # noqa: S311 - it spreads callers, and guards nothing
    if seconds + MARGIN > deadline.left:
        return False
    Event().wait(seconds)
    return True


def patiently(ask: Callable[[float], T], *, within: float, looks: bool) -> T:
    """Asked once, or again where it only `looks` and was said to come too early, if the wait fits into `within`.

    A write is not: what it was to be written over may be another thing after the wait.
    """
    deadline = Deadline(within)
    while True:
        try:
            return ask(deadline.left)
        except Busy as busy:
            if not looks or busy.after is None or not wait(busy.after, deadline):
                raise
