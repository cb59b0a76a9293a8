"""Work out what a kill would do today. Hands the engine readers only."""

from __future__ import annotations

from psfir.app.choose import Aim, runbook, systems
from psfir.app.session import Session
from psfir.domain.plan import Plan
from psfir.domain.runbook import Runbook
from psfir.engine.plan import Desk, draw


def desk_of(session: Session) -> Desk:
    """What planning is handed: nothing on it can write."""
    return Desk(
        readers=session.binder.reader,
        sources=lambda name: session.catalog.source("levers", name),
        clock=session.clock,
    )


def plan(session: Session, aim: Aim) -> list[Plan]:
    """One plan for each system meant."""
    return [plan_runbook(session, runbook(session, system, aim)) for system in systems(session, aim)]


def plan_runbook(session: Session, book: Runbook) -> Plan:
    return draw(book, desk_of(session))
