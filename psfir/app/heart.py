"""Keeps leases alive while their work goes on, from one thread and in one transaction for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Event, Lock, Thread

from psfir.contracts import Hold, Leases
from psfir.errors import RecordError

BEAT = 1.0


class Heart:
    """Beats as long as anything is held. The record may be away: then there is nobody to tell, and the kill goes on."""

    def __init__(self, leases: Leases | None, *, warn: Callable[[str], None]) -> None:
        self._leases = leases
        self._warn = warn
        self._held: dict[str, str] = {}
        self._tokens: dict[str, int] = {}
        self._lost: set[str] = set()
        self._over: dict[str, str] = {}
        self._stop: Event | None = None
        self._lock = Lock()

    def hold(self, tokens: Mapping[str, int], owner: str) -> None:
        """These leases have been taken: keep them."""
        with self._lock:
            self._held.update(dict.fromkeys(tokens, owner))
            self._tokens.update(tokens)
            if self._leases is not None and self._held and self._stop is None:
                self._stop = Event()
                Thread(target=self._beat, args=(self._stop,), name="psfir heart", daemon=True).start()

    def holds(self, names: Iterable[str]) -> tuple[Hold, ...]:
        """Those of them that are held, as what is written under them has to name them."""
        with self._lock:
            return tuple(Hold(name, self._tokens[name]) for name in names if name in self._held)

    def drop(self, names: Iterable[str]) -> None:
        """Their work is over: given back with the next beat, or at once where no other is held."""
        with self._lock:
            for name in names:
                if name in self._held:
                    self._over[name] = self._held.pop(name)
            if self._held:
                return
            if self._stop is not None:
                self._stop.set()
                self._stop = None
            self._give_back()

    @contextmanager
    def until_over(self, names: Sequence[str]) -> Iterator[None]:
        """What is held already, for as long as the block runs."""
        try:
            yield
        finally:
            self.drop(names)

    def _beat(self, stop: Event) -> None:
        while not stop.wait(BEAT):
            with self._lock:
                if stop.is_set():
                    return
                self._give_back()
                lost = [name for name in self._renewed() if name not in self._lost]
                self._lost.update(lost)
            if lost:
                names = lost[0] if len(lost) == 1 else f"{lost[0]} and {len(lost) - 1} more"
                self._warn(f"another process may take over {names}: not renewed in time")

    def _renewed(self) -> list[str]:
        """Those that could not be."""
        lost: list[str] = []
        for owner, names in _by_owner(self._held).items():
            try:
                kept = self._leases.renew_all(names, owner) if self._leases else frozenset(names)
            except RecordError:
                kept = frozenset()
            lost += [name for name in names if name not in kept]
        return lost

    def _give_back(self) -> None:
        over, self._over = self._over, {}
        for owner, names in _by_owner(over).items():
            try:
                if self._leases:
                    self._leases.release_all(names, owner)
            except RecordError:
                continue  # they run out by themselves


def _by_owner(held: dict[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, owner in held.items():
        found.setdefault(owner, []).append(name)
    return found
