"""Connections are kept between requests, and a stale one never makes a write happen twice or be called failed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest

from psfir.errors import NoAnswer
from psfir.testing import FakeConnection
from psfir.vendors.http import HttpClient, Request
from tests.vendors import stand_in
from tests.vendors.stand_in import Handler, StandIn

READ = Request("GET", "/state")
WRITE = Request("PUT", "/state", {"Content-Type": "application/json"}, b'{"enabled": false}', writes=True)


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn() as server:
        yield server


@pytest.fixture
def client(server: StandIn) -> HttpClient:
    return HttpClient(FakeConnection("gateway", "http", {"url": server.url}))


def wires(server: StandIn) -> int:
    return len({seen.wire for seen in server.seen})


def test_one_connection_serves_one_request_after_the_other(server: StandIn, client: HttpClient) -> None:
    """Reading, writing and reading again need one connection, whichever thread asks."""
    with ThreadPoolExecutor(1) as other:
        client.send(READ, within=5.0)
        other.submit(client.send, WRITE, within=5.0).result()
        client.send(READ, within=5.0)
    assert server.methods() == ["GET", "PUT", "GET"]
    assert wires(server) == 1


def test_two_at_once_do_not_share_a_connection(server: StandIn, client: HttpClient) -> None:
    """Answers cannot be mixed up: what is under way has its connection to itself."""
    server.always("GET", lambda handler: handler.say(200, handler.path.encode()))
    with ThreadPoolExecutor(8) as pool:
        paths = [f"/{n}" for n in range(64)]
        answers = pool.map(lambda path: client.send(Request("GET", path), within=5.0).text, paths)
        assert list(answers) == paths
    assert wires(server) <= 8


def say_and_close(handler: Handler) -> None:
    """A good answer, after which the server hangs up without having said that it would."""
    stand_in.serve(handler)
    handler.drop()


def drop_second(handler: Handler) -> None:
    """Answers once, and hangs up as soon as the next request has come in: the race of every keep-alive."""
    stand_in.serve(handler)
    handler.wfile.flush()
    handler.rfile.readline()
    handler.drop()


def test_a_read_on_a_stale_connection_is_asked_again(server: StandIn, client: HttpClient) -> None:
    """The server had hung up meanwhile: the read goes out on a new connection."""
    for trick in (say_and_close, drop_second):
        server.next("GET", trick)
        client.send(READ, within=5.0)
        sleep(0.05)
        assert client.send(READ, within=5.0).status == 200


def test_a_write_is_not_put_on_a_connection_seen_to_be_closed(server: StandIn, client: HttpClient) -> None:
    """The server has hung up: the write gets a new connection, and goes out once."""
    server.next("GET", say_and_close)
    client.send(READ, within=5.0)
    sleep(0.05)
    assert client.send(WRITE, within=5.0).status == 200
    assert server.effects == 1


def test_a_write_lost_on_a_kept_connection_is_not_sent_again(server: StandIn, client: HttpClient) -> None:
    """Hung up on at the last moment nobody knows whether it arrived: no answer, one sending."""
    server.next("GET", drop_second)
    client.send(READ, within=5.0)
    with pytest.raises(NoAnswer):
        client.send(WRITE, within=5.0)
    assert server.methods() == ["GET"]


def test_an_applied_write_without_answer_is_sent_once(server: StandIn, client: HttpClient) -> None:
    """It was carried out, then the connection ended: one effect, and no claim about it."""
    client.send(READ, within=5.0)
    server.next("PUT", stand_in.applied(stand_in.drop))
    with pytest.raises(NoAnswer):
        client.send(WRITE, within=5.0)
    assert server.effects == 1


def test_bytes_nobody_asked_for_are_no_answer(server: StandIn, client: HttpClient) -> None:
    """A second answer slipped in behind the first is not taken for the next request's."""

    def smuggle(handler: Handler) -> None:
        stand_in.serve(handler)
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsmuggle")
        handler.wfile.flush()

    server.next("GET", smuggle)
    client.send(READ, within=5.0)
    sleep(0.05)
    assert client.send(READ, within=5.0).json() == {"enabled": True, "by": "ana"}


def test_a_looker_is_a_new_consumer_each_time(server: StandIn, client: HttpClient) -> None:
    """A probe's look never rides on a kept connection: that one may hang on to a pod that takes no new ones."""
    client.send(READ, within=5.0)
    client.look(READ, within=5.0)
    client.look(READ, within=5.0)
    assert wires(server) == 3
