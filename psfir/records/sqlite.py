"""The journal in one SQLite file: append-only, hash-chained, durable when `append` returns."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from threading import Event
from typing import Self

from psfir.contracts import Hold
from psfir.domain.entries import Draft, Entry
from psfir.records import rows
from psfir.records.database import connect, explain, explained
from psfir.records.fence import superseded
from psfir.records.grouped import WAIT, Grouped, Spoilt, Ticket
from psfir.records.migrations import open_record

_PAGE = 256
_POLL = 0.05

Head = tuple[int, str]


class SqliteJournal(Grouped):
    """A Journal in one file. Any number of threads and processes may share the file; close it when done."""

    def __init__(self, path: Path, *, randomness: Callable[[int], bytes] = os.urandom, wait: float = WAIT) -> None:
        super().__init__(randomness)
        self.path = path
        self.database = open_record(path, wait=wait, randomness=randomness)

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

    def append_once(
        self, name: str, digest: str, drafts: Sequence[Draft], perhaps: Sequence[Head | None] = ()
    ) -> list[Entry] | None:
        """Merge a spool's drafts and say so, in one transaction; None if that spool was merged before.

        `perhaps` are the places that drafts may have got after all, where the answer to a commit was lost.
        """
        with self._writing, self.database.transaction() as con:
            known = con.execute("SELECT name, digest FROM absorbed WHERE name = ? OR digest = ?", (name, digest))
            if rows.absorbed_before(known.fetchall(), digest):
                return None
            con.execute("INSERT INTO absorbed VALUES (?, ?, ?)", (name, digest, len(drafts)))
            new = [draft for draft, place in zip_longest(drafts, perhaps) if place is None or not self._has(con, place)]
            return self._write(con, [*new, *rows.absorbed(self.database.now(), name, drafts)])

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

    def pages(self, after: int) -> Iterator[Sequence[rows.Row]]:
        """All rows behind `after` as they stand."""
        query = f"SELECT {rows.COLUMNS} FROM entries WHERE seq > ? ORDER BY seq LIMIT {_PAGE}"  # noqa: S608
        while True:
            with self.database.reader() as con:
                page = con.execute(query, (after,)).fetchall()
            if page:
                yield page
                after = page[-1][0]
            if len(page) < _PAGE:
                return

    def merged(self) -> Sequence[rows.Row]:
        with self.database.reader() as con:
            return con.execute("SELECT name, digest, count FROM absorbed").fetchall()

    def take(self, page: Sequence[rows.Row], merged: Sequence[rows.Row]) -> None:
        with self._writing, self.database.transaction() as con:
            rows.keep(con, page)
            con.executemany("INSERT OR IGNORE INTO absorbed VALUES (?, ?, ?)", merged)

    def _erasable(self, con: sqlite3.Connection, seq: int) -> str:
        row = con.execute("SELECT incident, kind, data IS NULL FROM entries WHERE seq = ?", (seq,)).fetchone()
        return rows.erasable(row, seq, str(self.path))

    def _has(self, con: sqlite3.Connection, place: Head) -> bool:
        return con.execute("SELECT 1 FROM entries WHERE seq = ? AND hash = ?", place).fetchone() is not None

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

    def _commit(self, batch: Sequence[Ticket]) -> None:
        try:
            con = self.database.begin()
            for ticket in batch:
                ticket.error = superseded(self._tokens(con, ticket.under), ticket.under)
            for ticket, links in self._sealed(batch, rows.head(con)):
                ticket.entries = rows.insert(con, links)
            con.execute("COMMIT")
        except BaseException as error:
            # An interrupt right behind COMMIT must not make written entries look lost.
            if isinstance(error, sqlite3.Error) or self.database.in_transaction:
                for ticket in batch:
                    ticket.entries = None
                self.database.roll_back()
            if isinstance(error, sqlite3.Error):
                raise Spoilt(explain(error, self.path)) from error
            raise

    def _tokens(self, con: sqlite3.Connection, under: Sequence[Hold]) -> dict[str, int]:
        found = (
            con.execute("SELECT name, token FROM leases WHERE name = ?", (hold.name,)).fetchone() for hold in under
        )
        return {row[0]: row[1] for row in found if row is not None}
