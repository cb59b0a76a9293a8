"""What is to be rehearsed by when: a fold over the drills that the record holds, and what has changed since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from psfir.domain import instants
from psfir.domain.values import frozen
from psfir.rehearsal.words import Level

RECORDED = "drill.recorded"
"""The kind of entry that a drill leaves in the live record."""

EVERY = 90
"""Days from one drill to the next."""

CONTAIN, REHEARSED = 2, 5
"""Statements: the 15 minutes, which no tabletop shows, and that procedures are rehearsed, which every drill shows."""


class About(StrEnum):
    """What a drill is due for."""

    SYSTEM = "system"
    STATEMENT = "statement"
    RUNBOOK = "runbook"
    INCIDENT = "incident"


@frozen
class Real:
    """An incident that happened and is over, and when it was resolved."""

    id: str
    resolved: date


@frozen
class Estate:
    """What there is today: systems, runbooks by id with the digest of each, statements, and incidents to replay."""

    systems: Sequence[str]
    runbooks: Mapping[str, str]
    statements: Sequence[int] = ()
    incidents: Sequence[Real] = ()


@frozen
class Due:
    """`last` is the day of the last drill that counts, None if there was none: then it is due at once."""

    about: About
    name: str
    last: date | None
    due: date
    late: bool
    why: str


def schedule(
    recorded: Iterable[Mapping[str, Any]], estate: Estate, *, today: date, every: int = EVERY
) -> tuple[Due, ...]:
    """The most urgent first. Only drills that count as evidence count here."""
    counted = [one for one in recorded if one["counts"]]
    rows = [
        *_systems(counted, estate, today, every),
        *_statements(counted, estate, today, every),
        *_runbooks(counted, estate, today),
        *_incidents(counted, estate, today, every),
    ]
    return tuple(sorted(rows, key=lambda one: (one.due, list(About).index(one.about), one.name)))


def day(drill: Mapping[str, Any]) -> date:
    return instants.read(drill["at"]).date()


def replays(incident: str) -> str:
    """What a scenario that replays an incident is called, or begins with."""
    return f"replay-{incident.lower()}"


_Drills = Sequence[Mapping[str, Any]]


def _systems(counted: _Drills, estate: Estate, today: date, every: int) -> Iterator[Due]:
    for name in estate.systems:
        last = _last(one for one in counted if name in one["systems"])
        yield _every(About.SYSTEM, name, last, today, every)


def _statements(counted: _Drills, estate: Estate, today: date, every: int) -> Iterator[Due]:
    known = {REHEARSED, *estate.statements, *(number for one in counted for number in one["statements"])}
    for number in sorted(known):
        yield _every(About.STATEMENT, f"PSF {number}", _last(_shown(counted, number)), today, every)


def _shown(counted: _Drills, number: int) -> Iterator[Mapping[str, Any]]:
    for one in counted:
        tabletop = number == CONTAIN and one["level"] == Level.TABLETOP
        if number == REHEARSED or (number in one["statements"] and not tabletop):
            yield one


def _runbooks(counted: _Drills, estate: Estate, today: date) -> Iterator[Due]:
    """One that was rehearsed, and is another one now. A tabletop pulled nothing, so it rehearsed none."""
    played = [one for one in counted if one["level"] != Level.TABLETOP]
    for name, digest in estate.runbooks.items():
        with_it = [one for one in played if name in one["runbooks"]]
        if with_it and not any(one["runbooks"][name] == digest for one in with_it):
            why = "it has changed since it was last rehearsed"
            yield Due(About.RUNBOOK, name, _last(with_it), today, late=True, why=why)


def _incidents(counted: _Drills, estate: Estate, today: date, every: int) -> Iterator[Due]:
    for one in estate.incidents:
        if any(str(drill["scenario"]).startswith(replays(one.id)) for drill in counted):
            continue
        due = one.resolved + timedelta(days=every)
        yield Due(About.INCIDENT, one.id, None, due, late=today > due, why="it happened, and was never replayed")


def _every(about: About, name: str, last: date | None, today: date, every: int) -> Due:
    if last is None:
        return Due(about, name, None, today, late=True, why="no drill that counts was recorded")
    due = last + timedelta(days=every)
    return Due(about, name, last, due, late=today > due, why=f"every {every} days")


def _last(drills: Iterable[Mapping[str, Any]]) -> date | None:
    return max((day(one) for one in drills), default=None)
