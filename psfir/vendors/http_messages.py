"""Requests as bytes and answers as values. What could smuggle a header or a second request never becomes bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import field
from email.utils import parsedate_to_datetime
from http.client import HTTPException, IncompleteRead
from typing import NoReturn
from urllib.parse import quote

from psfir import __version__
from psfir.domain.canon import Json, canonical
from psfir.domain.values import frozen
from psfir.errors import LeverError, UsageError
from psfir.vendors.http_address import Origin
from psfir.vendors.http_response import Response
from psfir.vendors.http_wire import Wire

BODY_LIMIT = 1024 * 1024
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade", "expect"})
_IN_PATHS = "/?:@!$&'()*+,;=%-._~[]"


@frozen
class Request:
    """What to ask. `writes` says whether it changes something there: then it is sent once, and follows nobody."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    writes: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path}".rstrip()


@frozen
class Answer:
    """What came back, at most 1 MiB of it. Header names are in lower case; `broken` says why the body is not whole."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes
    broken: str = ""

    @property
    def text(self) -> str:
        try:
            return self.body.decode(self._charset, errors="replace")
        except (LookupError, ValueError):  # some codecs refuse the replacing too
            return self.body.decode("utf-8", errors="replace")

    @property
    def unreadable(self) -> str:
        """Why nobody can say what its body says; '' if it can be read. psfir asks for bodies as they are."""
        packed = self.headers.get("content-encoding", "identity").strip().lower()
        if packed not in {"", "identity"}:
            return f"its body is packed as {packed[:20]}, which nobody asked for"
        try:
            zeros = "\0" in self.body.decode(self._charset)
        except (LookupError, ValueError):
            return f"its body is no text in {self._charset[:20]}"
        # UTF-16 that nobody declared is valid UTF-8, with a zero beside each letter.
        return f"its body holds zeros, so it is no text in {self._charset[:20]}" if zeros else ""

    @property
    def _charset(self) -> str:
        for part in self.headers.get("content-type", "").split(";")[1:]:
            name, _, found = part.partition("=")
            if name.strip().lower() == "charset":
                return found.strip().strip('"').lower() or "utf-8"
        return "utf-8"

    def json(self) -> Json:
        """The body as JSON that every reader agrees on; LeverError if it is none."""
        try:
            value: Json = json.loads(self.body, parse_constant=_refuse, object_pairs_hook=_once)
            canonical(value)
        except (ValueError, RecursionError) as error:
            why = "too deep" if isinstance(error, RecursionError) else str(error)
            what = f"its answer is not JSON that psfir can keep: {why}"
            raise LeverError(what, todo="check the url and path: something else may be answering") from None
        return value

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait, None if it does not say. A date counts from the answer's own date: no clock is asked."""
        text = self.headers.get("retry-after", "").strip()
        if text.isascii() and text.isdigit():
            return float(text[:9])
        try:
            end, now = parsedate_to_datetime(text), parsedate_to_datetime(self.headers.get("date", ""))
            return max(0.0, (end - now).total_seconds())
        except (ValueError, TypeError):
            return None


def check_header(name: str, value: str) -> None:
    """UsageError, naming the header and never its value, for anything that could end the header early."""
    if not _TOKEN.fullmatch(name):
        raise UsageError(f"{name!r} cannot be the name of a header")
    if name.lower() in _OURS:
        raise UsageError(f"the header {name} is psfir's own to set")
    if not _VALUE.fullmatch(value):
        raise UsageError(f"the value of header {name} holds a character that a header cannot")


def target(path: str) -> str:
    """A path as it is sent: what is not allowed there is percent-encoded, what is already encoded stays."""
    if not path.startswith("/"):
        raise UsageError(f"the path {path!r} must begin with /")
    try:
        return quote(path, safe=_IN_PATHS)
    except UnicodeEncodeError:
        raise UsageError("a path holds half a character") from None


def encoded(request: Request, origin: Origin, path: str, credentials: Mapping[str, str]) -> bytes:
    """The whole request. Credentials come last and cannot be replaced by a header of the request's own."""
    if not _TOKEN.fullmatch(request.method):
        raise UsageError(f"{request.method!r} is no method")
    own = {name.lower() for name in credentials}
    headers = {"Host": origin.netloc, "User-Agent": f"psfir/{__version__}", "Accept-Encoding": "identity"}
    given = {name.lower() for name in request.headers}
    if "accept" not in given:
        headers["Accept"] = "*/*"
    for name, value in request.headers.items():
        if name.lower() in own:
            raise UsageError(f"the header {name} comes from the connection")
        check_header(name, value)
        headers[name] = value
    for name, value in credentials.items():
        check_header(name, value)
        headers[name] = value
    if request.body is not None or request.writes:
        headers["Content-Length"] = str(len(request.body or b""))
    lines = [f"{request.method} {target(path)} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join((*lines, "", "")).encode("latin-1") + (request.body or b"")


def receive(wire: Wire, method: str, *, limit: int = BODY_LIMIT) -> tuple[Answer, bool]:
    """The answer, and whether the connection can be used again. Without a status line it raises what went wrong."""
    response = Response(wire, method)
    try:
        response.begin()
        if response.status < 200:  # noqa: PLR2004 - HTTP's own number
            raise HTTPException("only an interim answer came")
        if wire.ended:
            # http.client takes headers that break off for all the headers there are.
            raise HTTPException("it broke off in its headers")
        body, broken = _body(response, limit)
        headers = {name: ", ".join(values) for name, values in response.told.found.items()}
        answer = Answer(response.status, response.reason, headers, body, broken)
        keep = not broken and not response.will_close
    finally:
        response.close()
    return answer, keep and not wire.dirty


def _body(response: Response, limit: int) -> tuple[bytes, str]:
    parts: list[bytes] = []
    size = 0
    try:
        while size <= limit:
            # What is there, not all that was asked for: of a body that drips there is something to show.
            part = response.read1(min(65536, limit + 1 - size))
            if not part:
                break
            parts.append(part)
            size += len(part)
    except IncompleteRead as error:
        return b"".join((*parts, error.partial))[:limit], "it broke off"
    except TimeoutError:
        return b"".join(parts), "it did not come to its end in time"
    except (OSError, HTTPException, ValueError) as error:
        return b"".join(parts), f"it broke off: {type(error).__name__}"
    body = b"".join(parts)
    if size > limit:
        return body[:limit], f"it is larger than {limit // 1024} KiB"
    # http.client gives what there was when a connection ends early; what is missing is still counted.
    return body, f"{response.length} bytes of it are missing" if response.length else ""


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands in it twice, and readers disagree which one counts")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")
