"""Work out what runbooks would change in today's world. Handed readers only: nothing here can write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from threading import Lock

from psfir.contracts import Clock, Reader
from psfir.domain.budget import READ_SHARE, reading_share
from psfir.domain.change import Change
from psfir.domain.plan import Plan, PlannedRung, Verb
from psfir.domain.runbook import Runbook, Rung
from psfir.domain.values import frozen
from psfir.engine.hands import Hands
from psfir.engine.share import Abandoned, Share, call
from psfir.engine.work import Together, Work
from psfir.errors import PsfirError

SCOUTS = 8
"""So many targets of a connection are read first: a vendor that answers none of them keeps no others waiting."""


@frozen
class Desk:
    """`sources` names the distribution that a lever comes from."""

    readers: Callable[[Rung], Reader]
    sources: Callable[[str], str]
    clock: Clock


@frozen
class _Spot:
    """A rung and its place: which step of which runbook, and which rung of its ladder; `number` is its own."""

    number: int
    runbook: Runbook
    step: str
    index: int
    rung: Rung

    def unread(self, why: str, source: str) -> PlannedRung:
        return PlannedRung(self.step, self.index, self.rung, unreadable=why, source=source)


def draw(runbook: Runbook, desk: Desk) -> Plan:
    """Read every rung side by side. One that cannot be read stays in its ladder, with the reason."""
    return draw_all([runbook], desk)[0]


def draw_all(runbooks: Sequence[Runbook], desk: Desk) -> list[Plan]:
    """The same for many at once, a plan for each: every rung of all of them side by side."""
    places = [
        (runbook, step.id, index, rung)
        for runbook in runbooks
        for step in runbook.steps
        for index, rung in enumerate(step.ladder)
    ]
    spots = [_Spot(number, *place) for number, place in enumerate(places)]
    share = Share(desk.clock, reading_share(len(spots)))
    by_connection: dict[str, list[_Spot]] = {}
    for spot in spots:
        by_connection.setdefault(spot.rung.connection, []).append(spot)
    queues = [_Queue(desk, share, name, of) for name, of in by_connection.items()]
    for answer in Hands(desk.clock).all([work for queue in queues for work in queue.first()]):
        answer.get()
    planned = {number: one for queue in queues for number, one in queue.planned.items()}
    rungs = iter(sorted(planned.items()))
    counts = [sum(len(step.ladder) for step in runbook.steps) for runbook in runbooks]
    return [
        Plan(Verb.KILL, runbook, tuple(one for _, one in islice(rungs, size)))
        for runbook, size in zip(runbooks, counts, strict=True)
    ]


class _Queue:
    """The rungs of one connection. Behind the first few the others wait until one of those was answered."""

    def __init__(self, desk: Desk, share: Share, name: str, spots: Sequence[_Spot]) -> None:
        self.planned: dict[int, PlannedRung] = {}
        self._desk = desk
        self._share = share
        self._name = name
        self._scouts, self._rest = spots[:SCOUTS], list(spots[SCOUTS:])
        self._out = len(self._scouts)
        self._lock = Lock()

    def first(self) -> list[Work[None]]:
        return [self._scout(spot) for spot in self._scouts]

    def _scout(self, spot: _Spot) -> Work[None]:
        answered = yield from self._read(spot)
        with self._lock:
            self._out -= 1
            last = not self._out
            rest, self._rest = (self._rest, []) if answered or last else ([], self._rest)
        if answered and rest:
            yield Together([self._one(spot) for spot in rest])
            return
        for other in rest:
            why = f"connection {self._name} has answered none of {len(self._scouts)} others"
            self._keep(other, other.unread(why, self._source(other)))

    def _one(self, spot: _Spot) -> Work[None]:
        yield from self._read(spot)

    def _read(self, spot: _Spot) -> Work[bool]:
        """Whether anybody answered, were it with an error."""
        rung, source = spot.rung, ""
        share = Share(self._desk.clock, min(READ_SHARE, self._share.left))
        try:
            source = self._desk.sources(rung.lever)
            reader = self._desk.readers(rung)
            what = f"reading {rung.lever}"
            reading = yield from call(lambda within: reader.read(rung.target, within=within), share, what=what)
            change = reader.plan(rung.target, reading, spot.runbook.mode, rung.set)
        except PsfirError as error:
            self._keep(spot, spot.unread(str(error), source))
            return not isinstance(error, Abandoned) and share.left > share.seconds / 2
        place, notes = (spot.step, spot.index, rung), reading.notes
        if isinstance(change, Change):
            self._keep(spot, PlannedRung(*place, change=change, notes=notes, source=source))
        else:
            self._keep(spot, PlannedRung(*place, nothing=change, notes=notes, source=source))
        return True

    def _source(self, spot: _Spot) -> str:
        try:
            return self._desk.sources(spot.rung.lever)
        except PsfirError:
            return ""  # its own rung says so when it is pulled

    def _keep(self, spot: _Spot, planned: PlannedRung) -> None:
        self.planned[spot.number] = planned
