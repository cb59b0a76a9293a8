"""Which connections the HTTP client keeps, and what it does when one of them has gone."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address
from time import sleep
from warnings import catch_warnings, simplefilter

import pytest

from psfir.errors import NoAnswer, Unreachable
from psfir.vendors.deadline import Deadline
from psfir.vendors.http import HttpClient, Request
from psfir.vendors.http_address import place
from psfir.vendors.http_wire import Pool, connect
from tests.vendors.http_asking import GET, OK, PUT, QUICK
from tests.vendors.http_stand_in import Handler, StandIn, applied_then, close, raw


@pytest.fixture
def stand() -> Iterator[StandIn]:
    with StandIn() as stand:
        yield stand


def test_reads_share_a_connection(stand: StandIn) -> None:
    """One connection serves request after request."""
    client = HttpClient(stand.connection())
    for _ in range(5):
        client.send(GET, within=QUICK)
    client.send(PUT, within=QUICK)
    assert stand.connections == 1


def test_two_at_once_do_not_share_a_connection(stand: StandIn) -> None:
    """Answers cannot be mixed up: what is under way has its connection to itself."""
    stand.always["GET"] = lambda handler: handler.answer(200, handler.path.encode(), {})
    client = HttpClient(stand.connection())
    paths = [f"/{number}" for number in range(64)]
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda path: client.send(Request("GET", path), within=5).text, paths)
    assert list(answers) == paths


def test_a_look_has_a_connection_of_its_own(stand: StandIn) -> None:
    """A probe's look is one more consumer: a kept connection could lead to a replica that no one else gets."""
    client = HttpClient(stand.connection())
    client.send(GET, within=QUICK)
    client.look(GET, within=QUICK)
    client.look(GET, within=QUICK)
    assert stand.connections == 3


def _hang_up_after_answering(handler: Handler) -> None:
    handler.tell()  # and without having said `Connection: close`


def test_a_read_is_sent_again_where_a_kept_connection_had_gone(stand: StandIn) -> None:
    """The server hung up between two reads: nobody notices."""
    client = HttpClient(stand.connection())
    stand.fault("GET", _hang_up_after_answering)
    client.send(GET, within=QUICK)
    assert client.send(GET, within=QUICK).status == 200
    sleep(0.05)
    stand.fault("GET", _hang_up_after_answering)
    client.send(GET, within=QUICK)
    sleep(0.05)
    assert client.send(PUT, within=QUICK).status == 200
    assert [seen.method for seen in stand.seen] == ["GET", "GET", "GET", "PUT"]


def test_a_read_that_meets_a_dying_connection_is_retried_once(stand: StandIn) -> None:
    """It hangs up on the request itself: a read is sent once more on a new connection, and then never again."""
    client = HttpClient(stand.connection())
    client.send(GET, within=QUICK)
    stand.fault("GET", close)
    assert client.send(GET, within=QUICK).status == 200
    assert len(stand.seen) == 3
    stand.fault("GET", close, close)
    with pytest.raises(Unreachable):
        client.send(GET, within=QUICK)
    assert len(stand.seen) == 5


def test_a_write_that_meets_a_dying_connection_is_not(stand: StandIn) -> None:
    """The server did it and hung up: sending it again would do it twice."""
    client = HttpClient(stand.connection())
    client.send(GET, within=QUICK)
    stand.fault("PUT", applied_then(close))
    with pytest.raises(NoAnswer):
        client.send(PUT, within=QUICK)
    assert len(stand.writes()) == 1


def test_a_write_takes_only_a_connection_of_a_moment_ago(stand: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server may be about to hang up on one that has rested for long: a write does not risk it, a read may."""
    monkeypatch.setattr("psfir.vendors.http_wire._IDLE_FOR_A_WRITE", 0.02)
    client = HttpClient(stand.connection())
    for request, connections in ((GET, 1), (GET, 1), (PUT, 2)):
        sleep(0.05)
        client.send(request, within=QUICK)
        assert stand.connections == connections


def test_bytes_behind_an_answer_are_not_the_next_answer(stand: StandIn) -> None:
    """A wrong Content-Length cannot put words into the mouth of the next answer."""
    poison = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
    stand.fault("GET", raw(OK + b"Content-Length: 2\r\n\r\n{}" + poison, stay=True))
    client = HttpClient(stand.connection())
    assert client.send(GET, within=QUICK).body == b"{}"
    assert client.send(GET, within=QUICK).json() == stand.document
    assert stand.connections == 2


def test_what_is_kept_is_closed_with_whom_it_was_kept_for(stand: StandIn) -> None:
    """Among things that refer to each other, too, where the garbage may be collected in any order."""
    origin = place(stand.url).origin
    wire = connect(origin, [IPv4Address("127.0.0.1")], Deadline(QUICK), None)
    pool = Pool()
    pool.give((origin.scheme, origin.host, origin.port, ""), wire)
    vars(pool)["itself"] = pool
    del pool, wire
    with catch_warnings(record=True) as left:
        simplefilter("always")
        gc.collect()
    assert [str(one.message) for one in left if one.category is ResourceWarning] == []
