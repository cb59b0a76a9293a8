"""When the record is away the kill goes on: entries are spooled beside it, and merged once it is back.

A spool is a file of drafts as JSON lines, one file a process, locked by its writer as long as that lives. Once a spool
cannot be written either, every further line goes to the last resort, so that what the file holds has no gap in it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from threading import Event, Lock

from psfir.contracts import Hold, Journal
from psfir.domain import canon
from psfir.domain.entries import GENESIS, Draft, Entry
from psfir.errors import RecordError
from psfir.records.absorb import PERHAPS, absorb, waiting
from psfir.records.rows import BadDraft, InDoubt, sealed
from psfir.records.spoolfile import SpoolFile
from psfir.records.unfit import fitted

__all__ = ["LAST_RESORT", "SpoolingJournal", "absorb", "waiting"]

LAST_RESORT = "no file: only the lines printed here hold it"
_POLL = 0.05

Opener = Callable[[], Journal]


class SpoolingJournal:
    """A Journal that never refuses a draft. After the first loss it never goes back, so that the order stays.

    Entries it returns in that state are provisional: their seq and hash are those of a chain of this process. A door is
    loud when `spooled`, and says `lost_to` (a file, or LAST_RESORT) and `cause`.
    """

    def __init__(self, journal: Journal | Opener | None, folder: Path, *, last_resort: Callable[[str], None]) -> None:
        self._last_resort = last_resort
        self._lock = Lock()
        self._seen: dict[int, Entry] = {}
        self._local: list[Entry] = []
        self._horizon = (0, GENESIS)
        self._spool = SpoolFile(folder)
        self._inner: Journal | None = None
        self.spooled = False
        self.lost_to = ""
        self.cause: RecordError | None = None
        try:
            self._inner = journal() if callable(journal) else journal
        except RecordError as error:
            self._lose(error)
        if journal is None:
            self._lose(RecordError("there is no record"))

    def append(self, drafts: Sequence[Draft], *, under: Sequence[Hold] = ()) -> list[Entry]:
        """In the record if it can be had, else in the spool, else through the last resort.

        While the record is away nobody can be asked who holds a lease, and the kill goes on.
        """
        if not drafts:
            return []
        perhaps: Sequence[Entry] = ()
        if not self.spooled and self._inner is not None:
            try:
                entries = self._append(self._inner, drafts, under)
            except RecordError as error:
                self._lose(error)
                perhaps = error.entries if isinstance(error, InDoubt) else []
            else:
                return self._remember(entries, drafts)
        with self._lock:
            fitting = [fitted(draft) for draft in drafts]
            self._keep(fitting, perhaps)
            return self._place(fitting)

    def read(self, incident: str | None = None, *, after: int = 0) -> Iterator[Entry]:
        """What the record has; once it is lost, what it had until then and what was spooled since."""
        if not self.spooled and self._inner is not None:
            try:
                for entry in self._inner.read(incident, after=after):
                    self._seen[entry.seq] = entry
                    after = entry.seq
                    yield entry
            except RecordError as error:
                self._lose(error)
            else:
                return
        for entry in self._known():
            if entry.seq > after and incident in {None, entry.incident}:
                yield entry

    def follow(self, after: int, *, stop: Event, incident: str | None = None) -> Iterator[Entry]:
        while not stop.is_set():
            for entry in self.read(incident, after=after):
                after = entry.seq
                yield entry
                if stop.is_set():
                    return
            stop.wait(_POLL)

    def heads(self) -> tuple[int, str]:
        if not self.spooled and self._inner is not None:
            try:
                return self._inner.heads()
            except RecordError as error:
                self._lose(error)
        with self._lock:
            return self._end()

    def close(self) -> None:
        """Lets go of the spool, which may be merged from now on."""
        with self._lock:
            self._spool.close()
        close = getattr(self._inner, "close", None)
        if close is not None:
            close()

    def _append(self, inner: Journal, drafts: Sequence[Draft], under: Sequence[Hold]) -> list[Entry]:
        try:
            return inner.append(drafts, under=under)
        except BadDraft:
            return inner.append([fitted(draft) for draft in drafts], under=under)

    def _remember(self, entries: list[Entry], drafts: Sequence[Draft]) -> list[Entry]:
        with self._lock:
            if self.spooled and entries[-1].seq not in self._seen:
                # Another thread lost the record meanwhile. These are in it, but behind what was taken down of it, where
                # entries of others may stand too: in our own chain they stand behind its end.
                return self._place([fitted(draft) for draft in drafts])
            self._seen.update((entry.seq, entry) for entry in entries)
            return entries

    def _lose(self, error: RecordError) -> None:
        with self._lock:
            if self.spooled:
                return
            self._recall()
            last = max(self._seen, default=0)
            self._horizon = (last, self._seen[last].hash if last else GENESIS)
            self.cause, self.lost_to, self.spooled = error, str(self._spool.folder), True

    def _recall(self) -> None:
        """Often only writing is lost: what can still be read is taken down now, since others may go on writing."""
        if self._inner is not None:
            with suppress(RecordError):
                self._seen.update((entry.seq, entry) for entry in self._inner.read())

    def _keep(self, drafts: Sequence[Draft], perhaps: Sequence[Entry]) -> None:
        lines = [_line(draft, entry) for draft, entry in zip_longest(drafts, perhaps)]
        if self.lost_to != LAST_RESORT:
            try:
                self.lost_to = str(self._spool.write(lines, drafts[0].at))
            except OSError:
                self.lost_to = LAST_RESORT
            else:
                return
        for line in lines:
            with suppress(OSError, ValueError):  # standard output may be gone too: nothing is left to do but go on
                self._last_resort(line)

    def _place(self, drafts: Sequence[Draft]) -> list[Entry]:
        entries = sealed(drafts, self._end(), os.urandom)
        self._local.extend(entries)
        return entries

    def _end(self) -> tuple[int, str]:
        return (self._local[-1].seq, self._local[-1].hash) if self._local else self._horizon

    def _known(self) -> list[Entry]:
        with self._lock:
            return [self._seen[seq] for seq in sorted(self._seen)] + self._local


def _line(draft: Draft, perhaps: Entry | None) -> str:
    said = draft.to_json()
    if perhaps is not None:
        said[PERHAPS] = {"seq": perhaps.seq, "hash": perhaps.hash}
    return canon.canonical(said).decode()
