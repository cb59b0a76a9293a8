"""What the HTTP client makes of a place that cannot be reached: nobody there, no name, no time, no encryption."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from time import perf_counter

import pytest

from psfir.errors import NoAnswer, Refusal, Unreachable, UsageError
from psfir.testing import FakeConnection
from psfir.testing.waiting import GRACE
from psfir.vendors.http import HttpClient, Refused
from tests.vendors.http_asking import GET, PUT, QUICK, ask, put
from tests.vendors.http_stand_in import StandIn, hang


@pytest.fixture
def stand() -> Iterator[StandIn]:
    with StandIn() as stand:
        yield stand


def test_nobody_listens(stand: StandIn) -> None:
    """A refused connection is Unreachable: nothing was sent."""
    stand.__exit__()
    error = ask(stand, PUT)
    assert isinstance(error, Refused)
    assert isinstance(error, Unreachable)
    assert f"{stand.url} refused the connection" in error.what


def test_a_host_that_swallows_connections(stand: StandIn) -> None:
    """A connection that is never taken ends in time as Unreachable."""
    with StandIn() as full:
        full.deafen()
        clients = [HttpClient(full.connection()) for _ in range(4)]
        *_, last = [put(client) for client in clients]
        assert type(last) is Unreachable


@pytest.mark.parametrize("within", [0.0, -1.0])
def test_no_time_left_is_nothing_sent(stand: StandIn, within: float) -> None:
    """With no time left nothing is sent, and it says so."""
    assert type(ask(stand, PUT, within)) is Unreachable
    assert stand.seen == []


def test_the_connections_own_timeout_holds(stand: StandIn) -> None:
    """`timeout` in psfir.yaml is the longest one call may take, whatever the share."""
    stand.always["GET"] = hang
    client = HttpClient(stand.connection(timeout=0.2))
    begun = perf_counter()
    with pytest.raises((NoAnswer, Unreachable)):
        client.send(GET, within=30)
    assert perf_counter() - begun < GRACE


class Names:
    """A resolver that answers what it is told, and counts."""

    def __init__(self, *answers: Sequence[str] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.mark.parametrize(
    ("answer", "says"),
    [(OSError(-2, "Name or service not known"), "not known"), ([], "no address"), (["nonsense"], "nonsense")],
)
def test_a_name_that_leads_nowhere(stand: StandIn, answer: Sequence[str] | Exception, says: str) -> None:
    """A name that cannot be resolved is Unreachable, with the name in it."""
    client = HttpClient(stand.connection(url=f"http://assistant.test:{stand.port}"), resolve=Names(answer))
    with pytest.raises(Unreachable, match=r"assistant\.test") as raised:
        client.send(PUT, within=QUICK)
    assert says in raised.value.what


def test_a_resolver_that_hangs(stand: StandIn) -> None:
    """The system's resolver knows no deadline; a request does."""

    def slow(host: str, port: int) -> list[str]:
        stand.released.wait(10)
        return ["127.0.0.1"]

    client = HttpClient(stand.connection(url=f"http://assistant.test:{stand.port}"), resolve=slow)
    error = put(client)
    assert isinstance(error, Unreachable)
    assert "not resolved in time" in error.what


def test_a_dead_address_does_not_take_all_the_time(stand: StandIn) -> None:
    """Of several addresses each gets its part: the living one behind two dead ones is reached."""
    names = Names(["127.0.0.9", "127.0.0.8", "127.0.0.1"])
    client = HttpClient(stand.connection(url=f"http://assistant.test:{stand.port}"), resolve=names)
    with StandIn(address="127.0.0.9", port=stand.port) as deaf, ExitStack() as queue:
        deaf.deafen()
        for _ in range(3):  # so that its queue is full, and the next one hangs
            waiting = queue.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((deaf.address, deaf.port))
        assert client.send(GET, within=1.5).status == 200
    assert names.asked == [("assistant.test", stand.port)]


def test_plain_http_goes_to_this_machine_only(stand: StandIn) -> None:
    """Plain http to another machine is refused before anything is sent, unless the connection says plain_http."""
    url = f"http://assistant.test:{stand.port}"
    for answer in (["192.0.2.7"], ["::ffff:192.0.2.7"]):
        with pytest.raises(Refusal, match="not encrypted"):
            HttpClient(stand.connection(url=url), resolve=Names(answer)).send(GET, within=QUICK)
    # With an address of this machine among them, only that one is tried.
    client = HttpClient(stand.connection(url=url), resolve=Names(["192.0.2.7", "127.0.0.1"]))
    assert client.send(GET, within=QUICK).status == 200
    allowed = HttpClient(stand.connection(url=url, plain_http=True), resolve=Names(["192.0.2.7"]))
    with pytest.raises(Unreachable):
        allowed.send(GET, within=0.1)


@pytest.mark.parametrize(
    "url", ["ftp://a", "assistant", "http://", "http://user:pw@a", "https://a:99999", "https://[::1", "http://a b", ""]
)
def test_a_url_that_is_none(url: str) -> None:
    """It is refused when the client is made, and a password in it is not repeated."""
    with pytest.raises(UsageError) as raised:
        HttpClient(FakeConnection("a", "http", {"url": url}))
    assert "pw" not in str(raised.value)
    assert raised.value.where == "connection a"


def test_no_proxy_of_the_environment_is_used(stand: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that somebody's shell names does not stand between psfir and its target."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert HttpClient(stand.connection()).send(GET, within=QUICK).status == 200
