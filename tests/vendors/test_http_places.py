"""Where the HTTP client goes: redirects, private addresses, certificates, and who gets to see a credential."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from psfir.errors import Declined, NoAnswer, PsfirError, Unreachable, UsageError
from psfir.testing import FakeConnection
from psfir.testing.certificates import authority
from psfir.vendors.http import HttpClient, Replica, Request, Resolve
from psfir.vendors.http_address import Listed, place
from tests.shares import told
from tests.vendors.http_stand_in import KEY, TOKEN, Say, StandIn, raw

GET = Request("GET", "/state")
PUT = Request("PUT", "/state", body=b"{}", writes=True)


@pytest.fixture
def stand() -> Iterator[StandIn]:
    with StandIn() as stand:
        yield stand


@pytest.fixture
def other() -> Iterator[StandIn]:
    with StandIn({"place": "other"}) as other:
        yield other


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return authority(tmp_path_factory.mktemp("pki"))


def to(url: str, status: int = 302) -> Say:
    return Say(status, b"over there", {"Location": url})


def names(**hosts: str) -> Resolve:
    """A resolver that knows these: `a_test="127.0.0.1"` for a.test."""

    def resolve(host: str, port: int) -> Sequence[str]:
        return hosts[host.replace(".", "_")].split()

    return resolve


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_read_follows_within_its_origin(stand: StandIn, status: int) -> None:
    """On the same origin a read goes where it is sent, with its credentials."""
    stand.fault("GET", to("/there?x=1", status), to(f"{stand.url}/here", status))
    assert HttpClient(stand.connection()).send(GET, within=10).json() == stand.document
    assert [seen.path for seen in stand.seen] == ["/state", "/there?x=1", "/here"]
    assert {seen.headers["Authorization"] for seen in stand.seen} == {f"Bearer {TOKEN}"}


def test_a_write_follows_nobody(stand: StandIn, other: StandIn) -> None:
    """Not even within its origin, and not to a listed host."""
    client = HttpClient(stand.connection(redirects=["127.0.0.1"]))
    for url in ("/there", f"{other.url}/there"):
        for status in (301, 302, 307):
            stand.fault("PUT", to(url, status))
            with pytest.raises((Declined, NoAnswer), match="there"):
                client.send(PUT, within=10)
    assert len(stand.seen) == 6
    assert other.seen == []


def test_another_origin_must_be_listed(stand: StandIn, other: StandIn) -> None:
    """Another port is another origin; unlisted it is not even connected to."""
    stand.always["GET"] = to(f"{other.url}/there")
    with pytest.raises(Declined, match="not listed") as raised:
        HttpClient(stand.connection()).send(GET, within=10)
    assert f"127.0.0.1:{other.port}" in raised.value.todo
    assert other.connections == 0


@pytest.mark.parametrize("listed", ["127.0.0.1", "127.0.0.1:{port}", "127.0.0.0/8"])
def test_another_origin_gets_no_credential(stand: StandIn, other: StandIn, listed: str) -> None:
    """A listed origin is followed, and sees neither token nor header; back home they are sent again."""
    redirects = ["127.0.0.1", listed.format(port=other.port)]
    stand.fault("GET", to(f"{other.url}/there"))
    other.fault("GET", to(f"{stand.url}/back"))
    HttpClient(stand.connection(redirects=redirects)).send(GET, within=10)
    (seen,) = other.seen
    assert TOKEN not in str(seen)
    assert KEY not in str(seen)
    assert "Authorization" not in seen.headers
    assert stand.seen[-1].path == "/back"
    assert stand.seen[-1].headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "::1", "fe80::1"])
def test_a_listed_name_must_not_lead_inside(stand: StandIn, other: StandIn, address: str) -> None:
    """DNS of a listed host says a private address today: it is refused, unless the address is listed itself."""
    stand.always["GET"] = to(f"http://listed.test:{other.port}/x")
    connection = stand.connection(plain_http=True, redirects=["listed.test"])
    client = HttpClient(connection, resolve=names(listed_test=address))
    with pytest.raises(Declined, match="private address"):
        client.send(GET, within=10)
    assert other.connections == 0


def test_a_private_address_may_be_listed(stand: StandIn, other: StandIn) -> None:
    """By itself or as a network; of several addresses only those that are listed are connected to."""
    stand.always["GET"] = to(f"http://listed.test:{other.port}/x")
    for entry in ("127.0.0.1", f"127.0.0.1:{other.port}", "127.0.0.0/30"):
        connection = stand.connection(redirects=["listed.test", entry])
        client = HttpClient(connection, resolve=names(listed_test="127.0.0.9 127.0.0.1"))
        assert client.send(GET, within=10).json() == {"place": "other"}
    assert {seen.headers["Host"] for seen in other.seen} == {f"listed.test:{other.port}"}


def test_dns_is_asked_once_for_each_connection(stand: StandIn, other: StandIn) -> None:
    """What was checked is what is connected to: a second answer that leads inside is never asked for."""
    answers = iter(["127.0.0.1", "10.0.0.1"])
    stand.always["GET"] = to(f"http://listed.test:{other.port}/x")
    connection = stand.connection(redirects=["listed.test", "127.0.0.1"])
    client = HttpClient(connection, resolve=lambda *_: [next(answers)])
    assert client.send(GET, within=10).json() == {"place": "other"}
    assert next(answers) == "10.0.0.1"


@pytest.mark.parametrize(
    "location",
    ["ftp://127.0.0.1/x", "http://[bad/", "https://user:pw@127.0.0.1/", "http://127.0.0.1:99999/", "javascript:1"],
)
def test_a_redirect_to_what_is_no_place(stand: StandIn, location: str) -> None:
    """It is refused with a sentence."""
    stand.always["GET"] = to(location)
    with pytest.raises(Declined, match="where to cannot be told"):
        HttpClient(stand.connection(redirects=["127.0.0.1"])).send(GET, within=10)


def test_a_redirect_without_a_place(stand: StandIn) -> None:
    """302 without a Location is a refusal, not a loop."""
    stand.always["GET"] = Say(302)
    with pytest.raises(Declined, match="where to cannot be told"):
        HttpClient(stand.connection()).send(GET, within=10)
    assert len(stand.seen) == 1


def test_a_loop_ends(stand: StandIn) -> None:
    """Five redirects are followed, not more."""
    stand.always["GET"] = to("/state")
    with pytest.raises(Declined, match="more than 5 times"):
        HttpClient(stand.connection()).send(GET, within=10)
    assert len(stand.seen) == 6


def test_a_redirect_to_plain_http_on_another_machine(stand: StandIn) -> None:
    """The rule for plain http holds behind a redirect too."""
    stand.always["GET"] = to("http://listed.test/x")
    client = HttpClient(stand.connection(redirects=["listed.test"]), resolve=names(listed_test="8.8.8.8"))
    with pytest.raises(PsfirError, match="not encrypted"):
        client.send(GET, within=10)


def test_replicas_of_the_connection_get_its_credentials(stand: StandIn, other: StandIn) -> None:
    """psfir.yaml names them; a place that only a runbook names is looked at without."""
    client = HttpClient(stand.connection(replicas=[other.url]))
    client.look(GET, within=10, at=Replica("r", other.url))
    assert other.seen[0].headers["Authorization"] == f"Bearer {TOKEN}"
    HttpClient(stand.connection()).look(GET, within=10, at=Replica("r", other.url))
    assert "Authorization" not in other.seen[1].headers
    assert "X-Key" not in other.seen[1].headers


def test_a_look_may_be_pinned_to_one_address(stand: StandIn) -> None:
    """The name stays in the Host header; DNS is not asked."""
    url = f"http://assistant.test:{stand.port}"
    client = HttpClient(stand.connection(url=url), resolve=names())
    assert client.look(GET, within=10, at=Replica("127.0.0.1", url, "127.0.0.1")).status == 200
    assert stand.seen[0].headers["Host"] == f"assistant.test:{stand.port}"


def test_tls_with_an_authority_of_its_own(pki: Path) -> None:
    """`ca` makes its certificates good, by name and by address; kept connections work over TLS too."""
    with StandIn().secured(pki) as stand:
        client = HttpClient(stand.connection(ca=str(pki / "ca.pem")))
        assert client.send(GET, within=10).json() == stand.document
        client.send(PUT, within=10)
        assert stand.connections == 1
        named = stand.connection(ca=str(pki / "ca.pem"), url=f"https://assistant.test:{stand.port}")
        resolve = names(assistant_test="127.0.0.1")
        assert HttpClient(named, resolve=resolve).send(GET, within=10).status == 200


def test_a_certificate_is_always_checked(pki: Path) -> None:
    """An unknown authority, another name, or http on an https port: nothing is sent, and it says why."""
    with StandIn().secured(pki) as stand:
        with pytest.raises(Unreachable, match="certificate was not accepted"):
            HttpClient(stand.connection()).send(GET, within=10)
        wrong = stand.connection(ca=str(pki / "ca.pem"), url=f"https://evil.test:{stand.port}")
        with pytest.raises(Unreachable, match="certificate was not accepted"):
            HttpClient(wrong, resolve=names(evil_test="127.0.0.1")).send(GET, within=10)
        assert stand.seen == []
    with StandIn() as plain, pytest.raises(Unreachable):
        HttpClient(plain.connection(url=f"https://127.0.0.1:{plain.port}")).send(GET, within=10)


def test_tls_that_breaks_off_is_no_end(pki: Path) -> None:
    """A body that only ends with the connection must end with TLS's own goodbye: else somebody has cut it off."""
    with StandIn().secured(pki) as stand:
        stand.always["GET"] = raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}")
        with pytest.raises(Unreachable, match="broke off"):
            HttpClient(stand.connection(ca=str(pki / "ca.pem"))).send(GET, within=10)


def test_a_handshake_that_hangs(pki: Path) -> None:
    """A server that takes the connection and never says hello is Unreachable, in time."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        client = HttpClient(FakeConnection("a", "http", {"url": url}))
        error = told(lambda share: client.send(PUT, within=share))
        assert isinstance(error, Unreachable)
        assert "no answer in time" in error.what


def test_a_ca_that_is_none(stand: StandIn, tmp_path: Path) -> None:
    """A missing or broken ca file is named, and nothing is sent."""
    (tmp_path / "broken.pem").write_text("nothing")
    for name in ("missing.pem", "broken.pem"):
        connection = stand.connection(url=f"https://127.0.0.1:{stand.port}", ca=str(tmp_path / name))
        with pytest.raises(UsageError, match=name):
            HttpClient(connection).send(GET, within=10)
    assert stand.connections == 0


@pytest.mark.parametrize(
    ("url", "netloc", "path"),
    [
        ("https://A.test", "a.test", ""),
        ("https://a.test:443/x?y#z", "a.test", "/x?y"),
        ("http://a.test:443/", "a.test:443", "/"),
        ("http://[::1]:8080/x", "[::1]:8080", "/x"),
        ("https://bücher.test/", "xn--bcher-kva.test", "/"),
    ],
)
def test_places(url: str, netloc: str, path: str) -> None:
    """A url is an origin, in ASCII and small letters, and a path without a fragment."""
    assert (place(url).origin.netloc, place(url).path) == (netloc, path)


def test_a_listed_network_that_is_none() -> None:
    """It is named."""
    with pytest.raises(UsageError, match=r"10\.0\.0\.0/99"):
        Listed.of(["10.0.0.0/99"]).reaches(ipaddress.ip_address("10.0.0.1"), 80)
