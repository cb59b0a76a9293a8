"""One connection to PostgreSQL on which nothing waits longer than it was given: a frozen server holds nobody up.

It stands on psycopg's door to libpq rather than on its cursors, which wait for an answer without an end. All
statements of one question travel together, so that a transaction costs as few round trips as it can.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Sequence
from threading import Thread

from psycopg import Error, pq

from psfir.contracts import Clock
from psfir.records.address import Address

Row = tuple[bytes | None, ...]
Value = str | int | None
Statement = tuple[str, Sequence[Value]]

_WANTS = {pq.PollingStatus.READING: select.POLLIN, pq.PollingStatus.WRITING: select.POLLOUT}
_DEAD = 0.05
_PROGRAM = b"psfir"


class Said(Exception):
    """The server refused a statement."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Lost(Exception):
    """There is no connection any more: the server cannot be reached, gave no answer in time, or hung up."""


class Wire:
    """For one thread at a time. After Lost it is of no use; `spare` says whether it can be used again."""

    def __init__(self, address: Address, clock: Clock, *, within: float) -> None:
        self._address = address
        self._clock = clock
        end = clock.elapsed() + within
        self._con = self._connected(end)
        self._con.nonblocking = 1
        self._con.enter_pipeline_mode()

    @property
    def encrypted(self) -> bool:
        return bool(self._con.ssl_in_use)

    @property
    def local(self) -> bool:
        """Whether it leaves this machine: a socket in a folder, or the loopback."""
        at = self._con.hostaddr.decode()
        return not at or at.startswith("127.") or at == "::1"

    @property
    def version(self) -> int:
        """The server's, as 150018."""
        return int(self._con.server_version)

    @property
    def spare(self) -> bool:
        """Whether it is whole and outside of any transaction."""
        return (
            self._con.status == pq.ConnStatus.OK
            and self._con.transaction_status == pq.TransactionStatus.IDLE
            and not self._hung_up()
        )

    @property
    def in_transaction(self) -> bool:
        return self._con.transaction_status in {pq.TransactionStatus.INTRANS, pq.TransactionStatus.INERROR}

    def ask(self, *statements: Statement, within: float) -> list[list[Row]]:
        """The rows of each. Said at the first that the server refuses, and those behind it were not carried out."""
        end = self._clock.elapsed() + within
        try:
            for text, values in statements:
                self._con.send_query_params(text.encode(), [_raw(value) for value in values])
            self._con.pipeline_sync()
            self._flush(end)
            return self._answers(end)
        except Error as error:
            raise self._gone(str(error)) from error

    def notified(self, within: float) -> bool:
        """Wait until the server has something to tell, at most so long; whether it has."""
        try:
            if self._ready(select.POLLIN, within):
                self._con.consume_input()
            heard = False
            while self._con.notifies() is not None:
                heard = True
            return heard
        except Error as error:
            raise self._gone(str(error)) from error

    def close(self) -> None:
        self._con.finish()

    def _connected(self, end: float) -> pq.abc.PGconn:
        con = pq.PGconn.connect_start(_conninfo(self._address, lambda: end - self._clock.elapsed()))
        try:
            found = pq.PollingStatus.FAILED if con.status == pq.ConnStatus.BAD else pq.PollingStatus.WRITING
            while found in _WANTS and _polled(con.socket, _WANTS[found], end - self._clock.elapsed()):
                found = pq.PollingStatus(con.connect_poll())
            words = self._words(con) if found == pq.PollingStatus.FAILED else "no answer"
        except BaseException:  # raised again: nothing is left open
            con.finish()
            raise
        if found != pq.PollingStatus.OK:
            con.finish()
            raise Lost(words)
        return con

    def _answers(self, end: float) -> list[list[Row]]:
        found: list[list[Row]] = []
        refused: Said | None = None
        while True:
            result = self._result(end)
            if result is None:
                continue
            if result.status == pq.ExecStatus.PIPELINE_SYNC:
                break
            if result.status == pq.ExecStatus.FATAL_ERROR:
                refused = refused or self._refusal(result)
            else:
                found.append(_rows(result))
        if refused is not None:
            raise refused
        return found

    def _result(self, end: float) -> pq.abc.PGresult | None:
        while self._con.is_busy():
            if not self._ready(select.POLLIN, end - self._clock.elapsed()):
                raise self._gone("no answer")
            self._con.consume_input()
        result = self._con.get_result()
        if result is None and self._con.status == pq.ConnStatus.BAD:
            raise self._gone(self._words(self._con))
        return result

    def _refusal(self, result: pq.abc.PGresult) -> Said:
        code = (result.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode()
        text = (result.error_field(pq.DiagnosticField.MESSAGE_PRIMARY) or result.error_message).decode(errors="replace")
        if not code or self._con.status == pq.ConnStatus.BAD:
            raise self._gone(text)
        return Said(code, self._address.clean(text.strip()))

    def _flush(self, end: float) -> None:
        """What is sent may be more than the line takes at once, and the server may be telling something meanwhile."""
        while self._con.flush():
            if not self._ready(select.POLLIN | select.POLLOUT, end - self._clock.elapsed()):
                raise self._gone("no answer")
            self._con.consume_input()

    def _ready(self, events: int, within: float) -> bool:
        return _polled(self._con.socket, events, within)

    def _hung_up(self) -> bool:
        """Whether the server said goodbye while nobody looked: better known before something is sent."""
        try:
            if self._ready(select.POLLIN, 0):
                self._con.consume_input()
                return bool(self._con.status == pq.ConnStatus.BAD)
        except Error:
            return True
        return False

    def _gone(self, why: str) -> Lost:
        why = self._address.clean(why.strip()) or "the connection was closed"
        self._con.finish()
        return Lost(why)

    def _words(self, con: pq.abc.PGconn) -> str:
        """The last line is what the last address tried came to, and says the most."""
        lines = [line.strip() for line in con.error_message.decode(errors="replace").splitlines() if line.strip()]
        return self._address.clean(" ".join(lines)) or "the connection was closed"


def _conninfo(address: Address, left: Callable[[], float]) -> bytes:
    """The address, each host with what its name stands for: libpq would look names up for as long as that takes."""
    try:
        options = {o.keyword: o.val for o in pq.Conninfo.parse(address.url.encode()) if o.val is not None}
    except Error as error:
        raise Lost(address.clean(str(error).strip())) from error
    options.setdefault(b"application_name", _PROGRAM)
    options[b"client_encoding"] = b"UTF8"
    hosts = (options.get(b"host") or b"").decode().split(",")
    ports = (options.get(b"port") or b"").decode().split(",")
    if b"hostaddr" not in options and any(host and not host.startswith("/") for host in hosts):
        found = []
        for index, host in enumerate(hosts):
            port = ports[index] if len(ports) > 1 else ports[0]
            found += [(host, at, port) for at in _addresses(host, left())]
        for key, column in ((b"host", 0), (b"hostaddr", 1), (b"port", 2)):
            options[key] = ",".join(each[column] for each in found).encode()
    return b" ".join(key + b"='" + _quoted(value) + b"'" for key, value in options.items())


def _addresses(host: str, within: float) -> list[str]:
    if not host or host.startswith("/"):
        return [""]
    found: list[str] = []
    failed: list[OSError] = []

    def look() -> None:
        try:
            answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except OSError as error:
            failed.append(error)
        else:
            found.extend(dict.fromkeys(str(answer[4][0]) for answer in answers))

    # No lookup can be told how long it may take; a thread of its own can be left behind.
    looking = Thread(target=look, name="psfir name lookup", daemon=True)
    looking.start()
    looking.join(max(within, _DEAD))
    if not found:
        raise Lost(f"{host} cannot be found: {failed[0].strerror if failed else 'no answer to its name'}")
    return found


def _polled(fd: int, events: int, within: float) -> bool:
    if fd < 0:
        raise Lost("the connection was closed")
    poll = select.poll()
    poll.register(fd, events)
    return bool(poll.poll(max(0.0, within) * 1000))


def _rows(result: pq.abc.PGresult) -> list[Row]:
    columns = range(result.nfields)
    return [tuple(result.get_value(row, column) for column in columns) for row in range(result.ntuples)]


def _raw(value: Value) -> bytes | None:
    return None if value is None else str(value).encode()


def _quoted(value: bytes) -> bytes:
    return value.replace(b"\\", b"\\\\").replace(b"'", b"\\'")
