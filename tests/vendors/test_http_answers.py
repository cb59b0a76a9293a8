"""What an answer means is decided once: each status and each broken answer becomes the one error that fits."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from psfir.errors import Busy, Declined, Denied, LeverError, NoAnswer, NoSuchTarget, Unreachable
from psfir.testing import FakeConnection
from psfir.vendors.http import HttpClient, Request
from tests.vendors import stand_in
from tests.vendors.stand_in import StandIn, Trick, status

READ, WRITE = Request("GET", "/state"), Request("PUT", "/state", body=b"{}", writes=True)
CANARY = "canary-7f3a/+token"


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn() as server:
        yield server


def client(server: StandIn, **settings: object) -> HttpClient:
    return HttpClient(FakeConnection("gateway", "http", {"url": server.url, **settings}, {"token": CANARY}))  # type: ignore[dict-item]  # plain JSON in each test


@pytest.mark.parametrize(
    ("code", "reading", "writing"),
    [
        (400, Declined, Declined),
        (401, Denied, Denied),
        (403, Denied, Denied),
        (404, NoSuchTarget, NoSuchTarget),
        (405, Declined, Declined),
        (408, Busy, NoAnswer),
        (409, Declined, Declined),
        (410, NoSuchTarget, NoSuchTarget),
        (412, Declined, Declined),
        (418, Declined, Declined),
        (422, Declined, Declined),
        (429, Busy, Busy),
        (500, Busy, NoAnswer),
        (502, Busy, NoAnswer),
        (503, Busy, NoAnswer),
        (504, Busy, NoAnswer),
    ],
)
def test_each_status_has_its_error(
    server: StandIn, code: int, reading: type[LeverError], writing: type[LeverError]
) -> None:
    """A write is only called undone where the status says so; a read may be tried again where the server is ill."""
    server.always("GET", status(code, b"why it is so"))
    server.always("PUT", status(code, b"why it is so"))
    for request, error in ((READ, reading), (WRITE, writing)):
        with pytest.raises(LeverError, match=f"{code}.*why it is so") as raised:
            client(server).send(request, within=5.0)
        assert type(raised.value) is error
        assert raised.value.where == "connection gateway"


def test_busy_says_how_long() -> None:
    """Retry-After is seconds, or a date against the answer's own date; nonsense is no answer to it."""
    with StandIn() as server:
        server.next(
            "GET",
            status(429, Retry_After="17"),
            status(429, Retry_After="soon"),
            status(429, Retry_After="-5"),
            status(503, Date="Sat, 21 Nov 2026 03:12:00 GMT", Retry_After="Sat, 21 Nov 2026 03:13:30 GMT"),
        )
        after = []
        for _ in range(4):
            with pytest.raises(Busy) as raised:
                client(server).send(READ, within=5.0)
            after.append(raised.value.after)
        assert after == [17.0, None, None, 90.0]


def test_denied_says_which_credential_and_which_right(server: StandIn) -> None:
    """What to do names the credential and the request it was for, never its value."""
    server.always("PUT", status(403, b"nope"))
    with pytest.raises(Denied) as raised:
        client(server).send(WRITE, within=5.0)
    assert "token" in raised.value.todo
    assert "PUT /state" in raised.value.todo
    assert CANARY not in str(raised.value)


BROKEN: dict[str, Trick] = {
    "dropped": stand_in.drop,
    "garbage": stand_in.garbage,
    "cut off": stand_in.cut_off,
}


@pytest.mark.parametrize("trick", BROKEN.values(), ids=BROKEN)
def test_a_broken_answer_to_a_write_is_no_answer(server: StandIn, trick: Trick) -> None:
    """It was sent, and nobody can tell what became of it; it is not sent a second time."""
    server.always("PUT", trick)
    with pytest.raises(NoAnswer):
        client(server).send(WRITE, within=5.0)
    assert server.methods() == ["PUT"]


@pytest.mark.parametrize("trick", BROKEN.values(), ids=BROKEN)
def test_a_broken_answer_to_a_read_is_an_error(server: StandIn, trick: Trick) -> None:
    """Half an answer is none."""
    server.always("GET", trick)
    with pytest.raises(LeverError):
        client(server).send(READ, within=5.0)


def test_a_huge_answer_is_not_taken_in(server: StandIn) -> None:
    """More than 1 MiB is refused in words; for a write what became of it is unknown."""
    server.always("GET", stand_in.huge)
    server.always("PUT", stand_in.applied(stand_in.huge))
    with pytest.raises(LeverError, match="larger than 1024 KiB"):
        client(server).send(READ, within=5.0)
    with pytest.raises(NoAnswer, match="larger than 1024 KiB"):
        client(server).send(WRITE, within=5.0)


def test_chunks_are_put_together(server: StandIn) -> None:
    """An answer without a length is read whole, and the connection can be used again."""
    server.next("GET", stand_in.chunked)
    one = client(server)
    assert one.send(READ, within=5.0).json() == {"enabled": False}
    one.send(READ, within=5.0)
    assert len({seen.wire for seen in server.seen}) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[NaN]", b"[1e999999]", b"[12345678901234567890]", b"[" * 200_000, b"\xff\xfe"],
    ids=["empty", "html", "nan", "infinite", "too big", "too deep", "no text"],
)
def test_what_is_no_plain_json_is_told_in_a_sentence(server: StandIn, body: bytes) -> None:
    """No traceback, no rounding: what psfir could not keep exactly is an error."""
    server.always("GET", status(200, body))
    with pytest.raises(LeverError, match="not JSON that psfir can keep"):
        client(server).send(READ, within=5.0).json()


def test_what_the_other_side_says_is_trimmed_and_scrubbed(server: StandIn) -> None:
    """An error page that repeats the credential, in whatever form, and clears the terminal does neither to us."""
    leak = f"\x1b[2J\nyou sent {CANARY} " + CANARY.replace("/", "%2F").replace("+", "%2B") + " " + "x" * 5000
    server.always("GET", status(400, leak.encode()))
    with pytest.raises(Declined) as raised:
        client(server).send(READ, within=5.0)
    told = str(raised.value)
    assert "canary-7f3a" not in told
    assert "\x1b" not in told
    assert "\n" not in told
    assert len(told) < 400


def test_nobody_there_is_unreachable(server: StandIn) -> None:
    """A refused connection sent nothing, so it is safe to try again."""
    one = client(server)
    server.close()
    for request in (READ, WRITE):
        with pytest.raises(Unreachable, match="refused"):
            one.send(request, within=5.0)


def test_a_write_carries_what_it_was_given(server: StandIn, tmp_path: Path) -> None:
    """Credential, length and body arrive; nothing else of the machine does."""
    request = Request("PUT", "/state", {"Content-Type": "application/json"}, b'{"enabled": false}', writes=True)
    client(server, headers=[]).send(request, within=5.0)
    seen = server.seen[0]
    assert seen.body == b'{"enabled": false}'
    assert seen.headers["Authorization"] == f"Bearer {CANARY}"
    assert set(seen.headers) == {
        *("Host", "User-Agent", "Accept-Encoding", "Accept", "Content-Type", "Authorization", "Content-Length")
    }
    assert server.documents["/state"]["enabled"] is False
