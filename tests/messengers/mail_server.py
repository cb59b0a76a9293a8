"""A real mail server on a free port, with TLS and a login, that keeps what it takes and goes wrong as it is told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Thread
from typing import Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from psfir.range.server import LOOPBACK
from psfir.testing import FakeConnection

USER, PASSWORD = "psfir@acme.example", "hush-hush-4711"


class MailServer:
    """`kept` are the mails it took, in order; `sessions` how many conversations there were.

    `at` has what it answers at a step (`RCPT`, `DATA`, ...) instead of doing it; `after` what it does once it has kept
    a mail: `drop` the connection or `hang` with it.
    """

    def __init__(self, pki: Path, *, implicit: bool = False, tls: bool = True, login: bool = True) -> None:
        self.kept: list[Envelope] = []
        self.sessions = 0
        self.at: dict[str, str | Callable[[str], str]] = {}
        self.after = ""
        self.over = asyncio.Event()
        self.port = 0
        # aiosmtpd takes a login over TLS that it has begun itself, and warns of any other.
        self._implicit, self._login = implicit, login and tls and not implicit
        self._tls: ssl.SSLContext | None = None
        if tls:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(pki / "server.pem", pki / "server.key")
        self._pki = pki
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"{'smtps' if self._implicit else 'smtp'}://{LOOPBACK}:{self.port}"

    @property
    def mails(self) -> list[EmailMessage]:
        return [_read(envelope) for envelope in self.kept]

    def connection(self, url: str = "", **more: object) -> FakeConnection:
        settings = {
            "url": url or self.url,
            "ca": str(self._pki / "ca.pem"),
            **({"user": USER} if self._login else {}),
            **more,
        }
        return FakeConnection("mail", "smtp", settings, {"password": PASSWORD})  # type: ignore[arg-type]  # all of them are JSON

    def hang_up(self) -> None:
        """Every conversation ends, as after a long silence or a restart."""
        self._do(self._end)

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._open)
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self.over.set)
        self._do(self._close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, what: Callable[[], object]) -> None:
        async def run() -> None:
            found = what()
            if asyncio.iscoroutine(found):
                await found

        asyncio.run_coroutine_threadsafe(run(), self._loop).result(20)

    async def _open(self) -> None:
        self._open_ones: set[SMTP] = set()
        context = self._tls if self._implicit else None
        self._server = await self._loop.create_server(self._talk, LOOPBACK, 0, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    def _talk(self) -> SMTP:
        self.sessions += 1
        secured = self._tls is not None
        made = SMTP(
            _Handler(self),
            hostname="mail.test",
            loop=self._loop,
            tls_context=None if self._implicit else self._tls,
            require_starttls=secured and not self._implicit,
            auth_required=self._login,
            auth_require_tls=secured and not self._implicit,
            authenticator=_login,
            timeout=60,
        )
        self._open_ones.add(made)
        return made

    def _end(self) -> None:
        for one in self._open_ones:
            if one.transport is not None:
                one.transport.close()

    async def _close(self) -> None:
        self._server.close()
        self._end()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        self._end()
        for _ in range(10):  # a transport closes its socket some turns of the loop later
            await asyncio.sleep(0)


class _Handler:
    def __init__(self, server: MailServer) -> None:
        self._of = server

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name for it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if said := self._said("MAIL", address):
            return said
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - as above
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if said := self._said("RCPT", address):
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        if said := self._said("DATA", ""):
            if said == "drop":
                _abort(server)
                return "250 nobody hears this"
            return said
        self._of.kept.append(envelope)
        if self._of.after == "drop":
            _abort(server)
        elif self._of.after == "hang":
            await self._of.over.wait()
        return f"250 2.0.0 Ok: queued as {len(self._of.kept):06}"

    def _said(self, step: str, address: str) -> str:
        said = self._of.at.get(step, "")
        return said(address) if callable(said) else said


def _login(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)


def _abort(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


def _read(envelope: Envelope) -> EmailMessage:
    content = envelope.original_content
    assert content is not None
    found = message_from_bytes(content, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found
