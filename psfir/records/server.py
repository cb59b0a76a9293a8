"""One PostgreSQL database shared by machines: its connections, how a writer waits, what its errors mean.

Nothing here knows what is kept in it. Each transaction sets its own limits, so that a pooler between us and the server
may hand every transaction to another connection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from typing import TypeVar

from psfir.contracts import Clock
from psfir.domain.values import frozen
from psfir.errors import RecordError
from psfir.records.address import Address
from psfir.records.grouped import WAIT
from psfir.records.wire import Lost, Row, Said, Statement, Wire

T = TypeVar("T")

OLDEST = 120000
_MIGRATE = "run: psfir store migrate"
_GRANTS = "psfir store grants prints what its role must be allowed"
_PAUSE = 0.1
_NEVER = Event()  # never set: waiting for it is a pause
_PAUSED_CLIENT = 2.0
"""Seconds after which the server ends the transaction of a process that was stopped in the middle of it."""

# What was told to be durable is on the disk, whatever the server's owner set as a default.
_LIMITS = """SELECT set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true),
set_config('idle_in_transaction_session_timeout', $3, true),
CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END"""

_SAYS = {
    "25006": ("may only be read: this server is a copy, or set to read only", "name the server that may be written to"),
    "42501": ("this login lacks a right", _GRANTS),
    "42P01": ("holds no psfir record", _MIGRATE),
    "3F000": ("holds no psfir record", _MIGRATE),
    "42883": ("is of an older psfir", _MIGRATE),
    "53100": ("the database server's disk is full", "free some space there"),
    "53200": ("the database server is out of memory", "look at the server"),
    "53300": ("has no connection left", "raise its max_connections, or put a pooler before it"),
    "55P03": ("another process has kept the record locked", "see who holds it: SELECT * FROM pg_locks"),
    "57014": ("gave no answer in time", "look at the server's load"),
    "57P01": ("is being shut down", "wait for the server, or see who stops it"),
    "57P03": ("is starting up or shutting down", "wait for the server"),
}
_WORDS = (
    ("password authentication failed", "the login was refused", "look at the name and the password in store:"),
    ("no pg_hba.conf entry", "does not let this machine in", "add it to the server's pg_hba.conf"),
    ("certificate", "its certificate cannot be trusted", "name the authority: sslrootcert=FILE in store:"),
    ("does not support SSL", "speaks no TLS, which store: asks for", "switch TLS on there, or say sslmode= otherwise"),
    ("does not exist", "there is no such database or role", "make it, then " + _MIGRATE),
    ("starting up", "is starting up", "wait for the server"),
    ("too many clients", "has no connection left", "raise its max_connections, or put a pooler before it"),
)


@frozen
class Turn:
    """An open transaction: its connection, what its first questions came to, and until when all of it must be over."""

    wire: Wire
    answers: list[list[Row]]
    end: float


class Server:
    """As many connections as are in use at once, each given back whole or closed. `close` leaves none open."""

    def __init__(self, address: Address, clock: Clock, *, wait: float = WAIT) -> None:
        self.address = address
        self.wait = wait
        self._clock = clock
        self._idle: list[Wire] = []
        self._closed = False
        self._met = False

    @property
    def where(self) -> str:
        return self.address.shown

    def explain(self, error: Said | Lost) -> RecordError:
        """The sentence a person needs, with the server's own words behind it."""
        if isinstance(error, Said):
            what, todo = _SAYS.get(error.code, ("cannot be read or written", ""))
            return RecordError(f"{what}: {error}", where=self.where, todo=todo)
        words = str(error)
        for sign, what, todo in _WORDS:
            if sign in words:
                return RecordError(f"{what}: {words}", where=self.where, todo=todo)
        return RecordError(f"cannot be reached: {words}", where=self.where, todo="see that the server is up")

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Errors of the server and of the line to it leave here as RecordError."""
        try:
            yield
        except (Said, Lost) as error:
            raise self.explain(error) from error

    def end(self) -> float:
        """Until when something that begins now has to be over."""
        return self._clock.elapsed() + self.wait

    def left(self, end: float) -> float:
        return end - self._clock.elapsed()

    def read(self, *statements: Statement) -> list[list[Row]]:
        """What they come to; on a line that turns out to be dead, once more on a new one."""
        with self.explained():
            return self._twice(lambda wire, end: wire.ask(*statements, within=self.left(end)), self.end())

    def write(self, *statements: Statement) -> list[list[Row]]:
        """All of them in one transaction and one round trip; only for what may as well be carried out twice."""
        with self.explained():
            begin, commit = self._limits(), ("COMMIT", ())

            def once(wire: Wire, end: float) -> list[list[Row]]:
                return wire.ask(*begin, *statements, commit, within=self.left(end))[len(begin) : -1]

            return self._twice(once, self.end())

    @contextmanager
    def turn(self, *first: Statement, end: float | None = None) -> Iterator[Turn]:
        """A transaction that has asked these. What leaves here unfinished is rolled back; errors leave unexplained."""
        until = self.end() if end is None else end
        begin = self._limits()
        wire = self._twice(lambda wire, end: self._opened(wire, [*begin, *first], end), until, keep=True)
        try:
            yield Turn(wire[0], wire[1][len(begin) :], until)
        finally:
            self._give_back(wire[0])

    def commit(self, turn: Turn, *last: Statement) -> list[list[Row]]:
        """The last statements and COMMIT, in one round trip."""
        return turn.wire.ask(*last, ("COMMIT", ()), within=self.left(turn.end))[:-1]

    def ask(self, turn: Turn, *statements: Statement) -> list[list[Row]]:
        return turn.wire.ask(*statements, within=self.left(turn.end))

    def line(self) -> Wire:
        """A connection for its caller alone, who closes it."""
        with self.explained():
            return self._connect(self.end())

    def close(self) -> None:
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def _opened(self, wire: Wire, statements: Sequence[Statement], end: float) -> tuple[Wire, list[list[Row]]]:
        return wire, wire.ask(*statements, within=self.left(end))

    def _twice(self, deed: Callable[[Wire, float], T], end: float, *, keep: bool = False) -> T:
        wire = self._spare()
        if wire is not None:
            try:
                return self._once(deed, wire, end, keep=keep)
            except Lost:
                # It may have been dead for long: nothing was committed that may not be done again.
                if self.left(end) <= 0:
                    raise
        return self._once(deed, self._connect(end), end, keep=keep)

    def _once(self, deed: Callable[[Wire, float], T], wire: Wire, end: float, *, keep: bool) -> T:
        done = False
        try:
            found = deed(wire, end)
            done = True
            return found
        finally:
            if not (keep and done):
                self._give_back(wire)

    def _spare(self) -> Wire | None:
        if self._closed:
            raise RecordError("the record was closed", where=self.where)
        while self._idle:
            try:
                wire = self._idle.pop()
            except IndexError:
                return None
            if wire.spare:
                return wire
            wire.close()
        return None

    def _connect(self, end: float) -> Wire:
        """A server that was there and is gone may be starting anew: that is waited for."""
        while True:
            try:
                wire = Wire(self.address, self._clock, within=self.left(end))
            except Lost:
                if not self._met or self.left(end) <= _PAUSE:
                    raise
                _NEVER.wait(_PAUSE)
            else:
                break
        if wire.version < OLDEST:
            wire.close()
            what = f"runs PostgreSQL {wire.version // 10000}; psfir needs {OLDEST // 10000} or newer"
            raise RecordError(what, where=self.where, todo="upgrade the server")
        self._met = True
        return wire

    def _give_back(self, wire: Wire) -> None:
        try:
            if wire.in_transaction:
                wire.ask(("ROLLBACK", ()), within=min(1.0, self.wait))
        except (Said, Lost):
            wire.close()
        if wire.spare and not self._closed:
            self._idle.append(wire)
        else:
            wire.close()

    def _limits(self) -> list[Statement]:
        lock, whole = int(self.wait * 800), int(self.wait * 1000)
        return [("BEGIN", ()), (_LIMITS, (lock, whole, int(_PAUSED_CLIENT * 1000)))]


def bad_draft(error: Said) -> bool:
    """Whether the server could not keep a value as text: another one of the same batch is not affected."""
    return error.code in {"22021", "22P05", "22001", "54000"}
