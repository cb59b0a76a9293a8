"""One request of the real client to the stand-in, and the error that it ends with: what the tests of it share."""

from __future__ import annotations

from typing import Any

from psfir.errors import LeverError, PsfirError
from psfir.vendors.http import HttpClient, Request
from tests.shares import told
from tests.vendors.http_stand_in import KEY, TOKEN, StandIn

GET = Request("GET", "/state")
PUT = Request("PUT", "/state", body=b"{}", writes=True)
OK = b"HTTP/1.1 200 OK\r\n"
SHORT = 0.15
QUICK = 10.0
"""More than what ends by itself ever takes."""


def ask(stand: StandIn, request: Request, within: float = QUICK, **settings: Any) -> LeverError | PsfirError:
    """The error that a request ends with, in time, which tells no secret."""
    before = len(stand.seen)
    client = HttpClient(stand.connection(**settings))
    error = told(lambda share: client.send(request, within=share), lambda: len(stand.seen) > before, share=within)
    assert isinstance(error, PsfirError), error
    assert TOKEN not in str(error)
    assert KEY not in str(error)
    return error


def put(client: HttpClient) -> object:
    """What comes, in time, of a write that is waited for in vain."""
    return told(lambda share: client.send(PUT, within=share), share=SHORT)
