"""The HTTP client against a real server: what each answer means, and that no answer outlasts its time."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from time import perf_counter, sleep
from typing import Any

import pytest

from psfir.errors import (
    Busy,
    Declined,
    Denied,
    LeverError,
    NoAnswer,
    NoSuchTarget,
    PsfirError,
    Refusal,
    Unreachable,
    UsageError,
)
from psfir.testing import FakeConnection
from psfir.vendors.http import HttpClient, Refused, Request
from tests.shares import GRACE, eventually, told
from tests.vendors.http_stand_in import (
    KEY,
    MIB,
    TOKEN,
    Fault,
    Handler,
    Say,
    StandIn,
    applied_then,
    close,
    drip,
    hang,
    raw,
    reset,
)

GET = Request("GET", "/state")
PUT = Request("PUT", "/state", body=b"{}", writes=True)
OK = b"HTTP/1.1 200 OK\r\n"
SHORT = 0.15
QUICK = 10.0
"""More than what ends by itself ever takes."""


@pytest.fixture
def stand() -> Iterator[StandIn]:
    with StandIn() as stand:
        yield stand


def ask(stand: StandIn, request: Request, within: float = QUICK, **settings: Any) -> LeverError | PsfirError:
    """The error that a request ends with, in time, which tells no secret."""
    before = len(stand.seen)
    client = HttpClient(stand.connection(**settings))
    error = told(lambda share: client.send(request, within=share), lambda: len(stand.seen) > before, share=within)
    assert isinstance(error, PsfirError), error
    assert TOKEN not in str(error)
    assert KEY not in str(error)
    return error


def put(client: HttpClient) -> object:
    """What comes, in time, of a write that is waited for in vain."""
    return told(lambda share: client.send(PUT, within=share), share=SHORT)


@pytest.mark.parametrize(
    ("status", "reading", "writing"),
    [
        (301, Declined, Declined),
        (302, Declined, NoAnswer),
        (303, Declined, NoAnswer),
        (304, Declined, NoAnswer),
        (307, Declined, Declined),
        (400, Declined, Declined),
        (401, Denied, Denied),
        (403, Denied, Denied),
        (404, NoSuchTarget, NoSuchTarget),
        (405, Declined, Declined),
        (408, Busy, NoAnswer),
        (409, Declined, Declined),
        (410, NoSuchTarget, NoSuchTarget),
        (412, Declined, Declined),
        (422, Declined, Declined),
        (429, Busy, Busy),
        (500, Busy, NoAnswer),
        (502, Busy, NoAnswer),
        (503, Busy, NoAnswer),
        (504, Busy, NoAnswer),
    ],
)
def test_each_status_is_one_error(
    stand: StandIn, status: int, reading: type[PsfirError], writing: type[PsfirError]
) -> None:
    """Whether something was done is decided by the status and by whether the request writes."""
    stand.always = {method: Say(status, b"the reason") for method in ("GET", "PUT")}
    for request, kind in ((GET, reading), (PUT, writing)):
        error = ask(stand, request)
        assert type(error) is kind
        assert f"answered {status}" in error.what
        assert "the reason" in error.what or status == 304, "a 304 has no body"
        assert error.where == "connection assistant"
    assert len(stand.seen) == 2


BROKEN: list[tuple[str, Fault]] = [
    ("hang", hang),
    ("close", close),
    ("reset", reset),
    ("garbage", raw(b"what?\r\n\r\n")),
    ("nothing but an interim answer", raw(b"HTTP/1.1 103 Early Hints\r\n\r\n")),
    ("headers only", raw(OK + b"Content-Length: 100\r\n\r\n")),
    ("half a header", raw(OK + b"Content-Le")),
    ("less than promised", raw(OK + b"Content-Length: 100\r\n\r\n{}")),
    ("broken chunks", raw(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n")),
    ("chunks that break off", raw(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab")),
    ("a hundred headers and more", raw(OK + b"".join(b"X-%d: y\r\n" % n for n in range(120)) + b"\r\n")),
    ("an endless header", drip(OK + b"X-Drip: ")),
    ("an endless body", drip(OK + b"Content-Length: 100000\r\n\r\n")),
    ("a body that ends with the connection, and never does", drip(OK + b"Connection: close\r\n\r\n")),
]


@pytest.mark.parametrize("fault", [fault for _, fault in BROKEN], ids=[name for name, _ in BROKEN])
def test_sent_and_no_whole_answer_is_no_answer(stand: StandIn, fault: Fault) -> None:
    """Whatever breaks after sending is NoAnswer, in time, and a write is sent exactly once."""
    stand.always = {"GET": fault, "PUT": fault}
    for request in (GET, PUT):
        assert type(ask(stand, request, SHORT)) is NoAnswer
    eventually(lambda: len(stand.seen) > 1)
    assert [seen.method for seen in stand.seen] == ["GET", "PUT"]


def test_a_no_with_a_broken_body_is_still_a_no(stand: StandIn) -> None:
    """403 says that nothing was done, however its body ends."""
    stand.always["PUT"] = drip(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 1000\r\n\r\nnot you ")
    error = ask(stand, PUT, SHORT)
    assert isinstance(error, Denied)
    assert "not you" in error.what


def test_a_body_may_be_one_mebibyte_and_no_more(stand: StandIn) -> None:
    """1 MiB comes through whole; a byte more is an error, for a read one that no retry helps."""
    client = HttpClient(stand.connection())
    stand.fault("GET", Say(200, b"x" * MIB))
    assert len(client.send(GET, within=5).body) == MIB
    stand.fault("GET", Say(200, b"x" * (MIB + 1)), raw(OK + b"\r\n" + b"x" * (2 * MIB)))
    for _ in range(2):
        error = ask(stand, GET, 5)
        assert type(error) is LeverError
        assert "larger than 1024 KiB" in error.what
    stand.fault("PUT", Say(200, b"x" * (MIB + 1)))
    assert type(ask(stand, PUT, 5)) is NoAnswer


def test_a_bodys_end_is_trimmed_into_one_line(stand: StandIn) -> None:
    """A message holds at most 200 characters of a body: one line, no control character, no secret."""
    stand.fault("GET", Say(400, f"a\r\n\x1b[31m{TOKEN} Basic {KEY}\tb".encode() + b"\xff" + b"z" * 5000))
    error = ask(stand, GET)
    assert "\n" not in error.what
    assert "\x1b" not in error.what
    assert "[secret token]" in error.what
    assert len(error.what) < 300
    assert error.what.endswith("z…")


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
    with pytest.raises(NoAnswer):
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


def test_retry_after(stand: StandIn) -> None:
    """Seconds as they are; a date counts from the answer's own date; nonsense says nothing."""
    date = "Sat, 21 Nov 2026 03:12:00 GMT"
    for said, after in (("7", 7.0), ("Sat, 21 Nov 2026 03:12:30 GMT", 30.0), ("soon", None), ("", None), ("-3", None)):
        answer = f"HTTP/1.1 429 Busy\r\nDate: {date}\r\nRetry-After: {said}\r\nContent-Length: 0\r\n\r\n"
        stand.fault("PUT", raw(answer.encode()))
        error = ask(stand, PUT)
        assert isinstance(error, Busy)
        assert error.after == after, said


@pytest.mark.parametrize(
    "url",
    ["ftp://a", "assistant", "http://", "http://user:pw@a", "https://a:99999", "https://[::1", "http://a b", ""],
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
