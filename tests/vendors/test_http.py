"""What each answer to the HTTP client means, and that no answer outlasts its time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from psfir.errors import Busy, Declined, Denied, LeverError, NoAnswer, NoSuchTarget, PsfirError, Unreachable
from psfir.testing.waiting import eventually
from psfir.vendors.http import HttpClient
from tests.vendors.http_asking import GET, OK, PUT, SHORT, ask
from tests.vendors.http_stand_in import KEY, MIB, TOKEN, Fault, Say, StandIn, close, drip, hang, raw, reset


@pytest.fixture
def stand() -> Iterator[StandIn]:
    with StandIn() as stand:
        yield stand


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
    """Whatever breaks after sending is NoAnswer of a write, in time, and sent once; of a read it may be tried again."""
    stand.always = {"GET": fault, "PUT": fault}
    for request, kind in ((GET, Unreachable), (PUT, NoAnswer)):
        assert type(ask(stand, request, SHORT)) is kind
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


def test_retry_after(stand: StandIn) -> None:
    """Seconds as they are; a date counts from the answer's own date; nonsense says nothing."""
    date = "Sat, 21 Nov 2026 03:12:00 GMT"
    for said, after in (("7", 7.0), ("Sat, 21 Nov 2026 03:12:30 GMT", 30.0), ("soon", None), ("", None), ("-3", None)):
        answer = f"HTTP/1.1 429 Busy\r\nDate: {date}\r\nRetry-After: {said}\r\nContent-Length: 0\r\n\r\n"
        stand.fault("PUT", raw(answer.encode()))
        error = ask(stand, PUT)
        assert isinstance(error, Busy)
        assert error.after == after, said
