"""Mail servers: one mail to one recipient, over a connection that is kept for the next.

Up to the first byte of a mail's content nothing was handed over, so whatever goes wrong is told as that. From then on
only the server's answer tells: without one nobody knows, and nothing here tries again.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from weakref import finalize

from psfir.contracts import BoundConnection
from psfir.domain.values import frozen
from psfir.errors import LeverError, NoAnswer
from psfir.vendors.deadline import Deadline
from psfir.vendors.http_wire import Resolve, system_addresses
from psfir.vendors.smtp_opening import Opening
from psfir.vendors.smtp_replies import BROKEN, CLOSING
from psfir.vendors.smtp_session import Reply, Session

_KEPT = 4
_LONGEST_IDLE = 30.0
_GO_ON = 354


@frozen
class Mail:
    """From whom, to whom, and the whole of it as it is sent."""

    sender: str
    recipient: str
    content: bytes


class Smtp:
    """One connection of psfir.yaml. Any thread may use it; each mail has a conversation to itself."""

    def __init__(self, connection: BoundConnection, *, resolve: Resolve = system_addresses) -> None:
        self._opening = Opening(connection, resolve=resolve)
        self.where = self._opening.where
        self._replies = self._opening.replies
        timeout = connection.settings.get("timeout")
        self._longest = float(timeout) if isinstance(timeout, (int, float)) else float("inf")
        self._lock = Lock()
        self._idle: list[Session] = []
        # Not __del__: among things that refer to each other the sockets could be collected before it.
        finalize(self, _leave, self._idle)

    def deliver(self, mail: Mail, *, within: float) -> str:
        """What the server said when it took it over."""
        deadline = Deadline(min(within, self._longest))
        session = self._begun(mail, deadline)
        if session is None:
            session = self._opening.session(deadline)
            self._step(session, "MAIL FROM", lambda: session.mail(mail.sender))
        self._step(session, "RCPT TO", lambda: session.rcpt(mail.recipient))
        self._step(session, "DATA", lambda: session.docmd("DATA"), wanted=_GO_ON)
        try:
            reply = session.content(mail.content)
        except BROKEN as error:
            session.close()
            what = f"the mail to {mail.recipient} was handed over, and no answer came: {self._replies.why(error)}"
            raise NoAnswer(what, where=self.where) from error
        self._check(session, "the mail", reply)
        self._keep(session)
        return self._replies.words(reply)

    def _begun(self, mail: Mail, deadline: Deadline) -> Session | None:
        """A kept connection that takes another mail. One that has gone meanwhile was given nothing."""
        session = self._kept(deadline)
        if session is None:
            return None
        try:
            code, _ = session.mail(mail.sender)
        except BROKEN:
            session.close()
            return None
        if code // 100 == 2:  # noqa: PLR2004 - the first digit of a reply that says yes
            return session
        session.leave()
        return None

    def _step(self, session: Session, step: str, ask: Callable[[], Reply], *, wanted: int = 0) -> None:
        """One step before anything was handed over."""
        try:
            reply = ask()
        except BROKEN as error:
            session.close()
            raise self._replies.broke(step, error) from error
        self._check(session, step, reply, wanted=wanted)

    def _check(self, session: Session, step: str, reply: Reply, *, wanted: int = 0) -> None:
        try:
            self._replies.check(step, reply, wanted=wanted)
        except LeverError:
            self._set_free(session, reply[0])
            raise

    def _set_free(self, session: Session, code: int) -> None:
        """What was refused is over; its connection serves the next mail, if it still stands."""
        if code == CLOSING:
            session.close()
            return
        try:
            done, _ = session.docmd("RSET")
        except BROKEN:
            session.close()
            return
        if done // 100 == 2:  # noqa: PLR2004 - as above
            self._keep(session)
        else:
            session.leave()

    def _kept(self, deadline: Deadline) -> Session | None:
        while True:
            with self._lock:
                session = self._idle.pop() if self._idle else None
            if session is None:
                return None
            if session.idle(_LONGEST_IDLE):
                session.deadline = deadline
                return session
            session.close()

    def _keep(self, session: Session) -> None:
        session.rest()
        with self._lock:
            if len(self._idle) < _KEPT:
                self._idle.append(session)
                return
        session.leave()


def _leave(idle: list[Session]) -> None:
    sessions = list(idle)
    idle.clear()
    for session in sessions:
        session.close()
