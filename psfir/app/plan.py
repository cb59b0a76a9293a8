"""Work out what a kill would do today. Hands the engine readers only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from psfir.app.choose import Aim, Choice, systems
from psfir.app.session import Session
from psfir.domain.plan import Plan
from psfir.domain.runbook import Runbook
from psfir.domain.values import frozen
from psfir.engine.plan import Desk, draw_all
from psfir.errors import PsfirError


@frozen
class Drawn:
    """The plans of many systems, and of those that have none, why: one bad file must not keep the others from it."""

    plans: tuple[Plan, ...]
    left_out: Mapping[str, PsfirError] = field(default_factory=dict)


def desk_of(session: Session) -> Desk:
    """What planning is handed: nothing on it can write."""
    return Desk(
        readers=session.binder.reader,
        sources=lambda name: session.catalog.source("levers", name),
        clock=session.clock,
    )


def draw(session: Session, aim: Aim) -> Drawn:
    """One plan for each system meant; if there is none for any of them, the first reason."""
    choice, books, left_out = Choice(session, aim), list[Runbook](), dict[str, PsfirError]()
    for system in systems(session, aim):
        try:
            books.append(choice.of(system))
        except PsfirError as error:
            left_out[system.id] = error
    if not books:
        raise next(iter(left_out.values()))
    return Drawn(tuple(plan_runbooks(session, books)), left_out)


def plan(session: Session, aim: Aim) -> list[Plan]:
    """One plan for each system meant, or the reason why one of them has none."""
    drawn = draw(session, aim)
    for error in drawn.left_out.values():
        raise error
    return list(drawn.plans)


def plan_runbook(session: Session, book: Runbook) -> Plan:
    return plan_runbooks(session, [book])[0]


def plan_runbooks(session: Session, books: Sequence[Runbook]) -> list[Plan]:
    return draw_all(books, desk_of(session))
