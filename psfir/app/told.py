"""The journal as deeds use it: secrets are scrubbed on the way in, and whoever shows a run is told each entry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from threading import Event

from psfir.contracts import Hold, Journal
from psfir.domain.entries import Draft, Entry, seal
from psfir.domain.scrub import Scrubber

Listener = Callable[[Entry], None]


class ToldJournal:
    """A Journal around another. Listeners are called in the appending thread, after the entry is durable."""

    def __init__(self, journal: Journal, scrubber: Scrubber, *, warn: Callable[[str], None] = lambda _: None) -> None:
        self.inner = journal
        self._scrubber = scrubber
        self._warn = warn
        self._listeners: list[Listener] = []

    def tell(self, listener: Listener) -> None:
        """Call `listener` with every entry appended through this journal from now on."""
        self._listeners.append(listener)

    def append(self, drafts: Sequence[Draft], *, under: Sequence[Hold] = ()) -> list[Entry]:
        clean = [replace(draft, data=self._scrubber.json(draft.data)) for draft in drafts]
        entries = self.inner.append(clean, under=under)
        self._tell(entries)
        return entries

    def retell(self, entry: Entry) -> None:
        """Tell the listeners of one that somebody else appended."""
        self._tell([entry])

    def _tell(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            for listener in tuple(self._listeners):
                try:
                    listener(entry)
                except Exception as error:  # noqa: BLE001 - the door's code: showing must never stop what is shown
                    self._drop(listener, f"the view broke ({type(error).__name__}: {error}); the run goes on unseen")

    def _drop(self, listener: Listener, why: str) -> None:
        """Once, whichever thread's entry broke it. Nothing may be raised here: the entry is in the record."""
        with suppress(ValueError):
            self._listeners.remove(listener)
            with suppress(OSError, ValueError):  # where it would be said may be closed as well
                self._warn(why)

    def show(self, drafts: Sequence[Draft], *, under: Sequence[Hold] = ()) -> list[Entry]:
        """Tell the listeners as if these had been appended, and keep nothing: for somebody who may only look."""
        seq, prev = self.inner.heads()
        entries: list[Entry] = []
        for draft in drafts:
            clean = replace(draft, data=self._scrubber.json(draft.data))
            entries.append(seal(clean, seq=seq + 1 + len(entries), prev=prev, salt=""))
        self._tell(entries)
        return entries

    def read(self, incident: str | None = None, *, after: int = 0) -> Iterator[Entry]:
        return self.inner.read(incident, after=after)

    def follow(self, after: int, *, stop: Event, incident: str | None = None) -> Iterator[Entry]:
        return self.inner.follow(after, stop=stop, incident=incident)

    def heads(self) -> tuple[int, str]:
        return self.inner.heads()
