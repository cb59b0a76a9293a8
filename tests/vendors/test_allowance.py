"""One budget for all who use an account: after the first answer that says so nobody asks in vain."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest

from psfir.errors import Busy
from psfir.range.server import Asked, Reply, Server
from psfir.testing import FakeConnection
from psfir.vendors.allowance import Allowance, Told
from psfir.vendors.launchdarkly import Ask, LaunchDarkly
from psfir.vendors.shared import Shelf, shared

READ = Ask("GET", "/api/v2/flags/a/b")
WRITE = Ask("PATCH", "/api/v2/flags/a/b", body={"instructions": []})


def told(left: int, seconds: float, reset: float = 1.0) -> Told:
    return Told(left, reset, seconds)


def refused(allowance: Allowance, route: str = "r") -> float:
    """For how long nothing may be sent."""
    with pytest.raises(Busy) as busy, allowance.one(route, where="here"):
        raise AssertionError("it was let through")
    assert "nothing was sent" in busy.value.what
    assert busy.value.after is not None
    return busy.value.after


def test_who_asks_when_nothing_is_left_hears_at_once_until_when() -> None:
    """Two are left, two are sent, and the third would come back when the window ends."""
    allowance = Allowance()
    with allowance.one("r", where="here"):
        allowance.hear("", told(2, 7.0))
    for _ in range(2):
        with allowance.one("r", where="here"):
            pass
    assert 6.5 < refused(allowance) <= 7.0


def test_what_is_under_way_counts_as_spent() -> None:
    """Three are left by one answer while two others are out: one more may go."""
    allowance = Allowance()
    with allowance.one("r", where="here"), allowance.one("r", where="here"), allowance.one("r", where="here"):
        allowance.hear("", told(3, 5.0))
        with allowance.one("r", where="here"):
            refused(allowance)


def test_a_route_that_is_used_up_shuts_no_other() -> None:
    """Its own limit is its own."""
    allowance = Allowance()
    with allowance.one("reads", where="here"):
        allowance.hear("reads", told(0, 5.0))
    refused(allowance, "reads")
    with allowance.one("writes", where="here"):
        pass


def test_after_the_reset_as_many_go_as_a_window_was_seen_to_allow() -> None:
    """And the others wait for an answer that tells, not for a refusal each."""
    allowance = Allowance()
    with allowance.one("r", where="here"):
        allowance.hear("", told(1, 0.05))
    with allowance.one("r", where="here"):
        allowance.hear("", told(0, 0.05))
    time.sleep(0.08)
    with allowance.one("r", where="here"), allowance.one("r", where="here"):
        assert refused(allowance) < 0.5


def test_a_vendor_that_never_tells_again_shuts_nobody_out() -> None:
    """The window is over and no answer told of the next: one may always go."""
    allowance = Allowance()
    with allowance.one("r", where="here"):
        allowance.hear("", told(0, 0.01))
    for _ in range(5):
        time.sleep(0.02)
        with allowance.one("r", where="here"):
            pass


def test_no_reset_further_away_than_a_minute_is_believed() -> None:
    """A wrong header keeps no kill from trying."""
    allowance = Allowance()
    allowance.shut(86_400.0)
    assert refused(allowance) <= 60.0


class Account:
    """Allows so many calls in each window, for all its tokens together, and counts those that it refused."""

    def __init__(self, limit: int, window: float) -> None:
        self.limit, self.window = limit, window
        self.answered, self.refused = 0, 0
        self._lock = Lock()
        self._now, self._used = -1, 0
        self.server = Server(self._answer)

    def _answer(self, _: Asked) -> Reply:
        with self._lock:
            at = time.time() / self.window
            if int(at) != self._now:
                self._now, self._used = int(at), 0
            self._used += 1
            left = self.limit - self._used
            headers = {
                "X-Ratelimit-Global-Remaining": str(max(0, left)),
                "X-Ratelimit-Reset": str(math.ceil((int(at) + 1) * self.window * 1000)),
                "Retry-After": str(round((int(at) + 1 - at) * self.window, 3)),
            }
            self.refused += left < 0
            self.answered += left >= 0
        time.sleep(0.005)
        return Reply(429 if left < 0 else 200, {"message": "too many"} if left < 0 else {}, headers=headers)


@pytest.fixture
def account() -> Iterator[Account]:
    account = Account(limit=30, window=1.0)
    with account.server:
        yield account


def connection(account: Account, name: str, token: str, shelf: Shelf) -> FakeConnection:
    made = FakeConnection(name, "launchdarkly", {"url": account.server.url, "account": "ours"}, {"token": token})
    object.__setattr__(made, "shelf", shelf)
    return made


def test_many_rungs_of_one_account_share_its_budget(account: Account) -> None:
    """Over two tokens: all get through within their share, and hardly any was refused by the vendor."""
    shelf = Shelf()
    apis = [
        shared(connection(account, f"flags-{number}", f"token-{number}", shelf), LaunchDarkly) for number in range(2)
    ]
    with ThreadPoolExecutor(32) as pool:
        said = list(pool.map(lambda number: apis[number % 2].ask(READ, within=30), range(120)))
    assert len(said) == 120
    assert account.answered == 120
    assert account.refused <= 12


def test_a_write_is_not_kept_waiting_behind_its_back(account: Account) -> None:
    """What it was to be written over may be another thing by then: it is told at once, and nothing was sent."""
    api = shared(connection(account, "flags", "token", Shelf()), LaunchDarkly)
    while api.ask(READ, within=5).left != 0:
        continue
    before = account.answered + account.refused
    with pytest.raises(Busy) as busy:
        api.ask(WRITE, within=30)
    assert busy.value.after is not None
    assert account.answered + account.refused == before


def test_a_client_is_made_once_for_all_parts_on_a_connection() -> None:
    """Of one session; where nothing is shared each has its own."""
    shelf = Shelf()
    one = FakeConnection("flags", "launchdarkly", {}, {"token": "abcd"})
    assert shared(one, LaunchDarkly) is not shared(one, LaunchDarkly)
    object.__setattr__(one, "shelf", shelf)
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: shared(one, LaunchDarkly), range(50)))
    assert len(found) == 1
