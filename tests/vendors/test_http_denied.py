"""401 and 403: which secret of which connection was not enough, by its reference and never by its value."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from psfir.app.bind import Bound, Secrets
from psfir.domain.scrub import Scrubber
from psfir.domain.system import Connection
from psfir.errors import Denied
from psfir.testing import FakeConnection
from psfir.vendors.http import HttpClient, Request
from tests.vendors.http_stand_in import KEY, TOKEN, Say, StandIn

PUT = Request("PUT", "/state", body=b"{}", writes=True)


@pytest.fixture
def stand() -> Iterator[StandIn]:
    with StandIn() as stand:
        yield stand


def denied(client: HttpClient) -> Denied:
    with pytest.raises(Denied) as raised:
        client.send(PUT, within=10)
    return raised.value


@pytest.mark.parametrize(
    ("status", "todo"),
    [
        (401, "renew the token (env:GW_TOKEN) of connection gateway, or give it the right to PUT /state"),
        (403, "the token (env:GW_TOKEN) of connection gateway needs the right to PUT /state"),
    ],
)
def test_the_reference_is_named(stand: StandIn, tmp_path: Path, status: int, todo: str) -> None:
    """What psfir.yaml says of the secret is what there is to renew, even where the other side repeats its value."""
    stand.always["PUT"] = Say(status, TOKEN.encode())
    settings = {"url": stand.url}
    connection = Connection("gateway", "http", settings, {"token": "env:GW_TOKEN"})
    secrets = Secrets({"GW_TOKEN": TOKEN}, tmp_path, Scrubber())
    error = denied(HttpClient(Bound(connection, settings, secrets)))
    assert error.todo == todo
    assert TOKEN not in str(error)


def test_all_that_were_sent_are_named(stand: StandIn) -> None:
    """It may be any of them."""
    stand.always["PUT"] = Say(403, b"no")
    error = denied(HttpClient(stand.connection()))
    both = "the token (env:TOKEN) and the headers.X-Key (env:HEADERS.X-KEY) of connection assistant"
    assert error.todo == f"{both} needs the right to PUT /state"
    assert KEY not in str(error)


@pytest.mark.parametrize("status", [401, 403])
def test_where_none_was_sent_that_is_said(stand: StandIn, status: int) -> None:
    """There is nothing to renew then."""
    stand.always["PUT"] = Say(status, b"no")
    error = denied(HttpClient(FakeConnection("bare", "http", {"url": stand.url})))
    assert error.todo == "no credential was sent; give connection bare one with the right to PUT /state"
