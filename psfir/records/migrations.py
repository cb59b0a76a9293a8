"""The formats of the record's file, and the one way from an older to a newer one: forward, with a copy kept.

A migration is one transaction. Killed anywhere in it, the file is still of the old format, and whoever opens it next
starts again. No entry is ever rewritten: a format is how entries are kept, never what they say.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from psfir.domain.canon import Json
from psfir.domain.entries import Draft
from psfir.domain.kinds import CATALOGUE, Kind
from psfir.errors import RecordError
from psfir.records.database import Database, connect, explained
from psfir.records.files import sync
from psfir.records.grouped import WAIT
from psfir.records.rows import head, insert, links, record_draft

FORMAT = 3
APPLICATION = 0x70736672  # "psfr": tells a psfir record from any other SQLite file

_FORMAT_1 = """
CREATE TABLE entries (
    seq INTEGER PRIMARY KEY,
    v INTEGER NOT NULL,
    at TEXT NOT NULL,
    incident TEXT NOT NULL,
    actor TEXT NOT NULL,
    channel TEXT NOT NULL,
    kind TEXT NOT NULL,
    digest TEXT NOT NULL,
    prev TEXT NOT NULL,
    hash TEXT NOT NULL,
    data TEXT,
    salt TEXT
)"""

_KEPT = ("seq", "v", "at", "incident", "actor", "channel", "kind", "digest", "prev", "hash")
_CHANGED = " OR ".join(f"new.{name} IS NOT old.{name}" for name in _KEPT)
_ERASABLE = ", ".join(f"'{kind.value}'" for kind, about in CATALOGUE.items() if about.erasable)

# The triggers are a rail, not a wall: whoever may write the file may drop them. What was altered, the chain shows.
_FORMAT_2 = (
    "CREATE INDEX entries_of_incident ON entries (incident, seq)",
    "CREATE TABLE absorbed (name TEXT PRIMARY KEY, digest TEXT NOT NULL, count INTEGER NOT NULL)",
    "CREATE TABLE leases (name TEXT PRIMARY KEY, owner TEXT NOT NULL, boot TEXT NOT NULL, renewed REAL NOT NULL)",
    """CREATE TRIGGER entries_are_not_deleted BEFORE DELETE ON entries
    BEGIN SELECT RAISE(ABORT, 'an entry is never deleted'); END""",
    f"""CREATE TRIGGER entries_are_not_changed BEFORE UPDATE ON entries
    WHEN {_CHANGED} OR old.kind NOT IN ({_ERASABLE}) OR new.data IS NOT NULL OR new.salt IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'an entry is never changed: only what people typed can be erased'); END""",
    # INSERT OR REPLACE would be a way to change an entry.
    """CREATE TRIGGER entries_follow_one_another BEFORE INSERT ON entries
    WHEN new.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entries)
    BEGIN SELECT RAISE(ABORT, 'an entry stands behind the last one'); END""",
)

# Tokens rise for ever, also over leases that were given back, so their count stands by itself.
_FORMAT_3 = (
    "ALTER TABLE leases ADD COLUMN token INTEGER NOT NULL DEFAULT 0",
    "CREATE TABLE fence (last INTEGER NOT NULL)",
    "INSERT INTO fence VALUES (0)",
)

STEPS: dict[int, tuple[str, ...]] = {0: (_FORMAT_1,), 1: _FORMAT_2, 2: _FORMAT_3}
"""From each format to the next. A file of format 0 is empty."""


def open_record(
    path: Path, *, durable: bool = True, wait: float = WAIT, randomness: Callable[[int], bytes] = os.urandom
) -> Database:
    """The record's file in today's format: an empty one is laid out, an older one migrated, any other refused."""
    database = Database(path, wait=wait, randomness=randomness)
    try:
        with explained(path):
            found = _format(database)
            database.prepare(durable=durable)
            if found != FORMAT:
                _bring_up(database, randomness)
    except BaseException:  # raised again: nothing is left open
        database.close()
        raise
    return database


def format_of(path: Path) -> int:
    """Which format the file is of before anybody brings it up; 0 where there is none."""
    if not path.exists():
        return 0
    with explained(path), closing(connect(path)) as con:
        return _marks(con)[1]


def _bring_up(database: Database, randomness: Callable[[int], bytes]) -> None:
    with database.transaction() as con:
        found = _format(database)  # another process may have been quicker
        if found == FORMAT:
            return
        copy = _keep_copy(database, found) if found else None
        for step in range(found, FORMAT):
            for statement in STEPS[step]:
                con.execute(statement)
        con.execute(f"PRAGMA application_id={APPLICATION}")
        con.execute(f"PRAGMA user_version={FORMAT}")
        if copy is not None:
            insert(con, links([_entry(database, found, copy)], head(con), randomness))


def _format(database: Database) -> int:
    where = str(database.path)
    application, found, anything = _marks(database.writer)
    if application != APPLICATION and (application or found or anything):
        raise RecordError("is a database, but not a psfir record", where=where, todo="name another file")
    if found > FORMAT:
        what = f"was written by a newer psfir (format {found}; this one knows up to {FORMAT})"
        raise RecordError(what, where=where, todo="upgrade psfir")
    return found


def _marks(con: sqlite3.Connection) -> tuple[int, int, bool]:
    """Whose the file is, its format, whether it holds anything: all of one moment, though others may lay it out."""
    alone = not con.in_transaction
    if alone:
        con.execute("BEGIN")
    try:
        anything = con.execute("SELECT 1 FROM sqlite_master").fetchone() is not None
        application = int(con.execute("PRAGMA application_id").fetchone()[0])
        return application, int(con.execute("PRAGMA user_version").fetchone()[0]), anything
    finally:
        if alone:
            con.execute("COMMIT")


def _keep_copy(database: Database, found: int) -> Path:
    """A whole copy under its final name, or none: nobody can write while it is made, the lock is held."""
    stamp = database.now().replace("-", "").replace(":", "").replace(".", "")[:15]
    copy = database.path.with_name(f"{database.path.name}.v{found}-{stamp}Z.bak")
    unfinished = copy.with_name(f"{copy.name}.{os.getpid()}.unfinished")
    os.close(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600))
    try:
        source, target = connect(database.path), connect(unfinished)
        try:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")  # one file, readable from a read-only place too
        finally:
            source.close()
            target.close()
        sync(unfinished)
        unfinished.rename(copy)
        sync(copy.parent)
    except BaseException:  # raised again: nothing half-written is left behind
        unfinished.unlink(missing_ok=True)
        raise
    return copy


def _entry(database: Database, found: int, copy: Path) -> Draft:
    data: dict[str, Json] = {"from": found, "to": FORMAT, "copy": copy.name}
    return record_draft(database.now(), "", Kind.MIGRATED, data)
