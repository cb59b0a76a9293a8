"""The journal in one SQLite file: append-only, hash-chained, durable when `append` returns.

Many threads append at once: each puts its drafts in the queue, and one of them, the leader, writes all that is queued
in one transaction and lets the next one lead. No thread runs in the background: nothing to start, stop or wait for.
"""

from __future__ import annotations

import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event, Lock
from typing import Self

from psfir.domain.entries import CATALOGUE, Draft, Entry, Kind
from psfir.errors import RecordError, Refusal
from psfir.records import rows
from psfir.records.database import WAIT, connect, explain, explained
from psfir.records.migrations import open_record

_PAGE = 256
_POLL = 0.05


class _Ticket:
    """One caller's drafts in the queue, and what became of them. `turn` opens when they are settled, or are to lead."""

    __slots__ = ("drafts", "entries", "error", "turn")

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self.drafts = drafts
        self.entries: list[Entry] | None = None
        self.error: RecordError | None = None
        self.turn = Lock()
        self.turn.acquire()

    @property
    def settled(self) -> bool:
        return self.entries is not None or self.error is not None


class SqliteJournal:
    """A Journal in one file. Any number of threads and processes may share the file; close it when done."""

    def __init__(self, path: Path, *, randomness: Callable[[int], bytes] = os.urandom, wait: float = WAIT) -> None:
        self.path = path
        self._randomness = randomness
        self._queue: deque[_Ticket] = deque()
        self._gate = Lock()  # the queue and who leads; never held while anything is written
        self._leader: _Ticket | None = None
        self._writing = Lock()
        self.database = open_record(path, wait=wait, randomness=randomness)

    def append(self, drafts: Sequence[Draft]) -> list[Entry]:
        """All of them or none, durable when this returns."""
        if not drafts:
            return []
        ticket = _Ticket(drafts)
        try:
            with self._gate:
                self._queue.append(ticket)
                if self._leader is None:
                    self._leader = ticket
            if self._leader is not ticket:
                ticket.turn.acquire()
            if not ticket.settled:
                self._lead(ticket)
        except BaseException:  # raised again: whoever waits behind this one must not wait for ever
            self._give_up(ticket)
            raise
        if ticket.error is not None:
            raise ticket.error
        assert ticket.entries is not None  # noqa: S101 - whoever led settled it
        return ticket.entries

    def read(self, incident: str | None = None, *, after: int = 0) -> Iterator[Entry]:
        """Entries in order. Nothing is held open between two of them, however long the caller takes."""
        where = "" if incident is None else "AND incident = ?"
        query = f"SELECT {rows.COLUMNS} FROM entries WHERE seq > ? {where} ORDER BY seq LIMIT {_PAGE}"  # noqa: S608
        more = () if incident is None else (incident,)
        while True:
            with self.database.reader() as con:
                page = con.execute(query, (after, *more)).fetchall()
            for row in page:
                after = row[0]
                yield rows.entry(row, str(self.path))
            if len(page) < _PAGE:
                return

    def follow(self, after: int, *, stop: Event, incident: str | None = None) -> Iterator[Entry]:
        while not stop.is_set():
            for entry in self.read(incident, after=after):
                after = entry.seq
                yield entry
                if stop.is_set():
                    return
            stop.wait(_POLL)

    def heads(self) -> tuple[int, str]:
        with self.database.reader() as con:
            return rows.head(con)

    def examine(self) -> Iterator[Entry]:
        """All entries for a verification: DamagedEntry at the first whose bytes are not those that were written."""
        with explained(self.path):
            con = connect(self.path)
            con.text_factory = bytes
            after = 0
            try:
                # The table itself in its own order: an index that was altered cannot hide an entry.
                for row in con.execute(f"SELECT {rows.COLUMNS} FROM entries NOT INDEXED ORDER BY seq"):  # noqa: S608
                    yield rows.examined(row, str(self.path))
                    after = row[0]
            except sqlite3.DatabaseError as error:
                raise rows.DamagedEntry(
                    f"the file is damaged here: {error}", seq=after + 1, where=str(self.path)
                ) from error
            finally:
                con.close()

    def append_once(self, name: str, digest: str, drafts: Sequence[Draft]) -> list[Entry] | None:
        """Merge a spool's drafts and say so, in one transaction; None if that spool was merged before."""
        with self._writing, self.database.transaction() as con:
            known = con.execute(
                "SELECT name, digest FROM absorbed WHERE name = ? OR digest = ?", (name, digest)
            ).fetchall()
            if any(row[1] == digest for row in known):
                return None
            if known:
                raise RecordError(f"another spool called {name} was merged before", todo="give the file another name")
            con.execute("INSERT INTO absorbed VALUES (?, ?, ?)", (name, digest, len(drafts)))
            counts: dict[str, int] = {}
            for draft in drafts:
                counts[draft.incident] = counts.get(draft.incident, 0) + 1
            now = self.database.now()
            said = [
                rows.record_draft(now, incident, Kind.ABSORBED, {"spool": name, "count": count})
                for incident, count in counts.items()
            ]
            return self._write(con, [*drafts, *said])

    def erase(self, seqs: Sequence[int], tombstone: Draft) -> list[Entry]:
        """Blank the data of these entries and, in the same transaction, say so of each in the words of `tombstone`."""
        named = sorted(set(seqs))
        with self._writing:
            with self.database.transaction() as con:
                said = [
                    replace(tombstone, incident=self._erasable(con, seq), data={**tombstone.data, "seq": seq})
                    for seq in named
                ]
                con.executemany("UPDATE entries SET data = NULL, salt = NULL WHERE seq = ?", [(seq,) for seq in named])
                entries = self._write(con, said)
            self.database.empty_log()
        return entries

    def _erasable(self, con: sqlite3.Connection, seq: int) -> str:
        row = con.execute("SELECT incident, kind, data IS NULL FROM entries WHERE seq = ?", (seq,)).fetchone()
        if row is None:
            raise Refusal(f"there is no entry {seq}", where=str(self.path))
        incident, kind, gone = row
        about = CATALOGUE.get(kind)
        if about is None or not about.erasable:
            todo = "only what people typed can be erased: " + ", ".join(k for k, a in CATALOGUE.items() if a.erasable)
            raise Refusal(f"entry {seq} is of kind {kind}, which stays readable", where=str(self.path), todo=todo)
        if gone:
            raise Refusal(f"entry {seq} was erased before", where=str(self.path))
        return str(incident)

    def close(self) -> None:
        """Leaves no connection open; whoever appends afterwards gets RecordError."""
        with self._writing:
            self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, con: sqlite3.Connection, drafts: Sequence[Draft]) -> list[Entry]:
        return rows.insert(con, rows.links(drafts, rows.head(con), self._randomness))

    def _lead(self, own: _Ticket) -> None:
        """Write all that is queued, tell each what became of it, and let the next one lead."""
        batch: list[_Ticket] = []
        try:
            with self._gate:
                batch.extend(self._queue)
                self._queue.clear()
            with self._writing:
                self._settle(batch)
        finally:
            others = [ticket for ticket in batch if ticket is not own]
            with self._gate:
                # After an interrupt: what the others brought is still to be written.
                self._queue.extendleft(ticket for ticket in reversed(others) if not ticket.settled)
                self._hand_on()
            for ticket in others:
                if ticket.settled:
                    ticket.turn.release()

    def _hand_on(self) -> None:
        self._leader = self._queue[0] if self._queue else None
        if self._leader is not None:
            self._leader.turn.release()

    def _give_up(self, ticket: _Ticket) -> None:
        """Interrupted: what its caller gave up is not written, and nobody waits for it to lead."""
        with self._gate:
            if ticket in self._queue:
                self._queue.remove(ticket)
            if self._leader is ticket:
                self._hand_on()

    def _settle(self, batch: Sequence[_Ticket]) -> None:
        try:
            self._commit(batch)
        except sqlite3.Error as error:
            if len(batch) == 1:
                batch[0].error = explain(error, self.path)
                return
            for ticket in batch:
                self._alone(ticket)
        except RecordError as error:
            for ticket in batch:
                ticket.error = error

    def _alone(self, ticket: _Ticket) -> None:
        """What one of a failed batch comes to by itself: its neighbour may have been the cause."""
        if ticket.settled:
            return
        try:
            self._commit([ticket])
        except sqlite3.Error as error:
            ticket.error = explain(error, self.path)
        except RecordError as error:
            ticket.error = error

    def _commit(self, batch: Sequence[_Ticket]) -> None:
        try:
            con = self.database.begin()
            self._seal(con, batch)
            con.execute("COMMIT")
        except BaseException as error:
            # An interrupt right behind COMMIT must not make written entries look lost.
            if isinstance(error, sqlite3.Error) or self.database.in_transaction:
                for ticket in batch:
                    ticket.entries = None
                self.database.roll_back()
            raise

    def _seal(self, con: sqlite3.Connection, batch: Sequence[_Ticket]) -> None:
        head = rows.head(con)
        for ticket in batch:
            try:
                links = rows.links(ticket.drafts, head, self._randomness)
            except rows.BadDraft as error:
                ticket.error = error
                continue
            entries = ticket.entries = rows.insert(con, links)
            head = (entries[-1].seq, entries[-1].hash)
