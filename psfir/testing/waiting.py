"""How long what is waited for may take on a machine of any speed."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from time import perf_counter

GRACE = 3.0
"""How late a call may be back on a busy machine. One that heeds no share is far later, or never back."""

PATIENCE = 20.0
"""What never takes long, and is waited for all the same."""

_POLL = 0.005


def eventually(is_so: Callable[[], object], *, within: float = PATIENCE) -> None:
    """Wait for what another thread or process does in its own time."""
    end = perf_counter() + within
    while not is_so():
        assert perf_counter() < end, "it did not come about"
        pause()


def pause() -> None:
    """A moment for the others."""
    Event().wait(_POLL)
