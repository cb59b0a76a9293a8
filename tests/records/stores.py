"""The stores that the contract of the record is held to: each opens any number of journals and leases on one record."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from psfir.app.clock import RealClock
from psfir.app.store import StoredJournal
from psfir.contracts import Clock, Journal, Leases
from psfir.domain.entries import Draft, Entry
from psfir.records.address import address_of
from psfir.records.leases import SqliteLeases
from psfir.records.postgres import PostgresJournal
from psfir.records.postgres_layout import migrate
from psfir.records.postgres_leases import PostgresLeases
from psfir.records.server import Server
from psfir.records.sqlite import SqliteJournal
from tests.postgres import Cluster, cluster

WAIT = 5.0


class Whole(StoredJournal, Journal, Protocol):
    """What both journals offer beyond the socket."""

    def examine(self) -> Iterator[Entry]: ...

    def erase(self, seqs: list[int], tombstone: Draft) -> list[Entry]: ...


@dataclass
class Store:
    """One record. `place` is all that another process needs to open it."""

    place: str
    journal: Whole
    leases: Leases
    again: Callable[[], Whole] = field(repr=False)


def journal_at(place: str, *, wait: float = WAIT) -> Whole:
    """Of a file, or of an address."""
    return PostgresJournal(_server(place, wait)) if "://" in place else SqliteJournal(Path(place), wait=wait)


def leases_at(place: str, *, clock: Clock | None = None) -> Leases:
    if "://" in place:
        return PostgresLeases(_server(place, WAIT))
    return SqliteLeases(Path(place), clock=clock or RealClock())


def _server(place: str, wait: float) -> Server:
    return Server(address_of(place, {}), RealClock(), wait=wait)


def laid(at: Cluster | None = None) -> str:
    """The address of a new database with an empty record in it."""
    at = at or cluster()
    place = at.url(at.database())
    server = _server(place, WAIT)
    migrate(server)
    server.close()
    return place


@contextmanager
def opened(place: str) -> Iterator[Store]:
    made: list[Whole] = []

    def again() -> Whole:
        made.append(journal_at(place))
        return made[-1]

    leases = leases_at(place)
    try:
        yield Store(place, again(), leases, again)
    finally:
        for journal in made:
            journal.close()
        leases.close()  # type: ignore[attr-defined]  # both have it, the socket does not ask for it
