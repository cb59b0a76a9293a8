"""Group commit, for any store: many threads append at once, and one of them writes for all who wait.

Each puts its drafts in the queue; one, the leader, writes all that is queued in one transaction and lets the next one
lead. No thread runs in the background: nothing to start, stop or wait for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock

from psfir.contracts import Hold
from psfir.domain.entries import Draft, Entry
from psfir.errors import PsfirError, RecordError
from psfir.records import rows

WAIT = 10.0
"""Seconds a writer waits for its turn before it gives up."""


class Ticket:
    """One caller's drafts in the queue, and what became of them. `turn` opens when they are settled, or are to lead."""

    __slots__ = ("drafts", "entries", "error", "turn", "under")

    def __init__(self, drafts: Sequence[Draft], under: Sequence[Hold] = ()) -> None:
        self.drafts = drafts
        self.under = under
        self.entries: list[Entry] | None = None
        self.error: PsfirError | None = None
        self.turn = Lock()
        self.turn.acquire()

    @property
    def settled(self) -> bool:
        return self.entries is not None or self.error is not None


class Spoilt(Exception):
    """A batch was not written, and one of its tickets may have been the cause: each is tried by itself."""

    def __init__(self, error: RecordError) -> None:
        super().__init__(str(error))
        self.error = error


class Grouped:
    """What the journals of all stores share. A store says how it commits a batch."""

    def __init__(self, randomness: Callable[[int], bytes]) -> None:
        self._randomness = randomness
        self._queue: deque[Ticket] = deque()
        self._gate = Lock()  # the queue and who leads; never held while anything is written
        self._leader: Ticket | None = None
        self._writing = Lock()

    def append(self, drafts: Sequence[Draft], *, under: Sequence[Hold] = ()) -> list[Entry]:
        """All of them or none, durable when this returns; Superseded if a lease in `under` is not ours any more."""
        if not drafts:
            return []
        ticket = Ticket(drafts, under)
        try:
            with self._gate:
                self._queue.append(ticket)
                if self._leader is None:
                    self._leader = ticket
            if self._leader is not ticket:
                ticket.turn.acquire()
            if not ticket.settled:
                self._lead(ticket)
        except BaseException:  # raised again: whoever waits behind this one must not wait for ever
            self._give_up(ticket)
            raise
        if ticket.error is not None:
            raise ticket.error
        assert ticket.entries is not None  # noqa: S101 - whoever led settled it
        return ticket.entries

    def _commit(self, batch: Sequence[Ticket]) -> None:
        """Write them all, durably, and settle each. Spoilt or RecordError: none of them was written."""
        raise NotImplementedError

    def _lead(self, own: Ticket) -> None:
        """Write all that is queued, tell each what became of it, and let the next one lead."""
        batch: list[Ticket] = []
        try:
            with self._gate:
                batch.extend(self._queue)
                self._queue.clear()
            with self._writing:
                self._settle(batch)
        finally:
            others = [ticket for ticket in batch if ticket is not own]
            with self._gate:
                # After an interrupt: what the others brought is still to be written.
                self._queue.extendleft(ticket for ticket in reversed(others) if not ticket.settled)
                self._hand_on()
            for ticket in others:
                if ticket.settled:
                    ticket.turn.release()

    def _hand_on(self) -> None:
        self._leader = self._queue[0] if self._queue else None
        if self._leader is not None:
            self._leader.turn.release()

    def _give_up(self, ticket: Ticket) -> None:
        """Interrupted: what its caller gave up is not written, and nobody waits for it to lead."""
        with self._gate:
            if ticket in self._queue:
                self._queue.remove(ticket)
            if self._leader is ticket:
                self._hand_on()

    def _settle(self, batch: Sequence[Ticket]) -> None:
        try:
            self._commit(batch)
        except Spoilt as spoilt:
            if len(batch) == 1:
                batch[0].error = spoilt.error
                return
            for ticket in batch:
                if not ticket.settled:
                    self._settle([ticket])
        except RecordError as error:
            for ticket in batch:
                ticket.error = error

    def _sealed(self, batch: Sequence[Ticket], head: tuple[int, str]) -> list[tuple[Ticket, list[rows.Link]]]:
        """Each ticket's drafts as links behind the head and one another; one whose draft fits no record is settled."""
        found = []
        for ticket in batch:
            if ticket.settled:
                continue
            try:
                links = rows.links(ticket.drafts, head, self._randomness)
            except rows.BadDraft as error:
                ticket.error = error
                continue
            found.append((ticket, links))
            head = (links[-1][0].seq, links[-1][0].hash)
        return found
