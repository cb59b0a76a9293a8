"""Builds a record of format 1 as an older psfir left it: one plain table, no index, no triggers, nothing beside it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from psfir.domain.entries import Draft, Entry
from psfir.records import rows

TABLE = """
CREATE TABLE entries (
    seq INTEGER PRIMARY KEY, v INTEGER NOT NULL, at TEXT NOT NULL, incident TEXT NOT NULL, actor TEXT NOT NULL,
    channel TEXT NOT NULL, kind TEXT NOT NULL, digest TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL,
    data TEXT, salt TEXT
)"""


def build(path: Path, drafts: list[Draft]) -> list[Entry]:
    """The file, with these entries in it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as con:
        con.execute("PRAGMA journal_mode=WAL")
        con.execute(TABLE)
        con.execute("PRAGMA application_id=0x70736672")
        con.execute("PRAGMA user_version=1")
        return rows.insert(con, rows.links(drafts, rows.head(con), bytes))


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as con:
        return int(con.execute("PRAGMA user_version").fetchone()[0])
