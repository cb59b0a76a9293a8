"""A request has one deadline for everything: names, connecting, TLS, headers, and a body that only drips."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from threading import Event
from time import perf_counter

import pytest

from psfir.errors import LeverError, NoAnswer, Unreachable
from psfir.testing import FakeConnection
from psfir.vendors.http import HttpClient, Request
from tests.vendors import stand_in
from tests.vendors.stand_in import StandIn, Trick

READ, WRITE = Request("GET", "/state"), Request("PUT", "/state", body=b"{}", writes=True)
WITHIN = 0.3
LATEST = 0.8


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn() as server:
        yield server


def client(url: str, **settings: float) -> HttpClient:
    return HttpClient(FakeConnection("gateway", "http", {"url": url, **settings}))


def took(deed: Callable[[], object]) -> float:
    begun = perf_counter()
    deed()
    return perf_counter() - begun


SLOW: dict[str, Trick] = {
    "hangs": stand_in.hang,
    "headers only": stand_in.headers_only,
    "drips": stand_in.drip,
    "drips headers": stand_in.drip_headers,
}


@pytest.mark.parametrize("request_", [READ, WRITE], ids=["read", "write"])
@pytest.mark.parametrize("trick", SLOW.values(), ids=SLOW)
def test_a_slow_answer_is_given_up_in_time(server: StandIn, trick: Trick, request_: Request) -> None:
    """However an answer dawdles, the call is back within its share and says that it was sent."""
    server.always(request_.method, trick)
    begun = perf_counter()
    with pytest.raises(NoAnswer):
        client(server.url).send(request_, within=WITHIN)
    assert perf_counter() - begun < LATEST
    assert server.methods() == [request_.method]


def test_a_connection_may_set_a_shorter_time(server: StandIn) -> None:
    """`timeout` of the connection holds where the share is longer."""
    server.always("GET", stand_in.hang)
    with pytest.raises(NoAnswer):
        assert took(lambda: client(server.url, timeout=0.2).send(READ, within=30.0)) < LATEST


def test_a_resolver_that_hangs_is_given_up_in_time() -> None:
    """The system's resolver knows no deadline; a call does. Nothing was sent."""
    stuck = Event()

    def resolve(host: str, port: int) -> list[str]:
        stuck.wait(20.0)
        return ["127.0.0.1"]

    one = HttpClient(FakeConnection("gateway", "http", {"url": "https://flags.invalid"}), resolve=resolve)
    begun = perf_counter()
    with pytest.raises(Unreachable, match=r"flags\.invalid was not resolved in time"):
        one.send(WRITE, within=WITHIN)
    assert perf_counter() - begun < LATEST
    stuck.set()


def test_a_server_that_takes_no_connection_is_given_up_in_time() -> None:
    """A full backlog answers nothing at all: unreachable, within the share, and nothing was sent."""
    with closing(socket.socket()) as full, closing(socket.socket()) as first, closing(socket.socket()) as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for each in (first, second):
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        one = client(f"http://127.0.0.1:{full.getsockname()[1]}")
        begun = perf_counter()
        with pytest.raises(Unreachable):
            one.send(WRITE, within=WITHIN)
        assert perf_counter() - begun < LATEST


def test_a_server_that_never_shakes_hands_is_given_up_in_time() -> None:
    """TLS that stops in the middle is unreachable: no request had been sent."""
    with closing(socket.socket()) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(5)
        begun = perf_counter()
        with pytest.raises(Unreachable):
            client(f"https://127.0.0.1:{silent.getsockname()[1]}").send(WRITE, within=WITHIN)
        assert perf_counter() - begun < LATEST


def test_one_dead_address_does_not_take_all_the_time(server: StandIn) -> None:
    """Where a name has several addresses each gets its part of the share, and the living one is found."""
    with closing(socket.socket()) as dead:
        dead.bind(("127.0.0.2", 0))  # bound, and never listening

        def resolve(host: str, port: int) -> list[str]:
            return ["127.0.0.2", "127.0.0.1"]

        connection = FakeConnection("gateway", "http", {"url": f"http://flags.test:{server.port}"})
        assert HttpClient(connection, resolve=resolve).send(READ, within=5.0).status == 200
    assert server.seen[0].headers["Host"] == f"flags.test:{server.port}"


@pytest.mark.parametrize("found", [OSError("Name or service not known"), [], ["no address"]], ids=str)
def test_a_name_nobody_knows_is_unreachable(found: OSError | list[str]) -> None:
    """Safe to try again, and the sentence names the host."""

    def resolve(host: str, port: int) -> list[str]:
        if isinstance(found, OSError):
            raise found
        return found

    one = HttpClient(FakeConnection("gateway", "http", {"url": "https://flags.invalid"}), resolve=resolve)
    with pytest.raises(Unreachable, match=r"flags\.invalid could not be resolved"):
        one.send(WRITE, within=5.0)


def test_no_time_at_all_sends_nothing(server: StandIn) -> None:
    """A share that is used up before the call is an error, and no request."""
    with pytest.raises(LeverError):
        client(server.url).send(WRITE, within=0.0)
    assert server.seen == []
