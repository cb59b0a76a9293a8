"""What a mail server's reply means, decided once: the table from its three digits to psfir's errors."""

from __future__ import annotations

import smtplib

from psfir.domain.scrub import Scrubber
from psfir.errors import Busy, Declined, Denied, LeverError, Unreachable
from psfir.vendors.http_answers import Teller
from psfir.vendors.http_wire import worded
from psfir.vendors.smtp_session import Reply

BROKEN = (smtplib.SMTPException, OSError)
"""All that a conversation may break off with."""

CLOSING = 421
_LOGIN = frozenset({530, 534, 535, 538})
_REFUSED = 535


class Replies:
    """Words errors for one connection. `credential` names what it logs in with."""

    def __init__(self, where: str, credential: str, scrubber: Scrubber) -> None:
        self.where = where
        self._todo = f"renew {credential}, or let it send" if credential else "give the connection user and password"
        self._line = Teller(where, "", scrubber.text).line

    def words(self, reply: Reply) -> str:
        return self._line(reply[1].decode("utf-8", "replace"))

    def why(self, error: Exception) -> str:
        return self._line(worded(error))

    def check(self, step: str, reply: Reply, *, wanted: int = 0) -> None:
        """Return if it is the code that was wanted, or any 2xx; raise what it means otherwise."""
        code = reply[0]
        if code == wanted or (not wanted and 200 <= code < 300):  # noqa: PLR2004 - SMTP's own numbers
            return
        raise self.meaning(code, f"{step}: answered {code} {self.words(reply)}".rstrip())

    def meaning(self, code: int, said: str) -> LeverError:
        if code in _LOGIN:
            return Denied(said, where=self.where, todo=self._todo)
        if 400 <= code < 500:  # noqa: PLR2004 - SMTP's own numbers
            return Busy(said, where=self.where, todo="it was not taken now: try again in some minutes")
        return Declined(said, where=self.where, todo="check the addresses, or ask whose server it is")

    def login(self, error: smtplib.SMTPAuthenticationError) -> LeverError:
        """Whatever it says of a login that is not `later` is that this one is no good."""
        raw = error.smtp_error
        reply = error.smtp_code, raw if isinstance(raw, bytes) else str(raw).encode()
        code = reply[0] if 400 <= reply[0] < 500 else _REFUSED  # noqa: PLR2004 - SMTP's own numbers
        return self.meaning(code, f"AUTH: answered {reply[0]} {self.words(reply)}")

    def broke(self, step: str, error: Exception) -> Unreachable:
        what = f"the mail server broke off at {step}, before the mail was handed over: {self.why(error)}"
        return Unreachable(what, where=self.where, todo="try again; check the url, the network and the certificate")
