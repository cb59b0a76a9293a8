"""One SQLite file shared by threads and processes: how it is opened, how a writer waits, what its errors mean.

Nothing here knows what is kept in the file. A writer's wait is counted in pauses, not on a clock, so that neither a
clock that jumps nor a machine that slept takes a waiting writer's turn away.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from weakref import finalize

from psfir.errors import RecordError
from psfir.records.files import sync
from psfir.records.grouped import WAIT

_READER_WAIT = 5.0
_PAUSES = Event()  # never set: waiting for it is a pause

_SAYS = {
    sqlite3.SQLITE_BUSY: ("is locked by another process", "see who holds it: fuser {path}"),
    sqlite3.SQLITE_LOCKED: ("is locked by another part of this process", "try again"),
    sqlite3.SQLITE_READONLY: ("may only be read", "give the one who runs psfir write access to {path} and its folder"),
    sqlite3.SQLITE_IOERR: (
        "the disk did not do what it was asked to",
        "look at the disk, its quota and the system log",
    ),
    sqlite3.SQLITE_CORRUPT: ("is damaged", "run: psfir audit verify; then put a copy back"),
    sqlite3.SQLITE_FULL: ("the disk is full", "free some space"),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "look at the rights of {path} and its folder"),
    sqlite3.SQLITE_TOOBIG: ("one entry is too big for the record", "keep large things as evidence"),
    sqlite3.SQLITE_NOTADB: (
        "is not a psfir record: it is no database at all",
        "name another file, or move this one away",
    ),
}


def code_of(error: sqlite3.Error) -> int:
    """SQLite's primary error code; 0 when the error did not come from SQLite."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def explain(error: sqlite3.Error, path: Path) -> RecordError:
    """The sentence a person needs, with SQLite's own words behind it."""
    what, todo = _SAYS.get(code_of(error), ("cannot be read or written", ""))
    return RecordError(f"{what}: {error}", where=str(path), todo=todo.format(path=path))


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Errors of SQLite and of the file system leave here as RecordError."""
    try:
        yield
    except sqlite3.Error as error:
        raise explain(error, path) from error
    except OSError as error:
        raise RecordError(f"cannot be read or written: {error.strerror or error}", where=str(path)) from error


def make_file(path: Path) -> None:
    """The empty file, for its owner only, in a folder for its owner only. Only the last folder is made."""
    if path.exists():
        return
    if not path.parent.exists():
        if not path.parent.parent.is_dir():
            todo = "make the folder, or name another workspace"
            raise RecordError(f"the folder {path.parent.parent} does not exist", where=str(path), todo=todo)
        with suppress(FileExistsError):
            path.parent.mkdir(mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    sync(path.parent)


def connect(path: Path, *, timeout: float = _READER_WAIT) -> sqlite3.Connection:
    """One connection that any thread may use, one at a time. The file must be there."""
    uri = path.absolute().as_uri() + "?mode=rw"
    con = sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None, check_same_thread=False)
    con.execute("PRAGMA trusted_schema=OFF")
    return con


class Database:
    """One writing connection and as many reading ones as are in use at once; `close` leaves none open.

    The caller sees to it that only one thread writes at a time.
    """

    def __init__(
        self,
        path: Path,
        *,
        wait: float = WAIT,
        randomness: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.path = path
        self._wait = wait
        self._randomness = randomness
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        with explained(path):
            make_file(path)
            self.writer = connect(path)
        finalize(self, _shut, self.writer, self._idle)  # at the process's end too, where nobody has closed it

    def prepare(self, *, durable: bool) -> None:
        """Make it a file that is written to; not called before it is known to be one of ours."""
        # SQLite does not wait by itself here, and two processes may be making the file at once.
        self._patiently("PRAGMA journal_mode=WAL")
        self.writer.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        self.writer.execute("PRAGMA fullfsync=ON")  # on macOS a plain fsync does not reach the disk
        self.writer.execute("PRAGMA secure_delete=ON")  # what was erased is overwritten, not only unlinked
        self.writer.execute("PRAGMA busy_timeout=0")  # SQLite's own waiting favours newcomers

    def begin(self) -> sqlite3.Connection:
        """The writing connection, alone among all processes until COMMIT or `roll_back`."""
        if self._closed:
            raise RecordError("the record was closed", where=str(self.path))
        try:
            self._patiently("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise explain(error, self.path) from error
        return self.writer

    def _patiently(self, statement: str) -> None:
        waited = 0.0
        while True:
            try:
                self.writer.execute(statement)
            except sqlite3.OperationalError as error:
                if code_of(error) != sqlite3.SQLITE_BUSY:
                    raise
                if waited >= self._wait:
                    what = f"another process has kept the record locked for {self._wait:g} s"
                    todo = f"see who holds it: fuser {self.path}"
                    raise RecordError(what, where=str(self.path), todo=todo) from error
            else:
                return
            # Short pauses of chance length that never grow: whoever waits longest has had the most draws.
            pause = 0.001 + self._randomness(1)[0] / 64_000
            _PAUSES.wait(pause)
            waited += pause

    @property
    def in_transaction(self) -> bool:
        return not self._closed and self.writer.in_transaction

    def roll_back(self) -> None:
        """Give up what was begun; after some errors SQLite has done so already."""
        if self.in_transaction:
            with suppress(sqlite3.Error):
                self.writer.execute("ROLLBACK")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is written inside, or nothing of it."""
        try:
            con = self.begin()
            with explained(self.path):
                yield con
                con.execute("COMMIT")
        finally:
            self.roll_back()

    @contextmanager
    def reader(self) -> Iterator[sqlite3.Connection]:
        """A connection for reading; give it back before waiting for anything."""
        if self._closed:
            raise RecordError("the record was closed", where=str(self.path))
        with explained(self.path):
            try:
                con = self._idle.pop()
            except IndexError:
                con = connect(self.path)
            try:
                yield con
            finally:
                self._idle.append(con)
                if self._closed:
                    self._close_idle()

    def now(self) -> str:
        """The store's own clock stamps what the store itself writes."""
        with self.reader() as con:
            return str(con.execute("SELECT strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')").fetchone()[0])

    def empty_log(self) -> None:
        """Leave nothing in the log beside the file. A reader at work delays that to the log's next emptying."""
        with explained(self.path):
            self.writer.execute(f"PRAGMA busy_timeout={int(_READER_WAIT * 1000)}")
            self.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self.writer.execute("PRAGMA busy_timeout=0")

    def close(self) -> None:
        self._closed = True
        _shut(self.writer, self._idle)

    def _close_idle(self) -> None:
        _shut_idle(self._idle)


def _shut(writer: sqlite3.Connection, idle: list[sqlite3.Connection]) -> None:
    """The last one that shuts a file moves what its log holds into it."""
    _shut_idle(idle)
    writer.close()


def _shut_idle(idle: list[sqlite3.Connection]) -> None:
    while idle:
        with suppress(IndexError):
            idle.pop().close()
