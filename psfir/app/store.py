"""Which record a workspace has: a file beside it, or a database that many machines share. Each is loaded when named."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from psfir.contracts import Clock, Journal, Leases
from psfir.domain.scrub import Scrubber
from psfir.domain.system import Workspace
from psfir.domain.values import frozen
from psfir.records.absorb import Absorber
from psfir.records.address import Address, address_of, is_address

if TYPE_CHECKING:  # neither database is loaded where the other one is used
    from psfir.records.server import Server

HOME = ".psfir"
FILE = "record.sqlite3"


class StoredJournal(Journal, Absorber, Protocol):
    """A journal that keeps what it is given, and takes spools in."""

    def close(self) -> None: ...


@frozen
class Opening:
    """What opening a record takes."""

    root: Path
    words: Workspace
    env: Mapping[str, str]
    clock: Clock
    scrubber: Scrubber

    @property
    def address(self) -> Address | None:
        """The server's, None where the record is a file. Its password is a secret from here on."""
        if not is_address(self.words.store):
            return None
        address = address_of(self.words.store, self.env)
        for name, value in address.secrets.items():
            with suppress(ValueError):  # too short to be kept out of texts; the address itself is never shown
                self.scrubber.learn(value, f"env:{name}")
        return address


def open_store(opening: Opening, *, wait: float) -> tuple[StoredJournal, Leases]:
    """The journal and the leases of one store. RecordError if it cannot be had."""
    address = opening.address
    if address is None:
        return open_file(record_file(opening.root, opening.words), opening.clock, wait=wait)
    return open_shared(server_at(address, opening.clock, wait=wait))


def open_file(path: Path, clock: Clock, *, wait: float) -> tuple[StoredJournal, Leases]:
    from psfir.records.leases import SqliteLeases  # noqa: PLC0415 - not where PostgreSQL is used
    from psfir.records.sqlite import SqliteJournal  # noqa: PLC0415 - the same

    return SqliteJournal(path, wait=wait), SqliteLeases(path, clock=clock, wait=wait)


def open_shared(server: Server) -> tuple[StoredJournal, Leases]:
    from psfir.records.postgres import PostgresJournal  # noqa: PLC0415 - not where SQLite is used
    from psfir.records.postgres_leases import PostgresLeases  # noqa: PLC0415 - the same

    return PostgresJournal(server), PostgresLeases(server)


def server_at(address: Address, clock: Clock, *, wait: float) -> Server:
    from psfir.records.server import Server  # noqa: PLC0415 - not where SQLite is used

    return Server(address, clock, wait=wait)


def record_file(root: Path, words: Workspace) -> Path:
    """Where the record's file is, or would be."""
    store = words.store
    return root / HOME / FILE if not store or is_address(store) else root / store


def record_folder(root: Path, words: Workspace) -> Path:
    """Where what stays on this machine lies: evidence, spools, lists of recipients. With a file, beside it."""
    return record_file(root, words).parent


def record_shown(root: Path, words: Workspace, env: Mapping[str, str]) -> str:
    """Where the record is, as anybody may see it."""
    store = words.store
    return address_of(store, env).shown if is_address(store) else str(record_file(root, words))
