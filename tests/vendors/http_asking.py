"""One request of the real client to the stand-in, and the error that it ends with: what the tests of it share."""

from __future__ import annotations

from typing import Any

import pytest

from psfir.errors import LeverError, PsfirError
from psfir.vendors.http import HttpClient, Request
from tests.vendors.http_stand_in import KEY, TOKEN, StandIn

GET = Request("GET", "/state")
PUT = Request("PUT", "/state", body=b"{}", writes=True)
OK = b"HTTP/1.1 200 OK\r\n"
SHORT = 0.15


def ask(stand: StandIn, request: Request, within: float = 2.0, **settings: Any) -> LeverError | PsfirError:
    """The error that a request ends with, which tells no secret."""
    with pytest.raises(PsfirError) as raised:
        HttpClient(stand.connection(**settings)).send(request, within=within)
    assert TOKEN not in str(raised.value)
    assert KEY not in str(raised.value)
    return raised.value
