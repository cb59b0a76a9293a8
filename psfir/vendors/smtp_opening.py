"""How a conversation with a mail server begins: to a checked address, in TLS, with a login. No mail is touched here."""

from __future__ import annotations

import smtplib
import ssl
from threading import Lock
from urllib.parse import urlsplit

from psfir.contracts import BoundConnection
from psfir.domain.scrub import Scrubber
from psfir.errors import Declined, Denied, LeverError, Refusal, Unreachable, UsageError
from psfir.vendors.deadline import Deadline
from psfir.vendors.http_address import Origin, loopback
from psfir.vendors.http_wire import Resolve, addresses, dial
from psfir.vendors.smtp_replies import BROKEN, Replies
from psfir.vendors.smtp_session import READY, Session
from psfir.vendors.tls import trusting

PORTS = {"smtp": 587, "smtps": 465}
"""With STARTTLS, and with TLS from the first byte."""


class Opening:
    """Opens conversations over one connection of psfir.yaml."""

    def __init__(self, connection: BoundConnection, *, resolve: Resolve) -> None:
        self.where = f"connection {connection.name}"
        self.origin = _origin(str(connection.settings["url"]), self.where)
        self._connection = connection
        self._resolve = resolve
        self._plain = connection.settings.get("plain_smtp") is True
        self._scrubber = Scrubber()
        ref = connection.refs.get("password", "")
        self.replies = Replies(self.where, f"its user and password ({ref})" if ref else "", self._scrubber)
        self._lock = Lock()
        self._tls: ssl.SSLContext | None = None

    def session(self, deadline: Deadline) -> Session:
        """Ready for a mail. Unreachable, Busy, Denied, Declined or Refusal: nothing was handed over."""
        session = self._connected(deadline)
        try:
            self._greeted(session)
            self._login(session)
        except (LeverError, Refusal):
            session.close()
            raise
        except BROKEN as error:
            session.close()
            raise self.replies.broke("the greeting", error) from error
        return session

    def _connected(self, deadline: Deadline) -> Session:
        tls = self._context() if self.origin.scheme == "smtps" else None
        try:
            found = addresses(self.origin, deadline, self._resolve)
            if self._plain and not all(map(loopback, found)):
                todo = "take plain_smtp away: without TLS mail goes to this machine only"
                raise Refusal(f"{self.origin} is another machine", where=self.where, todo=todo)
            return Session(dial(self.origin, found, deadline, tls), self.origin.host, deadline)
        except Unreachable as error:
            raise Unreachable(error.what, where=self.where, todo=error.todo) from error

    def _greeted(self, session: Session) -> None:
        self.replies.check("the greeting", session.getreply(), wanted=READY)
        self.replies.check("EHLO", session.ehlo())
        if self.origin.scheme == "smtps" or self._plain:
            return
        if not session.has_extn("starttls"):
            todo = "use a port that offers it, or smtps://; somebody on the way may have taken the offer out"
            raise Refusal(f"{self.origin} offers no STARTTLS", where=self.where, todo=todo)
        self.replies.check("STARTTLS", session.secure(self._context()), wanted=READY)
        self.replies.check("EHLO", session.ehlo())

    def _login(self, session: Session) -> None:
        user, password = self._connection.settings.get("user"), self._connection.secret("password")
        if not isinstance(user, str) or password is None:
            return
        try:
            self._scrubber.learn(password, "password")
            session.login(user, password)
        except ValueError:
            todo = "give one of 4 ASCII characters or more"
            raise Denied("its user or password cannot be sent", where=self.where, todo=todo) from None
        except smtplib.SMTPAuthenticationError as error:
            raise self.replies.login(error) from None
        except smtplib.SMTPNotSupportedError:
            todo = "leave out user and password, or use the port for submission"
            raise Declined(f"{self.origin} takes no login", where=self.where, todo=todo) from None
        finally:
            session.user = session.password = ""  # smtplib keeps them, psfir does not

    def _context(self) -> ssl.SSLContext:
        with self._lock:
            if self._tls is None:
                self._tls = trusting(self._connection.settings.get("ca"), where=self.where)
            return self._tls


def _origin(url: str, where: str) -> Origin:
    todo = "write it like smtp://mail.example.com:587 or smtps://mail.example.com"
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except ValueError:
        raise UsageError("its url is none: its host or port cannot be read", where=where, todo=todo) from None
    if parts.scheme not in PORTS or not host or parts.username is not None or parts.path.strip("/"):
        raise UsageError("its url is no mail server's", where=where, todo=todo)
    return Origin(parts.scheme, host, port or PORTS[parts.scheme])
