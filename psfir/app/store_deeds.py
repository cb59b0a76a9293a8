"""What can be done with a store itself: bring it to today's format, look whether it is fit, move it elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from psfir.app.carry import alive, run_lease
from psfir.app.session import Door, Session, opening_of
from psfir.app.store import Opening, open_store, record_file, record_shown, server_at
from psfir.domain.canon import Json
from psfir.domain.people import Deed
from psfir.domain.values import frozen
from psfir.errors import Refusal, UsageError
from psfir.records.grouped import WAIT
from psfir.records.moving import Head, Movable, move


@frozen
class Fit:
    """A store that answers: where, in which format, what it runs on, and what is not as it should be."""

    where: str
    format: int
    server: str
    head: Head
    findings: tuple[str, ...]

    def to_json(self) -> dict[str, Json]:
        seq, digest = self.head
        head: Json = {"seq": seq, "hash": digest}
        return {
            "where": self.where,
            "format": self.format,
            "server": self.server,
            "head": head,
            "findings": list(self.findings),
        }


def migrate(door: Door, workspace: Path | None) -> tuple[str, int, int]:
    """Where, from which format, to which. A file is brought up by opening it, which keeps a copy."""
    opening = opening_of(door, workspace=workspace)
    return where(opening), *_laid(opening)


def check(door: Door, workspace: Path | None) -> Fit:
    """Whether it can be read and written, and what a careful owner would change."""
    opening = opening_of(door, workspace=workspace)
    journal, leases = open_store(opening, wait=WAIT)
    try:
        if leases.acquire("store check", "store check", ttl=1.0):
            leases.release("store check", "store check")
        return _fit(opening, journal.heads())
    finally:
        journal.close()


def move_to(session: Session, to: str, *, told: Callable[[int], None]) -> tuple[str, Head]:
    """Copy the whole record there and prove it; where that is, and the head both end with."""
    session.need(Deed.ERASE)
    if session.post.exercise:
        raise Refusal("the record of a drill stays with the drill", todo="leave the drill to move the live one")
    _resting(session)
    source = session.journal.inner
    words = replace(session.workspace, store=to)
    opening = Opening(session.root, words, session.door.env, session.clock, session.scrubber)
    here = Opening(session.root, session.workspace, session.door.env, session.clock, session.scrubber)
    if where(opening) == where(here):
        raise UsageError("that is where the record is already", todo="name another store")
    _laid(opening)
    target, _ = open_store(opening, wait=WAIT)
    try:
        assert isinstance(source, Movable)  # noqa: S101 - no kill: the journal is a store's own
        assert isinstance(target, Movable)  # noqa: S101 - the same
        return where(opening), move(source, target, told=told)
    finally:
        target.close()


def where(opening: Opening) -> str:
    """As anybody may see it."""
    return record_shown(opening.root, opening.words, opening.env)


def _resting(session: Session) -> None:
    for incident in session.incidents():
        for run in incident.running:
            if alive(session, run_lease(run.id)):
                todo = f"wait for it: psfir status {incident.id} --watch"
                raise Refusal(
                    f"{run.id} of {incident.id} is being carried out: what it writes would be lost", todo=todo
                )


def _laid(opening: Opening) -> tuple[int, int]:
    address = opening.address
    if address is None:
        from psfir.records.migrations import FORMAT, format_of  # noqa: PLC0415 - not where PostgreSQL is used

        found = format_of(record_file(opening.root, opening.words))
        open_store(opening, wait=WAIT)[0].close()
        return found, FORMAT
    from psfir.records.postgres_layout import migrate as lay  # noqa: PLC0415 - not where SQLite is used

    server = server_at(address, opening.clock, wait=WAIT)
    try:
        return lay(server)
    finally:
        server.close()


def _fit(opening: Opening, head: Head) -> Fit:
    address = opening.address
    if address is None:
        from psfir.records.migrations import FORMAT  # noqa: PLC0415 - not where PostgreSQL is used

        return Fit(where(opening), FORMAT, "SQLite", head, ())
    from psfir.records.postgres_layout import FORMAT as LAID  # noqa: PLC0415 - not where SQLite is used
    from psfir.records.postgres_layout import findings  # noqa: PLC0415 - the same

    server = server_at(address, opening.clock, wait=WAIT)
    try:
        version, found = findings(server)
    finally:
        server.close()
    return Fit(where(opening), LAID, version, head, tuple(found))
