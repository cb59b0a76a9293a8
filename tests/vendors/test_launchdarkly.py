"""The REST client for LaunchDarkly: what it sends, what it makes of answers, and how long it waits for a limit."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from psfir.domain.canon import Json
from psfir.errors import Busy, Declined, Denied, LeverError, NoAnswer, NoSuchTarget, Unreachable
from psfir.range.server import Asked, Reply, Server
from psfir.testing import FakeConnection
from psfir.vendors.http import Answer
from psfir.vendors.launchdarkly import ApprovalNeeded, Ask, Conflict, LaunchDarkly, NotValid, error_of, under

TOKEN = "api-4c1b5a2e-0000"
WRITE = Ask("PATCH", "/api/v2/flags/a/b", {"dryRun": "true"}, {"instructions": []}, needs="the action updateOn on x")
READ = Ask("GET", "/api/v2/flags/a/b")
DATE = {"Date": "Mon, 21 Sep 2026 12:00:00 GMT"}
EPOCH = 1_789_992_000_000
"""The same instant, as the vendor counts: in milliseconds."""


class Vendor:
    """Answers what it is told to, the last one for ever, and keeps what it was asked."""

    def __init__(self) -> None:
        self.replies: list[Reply] = [Reply(200, {})]
        self.asked: list[Asked] = []
        self.server = Server(self._answer)

    def _answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def api(self) -> LaunchDarkly:
        connection = FakeConnection("flags", "launchdarkly", {"url": self.server.url}, {"token": TOKEN})
        return LaunchDarkly(connection)


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = Vendor()
    with vendor.server:
        yield vendor


def test_what_is_sent(vendor: Vendor) -> None:
    """The token is sent bare, the version always, a patch as a semantic one, and a read without a body."""
    vendor.api().ask(WRITE, within=2)
    vendor.api().ask(READ, within=2)
    write, read = vendor.asked
    assert write.headers["authorization"] == TOKEN
    assert write.headers["ld-api-version"] == "20240415"
    assert write.headers["content-type"] == "application/json; domain-model=launchdarkly.semanticpatch"
    assert (write.method, write.target) == ("PATCH", "/api/v2/flags/a/b?dryRun=true")
    assert write.json() == {"instructions": []}
    assert read.body == b""
    vendor.api().ask(Ask("GET", "/x", beta=True), within=2)
    assert vendor.asked[-1].headers["ld-api-version"] == "beta"


def test_a_key_is_one_step_of_a_path() -> None:
    """Whatever stands in a key, it leads nowhere else."""
    assert under("flags", "a/../b", "c?d") == "/api/v2/flags/a%2F..%2Fb/c%3Fd"


TABLE: list[tuple[int, type[LeverError], type[LeverError]]] = [
    (400, NotValid, NotValid),
    (401, Denied, Denied),
    (403, Denied, Denied),
    (404, NoSuchTarget, NoSuchTarget),
    (405, ApprovalNeeded, ApprovalNeeded),
    (408, NoAnswer, Busy),
    (409, Conflict, Conflict),
    (415, Declined, Declined),
    (422, LeverError, LeverError),
    (429, Busy, Busy),
    (500, NoAnswer, Busy),
    (503, NoAnswer, Busy),
    (504, NoAnswer, Busy),
]


@pytest.mark.parametrize(("status", "write", "read"), TABLE)
def test_what_each_status_means(vendor: Vendor, status: int, write: type[LeverError], read: type[LeverError]) -> None:
    """One table for all levers; the vendor's sentence and its id are kept, whatever it echoes is not."""
    vendor.replies = [Reply(status, {"code": "x", "message": f"no {TOKEN}", "id": "e-1"})]
    for ask, error in ((WRITE, write), (READ, read)):
        with pytest.raises(LeverError, match=r"no \[secret token\] \(id e-1\)") as raised:
            vendor.api().ask(ask, within=2)
        assert type(raised.value) is error
        assert TOKEN not in str(raised.value)


def test_denied_names_what_the_role_lacks(vendor: Vendor) -> None:
    """401 may mean a bad token as well as a missing right: both are named, and where the token is."""
    vendor.replies = [Reply(401, {"message": "no"})]
    with pytest.raises(Denied) as denied:
        vendor.api().ask(WRITE, within=2)
    assert denied.value.todo == "the token (env:TOKEN) is no good, or its role lacks the action updateOn on x"


LIMITS: list[tuple[dict[str, str], float | None]] = [
    ({**DATE, "X-Ratelimit-Reset": str(EPOCH + 7000)}, 7),
    ({**DATE, "X-Ratelimit-Reset": str(EPOCH - 7000)}, 0),
    ({**DATE, "Retry-After": "9", "X-Ratelimit-Reset": str(EPOCH + 7000)}, 9),
    ({**DATE, "X-Ratelimit-Reset": "soon"}, None),
    ({"Date": "today", "X-Ratelimit-Reset": str(EPOCH)}, None),
    ({"X-Ratelimit-Reset": str(EPOCH)}, None),
    (DATE, None),
]


@pytest.mark.parametrize(("headers", "after"), LIMITS)
def test_how_long_a_limit_lasts(headers: dict[str, str], after: float | None) -> None:
    """Counted from the answer's own date, in seconds; what is absent or no number is not guessed."""
    answer = Answer(429, "", {name.lower(): text for name, text in headers.items()}, b"")
    busy = error_of(answer, "later", "here", denied="", wrote=True)
    assert isinstance(busy, Busy)
    assert busy.after == after


def test_a_limit_that_ends_in_time_is_waited_for(vendor: Vendor) -> None:
    """A read is asked again when the vendor said; a write is its lever's to repeat, after another look."""
    reset = {"X-Ratelimit-Reset": str(int(time.time() * 1000) + 400)}
    vendor.replies = [Reply(429, b"", reset), Reply(200, {"done": True})]
    assert vendor.api().ask(READ, within=20).body == {"done": True}
    assert len(vendor.asked) == 2
    vendor.replies = [Reply(429, b"", reset), Reply(200, {})]
    with pytest.raises(Busy):
        vendor.api().ask(WRITE, within=20)


def test_a_limit_that_ends_too_late_is_not_waited_for(vendor: Vendor) -> None:
    """Back at once, so that the next rung has the time."""
    vendor.replies = [Reply(429, b"", {"Retry-After": "60"})]
    begun = time.perf_counter()
    with pytest.raises(Busy):
        vendor.api().ask(READ, within=5)
    assert time.perf_counter() - begun < 2


BODIES: list[bytes | Json] = [b"<html>", b"", b"[1]", b'{"a": NaN}', b'{"a": 1, "a": 2}']


@pytest.mark.parametrize("body", BODIES)
def test_a_200_that_says_nothing_is_unknown(vendor: Vendor, body: bytes) -> None:
    """A write whose answer is no object may have been carried out; a reading of it is an error."""
    vendor.replies = [Reply(200, body)]
    with pytest.raises(NoAnswer, match="may have been carried out"):
        vendor.api().ask(WRITE, within=2)
    with pytest.raises(LeverError) as raised:
        vendor.api().ask(READ, within=2)
    assert type(raised.value) is LeverError


@pytest.mark.parametrize(
    ("headers", "left"),
    [
        ({"X-Ratelimit-Global-Remaining": "9", "X-Ratelimit-Route-Remaining": "4"}, 4),
        ({"X-Ratelimit-Global-Remaining": "0"}, 0),
        ({"X-Ratelimit-Global-Remaining": "many"}, None),
        ({}, None),
    ],
)
def test_how_many_calls_are_left(vendor: Vendor, headers: dict[str, str], left: int | None) -> None:
    """The smaller of the two windows; None where the vendor does not say."""
    vendor.replies = [Reply(200, {}, headers)]
    assert vendor.api().ask(READ, within=2).left == left


def test_nobody_there_is_unreachable() -> None:
    """A refused connection means that nothing was sent."""
    connection = FakeConnection("flags", "launchdarkly", {"url": "http://127.0.0.1:9"}, {"token": TOKEN})
    with pytest.raises(Unreachable):
        LaunchDarkly(connection).ask(WRITE, within=1)
