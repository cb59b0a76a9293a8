"""One message to many: which copy goes to whom, and what became of each, durable before and after it is sent.

The list is personal data, so it lies beside the record and not in it: the journal has its digest and the counts. A copy
is marked before it is handed over, in the same write that notes what became of the one before: after a crash of the
process exactly the marked one is unknown, and every other is known to have gone out or not.
People are told of copies by their line of the list, never by address.

Only each `AHEAD`th of these writes waits for the disk; it says beforehand which copies may be begun until the next that
does. A write that has not reached the disk outlives the process, and not the machine: so where the machine has stopped
meanwhile, by its boot id, all that were said beforehand are unknown. Nothing is ever handed over that was not.
"""

from __future__ import annotations

import json
import sqlite3
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import field
from pathlib import Path

from psfir.domain import canon
from psfir.domain.message import Delivery, Result
from psfir.domain.values import frozen
from psfir.errors import RecordError, Refusal
from psfir.records.database import Database, explained

PENDING, MARKED, SENDING, LATER = "pending", "marked", "sending", "later"
AHEAD = 20
"""So many copies, and one more on its way, a person may have to look for after the machine has stopped."""

_BATCH = 1000
_WAITING = f"state IN ('{PENDING}', '{LATER}')"
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    """CREATE TABLE IF NOT EXISTS copies (
        number INTEGER PRIMARY KEY, line INTEGER NOT NULL, key TEXT NOT NULL UNIQUE, address TEXT NOT NULL,
        fills TEXT NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL, after REAL NOT NULL, says TEXT NOT NULL,
        receipt TEXT NOT NULL
    ) STRICT""",
    f"CREATE INDEX IF NOT EXISTS waiting ON copies (state, number) WHERE {_WAITING}",
)
_ROW = "SELECT number, line, key, address, fills, state, tries, says FROM copies"
_NEXT = f"{_ROW} WHERE {_WAITING} AND state = ? AND after <= ? ORDER BY number LIMIT ?"
_THESE = f"{_ROW} WHERE state IN (?, ?) AND number > ? ORDER BY number LIMIT ?"


@frozen
class Copy:
    """One recipient's. `key` is the same for each try of it, and no other's."""

    number: int
    line: int
    key: str
    address: str
    fills: Mapping[str, str] = field(default_factory=dict)
    state: str = PENDING
    tries: int = 0
    says: str = ""


class Outbox:
    """The copies of one message over one channel."""

    def __init__(self, path: Path, *, boot: str = "") -> None:
        """`boot` is the machine's boot id; without one each copy waits for the disk."""
        self._database = Database(path)
        self._boot = "" if boot == "unknown" else boot
        self._marked: deque[Copy] = deque()
        self._synced = True
        with explained(path):
            self._database.prepare(durable=True)
            with self._database.transaction() as con:
                for statement in _SCHEMA:
                    con.execute(statement)
                self._recover(con)

    def lay(self, recipients: Iterable[tuple[int, str, Mapping[str, str]]], *, message: str, listed: str) -> int:
        """Put the whole list in, once: line, address, what fills the text. How many copies there are.

        Another list for the same message is refused, and if reading it fails nothing is put in.
        """
        with self._transaction(synced=True) as con:
            before = dict(con.execute("SELECT name, value FROM about WHERE name <> 'boot'"))
            if before and before != {"message": message, "list": listed}:
                raise Refusal(
                    "the list has changed since sending began",
                    where=str(self._database.path),
                    todo="put the list back as it was, or draft a message for the others",
                )
            if not before:
                con.executemany("INSERT INTO about VALUES (?, ?)", [("message", message), ("list", listed)])
                for line, address, fills in recipients:
                    key = _key(message, address)
                    written = json.dumps(fills, ensure_ascii=False) if fills else ""
                    con.execute(
                        "INSERT INTO copies (line, key, address, fills, state, tries, after, says, receipt) "
                        "VALUES (?, ?, ?, ?, ?, 0, 0, '', '') ON CONFLICT (key) DO NOTHING",
                        (line, key, address, written, PENDING),
                    )
            return int(con.execute("SELECT count(*) FROM copies").fetchone()[0])

    def begin(self, now: float, *, done: tuple[Copy, Delivery] | None = None) -> Copy | None:
        """The next copy that may be sent, marked; and, in the same write, what became of the one before."""
        while self._marked:
            copy = self._marked.popleft()
            with self._transaction(synced=False) as con:
                if done:
                    _note(con, *done, now=now)
                if _begun(con, copy, MARKED):
                    return copy
            done = None  # and somebody else has taken over this copy
        with self._transaction(synced=True) as con:
            if done:
                _note(con, *done, now=now)
            ahead = AHEAD if self._boot else 1
            rows = (
                con.execute(_NEXT, (PENDING, now, ahead)).fetchall() or con.execute(_NEXT, (LATER, now, 1)).fetchall()
            )
            copies = [_copy(row) for row in rows]
            if not copies:
                return None
            first, *others = copies
            _begun(con, first, first.state)
            con.execute("INSERT OR REPLACE INTO about VALUES ('boot', ?)", (self._boot,))
            con.executemany("UPDATE copies SET state = ? WHERE number = ?", [(MARKED, one.number) for one in others])
        self._marked.extend(others)
        return first

    def give_back(self) -> None:
        """Whoever ends before the list does leaves what was marked ahead as it was."""
        if self._marked:
            with self._transaction(synced=True) as con:
                back = [(PENDING, copy.number, MARKED) for copy in self._marked]
                con.executemany("UPDATE copies SET state = ? WHERE number = ? AND state = ?", back)
            self._marked.clear()

    def _recover(self, con: sqlite3.Connection) -> None:
        """Those that were marked and never begun: as they were, if nothing that was written can have been lost."""
        found = con.execute("SELECT value FROM about WHERE name = 'boot'").fetchone()
        same = bool(found and self._boot and found[0] == self._boot)
        says = "" if same else "the machine stopped while it was about to be sent"
        con.execute(
            "UPDATE copies SET state = ?, says = ? WHERE state = ?",
            (PENDING if same else Result.UNKNOWN.value, says, MARKED),
        )

    @contextmanager
    def _transaction(self, *, synced: bool) -> Iterator[sqlite3.Connection]:
        """A write that waits for the disk, with all those before it, or one that does not."""
        if synced is not self._synced:
            self._database.writer.execute(f"PRAGMA synchronous={'FULL' if synced else 'NORMAL'}")
            self._synced = synced
        with self._database.transaction() as con:
            yield con

    def settle(self, copy: Copy, delivery: Delivery, now: float) -> None:
        """What became of one copy."""
        with self._transaction(synced=True) as con:
            _note(con, copy, delivery, now=now)

    def unknown(self) -> Iterator[Copy]:
        """Copies that may have gone out: marked and never settled, or told to be so."""
        return self._in(SENDING, Result.UNKNOWN.value)

    def refused(self) -> Iterator[Copy]:
        """Copies that nobody will take: whom they were for has none."""
        return self._in(Result.REFUSED.value, Result.REFUSED.value)

    def _in(self, state: str, other: str) -> Iterator[Copy]:
        last = 0
        while True:
            with self._database.reader() as con:
                rows = con.execute(_THESE, (state, other, last, _BATCH)).fetchall()
            yield from map(_copy, rows)
            if not rows:
                return
            last = rows[-1][0]

    def next_at(self) -> float | None:
        """When the earliest copy that was put off may be tried again; None if none was."""
        with self._database.reader() as con:
            found = con.execute("SELECT min(after) FROM copies WHERE state = ?", (LATER,)).fetchone()[0]
        return None if found is None else float(found)

    def receipt(self, address: str) -> str:
        """The other side's own name for the copy that this address got, '' if none is known to have gone out."""
        with self._database.reader() as con:
            message = con.execute("SELECT value FROM about WHERE name = 'message'").fetchone()
            key = _key(message[0], address) if message else ""
            found = con.execute("SELECT receipt FROM copies WHERE key = ? AND state = ?", (key, Result.SENT.value))
            return next((str(row[0]) for row in found), "")

    def counts(self) -> dict[str, int]:
        """How many copies are in which state; a marked one is unknown to whoever did not mark it."""
        with self._database.reader() as con:
            found = dict(con.execute("SELECT state, count(*) FROM copies GROUP BY state"))
        ahead = found.pop(MARKED, 0)
        if ahead:  # said to be next, and begun by nobody
            found[PENDING] = found.get(PENDING, 0) + ahead
        marked = found.pop(SENDING, 0)
        if marked:
            found[Result.UNKNOWN.value] = found.get(Result.UNKNOWN.value, 0) + marked
        return found

    def again(self) -> int:
        """Copies that were surely not taken, or given up, are to go once more; how many."""
        with self._transaction(synced=True) as con:
            done = con.execute(
                "UPDATE copies SET state = ?, tries = 0, after = 0 WHERE state = ?", (PENDING, Result.FAILED.value)
            )
            return done.rowcount

    def decide(self, *, sent: bool, says: str, lines: Collection[int] = ()) -> tuple[int, ...]:
        """What a person found out of unknown copies, all or those on these lines; the lines it was said of.

        What did not go out is to go again.
        """
        state = Result.SENT.value if sent else PENDING
        decided = [copy for copy in self.unknown() if not lines or copy.line in lines]
        with self._transaction(synced=True) as con:
            con.executemany(
                "UPDATE copies SET state = ?, tries = 0, after = 0, says = ? WHERE number = ?",
                [(state, says, copy.number) for copy in decided],
            )
        return tuple(copy.line for copy in decided)

    def close(self) -> None:
        self._database.close()


def _key(message: str, address: str) -> str:
    return canon.digest([message, address])[7:39]


def _copy(row: tuple[int, int, str, str, str, str, int, str]) -> Copy:
    number, line, key, address, fills, state, tries, says = row
    return Copy(number, line, key, address, json.loads(fills) if fills else {}, state, tries, says)


def _begun(con: sqlite3.Connection, copy: Copy, state: str) -> bool:
    """Marked as being handed over; False if it is no longer in that state."""
    marked = con.execute(
        "UPDATE copies SET state = ?, tries = tries + 1 WHERE number = ? AND state = ?", (SENDING, copy.number, state)
    )
    return marked.rowcount == 1


def _note(con: sqlite3.Connection, copy: Copy, delivery: Delivery, *, now: float) -> None:
    again = delivery.result is Result.FAILED and delivery.again
    state = LATER if again else delivery.result.value
    con.execute(
        "UPDATE copies SET state = ?, after = ?, says = ?, receipt = ? WHERE number = ?",
        (state, now + (delivery.after or 0.0) if again else 0.0, delivery.says, delivery.receipt, copy.number),
    )


def erase(path: Path) -> bool:
    """The list is gone, with what SQLite kept beside it; False where there was none."""
    there = path.exists()
    try:
        for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
            with suppress(FileNotFoundError):
                name.unlink()
    except OSError as error:
        raise RecordError(f"cannot be erased: {error.strerror}", where=str(path)) from error
    return there
