"""One conversation with a mail server: the standard library's SMTP over a socket whose every byte heeds one deadline.

smtplib knows a time-out for a single wait; a server that drips its answers outlasts any share by it.
"""

from __future__ import annotations

import io
import re
import smtplib
import socket
import ssl
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from psfir.vendors.deadline import CLOCK, Deadline

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

Reply: TypeAlias = tuple[int, bytes]

READY = 220
_DOT = re.compile(rb"^\.", re.MULTILINE)
_LINE_ENDS = re.compile(rb"\r\n|\r|\n")


class Session(smtplib.SMTP):
    """`deadline` is the call's that uses it now; whoever takes it up again gives it a new one."""

    def __init__(self, sock: socket.socket, host: str, deadline: Deadline) -> None:
        name = socket.gethostname()  # asks nobody, where its default would ask the name servers
        super().__init__(local_hostname=name if "." in name and name.isascii() else "[127.0.0.1]")
        self.deadline = deadline
        self.sock = sock
        self._host = host
        self._rested = 0.0
        self._incoming: _Incoming | None = None

    def greeting(self) -> Reply:
        return self.getreply()

    def secure(self, context: ssl.SSLContext) -> Reply:
        """STARTTLS. What the server said before it is forgotten, as nobody vouched for it."""
        code, said = self.docmd("STARTTLS")
        if code == READY:
            assert self.sock is not None  # noqa: S101 - it has just answered over it
            self.sock.settimeout(self.deadline.spare())
            self.sock = context.wrap_socket(self.sock, server_hostname=self._host, suppress_ragged_eofs=False)
            self.file = None
            self.helo_resp = self.ehlo_resp = None
            self.esmtp_features = {}
        return code, said

    def content(self, mail: bytes) -> Reply:
        """The mail behind DATA. From its first byte on, whether it was taken is known by the answer alone."""
        whole = _DOT.sub(b"..", _LINE_ENDS.sub(b"\r\n", mail))
        self.send((whole if whole.endswith(b"\r\n") else whole + b"\r\n") + b".\r\n")
        return self.getreply()

    def send(self, s: ReadableBuffer | str) -> None:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        rest = memoryview(s.encode("ascii") if isinstance(s, str) else s)
        try:
            while rest:
                self.sock.settimeout(self.deadline.spare())
                rest = rest[self.sock.send(rest) :]
        except OSError:
            self.close()
            raise

    def getreply(self) -> Reply:
        if self.file is None and self.sock is not None:
            self._incoming = _Incoming(self)
            self.file = io.BufferedReader(self._incoming)
        return super().getreply()

    def rest(self) -> None:
        self._rested = time.clock_gettime(CLOCK)

    def idle(self, longest: float) -> bool:
        """Still open, silent, and used not long ago: what a server says unasked is good-bye."""
        if self.sock is None or time.clock_gettime(CLOCK) - self._rested > longest or self._unread():
            return False
        self.sock.settimeout(0)
        try:
            self.sock.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            return False
        return False

    def _unread(self) -> bool:
        if self._incoming is None or not isinstance(self.file, io.BufferedReader):
            return False
        self._incoming.dry = True
        found = self.file.peek(1)
        self._incoming.dry = False
        return bool(found)

    def leave(self) -> None:
        """Good-bye is said and not waited for."""
        with suppress(OSError, smtplib.SMTPException):
            self.putcmd("quit")
        self.close()


class _Incoming(io.RawIOBase):
    def __init__(self, session: Session) -> None:
        self.dry = False
        self._session = session

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        sock = self._session.sock
        if self.dry or sock is None:
            return None if self.dry else 0
        sock.settimeout(self._session.deadline.spare())
        return sock.recv_into(buffer)
