"""The front hands on what it is not told to spoil, and spoils on the wire what it is told to."""

import socket
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, IncompleteRead

import pytest

from psfir.range.faulty import Fault, cut_in_body, drip, hang, hang_in_body, reset
from psfir.range.front import Front
from psfir.range.server import Asked, Reply, Server


class Counter:
    """A server that counts what it was asked to add."""

    def __init__(self) -> None:
        self.total = 0

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/stream":
            return Reply(stream=(b"%d\n" % number for number in range(3)))
        if asked.writes:
            self.total += int(asked.json())
        return Reply(200 if asked.path == "/total" else 404, {"total": self.total, "q": asked.query.get("q")})


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def front(counter: Counter) -> Iterator[Front]:
    with Server(counter) as server, Front(server.url) as front:
        yield front


def _ask(front: Front, method: str = "GET", path: str = "/total", body: bytes | None = None) -> tuple[int, bytes]:
    with closing(HTTPConnection("127.0.0.1", int(front.url.rpartition(":")[2]), timeout=2)) as client:
        client.request(method, path, body)
        answer = client.getresponse()
        return answer.status, answer.read()


def test_what_no_fault_meets_goes_through(front: Front) -> None:
    """Method, path, query, body and status, there and back."""
    assert _ask(front, "POST", body=b"5")[0] == 200
    assert _ask(front, path="/total?q=a%20b") == (200, b'{"total": 5, "q": "a b"}')
    assert _ask(front, path="/other")[0] == 404
    assert _ask(front, path="/stream") == (200, b"0\n1\n2\n")


def test_an_answer_of_its_own_is_given_so_often(front: Front, counter: Counter) -> None:
    """One 409, and then the truth; nothing of the spoilt request arrives."""
    front.fault(Fault("conflict", reply=Reply(409, {"code": "conflict"})), when=lambda asked: asked.writes, times=1)
    assert _ask(front)[0] == 200
    assert _ask(front, "POST", body=b"5") == (409, b'{"code": "conflict"}')
    assert counter.total == 0
    assert _ask(front, "POST", body=b"5")[0] == 200
    assert counter.total == 5


@pytest.mark.parametrize("carry", [True, False])
def test_a_reset_is_carried_out_or_not(front: Front, counter: Counter, *, carry: bool) -> None:
    """The client cannot tell the two apart; the world can."""
    front.fault(Fault("reset", carry=carry, wire=reset))
    with pytest.raises(ConnectionError):
        _ask(front, "POST", body=b"5")
    assert counter.total == (5 if carry else 0)


@pytest.mark.parametrize("wire", [hang, hang_in_body])
def test_a_hang_lasts_longer_than_the_client(front: Front, wire: object) -> None:
    """Before the headers, or in the body."""
    front.fault(Fault("hang", carry=True, wire=wire))  # type: ignore[arg-type]  # the list above holds wires
    with pytest.raises(TimeoutError):
        _ask(front)


def test_a_body_is_cut(front: Front) -> None:
    """Half of it, and the end."""
    front.fault(Fault("cut", carry=True, wire=cut_in_body))
    with pytest.raises(IncompleteRead):
        _ask(front)


def test_a_drip_never_waits_long_and_takes_long(front: Front) -> None:
    """A time-out for each single wait does not see it."""
    front.fault(Fault("drip", carry=True, wire=drip))
    with closing(HTTPConnection("127.0.0.1", int(front.url.rpartition(":")[2]), timeout=20)) as client:
        client.request("GET", "/total")
        answer = client.getresponse()
        assert len(answer.read(3)) == 3
        assert not answer.isclosed()


def test_stopping_ends_every_connection(counter: Counter) -> None:
    """Idle ones too, and the port is free afterwards."""
    with Server(counter) as server:
        idle = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        idle.sendall(b"GET /total HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(10)
    with closing(idle):
        while idle.recv(1000):
            pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=20)


def test_a_kind_that_is_given_is_sent_once() -> None:
    """An answer that names its own content type has no other beside it."""
    with Server(lambda _asked: Reply(body=b"said", headers={"Content-Type": "text/plain"})) as server:
        client = HTTPConnection("127.0.0.1", server.port, timeout=20)
        with closing(client):
            client.request("GET", "/")
            assert client.getresponse().headers.get_all("Content-Type") == ["text/plain"]
