"""A flag trigger: whoever posts to its secret URL pulls it, without a token. So no part of it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import NoReturn
from urllib.parse import parse_qsl, urlsplit

from psfir.contracts import BoundConnection
from psfir.domain.scrub import Scrubber
from psfir.errors import Busy, Denied, NoSuchTarget, PsfirError
from psfir.vendors.http import HttpClient, Request
from psfir.vendors.http_answers import Teller
from psfir.vendors.http_connection import Lent
from psfir.vendors.http_messages import Answer
from psfir.vendors.launchdarkly import error_of

_ERRORS = frozenset(range(400, 600))
_LEAST = 8
_CALLED = "POST to the trigger"


class Trigger:
    """The secret URL of one connection."""

    def __init__(self, connection: BoundConnection) -> None:
        self.where = f"connection {connection.name}"
        self._connection = connection

    def fire(self, *, within: float) -> None:
        """Sent once. It says that the trigger was pulled, not what became of the flag."""
        url, scrubber = self._url(), Scrubber()
        parts = urlsplit(url)
        for secret in _secrets(url):
            # One that is an ordinary word, or too short, is no secret by itself; the whole is learned.
            with suppress(ValueError):
                scrubber.learn(secret, "trigger")
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            client = HttpClient(Lent(self._connection, {"url": f"{parts.scheme}://{parts.netloc}"}, token=""))
            answer = client.send(Request("POST", path or "/", {}, b"", writes=True), within=within, also=_ERRORS)
            if answer.status in _ERRORS:
                self._refused(answer, scrubber)
        except PsfirError as error:
            # Nothing of the first error stays: its words, and where it came from, could hold the URL.
            raise _cleaned(error, scrubber) from None

    def check(self) -> str:
        """Where it would be sent to, without its secret; Denied if there is none, or it is no URL."""
        return urlsplit(self._url()).netloc

    def _url(self) -> str:
        url = self._connection.secret("trigger")
        if url is None:
            todo = "say in psfir.yaml with trigger: where the trigger's URL is"
            raise Denied("it has no trigger", where=self.where, todo=todo)
        try:
            parts = urlsplit(url)
            good = parts.scheme in {"https", "http"} and parts.hostname and not parts.username and len(parts.path) > 1
        except ValueError:
            good = False
        if not good:
            raise Denied("its trigger is no URL", where=self.where, todo="put the trigger's whole URL there")
        return url

    def _refused(self, answer: Answer, scrubber: Scrubber) -> NoReturn:
        teller = Teller(self.where, "", scrubber.text)
        said = f"{_CALLED}: answered {answer.status}: {teller.line(answer.text)}"
        if answer.status in {401, 403, 404, 410}:
            todo = "enable the trigger in LaunchDarkly, or put its URL of today where trigger: says"
            raise NoSuchTarget(f"{said}: its URL is not good, or it is disabled", where=self.where, todo=todo)
        raise error_of(answer, said, self.where, denied="", wrote=True)


def _secrets(url: str) -> Iterator[str]:
    """The whole, and each piece of it that somebody could quote: of the path the long steps, of the query all of it."""
    parts = urlsplit(url)
    yield from (url, parts.path, *(step for step in parts.path.split("/") if len(step) > _LEAST))
    if parts.query:
        yield f"{parts.path}?{parts.query}"
        yield parts.query
        for pair in parts.query.split("&"):
            yield from (pair, pair.partition("=")[2])
        yield from (value for _, value in parse_qsl(parts.query))


def _cleaned(error: PsfirError, scrubber: Scrubber) -> PsfirError:
    what, where, todo = (scrubber.text(text) for text in (error.what, error.where, error.todo))
    if isinstance(error, Busy):
        return Busy(what, after=error.after, where=where, todo=todo)
    return type(error)(what, where=where, todo=todo)
