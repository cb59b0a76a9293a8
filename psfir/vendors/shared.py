"""What all parts of one session have together: a client for each connection, and what an account still allows.

A client costs most of what a kill does: a credential plugin that is run, models that are read, certificates that are
loaded, connections that are made. Five hundred rungs of ten levers on one connection pay for one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from psfir.contracts import BoundConnection

T = TypeVar("T")


class Shelf:
    """Each thing is made once, when it is first asked for, from whatever thread."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._locks: dict[Hashable, Lock] = {}
        self._made: dict[Hashable, Any] = {}

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._guard:
            lock = self._locks.setdefault(key, Lock())
        with lock:  # one lock a thing: what takes long to make holds up no other
            if key not in self._made:
                self._made[key] = make()
            found: T = self._made[key]
            return found


def shared(connection: BoundConnection, make: Callable[[BoundConnection], T], *words: Hashable) -> T:
    """The one that `make` made of this connection for this session; its own where nothing is shared, as in a test."""
    return on_shelf(connection, (connection.name, make, *words), lambda: make(connection))


def on_shelf(connection: BoundConnection, key: Hashable, make: Callable[[], T]) -> T:
    """The same for what belongs to more than one connection."""
    shelf = getattr(connection, "shelf", None)
    return shelf.get(key, make) if isinstance(shelf, Shelf) else make()
