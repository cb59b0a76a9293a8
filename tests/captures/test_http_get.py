"""The capture http.get over real sockets: what was answered is kept, and what is no evidence is an error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from psfir.captures.http.get import GetCapture
from psfir.errors import Denied, LeverError, NoSuchTarget, Unreachable, UsageError
from tests.shares import told
from tests.vendors.http_stand_in import KEY, MIB, TOKEN, Say, StandIn, hang, raw


@pytest.fixture
def stand() -> Iterator[StandIn]:
    with StandIn() as stand:
        yield stand


def take(stand: StandIn, path: str = "/admin/state", within: float = 10.0) -> tuple[str, str, bytes]:
    taken = GetCapture(stand.connection()).take({"connection": "assistant", "path": path}, within=within)
    return taken.name, taken.media_type, taken.content


def test_an_answer_is_kept_as_it_was(stand: StandIn) -> None:
    """Name, media type and the very bytes."""
    assert take(stand) == ("assistant-admin-state.json", "application/json", b'{"enabled": true, "model": "large"}')
    assert stand.seen[0].method == "GET"
    assert stand.seen[0].headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("text/plain; charset=utf-8", "text/plain"),
        ("IMAGE/PNG", "image/png"),
        ("", "application/octet-stream"),
        ("nonsense", "application/octet-stream"),
        ("text/html\x1b[31m", "application/octet-stream"),
    ],
)
def test_the_media_type_is_one(stand: StandIn, said: str, kept: str) -> None:
    """What the answer says if it is a media type, else that it is just bytes."""
    stand.fault("GET", Say(200, b"x", {"Content-Type": said}))
    assert take(stand)[1] == kept


def test_bytes_that_are_no_text(stand: StandIn) -> None:
    """Every byte comes through."""
    every = bytes(range(256)) * 3
    stand.fault("GET", Say(200, every))
    assert take(stand)[2] == every


def test_its_own_secrets_are_taken_out(stand: StandIn) -> None:
    """An API that echoes the credential does not put it into the evidence."""
    stand.fault("GET", Say(200, b"\xff " + f"{TOKEN}, {KEY}".encode()))
    assert take(stand)[2] == b"\xff [secret token], [secret headers.X-Key]"


def test_a_name_any_file_system_takes(stand: StandIn) -> None:
    """No slash, no dot-dot, no query, and not too long."""
    assert take(stand, "/../../etc/pass wd?token=x")[0] == "assistant-etc-pass-wd.json"
    assert take(stand, "/" + "a" * 500)[0] == "assistant-" + "a" * 70 + ".json"


def test_one_mebibyte_and_no_more(stand: StandIn) -> None:
    """Half of something is no evidence."""
    stand.fault("GET", Say(200, b"x" * MIB), Say(200, b"x" * (MIB + 1)))
    assert len(take(stand)[2]) == MIB
    with pytest.raises(LeverError, match="larger than"):
        take(stand)


def test_what_is_no_evidence(stand: StandIn) -> None:
    """An error page, an answer that breaks off, silence and a path that is none are errors."""
    stand.fault("GET", Say(404), Say(403), raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"), hang)
    for kind in (NoSuchTarget, Denied, Unreachable):
        with pytest.raises(kind):
            take(stand)
    assert type(told(lambda share: take(stand, within=share), lambda: len(stand.seen) > 3)) is Unreachable
    with pytest.raises(UsageError, match="must begin with /"):
        take(stand, "state")
