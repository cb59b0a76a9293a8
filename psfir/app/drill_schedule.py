"""What is to be rehearsed by when, by the record and the files of a workspace as they are today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date
from typing import Any

from psfir.app.session import Session
from psfir.domain import instants
from psfir.domain.canon import digest_bytes
from psfir.domain.incident import Status
from psfir.loading.content import content_files
from psfir.rehearsal.schedule import EVERY, RECORDED, Due, Estate, Real, schedule

_OVER = {Status.RESOLVED, Status.CLOSED}


def recorded(session: Session) -> list[Mapping[str, Any]]:
    """What each drill left in the record, in order. It belongs to no incident."""
    return [one.data for one in session.journal.read("") if one.kind == RECORDED and one.data is not None]


def today_of(session: Session) -> date:
    return session.clock.now().astimezone(UTC).date()


def scheduled(session: Session, *, today: date, every: int = EVERY) -> tuple[Due, ...]:
    """The most urgent first."""
    from psfir.app.drills import shelf  # noqa: PLC0415 - `overdue` asks for no scenario, and is asked often

    statements = sorted({one.psf for drill in shelf(session.root).drills for one in drill.objectives})
    return schedule(recorded(session), _estate(session, tuple(statements)), today=today, every=every)


def overdue(session: Session) -> list[Due]:
    """What is late, where people have begun to rehearse; of a workspace that never did, readiness tells."""
    drills = recorded(session)
    if not drills:
        return []
    return [one for one in schedule(drills, _estate(session, ()), today=today_of(session)) if one.late]


def _estate(session: Session, statements: tuple[int, ...]) -> Estate:
    files = content_files(session.root, "runbooks")
    books = {name: digest_bytes(path.read_bytes()) for name, path in files.items()}
    return Estate(tuple(session.workspace.systems), books, statements, tuple(_real(session)))


def _real(session: Session) -> Iterator[Real]:
    """No false alarm, and none that was merged into another one."""
    for one in session.incidents():
        if one.status in _OVER and one.resolved_at:
            yield Real(one.id, instants.read(one.resolved_at).date())
