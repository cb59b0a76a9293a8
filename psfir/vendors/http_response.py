"""http.client's response with a reader of headers of its own.

The standard one parses headers as those of a mail, which takes half of the processor's time of a small answer; a fleet
has thousands. Status line, chunks, lengths and what ends early are http.client's, as they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse, LineTooLong
from io import BufferedIOBase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psfir.vendors.http_wire import Wire

_LONGEST, _MOST = 65536, 100
_BARE = frozenset({204, 304})


class Headers:
    """By name in lower case; several of one name are kept apart."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}

    def get(self, name: str, otherwise: Any = None) -> Any:  # noqa: ANN401 - as http.client asks for them
        values = self.found.get(name.lower())
        return values[0] if values else otherwise

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)


class Response(HTTPResponse):
    """Reads from a Wire."""

    def __init__(self, wire: Wire, method: str) -> None:
        super().__init__(wire, method=method)  # type: ignore[arg-type]  # it asks a socket for makefile alone
        self.told = Headers()

    def begin(self) -> None:
        """The status line and the headers. An interim answer is passed over, as http.client does."""
        while True:
            version, status, reason = self._read_status()  # type: ignore[attr-defined]  # http.client's own, without a stub
            if status != 100:  # noqa: PLR2004 - HTTP's own number
                break
            _headers(self.fp)
        self.code = self.status = status
        self.reason = reason.strip()
        self.version = 10 if version in {"HTTP/1.0", "HTTP/0.9"} else 11
        self.told = _headers(self.fp)
        self.headers = self.msg = self.told  # type: ignore[assignment]  # it asks them for get alone
        self.chunked = (self.told.get("transfer-encoding") or "").lower() == "chunked"
        self.chunk_left = None
        self.will_close = self._check_close()  # type: ignore[attr-defined]  # the same
        self.length = None if self.chunked else _length(self.told.get("content-length"))
        if status in _BARE or 100 <= status < 200 or self._method == "HEAD":  # type: ignore[attr-defined]  # noqa: PLR2004 - the same
            self.length = 0
        self.will_close = self.will_close or (not self.chunked and self.length is None)


def _length(text: str | None) -> int | None:
    try:
        length = int(text or "")
    except ValueError:
        return None
    return length if length >= 0 else None


def _headers(file: BufferedIOBase) -> Headers:
    """Up to the empty line, or to the end. A line that begins with a space goes on with the one before it."""
    headers = Headers()
    last: list[str] | None = None
    for _ in range(_MOST + 1):
        line = file.readline(_LONGEST + 1)
        if len(line) > _LONGEST:
            raise LineTooLong("header line")
        if line in {b"\r\n", b"\n", b""}:
            return headers
        text = line.decode("iso-8859-1")
        if last and text[0] in " \t":
            last[-1] = f"{last[-1]} {text.strip()}"
            continue
        name, colon, value = text.partition(":")
        if colon:
            last = headers.found.setdefault(name.strip().lower(), [])
            last.append(value.strip())
    raise HTTPException(f"got more than {_MOST} headers")
