"""What the printed rights allow, and what PostgreSQL itself then refuses."""

from dataclasses import replace

import pytest

from psfir.app.clock import RealClock
from psfir.contracts import Hold
from psfir.domain.entries import check
from psfir.domain.kinds import Kind
from psfir.errors import RecordError
from psfir.records.address import address_of
from psfir.records.grants import grants
from psfir.records.postgres import PostgresJournal
from psfir.records.postgres_layout import findings
from psfir.records.postgres_leases import PostgresLeases
from psfir.records.server import Server
from tests.postgres import cluster
from tests.records.parts import note, texts
from tests.records.stores import laid


@pytest.fixture(scope="module")
def place() -> str:
    """A record on which two roles have what is printed for them."""
    place = laid()
    name = place.rpartition("/")[2]
    statements = ["CREATE ROLE app_it LOGIN", "CREATE ROLE eraser_it LOGIN", *grants("app_it", "eraser_it")]
    done = cluster().sql("; ".join(statement.rstrip(";") for statement in statements), name)
    assert done.returncode == 0, done.stderr
    return place


def server(place: str, role: str) -> Server:
    return Server(address_of(place.replace("psfir@", f"{role}@"), {}), RealClock(), wait=5)


def test_whoever_works_can_append_read_and_hold_leases(place: str) -> None:
    """All that a run needs, fencing and merged spools included; a check finds nothing to change."""
    with PostgresJournal(server(place, "app_it")) as journal:
        leases = PostgresLeases(journal.server)
        token = leases.acquire("run", "a", ttl=5)
        assert token
        journal.append([note("one")], under=[Hold("run", token)])
        assert leases.renew("run", "a")
        leases.release("run", "a")
        assert journal.append_once("a.jsonl", "sha256:1", [note("two")])
        assert {"one", "two"} <= set(texts(journal.read()))
        assert findings(journal.server)[1] == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE psfir.entries SET actor = 'x'",
        "UPDATE psfir.entries SET data = NULL, salt = NULL",
        "DELETE FROM psfir.entries",
        "TRUNCATE psfir.entries",
        "DROP TABLE psfir.entries",
        "ALTER TABLE psfir.entries DISABLE TRIGGER ALL",
        "DELETE FROM psfir.absorbed",
        "UPDATE psfir.store SET format = 9",
        "SELECT psfir.erase(1)",
        "CREATE TABLE psfir.mine (x int)",
        "SELECT setval('psfir.tokens', 1)",
    ],
)
def test_the_server_refuses_everything_else(place: str, statement: str) -> None:
    """Not by psfir's own manners: psql with that login is told that it may not."""
    done = cluster().sql(statement, place.rpartition("/")[2], user="app_it")
    assert done.returncode != 0
    assert "permission denied" in done.stderr or "must be owner" in done.stderr


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("DELETE FROM psfir.entries", "an entry is never deleted"),
        ("TRUNCATE psfir.entries", "an entry is never deleted"),
        ("UPDATE psfir.entries SET actor = 'x'", "an entry is never changed"),
        ("INSERT INTO psfir.entries VALUES (99,1,'','','','','','','p','h','','')", "stands behind the last one"),
    ],
)
def test_even_the_owner_meets_a_rail(place: str, statement: str, says: str) -> None:
    """Who may do anything has to take the rail away first, and the chain shows what was altered."""
    with PostgresJournal(server(place, "psfir")) as journal:
        journal.append([note("x")])
        assert findings(journal.server)[1][0].startswith("this login may change and delete and empty entries")
    done = cluster().sql(statement, place.rpartition("/")[2])
    assert says in done.stderr


def test_erasing_takes_a_login_of_its_own(place: str) -> None:
    """The one that works is refused with the next step; the one that erases leaves its tombstone in the same chain."""
    tombstone = replace(note(""), incident="", kind=Kind.ERASED, data={"why": "asked to"})
    with PostgresJournal(server(place, "app_it")) as journal:
        (entry,) = journal.append([note("private")])
        with pytest.raises(RecordError, match="lacks a right") as caught:
            journal.erase([entry.seq], tombstone)
        assert "psfir store grants" in caught.value.todo
        assert "private" in texts(journal.read())
    with PostgresJournal(server(place, "eraser_it")) as journal:
        journal.erase([entry.seq], tombstone)
        assert "private" not in texts(journal.read())
        assert check(journal.examine()) is None


def test_a_role_may_have_any_name() -> None:
    """Quoted as SQL wants it."""
    assert grants('a"b', "c")[0] == 'GRANT USAGE ON SCHEMA psfir TO "a""b";'
