"""The journal in PostgreSQL: one chain for all machines, durable when `append` returns.

Appends of all processes take turns by one advisory lock, so the chain has no fork and no gap; those of one process
share a transaction. A lost answer to a commit is looked up, never guessed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, zip_longest
from threading import Event
from typing import Self

from psfir.domain.entries import GENESIS, Draft, Entry
from psfir.errors import RecordError, Superseded
from psfir.records import rows
from psfir.records.fence import superseded
from psfir.records.grouped import Grouped, Spoilt, Ticket
from psfir.records.postgres_layout import LOCK, examine_format
from psfir.records.server import Server, Turn, bad_draft
from psfir.records.wire import Lost, Row, Said, Statement, Value, Wire

_PAGE = 512
_CHUNK = 256
_CHANNEL = "psfir_entries"
_SLICE = 0.05
_UNHEARD = 1.0
"""Seconds after which a follower looks although it heard nothing: a pooler may keep notices from it."""

_TURN: Statement = ("SELECT pg_advisory_xact_lock($1)", (LOCK,))
_HEAD: Statement = ("SELECT seq, hash FROM psfir.entries ORDER BY seq DESC LIMIT 1", ())
_NOW: Statement = (
    "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
    (),
)
# Held until the commit: nobody takes a lease over between this look and the entries written under it.
_FENCE = """SELECT name, token FROM psfir.leases
WHERE name IN (SELECT json_array_elements_text($1::json)) ORDER BY name FOR SHARE"""

Head = tuple[int, str]
_Sealed = Sequence[tuple[Ticket, list[rows.Link]]]


class PostgresJournal(Grouped):
    """A Journal in one database. Any number of threads, processes and machines may share it; close it when done."""

    def __init__(self, server: Server, *, randomness: Callable[[int], bytes] = os.urandom) -> None:
        super().__init__(randomness)
        self.server = server
        examine_format(server)

    def read(self, incident: str | None = None, *, after: int = 0) -> Iterator[Entry]:
        """Entries in order. Nothing is held open between two of them, however long the caller takes."""
        for row in self._rows(incident, after):
            yield rows.entry(_decoded(row), self.server.where)

    def follow(self, after: int, *, stop: Event, incident: str | None = None) -> Iterator[Entry]:
        wire: Wire | None = None
        try:
            while not stop.is_set():
                wire = wire or self._listening()
                for entry in self.read(incident, after=after):
                    after = entry.seq
                    yield entry
                    if stop.is_set():
                        return
                if not self._heard(wire, stop):
                    wire.close()
                    wire = None
        finally:
            if wire is not None:
                wire.close()

    def heads(self) -> Head:
        return _head(self.server.read(_HEAD)[0])

    def examine(self) -> Iterator[Entry]:
        """All entries for a verification: DamagedEntry at the first whose bytes are not those that were written."""
        for row in self._rows(None, 0):
            yield rows.examined((int(row[0] or 0), int(row[1] or 0), *row[2:]), self.server.where)

    def append_once(
        self, name: str, digest: str, drafts: Sequence[Draft], perhaps: Sequence[Head | None] = ()
    ) -> list[Entry] | None:
        """Merge a spool's drafts and say so, in one transaction; None if that spool was merged before.

        `perhaps` are the places that drafts may have got after all, where the answer to a commit was lost.
        """
        known: Statement = ("SELECT name, digest FROM psfir.absorbed WHERE name = $1 OR digest = $2", (name, digest))
        with self._writing, self.server.explained(), self.server.turn(_TURN, _HEAD, known, _NOW) as turn:
            _, head, merged, now = turn.answers
            if rows.absorbed_before([_texts(row) for row in merged], digest):
                return None
            new = [d for d, place in zip_longest(drafts, perhaps) if place is None or not self._has(turn, place)]
            said = rows.absorbed(_texts(now[0])[0], name, drafts)
            links = rows.links([*new, *said], _head(head), self._randomness)
            mark: Statement = ("INSERT INTO psfir.absorbed VALUES ($1, $2, $3)", (name, digest, len(drafts)))
            self.server.commit(turn, mark, *_insert([row for _, row in links]))
            return [entry for entry, _ in links]

    def erase(self, seqs: Sequence[int], tombstone: Draft) -> list[Entry]:
        """Blank the data of these entries and, in the same transaction, say so of each in the words of `tombstone`."""
        named = sorted(set(seqs))
        look = "SELECT incident, kind, (data IS NULL)::int FROM psfir.entries WHERE seq = $1"
        asked: list[Statement] = [(look, (seq,)) for seq in named]
        with self._writing, self.server.explained(), self.server.turn(_TURN, _HEAD, *asked) as turn:
            _, head, *found = turn.answers
            said = [
                replace(tombstone, incident=self._erasable(row, seq), data={**tombstone.data, "seq": seq})
                for seq, row in zip(named, found, strict=True)
            ]
            blank: list[Statement] = [("SELECT psfir.erase($1)", (seq,)) for seq in named]
            links = rows.links(said, _head(head), self._randomness)
            self.server.commit(turn, *blank, *_insert([row for _, row in links]))
            return [entry for entry, _ in links]

    def pages(self, after: int) -> Iterator[Sequence[rows.Row]]:
        """All rows behind `after` as they stand."""
        left = self._rows(None, after)
        while page := list(islice(left, _PAGE)):
            yield [_decoded(row) for row in page]

    def merged(self) -> Sequence[rows.Row]:
        (found,) = self.server.read(("SELECT name, digest, count FROM psfir.absorbed", ()))
        return [(name, digest, int(count)) for name, digest, count in map(_texts, found)]

    def take(self, page: Sequence[rows.Row], merged: Sequence[rows.Row]) -> None:
        known = "INSERT INTO psfir.absorbed VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
        names: list[Statement] = [(known, tuple(row)) for row in merged]
        with self._writing, self.server.explained(), self.server.turn(_TURN) as turn:
            self.server.commit(turn, *_insert(page), *names)

    def close(self) -> None:
        """Leaves no connection open; whoever appends afterwards gets RecordError."""
        with self._writing:
            self.server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _commit(self, batch: Sequence[Ticket]) -> None:
        end = self.server.end()
        try:
            sealed = self._try(batch, end)
            if sealed:
                # The line broke before the commit was heard of, and it is known that nothing was written.
                sealed = self._try(batch, end)
        except (Said, Lost) as error:
            for ticket in batch:
                ticket.entries = None
            explained = self.server.explain(error)
            if isinstance(error, Said) and bad_draft(error):
                raise Spoilt(rows.BadDraft(explained.what, where=explained.where)) from error
            raise explained from error
        for ticket, _ in sealed:
            ticket.error = RecordError("the connection broke twice in one commit", where=self.server.where)

    def _try(self, batch: Sequence[Ticket], end: float) -> _Sealed:
        """Write the batch. What comes back was surely not written, because the line broke; all else is settled."""
        under = sorted({hold.name for ticket in batch for hold in ticket.under})
        fence: list[Statement] = [(_FENCE, (json.dumps(under),))] if under else []
        sealed: _Sealed = ()
        try:
            with self.server.turn(_TURN, _HEAD, *fence, end=end) as turn:
                tokens = {str(name): int(token) for name, token in map(_texts, turn.answers[2])} if under else {}
                for ticket in batch:
                    ticket.error = _judged(ticket, tokens)
                sealed = self._sealed(batch, _head(turn.answers[1]))
                if sealed:
                    self.server.commit(turn, *_insert([row for _, links in sealed for _, row in links]))
        except Lost as error:
            return self._looked_up(sealed, error, end)
        except (Said, RecordError):
            raise
        except BaseException:  # raised again: an interrupt must not make written entries look lost
            if sealed:
                self._looked_up(sealed, Lost("interrupted"), end)
            raise
        for ticket, links in sealed:
            ticket.entries = [entry for entry, _ in links]
        return ()

    def _looked_up(self, sealed: _Sealed, error: Lost, end: float) -> _Sealed:
        """Whether a commit whose answer was lost came through: behind the lock nobody is in the middle of it."""
        if not sealed:
            raise error
        last = sealed[-1][1][-1][0]
        try:
            with self.server.turn(_TURN, end=end) as turn:
                there = self._has(turn, (last.seq, last.hash))
        except (Said, Lost):
            for ticket, links in sealed:
                ticket.error = rows.InDoubt(self.server.explain(error), [entry for entry, _ in links])
            return ()
        if not there:
            return sealed
        for ticket, links in sealed:
            ticket.entries = [entry for entry, _ in links]
        return ()

    def _rows(self, incident: str | None, after: int) -> Iterator[Row]:
        where = "" if incident is None else "AND incident = $2"
        query = f"SELECT {rows.COLUMNS} FROM psfir.entries WHERE seq > $1 {where} ORDER BY seq LIMIT {_PAGE}"  # noqa: S608
        more = () if incident is None else (incident,)
        while True:
            (page,) = self.server.read((query, (after, *more)))
            for row in page:
                after = int(row[0] or 0)
                yield row
            if len(page) < _PAGE:
                return

    def _listening(self) -> Wire:
        wire = self.server.line()
        with self.server.explained():
            wire.ask((f"LISTEN {_CHANNEL}", ()), within=self.server.wait)
        return wire

    def _heard(self, wire: Wire, stop: Event) -> bool:
        """Wait for a notice, in slices so that `stop` is seen at once. False if the line is gone."""
        waited = 0.0
        try:
            while not stop.is_set() and waited < _UNHEARD and not wire.notified(_SLICE):
                waited += _SLICE
        except Lost:
            stop.wait(_SLICE)
            return False
        return True

    def _has(self, turn: Turn, place: Head) -> bool:
        return bool(self.server.ask(turn, ("SELECT 1 FROM psfir.entries WHERE seq = $1 AND hash = $2", place))[0])

    def _erasable(self, found: list[Row], seq: int) -> str:
        row = (*_texts(found[0])[:2], found[0][2] == b"1") if found else None
        return rows.erasable(row, seq, self.server.where)


def _judged(ticket: Ticket, tokens: dict[str, int]) -> Superseded | rows.BadDraft | None:
    """What is wrong with a ticket before it is sealed. libpq would cut a text at a NUL and say nothing."""
    if any("\0" in text for draft in ticket.drafts for text in (draft.incident, draft.actor, draft.channel)):
        return rows.BadDraft("an entry's heading holds a character that no text in PostgreSQL can hold")
    return superseded(tokens, ticket.under)


def _insert(page: Sequence[rows.Row]) -> list[Statement]:
    """The rows, many to a statement, and the word to those who follow."""
    found: list[Statement] = []
    width = rows.COLUMNS.count(",") + 1
    for start in range(0, len(page), _CHUNK):
        chunk = page[start : start + _CHUNK]
        places = (f"({', '.join(f'${i * width + n}' for n in range(1, width + 1))})" for i in range(len(chunk)))
        values: list[Value] = [value for row in chunk for value in row]
        found.append((f"INSERT INTO psfir.entries ({rows.COLUMNS}) VALUES {', '.join(places)}", values))  # noqa: S608
    return [*found, (f"NOTIFY {_CHANNEL}", ())] if found else found


def _head(found: Sequence[Row]) -> Head:
    return (int(found[0][0] or 0), (found[0][1] or b"").decode()) if found else (0, GENESIS)


def _texts(row: Row) -> tuple[str, ...]:
    return tuple((value or b"").decode() for value in row)


def _decoded(row: Row) -> rows.Row:
    seq, v, *texts = row
    return (int(seq or 0), int(v or 0), *(None if text is None else text.decode() for text in texts))
