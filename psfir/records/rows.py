"""Entries as rows of the table, and back. An entry's data is kept as the very bytes its digest was taken of."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from psfir.domain import canon
from psfir.domain.entries import GENESIS, VERSION, Draft, Entry, seal_bytes
from psfir.domain.kinds import CATALOGUE, Kind
from psfir.errors import RecordError, Refusal

if TYPE_CHECKING:  # where PostgreSQL is used, nobody needs to load it
    import sqlite3

COLUMNS = "seq, v, at, incident, actor, channel, kind, digest, prev, hash, data, salt"
_INSERT = f"INSERT INTO entries ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - our own columns
_SALT = 16
_LONG = 50_000

Row = Sequence[Any]
Link = tuple[Entry, Row]


class BadDraft(RecordError):
    """A draft with a number or a text that JSON readers would not agree on. Its neighbours are not affected."""


class InDoubt(RecordError):
    """The answer to a commit was lost, and nobody can be asked: these entries are in the record, or they are not."""

    def __init__(self, why: RecordError, entries: Sequence[Entry]) -> None:
        super().__init__(why.what, where=why.where, todo=why.todo)
        self.entries = list(entries)


class DamagedEntry(RecordError):
    """An entry whose stored bytes are not those that were sealed."""

    def __init__(self, what: str, *, seq: int, where: str) -> None:
        super().__init__(what, where=f"{where}, entry {seq}", todo="run: psfir audit verify")
        self.seq = seq


def head(con: sqlite3.Connection) -> tuple[int, str]:
    """The last seq and its hash."""
    row = con.execute("SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1").fetchone()
    return (row[0], row[1]) if row else (0, GENESIS)


def sealed(drafts: Sequence[Draft], after: tuple[int, str], salt: Callable[[int], bytes]) -> list[Entry]:
    """The drafts as links behind `after`."""
    return [entry for entry, _ in links(drafts, after, salt)]


def links(drafts: Sequence[Draft], after: tuple[int, str], salt: Callable[[int], bytes]) -> list[Link]:
    """The same, each with its row."""
    found = []
    seq, prev = after
    for draft in drafts:
        try:
            entry, raw = seal_bytes(draft, seq=seq + 1, prev=prev, salt=salt(_SALT).hex())
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise BadDraft(f"an entry of kind {draft.kind} cannot be recorded as it is: {error}") from error
        found.append((entry, _row(entry, raw)))
        seq, prev = entry.seq, entry.hash
    return found


def insert(con: sqlite3.Connection, sealed: Sequence[Link]) -> list[Entry]:
    """The entries, written."""
    keep(con, [row for _, row in sealed])
    return [entry for entry, _ in sealed]


def keep(con: sqlite3.Connection, page: Sequence[Row]) -> None:
    """Rows as they stand, written."""
    con.executemany(_INSERT, page)


def record_draft(now: str, incident: str, kind: Kind, data: dict[str, canon.Json]) -> Draft:
    """What the record says of itself. An entry about the whole record belongs to no incident."""
    return Draft(datetime.fromisoformat(now), incident, "trigger:record", "record", kind, data)


@lru_cache(maxsize=4)
def _long(text: str) -> Any:  # noqa: ANN401 - whatever an entry holds
    """A fleet's plan is half a megabyte, and read four times before the first rung. Nobody alters an entry's data."""
    return json.loads(text)


def absorbed(now: str, name: str, drafts: Sequence[Draft]) -> list[Draft]:
    """What the record says of a spool that is merged: one entry an incident."""
    counts: dict[str, int] = {}
    for draft in drafts:
        counts[draft.incident] = counts.get(draft.incident, 0) + 1
    return [
        record_draft(now, incident, Kind.ABSORBED, {"spool": name, "count": count})
        for incident, count in counts.items()
    ]


def absorbed_before(known: Sequence[Row], digest: str) -> bool:
    """Whether one of these (name, digest) is that very spool. Another one under its name is an error."""
    if any(row[1] == digest for row in known):
        return True
    if known:
        raise RecordError(f"another spool called {known[0][0]} was merged before", todo="give the file another name")
    return False


def erasable(row: Row | None, seq: int, where: str) -> str:
    """The incident of an entry (incident, kind, gone) whose data may be blanked; else a refusal that says why."""
    if row is None:
        raise Refusal(f"there is no entry {seq}", where=where)
    incident, kind, gone = row
    about = CATALOGUE.get(kind)
    if about is None or not about.erasable:
        todo = "only what people typed can be erased: " + ", ".join(k for k, a in CATALOGUE.items() if a.erasable)
        raise Refusal(f"entry {seq} is of kind {kind}, which stays readable", where=where, todo=todo)
    if gone:
        raise Refusal(f"entry {seq} was erased before", where=where)
    return str(incident)


def entry(row: Row, where: str) -> Entry:
    """An entry as it stands; whether it is what was sealed is for `examined` to say."""
    data, salt = row[-2:]
    try:
        read = None if data is None else _long(data) if len(data) > _LONG else json.loads(data)
    except ValueError as error:
        raise DamagedEntry("its data was altered: it cannot be read", seq=row[0], where=where) from error
    heading: Sequence[Any] = row[2:-2]
    return Entry(*(row[1], row[0], *heading, read, salt))


def examined(row: Row, where: str) -> Entry:
    """An entry from a row of raw bytes, if each field is of its kind and the data is canonical byte for byte."""
    seq, v, *texts = row
    if v != VERSION:
        raise DamagedEntry(f"its version is {v!r}, which no psfir writes", seq=seq, where=where)
    if not all(isinstance(text, bytes) for text in texts[:-2]):
        raise DamagedEntry("its heading was altered: a text is no text", seq=seq, where=where)
    try:
        found = entry((seq, v, *(text.decode() if isinstance(text, bytes) else text for text in texts)), where)
        same = found.data is None or canon.canonical(found.data) == texts[-2]
    except (UnicodeDecodeError, AttributeError, ValueError, TypeError, RecursionError) as error:
        raise DamagedEntry("it was altered: what is stored is no text", seq=seq, where=where) from error
    if not same:
        raise DamagedEntry("its data was altered: the bytes are not those that were sealed", seq=seq, where=where)
    return found


def _row(entry: Entry, raw: bytes) -> Row:
    texts = (entry.at, entry.incident, entry.actor, entry.channel, entry.kind, entry.digest, entry.prev, entry.hash)
    return (entry.seq, entry.v, *texts, raw.decode(), entry.salt)
