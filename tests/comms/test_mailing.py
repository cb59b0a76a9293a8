"""A list of many: two copies are on their way at a time, each goes once, and what breaks one lane ends both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Barrier, BrokenBarrierError, Event, Lock

import pytest

from psfir.app.clock import RealClock
from psfir.comms.delivery import Pace, Round, Watch
from psfir.comms.mailing import LONG, send_all
from psfir.domain.message import Cleared, Delivery, Destination, Result
from psfir.errors import RecordError
from psfir.messengers.email import Email
from psfir.records.outbox import Copy, Outbox
from psfir.testing.messages import cleared

MANY = LONG + 40
SENT = Delivery(Result.SENT, "taken")


class Carrier:
    """Takes each copy, and knows how many were with it at a time."""

    about = Email.about

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.most = self._now_here = 0
        self.put_off: set[str] = set()
        self._lock = Lock()
        self.pair: Barrier | None = None

    def send(self, _cleared: Cleared, to: Destination, *, within: float) -> Delivery:
        del within
        with self._lock:
            self._now_here += 1
            self.most = max(self.most, self._now_here)
            address = str(to.target["address"])
        try:
            if self.pair and sum(self.taken.values()) > LONG:
                try:
                    self.pair.wait(0.2)
                except BrokenBarrierError:
                    self.pair.reset()
            if address in self.put_off:
                self.put_off.discard(address)
                return Delivery(Result.FAILED, "greylisted", again=True, after=0.05)
            self.taken[address] += 1
            return SENT
        finally:
            with self._lock:
                self._now_here -= 1

    def find(self, cleared: Cleared, to: Destination, *, within: float) -> Delivery | None:
        raise NotImplementedError


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with closing(Outbox(tmp_path / "outbox.sqlite3", boot="boot-1")) as made:
        made.lay(((n + 1, f"p{n}@example.com", {}) for n in range(MANY)), message="sha256:1", listed="sha256:2")
        yield made


def sending(carrier: Carrier, watch: Watch, *, rate: float = 0.0) -> Round:
    return Round(carrier, cleared(), {}, RealClock(), Pace(rate=rate), watch)


def test_each_of_many_gets_one_and_two_are_on_their_way(outbox: Outbox) -> None:
    """And whoever looks on is told of each, one after another."""
    carrier, told = Carrier(), list[int]()
    carrier.pair = Barrier(2)
    send_all(sending(carrier, Watch(Event(), lambda copy, _: told.append(copy.number))), outbox)
    assert carrier.taken == Counter({f"p{n}@example.com": 1 for n in range(MANY)})
    assert carrier.most == 2
    assert sorted(told) == list(range(1, MANY + 1))
    assert outbox.counts() == {"sent": MANY}


def test_the_first_of_them_go_one_by_one(outbox: Outbox) -> None:
    """In order: if the first are refused, nobody else has been written to."""
    carrier, told, stop = Carrier(), list[int](), Event()

    def tell(copy: Copy, _delivery: Delivery) -> None:
        told.append(copy.number)
        if len(told) == LONG - 1:
            stop.set()

    send_all(sending(carrier, Watch(stop, tell)), outbox)
    assert (carrier.most, told) == (1, list(range(1, LONG)))
    assert outbox.counts() == {"sent": LONG - 1, "pending": MANY - LONG + 1}


def test_where_a_rate_is_given_there_is_one_lane(outbox: Outbox) -> None:
    """Nobody who limits how fast mails go wants two at once."""
    carrier = Carrier()
    send_all(sending(carrier, Watch(Event()), rate=100_000.0), outbox)
    assert (carrier.most, outbox.counts()) == (1, {"sent": MANY})


def test_what_is_put_off_by_either_lane_goes_in_the_end(outbox: Outbox) -> None:
    """One lane waits for all of them."""
    carrier = Carrier()
    carrier.put_off = {f"p{n}@example.com" for n in (3, LONG + 5, LONG + 6, MANY - 2, MANY - 1)}
    send_all(sending(carrier, Watch(Event())), outbox)
    assert set(carrier.taken.values()) == {1}
    assert outbox.counts() == {"sent": MANY}


@pytest.mark.parametrize("after", [LONG + 4, LONG + 5])
def test_what_breaks_one_lane_ends_both_and_is_told(outbox: Outbox, after: int) -> None:
    """A disk that is full, in whichever lane: no further copy is begun, and none is lost from sight."""
    carrier, told = Carrier(), list[int]()
    carrier.pair = Barrier(2)

    def tell(copy: Copy, _delivery: Delivery) -> None:
        told.append(copy.number)
        if len(told) == after:
            raise RecordError("the disk is full")

    with pytest.raises(RecordError, match="the disk is full"):
        send_all(sending(carrier, Watch(Event(), tell)), outbox)
    assert sum(carrier.taken.values()) <= after + 1
    counts = outbox.counts()
    assert counts["unknown"] <= 2
    assert counts["sent"] + counts["unknown"] == sum(carrier.taken.values())
