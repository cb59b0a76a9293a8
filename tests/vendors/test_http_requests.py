"""What the HTTP client sends: the credentials of the moment, and nothing that was smuggled in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from psfir.errors import Denied, UsageError
from psfir.testing import FakeConnection
from psfir.vendors.http import HttpClient, Request
from tests.vendors.http_asking import GET, QUICK
from tests.vendors.http_stand_in import StandIn


@pytest.fixture
def stand() -> Iterator[StandIn]:
    with StandIn() as stand:
        yield stand


def test_credentials_are_sent_and_looked_up_each_time(stand: StandIn) -> None:
    """Token and further headers go with each request; a rotated secret is found without a new client."""
    secrets = {"token": "first-token", "headers.X-Key": "first-key"}
    connection = FakeConnection("a", "http", {"url": stand.url, "headers": ["X-Key"]}, secrets)
    client = HttpClient(connection)
    client.send(GET, within=QUICK)
    secrets["token"] = "second-token"
    client.send(GET, within=QUICK)
    assert [seen.headers["Authorization"] for seen in stand.seen] == ["Bearer first-token", "Bearer second-token"]
    assert stand.seen[0].headers["X-Key"] == "first-key"
    settings = {"url": stand.url, "auth_header": "X-Auth", "auth_prefix": ""}
    HttpClient(FakeConnection("a", "http", settings, {"token": "third-token"})).send(GET, within=QUICK)
    assert stand.seen[-1].headers["X-Auth"] == "third-token"
    assert "Authorization" not in stand.seen[-1].headers


@pytest.mark.parametrize("secret", ["two\r\nX-Evil: lines", "nul\0byte", "é€ŝ", "abc"])
def test_a_secret_that_no_header_can_hold(stand: StandIn, secret: str) -> None:
    """It is refused before anything is sent, and not repeated."""
    connection = FakeConnection("a", "http", {"url": stand.url}, {"token": secret})
    with pytest.raises(Denied) as raised:
        HttpClient(connection).send(GET, within=QUICK)
    assert secret not in str(raised.value)
    assert stand.connections == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-A", "b\r\nX-Evil: 1"),
        ("X-A", "b\n c"),
        ("X-A\r\nX-Evil", "1"),
        ("X A", "1"),
        ("", "1"),
        ("Host", "evil.test"),
        ("content-length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("authorization", "Bearer mine"),
    ],
)
def test_no_header_can_be_smuggled_in(stand: StandIn, name: str, value: str) -> None:
    """Line breaks, framing headers and a second credential are refused before anything is sent."""
    with pytest.raises(UsageError):
        HttpClient(stand.connection()).send(Request("GET", "/", {name: value}), within=QUICK)
    assert stand.connections == 0


@pytest.mark.parametrize("method", ["GET /x HTTP/1.1\r\nX: y\r\n\r\nGET", "", "G T"])
def test_no_method_can_be_smuggled_in(stand: StandIn, method: str) -> None:
    """A method is one word."""
    with pytest.raises(UsageError):
        HttpClient(stand.connection()).send(Request(method, "/"), within=QUICK)
    assert stand.connections == 0


def test_paths_are_sent_as_one_word(stand: StandIn) -> None:
    """What a request line cannot hold is encoded, what is encoded already stays, and the url's own path comes first."""
    client = HttpClient(stand.connection(url=f"{stand.url}/base/"))
    client.send(Request("GET", "/a b\r\nX-Evil: 1/é?q=ü#x&y=%20"), within=QUICK)
    assert stand.seen[0].path == "/base/a%20b%0D%0AX-Evil:%201/%C3%A9?q=%C3%BC%23x&y=%20"
    assert "X-Evil" not in stand.seen[0].headers
    with pytest.raises(UsageError, match="must begin with /"):
        HttpClient(stand.connection()).send(Request("GET", "http://evil.test/"), within=QUICK)
