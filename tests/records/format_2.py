"""Builds a record of format 2 as an older psfir left it: its rails, what it had merged, and leases without a token."""

import sqlite3
from contextlib import closing
from pathlib import Path

from psfir.domain.entries import Draft, Entry
from psfir.records import rows
from tests.records import format_1

LATER = (
    "CREATE INDEX entries_of_incident ON entries (incident, seq)",
    "CREATE TABLE absorbed (name TEXT PRIMARY KEY, digest TEXT NOT NULL, count INTEGER NOT NULL)",
    "CREATE TABLE leases (name TEXT PRIMARY KEY, owner TEXT NOT NULL, boot TEXT NOT NULL, renewed REAL NOT NULL)",
    "CREATE TRIGGER entries_are_not_deleted BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'never'); END",
    "CREATE TRIGGER entries_are_not_changed BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'never'); END",
    """CREATE TRIGGER entries_follow_one_another BEFORE INSERT ON entries
    WHEN new.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entries) BEGIN SELECT RAISE(ABORT, 'behind'); END""",
    "PRAGMA user_version=2",
)


def build(path: Path, drafts: list[Draft], *, lease: tuple[str, str, str, float]) -> list[Entry]:
    """The file, with these entries and one lease (name, owner, boot, renewed) in it."""
    format_1.build(path, [])
    with closing(sqlite3.connect(path, isolation_level=None)) as con:
        for statement in LATER:
            con.execute(statement)
        con.execute("INSERT INTO leases VALUES (?, ?, ?, ?)", lease)
        return rows.insert(con, rows.links(drafts, rows.head(con), bytes))
