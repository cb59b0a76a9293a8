"""A vendor that only says "too fast" is asked more slowly by all, and again: what it refused it had not done."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest

from psfir.errors import Busy
from psfir.range.server import Asked, Reply, Server
from psfir.testing import FakeConnection
from psfir.vendors.aws import AwsClient
from psfir.vendors.aws_errors import Throttled
from psfir.vendors.deadline import CLOCK, Deadline
from psfir.vendors.pace import Pace

KEYS = {"access_key_id": "AKIDEXAMPLE12345", "secret_access_key": "a-secret-of-the-tests"}
NAME = ("ssm", "GetParameter", {"Name": "model"})
SLOW_DOWN = Reply(400, {"__type": "ThrottlingException", "message": "Rate exceeded"})


class Bucket:
    """Lets so many calls a second through, and throttles the others."""

    def __init__(self, rate: float) -> None:
        self.rate, self.answered, self.throttled = rate, 0, 0
        self._lock = Lock()
        self._tokens, self._at = rate / 10, time.monotonic()
        self.server = Server(self._answer)

    def _answer(self, _: Asked) -> Reply:
        with self._lock:
            now = time.monotonic()
            self._tokens = min(self.rate / 10, self._tokens + (now - self._at) * self.rate)
            self._at = now
            if self._tokens < 1:
                self.throttled += 1
                return SLOW_DOWN
            self._tokens -= 1
            self.answered += 1
            return Reply(200, {"Parameter": {"Name": "model", "Value": "small", "Version": 1}})


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    bucket = Bucket(100.0)
    with bucket.server:
        yield bucket


def client(bucket: Bucket) -> AwsClient:
    settings = {"region": "eu-west-1", "endpoint_url": bucket.server.url}
    return AwsClient(FakeConnection("aws", "aws", settings, KEYS))


def test_many_calls_on_a_service_that_throttles_all_get_through(bucket: Bucket) -> None:
    """Sixty from 16 threads where a hundred a second are allowed: none fails, and few are refused."""
    api = client(bucket)
    with ThreadPoolExecutor(16) as pool:
        said = list(pool.map(lambda _: api.write(*NAME, within=30), range(60)))
    assert len(said) == 60
    assert bucket.answered == 60
    assert bucket.throttled <= 60


def test_who_is_throttled_for_ever_is_told_within_half_of_the_share(bucket: Bucket) -> None:
    """The next rung still has time."""
    bucket.rate = 0.0
    bucket._tokens = 0.0  # noqa: SLF001 - the tests' own
    begun = time.monotonic()
    with pytest.raises(Throttled):
        client(bucket).read(*NAME, within=1.6)
    assert time.monotonic() - begun < 1.4


def test_without_a_refusal_nobody_waits() -> None:
    """And a turn that lies beyond a call's end is told at once."""
    pace = Pace()
    begun = time.monotonic()
    for _ in range(100):
        pace.wait(Deadline(1.0), where="here")
    assert time.monotonic() - begun < 0.5
    for _ in range(12):
        pace.refused(time.clock_gettime(CLOCK))
    pace.wait(Deadline(9.0), where="here")
    with pytest.raises(Busy, match="turn lies beyond its share"):
        pace.wait(Deadline(0.2), where="here")
