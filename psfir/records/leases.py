"""Who is at work on what, for all processes that share one record. A dead worker's lease frees itself.

Liveness is counted on the boot-time clock, which no wall-clock jump moves. A lease of another boot, or of a clock that
cannot be compared with ours, belongs to nobody alive.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from psfir.contracts import Clock
from psfir.records.database import Database
from psfir.records.grouped import WAIT
from psfir.records.migrations import open_record

_TAKE = (
    "INSERT INTO leases (name, owner, token, boot, renewed) VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE "
    "SET owner = excluded.owner, token = excluded.token, boot = excluded.boot, renewed = excluded.renewed"
)

_RENEW = "UPDATE leases SET boot = ?, renewed = ? WHERE name = ? AND owner = ?"


class SqliteLeases:
    """Leases in the record's own file. The file is opened with the first question, not before."""

    def __init__(self, path: Path, *, clock: Clock, wait: float = WAIT) -> None:
        self._path = path
        self._clock = clock
        self._wait = wait
        self._lock = Lock()
        self._opened: Database | None = None

    def acquire(self, name: str, owner: str, *, ttl: float) -> int | None:
        return self.acquire_all([name], owner, ttl=ttl).get(name)

    def acquire_all(self, names: Sequence[str], owner: str, *, ttl: float) -> dict[str, int]:
        with self._lock, self._database().transaction() as con:
            ours = {name: self._token(con, name, owner) for name in names if self._free(con, name, owner, ttl)}
            now = (self._clock.boot_id(), self._clock.elapsed())
            con.executemany(_TAKE, [(name, owner, token, *now) for name, token in ours.items()])
            return ours

    def renew(self, name: str, owner: str) -> bool:
        return name in self.renew_all([name], owner)

    def renew_all(self, names: Sequence[str], owner: str) -> frozenset[str]:
        with self._lock, self._database().transaction() as con:
            now = (self._clock.boot_id(), self._clock.elapsed())
            return frozenset(name for name in names if con.execute(_RENEW, (*now, name, owner)).rowcount == 1)

    def release(self, name: str, owner: str) -> None:
        self.release_all([name], owner)

    def release_all(self, names: Sequence[str], owner: str) -> None:
        with self._lock, self._database().transaction() as con:
            con.executemany("DELETE FROM leases WHERE name = ? AND owner = ?", [(name, owner) for name in names])

    def holder(self, name: str, *, ttl: float) -> str | None:
        with self._lock:
            database = self._database()
        with database.reader() as con:
            return self._alive(con, name, ttl)

    def close(self) -> None:
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _free(self, con: sqlite3.Connection, name: str, owner: str, ttl: float) -> bool:
        return self._alive(con, name, ttl) in {None, owner}

    def _token(self, con: sqlite3.Connection, name: str, owner: str) -> int:
        """Whoever held it last keeps the token; anybody else gets one higher than all before."""
        row = con.execute(
            "SELECT token FROM leases WHERE name = ? AND owner = ? AND token > 0", (name, owner)
        ).fetchone()
        if row is None:
            con.execute("UPDATE fence SET last = last + 1")
            row = con.execute("SELECT last FROM fence").fetchone()
        return int(row[0])

    def _alive(self, con: sqlite3.Connection, name: str, ttl: float) -> str | None:
        row = con.execute("SELECT owner, boot, renewed FROM leases WHERE name = ?", (name,)).fetchone()
        if row is None or row[1] != self._clock.boot_id():
            return None
        return str(row[0]) if 0 <= self._clock.elapsed() - row[2] <= ttl else None

    def _database(self) -> Database:
        if self._opened is None:
            # A lease need not outlive a power cut, which ends its holder too: no sync.
            self._opened = open_record(self._path, durable=False, wait=self._wait)
        return self._opened
