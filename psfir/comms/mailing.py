"""One message to a list, in order. Of a long one two copies are on their way: one is written down as the other travels.

Nothing else is done by two: the outbox is asked, and whoever looks on is told, by one lane at a time. Where it is said
how fast copies go out there is no hurry, and one lane.
"""

from __future__ import annotations

from threading import Lock, Thread

from psfir.comms.delivery import Round, bounded, hand_over, pause
from psfir.domain.message import Delivery, Destination
from psfir.records.outbox import Copy, Outbox

LONG = 20
"""A list is long once so many copies have gone: the first of them show whether all is well."""

AWAY = 3
"""After so many copies in a row for which nobody was there, the others wait for another day."""


def send_all(round_: Round, outbox: Outbox) -> None:
    """Every copy that is still to go. Unknown ones are left alone; `stop` ends it between two copies.

    Where nobody is there for some copies in a row it ends too: the others would only be given up one by one.
    """
    lanes = _Lanes(round_, outbox)
    lanes.run()
    if lanes.second:
        lanes.second.join()
    if lanes.broken:
        raise lanes.broken
    outbox.give_back()


class _Lanes:
    """What the lanes share: how many copies went, for how many nobody was there, and what stopped them."""

    def __init__(self, round_: Round, outbox: Outbox) -> None:
        self._round = round_
        self._outbox = outbox
        self._turn = Lock()
        self._later = Lock()
        self._began = round_.clock.elapsed()
        self._number = self._away = 0
        self.second: Thread | None = None
        self.broken: BaseException | None = None

    def run(self) -> None:
        """One lane, to the end of the list. What breaks one ends the other after its copy."""
        try:
            copy = self._next(None)
            while copy:
                delivery = bounded(self._one(copy), copy.tries, self._round.pace)
                copy = self._next((copy, delivery))
        except BaseException as error:  # noqa: BLE001 - raised again by whoever began the lanes
            self.broken = self.broken or error
            self._round.watch.stop.set()  # the other may be waiting for a copy that was put off

    def _one(self, copy: Copy) -> Delivery:
        target, thread = {**self._round.target, "address": copy.address}, self._round.thread(copy.address)
        to = Destination(target, copy.key, thread, copy.fills)
        return hand_over(self._round.messenger, self._round.cleared, to, within=self._round.pace.within)

    def _next(self, done: tuple[Copy, Delivery] | None) -> Copy | None:
        with self._turn:
            done = self._told(done)
            if not self._over:
                if copy := self._outbox.begin(self._wall(), done=done):
                    return copy
            elif done:
                self._outbox.settle(*done, self._wall())
        return self._put_off()

    def _told(self, done: tuple[Copy, Delivery] | None) -> tuple[Copy, Delivery] | None:
        """Count what went, and keep to the pace: whoever waits has it written down before."""
        if not done:
            return None
        self._round.watch.tell(*done)
        self._number += 1
        self._away = self._away + 1 if done[1].away else 0
        rate = self._round.pace.rate
        if self._number == LONG and not rate:
            self.second = Thread(target=self.run, name="psfir-second-lane")
            self.second.start()
        ahead = self._number / rate - (self._round.clock.elapsed() - self._began) if rate else 0.0
        if ahead <= 0:
            return done
        self._outbox.settle(*done, self._wall())
        self._round.clock.wait(self._round.watch.stop, ahead)
        return None

    def _put_off(self) -> Copy | None:
        """The earliest copy that was put off, when its time has come. One lane waits for all of them."""
        if not self._later.acquire(blocking=False):
            return None
        try:
            while True:
                with self._turn:
                    at = None if self._over else self._outbox.next_at()
                    copy = self._outbox.begin(self._wall()) if at and at <= self._wall() else None
                if copy or at is None:
                    return copy
                pause(self._round, max(at - self._wall(), 0.01))
        finally:
            self._later.release()

    @property
    def _over(self) -> bool:
        return self._round.watch.stop.is_set() or self._away >= AWAY or self.broken is not None

    def _wall(self) -> float:
        """When a copy may be tried again outlives this boot, so it is the wall's time."""
        return self._round.clock.now().timestamp()
