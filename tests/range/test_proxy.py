"""The proxy spoils any TCP wire, while connections live, and lets go of every one of them."""

import socket
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, IncompleteRead
from threading import Event, Thread
from time import perf_counter

import pytest

from psfir.range.proxy import BLACK_HOLE, Flow, Proxy, Then
from psfir.range.server import Asked, Reply, Server

BODY = bytes(range(256)) * 40


class Upstream:
    """Says back what it hears, byte by byte as it comes; at the end of the input it says `bye`."""

    def __init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self.heard: list[bytes] = []
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._door.accept()
            except OSError:
                return
            Thread(target=self._echo, args=(connection,), daemon=True).start()

    def _echo(self, connection: socket.socket) -> None:
        with connection:
            try:
                while data := connection.recv(65536):
                    self.heard.append(data)
                    connection.sendall(data)
                connection.sendall(b"bye")
            except OSError:
                self.heard.append(b"<reset>")

    def close(self) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with closing(Upstream()) as upstream:
        yield upstream


@pytest.fixture
def proxy(upstream: Upstream) -> Iterator[Proxy]:
    with Proxy("127.0.0.1", upstream.port) as proxy:
        yield proxy


@pytest.fixture
def client(proxy: Proxy) -> Iterator[socket.socket]:
    with closing(_client(proxy)) as client:
        yield client


def _client(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=5)


def _all(client: socket.socket, size: int = -1) -> bytes:
    """So many bytes, or all until the end."""
    found = b""
    while size < 0 or len(found) < size:
        data = client.recv(65536)
        if not data:
            break
        found += data
    return found


def _silent(client: socket.socket) -> bool:
    client.settimeout(0.15)
    try:
        return client.recv(1) is None
    except TimeoutError:
        return True
    finally:
        client.settimeout(5)


def test_what_nothing_spoils_goes_through(client: socket.socket) -> None:
    """Every byte in its order, there and back."""
    for _ in range(20):
        client.sendall(BODY)
        assert _all(client, len(BODY)) == BODY


def test_a_half_closed_connection_goes_on_the_other_way(client: socket.socket) -> None:
    """The client's end is passed on, and what upstream still says arrives."""
    client.sendall(b"last")
    client.shutdown(socket.SHUT_WR)
    assert _all(client) == b"lastbye"


def test_latency_is_each_way(proxy: Proxy, client: socket.socket) -> None:
    """A question and its answer take both."""
    proxy.spoil(up=Flow(latency=0.1), down=Flow(latency=0.1))
    begun = perf_counter()
    client.sendall(b"x")
    assert client.recv(1) == b"x"
    assert perf_counter() - begun >= 0.19


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_reset_comes_behind_its_bytes(proxy: Proxy, upstream: Upstream, way: str) -> None:
    """Those before it pass; both sides read a reset."""
    proxy.spoil(**{way: Flow(limit=100, then=Then.RESET)})
    with closing(_client(proxy)) as client:
        client.sendall(BODY[:100])
        with pytest.raises(ConnectionResetError):
            _all(client)
    _until(lambda: upstream.heard[-1:] == [b"<reset>"])
    assert b"".join(upstream.heard[:-1]) == BODY[:100]


def test_a_fault_meets_connections_that_are_idle(proxy: Proxy, client: socket.socket) -> None:
    """They are cut when the fault is set, and do not have to speak first."""
    client.sendall(b"x")
    assert client.recv(1) == b"x"
    proxy.spoil(down=Flow(limit=0, then=Then.RESET))
    with pytest.raises(ConnectionResetError):
        client.recv(1)


def test_a_black_hole_accepts_and_passes_nothing_until_it_is_healed(proxy: Proxy, upstream: Upstream) -> None:
    """What it held back passes then."""
    proxy.spoil(up=BLACK_HOLE)
    with closing(_client(proxy)) as client:
        client.sendall(b"hello")
        assert _silent(client)
        assert upstream.heard == []
        proxy.heal()
        assert _all(client, 5) == b"hello"


def test_a_black_hole_may_begin_in_the_middle(proxy: Proxy, client: socket.socket) -> None:
    """So many bytes, then silence; healed, the rest."""
    proxy.spoil(down=Flow(limit=1000))
    client.sendall(BODY)
    assert _all(client, 1000) == BODY[:1000]
    assert _silent(client)
    proxy.heal()
    assert _all(client, len(BODY) - 1000) == BODY[1000:]


@pytest.mark.parametrize("then", [Then.END, Then.HALF_CLOSED])
def test_a_truncated_answer_ends_cleanly(proxy: Proxy, client: socket.socket, then: Then) -> None:
    """The client reads its bytes and then the end, not a reset."""
    proxy.spoil(down=Flow(limit=1000, then=then))
    client.sendall(BODY)
    assert _all(client) == BODY[:1000]


def test_half_closed_by_the_proxy_the_other_way_goes_on(proxy: Proxy, upstream: Upstream) -> None:
    """The client has read the end, and upstream still hears it."""
    proxy.spoil(down=Flow(limit=0, then=Then.HALF_CLOSED))
    with closing(_client(proxy)) as client:
        assert client.recv(1) == b""
        client.sendall(b"are you there")
        client.shutdown(socket.SHUT_WR)
        _until(lambda: b"".join(upstream.heard) == b"are you there")


def test_a_drip_is_slow_and_can_be_healed(proxy: Proxy, client: socket.socket) -> None:
    """So many bytes a second, one after the other; healed, the rest comes at once."""
    proxy.spoil(down=Flow(rate=20))
    begun = perf_counter()
    client.sendall(BODY)
    assert len(_all(client, 5)) < 20
    assert perf_counter() - begun >= 0.15
    proxy.heal()
    assert len(_all(client, len(BODY) - 20)) > 1000
    assert perf_counter() - begun < 5


def test_refusing_is_for_new_connections_only(proxy: Proxy, client: socket.socket) -> None:
    """The one that is open stays; healed, others are accepted again on the same port."""
    client.sendall(b"x")
    assert client.recv(1) == b"x"
    port = proxy.port
    for _ in range(3):
        proxy.refuse()
        with pytest.raises(ConnectionRefusedError):
            _client(proxy)
        client.sendall(b"x")
        assert client.recv(1) == b"x"
        proxy.heal()
        assert proxy.port == port
        with closing(_client(proxy)) as other:
            other.sendall(b"y")
            assert other.recv(1) == b"y"


def test_an_upstream_that_is_away_is_a_reset() -> None:
    """The client is accepted before anybody can know."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with Proxy("127.0.0.1", port) as proxy, pytest.raises(ConnectionResetError):
        _ask(proxy)


def test_stopping_ends_every_connection(upstream: Upstream) -> None:
    """Idle, silent and slow ones; the port is free afterwards, and its thread is gone."""
    with Proxy("127.0.0.1", upstream.port) as proxy:
        idle, silent = _client(proxy), _client(proxy)
        idle.sendall(b"x")
        assert idle.recv(1) == b"x"
        proxy.spoil(up=BLACK_HOLE, down=BLACK_HOLE)
        silent.sendall(b"x")
        assert len(proxy.links) == 2
    for client in (idle, silent):
        with closing(client):
            _read_to_the_end(client)
    assert proxy.links == set()
    with pytest.raises(ConnectionRefusedError):
        _client(proxy)


def test_a_client_that_leaves_is_forgotten(proxy: Proxy, upstream: Upstream) -> None:
    """No connection is kept for one that is over, whichever way it ended."""
    for rude in (False, True):
        client = _client(proxy)
        client.sendall(b"x")
        assert client.recv(1) == b"x"
        if rude:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        client.close()
    _until(lambda: not proxy.links)


def test_streams_go_through_piece_by_piece() -> None:
    """An event arrives when it is sent, not when the stream ends; a cut stream is one that broke off."""
    go_on = Event()

    def events() -> Iterator[bytes]:
        yield b"data: 1\n\n"
        go_on.wait(5)
        yield b"data: 2\n\n"

    def handle(_asked: Asked) -> Reply:
        return Reply(headers={"Content-Type": "text/event-stream"}, stream=events())

    with Server(handle) as server, Proxy("127.0.0.1", server.port) as proxy:
        with closing(HTTPConnection("127.0.0.1", proxy.port, timeout=5)) as client:
            client.request("GET", "/")
            answer = client.getresponse()
            assert answer.read(9) == b"data: 1\n\n"
            go_on.set()
            assert answer.read() == b"data: 2\n\n"
        go_on.clear()
        with closing(HTTPConnection("127.0.0.1", proxy.port, timeout=5)) as client:
            client.request("GET", "/")
            answer = client.getresponse()
            assert answer.read(9) == b"data: 1\n\n"
            proxy.spoil(down=Flow(limit=0, then=Then.END))
            go_on.set()
            with pytest.raises(IncompleteRead):
                answer.read()


def _ask(proxy: Proxy) -> bytes:
    with closing(_client(proxy)) as client:
        return client.recv(1)


def _read_to_the_end(client: socket.socket) -> None:
    try:
        _all(client)
    except ConnectionResetError:
        return


def _until(true: object) -> None:
    assert callable(true)
    end = perf_counter() + 20
    while not true():
        assert perf_counter() < end, "it did not come about"
        Event().wait(0.01)


def test_stopping_in_the_middle_of_traffic_never_hangs() -> None:
    """Whichever step of passing something on the end comes in, it comes through."""
    upstream = Server(lambda _asked: Reply(stream=iter(lambda: b"x" * 100, b"")))
    with upstream:
        for _ in range(40):
            proxy = Proxy("127.0.0.1", upstream.port)
            proxy.__enter__()
            with closing(socket.create_connection(("127.0.0.1", proxy.port), timeout=5)) as client:
                client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                client.recv(1)
                stopping = Thread(target=proxy.__exit__, daemon=True)
                stopping.start()
                stopping.join(10)
                assert not stopping.is_alive()
