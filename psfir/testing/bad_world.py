"""One rung of one lever, planned while all is well and pulled by the real engine while something is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from socket import socket
from threading import Event
from time import perf_counter

from psfir.app.clock import RealClock
from psfir.contracts import Lever, Target
from psfir.domain import instants
from psfir.domain.about import LeverAbout
from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Look, NothingToDo, Outcome, Reading, Result
from psfir.domain.kinds import Kind
from psfir.domain.modes import Mode
from psfir.domain.plan import Plan
from psfir.domain.run import RungFacts
from psfir.domain.runbook import Runbook, Rung, Step
from psfir.engine.hands import through
from psfir.engine.kit import Control, Kit, Run
from psfir.engine.ladder import climb
from psfir.engine.plan import Desk, draw
from psfir.engine.reread import reread
from psfir.engine.work import Signal
from psfir.errors import PsfirError
from psfir.range.faulty import Fault
from psfir.range.front import Front
from psfir.range.server import LOOPBACK, Asked, Reply, Wire
from psfir.testing.certificates import server_side
from psfir.testing.matrix import LONG, Place, Row
from psfir.testing.records import MemoryEvidence, MemoryJournal
from psfir.testing.stage import Stage
from psfir.testing.waiting import GRACE, eventually, pause

KEY = ("pull", 0)


LOOKS = 2
"""How often a pull that was undone is looked at before somebody lets go of it; alone it looks for all of its share."""


class Watched:
    """Hands every call on to a lever, keeps the errors it raises, and may do something right after a pull."""

    def __init__(self, lever: Lever, *, after: Callable[[Change], object] | None = None) -> None:
        self.errors: list[PsfirError] = []
        self.let_go = Signal()
        self._lever = lever
        self._after = after
        self._looks = 0

    @property
    def about(self) -> LeverAbout:
        return self._lever.about

    def read(self, target: Target, *, within: float) -> Reading:
        with self._noting():
            return self._lever.read(target, within=within)

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        return self._lever.plan(target, reading, mode, settings)

    def apply(self, change: Change, *, within: float) -> Outcome:
        with self._noting():
            outcome = self._lever.apply(change, within=within)
        if self._after:
            self._after(change)
        return outcome

    def verify(self, change: Change, *, within: float) -> Look:
        with self._noting():
            look = self._lever.verify(change, within=within)
        self._looks += look.held is Held.NOT_HELD
        if self._after and self._looks == LOOKS:
            self.let_go.set()
        return look

    def restore(self, change: Change, *, within: float) -> Outcome:
        raise AssertionError("a pull restores nothing")

    @contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except PsfirError as error:
            self.errors.append(error)
            raise


@dataclass(frozen=True)
class Pulled:
    """What the engine made of it while it was wrong, and after it was mended and read once more."""

    facts: RungFacts
    settled: RungFacts
    over: float
    """How much longer than its share the rung took."""
    errors: tuple[PsfirError, ...]
    journal: MemoryJournal

    @property
    def held(self) -> Held | None:
        return self.facts.look.held if self.facts.look else None

    def recorded(self) -> str:
        return json.dumps([entry.to_json() for entry in self.journal.read()])

    @property
    def results(self) -> set[str]:
        """Every outcome the journal has ever said."""
        return {str(end["result"]) for end in self._ends()}

    def words(self) -> list[str]:
        """What a person is told of each outcome."""
        return [str(end["says"]) for end in self._ends()]

    def _ends(self) -> list[Mapping[str, Json]]:
        return [entry.data or {} for entry in self.journal.read() if entry.kind in {Kind.ENDED, Kind.REREAD}]


def plan(stage: Stage, lever: Lever, row: Row) -> Plan:
    rung = Rung(lever.about.name, stage.target, stage.settings, row.share, row.retries)
    book = Runbook("off", "Off", "assistant", stage.mode, (Step(KEY[0], (rung,)),), ())
    return draw(book, Desk(lambda _: lever, lambda _: "tests", RealClock()))


class Meetings:
    """Which requests have met the row's fault, and for how many of them the vendor has done what it was to do."""

    def __init__(self, stage: Stage) -> None:
        self.begun: list[Asked] = []
        self._stage = stage
        self._wire = False
        self._done = 0

    def when(self, asked: Asked) -> bool:
        meets = self._stage.writing(asked)
        if meets:
            self.begun.append(asked)
        return meets

    def on(self, fault: Fault) -> Fault:
        wire = fault.wire
        if wire is None:
            return fault
        self._wire = True

        def noted(answer: Reply | None, stopped: Event) -> Wire:
            self._done += 1
            return wire(answer, stopped)

        return replace(fault, wire=noted)

    def settle(self, outcome: Outcome | None) -> None:
        """Nobody waits for an answer that does not come: what was asked may still be on its way, or under way."""
        end = perf_counter() + GRACE
        while self._wire and not self.begun and outcome and outcome.result is Result.UNKNOWN and perf_counter() < end:
            pause()
        eventually(lambda: not self._wire or self._done >= len(self.begun))


def pull(stage: Stage, row: Row, *, front: Front, pki: Path) -> Pulled:
    """Plan, spoil, pull; then mend it all and read what is unclear once more.

    A short share that was over before the fault was met shows how busy the machine is and nothing else: it is doubled.
    """
    while True:
        meetings = Meetings(stage)
        pulled = _pull(stage, row, meetings, front=front, pki=pki)
        if meetings.begun or row.share >= LONG:
            return pulled
        row = replace(row, share=2 * row.share)


def _pull(stage: Stage, row: Row, meetings: Meetings, *, front: Front, pki: Path) -> Pulled:
    planned = plan(stage, stage.lever(front.url), row)
    (rung,) = planned.rungs
    assert rung.change, f"it could not be planned in a good world: {rung.unreadable or rung.nothing}"
    if row.fault:
        front.fault(meetings.on(row.fault(stage)), when=meetings.when, times=row.times)
    if row.place is Place.DRIFT:
        stage.disturb()
    undo = stage.undo if row.place is Place.UNDONE else None
    with pointed(stage, row, front=front, pki=pki) as url:
        lever = Watched(stage.lever(url), after=undo)
        run = _begin(planned, lever)
        begun = perf_counter()
        through(climb(run, KEY[0]), run.kit.clock)
        over = perf_counter() - begun - row.share
    facts, errors = run.facts.rungs[KEY], tuple(lever.errors)
    meetings.settle(facts.outcome)
    front.heal()
    mended = _begin_again(run, Watched(stage.lever(front.url)))
    through(reread(mended), mended.kit.clock)
    assert isinstance(run.kit.journal, MemoryJournal)
    return Pulled(facts, mended.facts.rungs[KEY], over, errors, run.kit.journal)


@contextmanager
def pointed(stage: Stage, row: Row, *, front: Front, pki: Path) -> Iterator[str]:
    """Where the connection leads: to the front, or to where this row's trouble is."""
    if row.place is Place.REFUSED:
        with socket() as deaf:
            deaf.bind((LOOPBACK, 0))
            yield f"http://{LOOPBACK}:{deaf.getsockname()[1]}"
    elif row.place is Place.NO_NAME:
        yield "https://psfir-range.invalid"
    elif row.place is Place.UNTRUSTED:
        with Front(stage.upstream, tls=server_side(pki)) as secured:
            yield secured.url
    elif row.place is Place.NO_TLS:
        yield front.url.replace("http://", "https://")
    else:
        yield front.url


def _begin(planned: Plan, lever: Watched) -> Run:
    clock = RealClock()
    run = Run(_kit(MemoryJournal(), lever), "INC-1", Control(let_go=lever.let_go))
    run.begin(planned, run="run-1", trigger_at=instants.write(clock.now()), age=0.0)
    return run


def _begin_again(run: Run, lever: Lever) -> Run:
    assert isinstance(run.kit.journal, MemoryJournal)
    mended = Run(_kit(run.kit.journal, lever), "INC-1", Control())
    mended.look_at(run.facts)
    return mended


def _kit(journal: MemoryJournal, lever: Lever) -> Kit:
    def nothing(_use: object) -> object:
        raise AssertionError("a rung by itself has no probe and no capture")

    return Kit(
        levers=lambda _: lever,
        probes=nothing,  # type: ignore[arg-type]  # it never returns
        captures=nothing,  # type: ignore[arg-type]  # the same
        journal=journal,
        evidence=MemoryEvidence(),
        clock=RealClock(),
        actor="tester",
        channel="tests",
    )
