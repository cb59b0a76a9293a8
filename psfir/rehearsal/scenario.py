"""A rehearsal as written: who plays, what it is for, what happens when, what is expected, and how it is scored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date
from fractions import Fraction
from typing import TypeVar

from psfir.domain.canon import Json
from psfir.domain.modes import FailureMode
from psfir.domain.values import frozen, remade
from psfir.rehearsal.expectation import Condition, Expectation
from psfir.rehearsal.inject import At, Inject
from psfir.rehearsal.words import CommsTo, Delivery, Level, Levers, Rating, Sees

T = TypeVar("T")

SOLO = "responder"
"""The one role of a scenario that names none."""


@frozen
class Role:
    """Somebody to be played. `brief` is for the player; `npc` is how the facilitator speaks for it if nobody has it."""

    id: str
    required: bool = True
    brief: str = ""
    npc: str = ""
    sees: Sees = Sees.PLAYER


@frozen
class Objective:
    """What the rehearsal is for, by the PSF statement it gives evidence for."""

    id: str
    text: str
    psf: int


@frozen
class Safety:
    """What keeps a rehearsal a rehearsal; a scenario without it is refused."""

    banner: str
    levers: Levers
    comms: CommsTo
    abort_word: str


@frozen
class Pace:
    """How scenario time runs against real time: `speed` scenario seconds a real second."""

    delivery: Delivery = Delivery.CLOCK
    speed: Fraction = Fraction(1)


@frozen
class FaultAt:
    """A fault of the range, by the name `psfir range fault` lists it; `lasts` None is until the end."""

    at: int
    fault: str
    lasts: int | None = None
    settings: Mapping[str, Json] = field(default_factory=dict)


@frozen
class End:
    """Over after so many seconds, or as soon as the condition holds."""

    after: int
    when: Condition | None = None


@frozen
class Scoring:
    """All percent. `partial` is what a thing half done is worth; `hint_penalty` is taken off for each hint.

    `bands` are the least percent of each rating. `caps`: the best rating left once a critical one was missed or only
    partly met.
    """

    bands: Mapping[Rating, int] = field(default_factory=lambda: {Rating.P: 80, Rating.S: 66, Rating.M: 50})
    missed_cap: Rating = Rating.M
    partial_cap: Rating = Rating.S
    partial: int = 50
    hint_penalty: int = 10


@frozen
class CutItem:
    """An inject that a shorter version keeps, at its own offset or at another one."""

    inject: str
    at: int | None = None


@frozen
class Cut:
    """A shorter, or longer, version: how long it takes, and which injects it keeps."""

    name: str
    duration: int
    items: tuple[CutItem, ...]


@frozen
class Backstage:
    """What only the facilitator reads of the whole scenario. `facts` are the truth behind the fog."""

    summary: str = ""
    note: str = ""
    facts: tuple[str, ...] = ()


@frozen
class Scenario:
    """`summary` is for the players. Spans are whole seconds of scenario time."""

    id: str
    title: str
    level: Level
    duration: int
    safety: Safety
    roles: Mapping[str, Role]
    injects: tuple[Inject, ...]
    end: End
    version: int = 1
    summary: str = ""
    difficulty: int = 1
    systems: tuple[str, ...] = ()
    failure_modes: tuple[FailureMode, ...] = ()
    tags: tuple[str, ...] = ()
    pace: Pace = Pace()
    objectives: tuple[Objective, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    faults: tuple[FaultAt, ...] = ()
    cuts: tuple[Cut, ...] = ()
    backstage: Backstage = Backstage()
    scoring: Scoring = field(default_factory=Scoring)
    hot_wash: tuple[str, ...] = ()
    counts_as_evidence: bool = True
    author: str = ""
    reviewed: date | None = None

    @property
    def expected(self) -> Mapping[str, Expectation]:
        """Every expectation: those of the whole scenario, then those of its injects in order."""
        return {one.id: one for one in (*self.expectations, *(e for i in self.injects for e in i.expect))}

    def inject(self, name: str) -> Inject:
        """KeyError if there is none."""
        return _named((one for one in self.injects if one.id == name), name)

    def cut(self, name: str) -> Scenario:
        """The version of this name. KeyError if there is none."""
        wanted = _named((one for one in self.cuts if one.name == name), name)
        kept = {item.inject: item for item in wanted.items}
        injects = tuple(_moved(one, kept[one.id]) for one in self.injects if one.id in kept)
        end = remade(self.end, after=wanted.duration)
        return remade(self, injects=injects, duration=wanted.duration, end=end, cuts=())


def _moved(inject: Inject, item: CutItem) -> Inject:
    return inject if item.at is None else remade(inject, trigger=At(item.at))


def _named(found: Iterator[T], name: str) -> T:
    for one in found:
        return one
    raise KeyError(name)
