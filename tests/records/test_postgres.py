"""A record in PostgreSQL when its server is not as it should be: each time a sentence, in time, and nothing twice."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from psfir.app.clock import RealClock
from psfir.domain.entries import check
from psfir.errors import RecordError, UsageError
from psfir.records.address import address_of, is_address
from psfir.records.postgres import PostgresJournal
from psfir.records.server import Server
from psfir.records.spool import SpoolingJournal, absorb
from psfir.records.wire import Lost, Statement
from tests.postgres import Cluster, cluster, programs
from tests.records.parts import note, texts
from tests.records.stores import laid


@pytest.fixture(scope="module")
def own() -> Iterator[Cluster]:
    """One that a test may stop."""
    cluster()
    made = Cluster()
    yield made
    made.remove()


def at(url: str, *, wait: float = 1.0) -> PostgresJournal:
    return PostgresJournal(Server(address_of(url, {}), RealClock(), wait=wait))


def foreign(db: Cluster) -> str:
    name = db.database()
    db.sql("CREATE SCHEMA psfir; CREATE TABLE psfir.bookmarks (url text)", name)
    return db.url(name)


def other_store(db: Cluster) -> str:
    name = db.database()
    db.sql("CREATE SCHEMA psfir; CREATE TABLE psfir.store AS SELECT 'other'::text AS application, 1 AS format", name)
    return db.url(name)


def newer(db: Cluster) -> str:
    place = laid(db)
    db.sql("UPDATE psfir.store SET format = 99", place.rpartition("/")[2])
    return place


def read_only(db: Cluster) -> str:
    return laid(db) + "?options=-c%20default_transaction_read_only%3Don"


def stranger(db: Cluster) -> str:
    place = laid(db)
    db.sql("DO $$ BEGIN CREATE ROLE nobody_here LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$", "postgres")
    return place.replace("psfir@", "nobody_here@")


@pytest.mark.parametrize(
    ("make", "says", "todo"),
    [
        (lambda db: db.url(db.database()), "holds no psfir record", "psfir store migrate"),
        (lambda db: db.url("nothing"), "no such database or role", "psfir store migrate"),
        (foreign, "holds no psfir record", "psfir store migrate"),
        (other_store, "is no record", "name another database"),
        (newer, "written by a newer psfir .format 99", "upgrade psfir"),
        (read_only, "may only be read", "may be written to"),
        (stranger, "lacks a right", "psfir store grants"),
        (lambda _: "postgresql://psfir@127.0.0.1:9/x", "cannot be reached", "server is up"),
        (lambda _: "postgresql://psfir@no-such-host.invalid/x", "cannot be found", "server is up"),
        (lambda db: db.url("postgres") + "?sslmode=require", "speaks no TLS", "sslmode"),
        (lambda db: db.url("postgres") + "?sslmod=require", "sslmod", ""),
    ],
)
def test_what_cannot_be_used_is_said(make: Callable[[Cluster], str], says: str, todo: str) -> None:
    """Each with its own sentence and the next step, at once, and nothing is written."""
    url = make(cluster())
    with pytest.raises(RecordError, match=says) as caught, at(url) as journal:
        journal.append([note("x")])
    assert todo in caught.value.todo
    assert "postgresql://" in caught.value.where


def test_a_frozen_server_holds_nobody_up(own: Cluster, tmp_path: Path) -> None:
    """It is given what the journal may wait, then the entry is spooled; thawed, it is merged, once."""
    place = laid(own)
    journal = SpoolingJournal(at(place), tmp_path, last_resort=pytest.fail)
    journal.append([note("before")])
    frozen = [own.process.pid, *_children(own.process.pid)]
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    try:
        began = time.perf_counter()
        journal.append([note("meanwhile")])
        took = time.perf_counter() - began
    finally:
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
    assert journal.spooled
    assert "no answer" in str(journal.cause)
    assert took < 4
    journal.close()
    with at(place, wait=10) as again:
        absorb(tmp_path, again)
        assert texts(again.read()) == ["before", "meanwhile"]
        assert check(again.examine()) is None


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()]


def test_a_server_that_starts_anew_is_waited_for(own: Cluster) -> None:
    """It crashes between two appends and comes back: reading and writing go on by themselves, and nothing is lost."""
    with at(laid(own), wait=20) as journal:
        journal.append([note("before")])
        own.stop(crash=True)
        starting = threading.Timer(0.3, own.start)
        starting.start()
        journal.append([note("after")])
        starting.join()
        assert texts(journal.read()) == ["before", "after"]
        assert check(journal.examine()) is None


def test_a_connection_that_a_pooler_closed_is_no_loss(own: Cluster) -> None:
    """Ended by the server while nobody looked: the next question goes over a new one."""
    place = laid(own)
    with at(place) as journal:
        journal.append([note("one")])
        own.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'psfir'", "postgres")
        journal.append([note("two")])
        assert texts(journal.read()) == ["one", "two"]


class Deaf(Server):
    """The answer to its first commit is lost: behind the server's having it, or on the way there."""

    arrives, lost = True, 0

    def commit(self, turn: object, *last: Statement) -> list[list[tuple[bytes | None, ...]]]:
        if self.lost:
            self.lost -= 1
            if self.arrives:
                super().commit(turn, *last)  # type: ignore[arg-type]  # it is a Turn
            turn.wire.close()  # type: ignore[attr-defined]  # the same
            raise Lost("the connection was closed")
        return super().commit(turn, *last)  # type: ignore[arg-type]  # the same


@pytest.mark.parametrize("arrives", [True, False])
def test_a_lost_answer_to_a_commit_is_looked_up(*, arrives: bool) -> None:
    """Whether or not it came through, the entry is in the record once and its caller is told so."""
    server = Deaf(address_of(laid(), {}), RealClock(), wait=5)
    server.arrives, server.lost = arrives, 1
    with PostgresJournal(server) as journal:
        journal.append([note("once")])
        assert texts(journal.read()) == ["once"]
        assert check(journal.examine()) is None


def test_what_nobody_can_look_up_is_spooled_in_doubt_and_merged_once(own: Cluster, tmp_path: Path) -> None:
    """The server takes the commit and is gone before it answers: the spool says what may be there already."""
    place = laid(own)
    server = Deaf(address_of(place, {}), RealClock(), wait=1)
    inner = PostgresJournal(server)
    journal = SpoolingJournal(inner, tmp_path, last_resort=pytest.fail)
    server.lost = 1
    commit = server.commit

    def and_gone(turn: object, *last: Statement) -> list[list[tuple[bytes | None, ...]]]:
        try:
            return commit(turn, *last)
        finally:
            own.stop(crash=True)

    server.commit = and_gone  # type: ignore[method-assign]  # the moment that no real fault hits every time
    journal.append([note("once")])
    assert journal.spooled
    journal.close()
    own.start()
    with at(place, wait=10) as again:
        absorb(tmp_path, again)
        assert texts(again.read()) == ["once"]
        assert check(again.examine()) is None


def test_a_process_stopped_in_the_middle_of_a_transaction_holds_nobody_up() -> None:
    """The server ends its transaction after two seconds, and the next in line goes on."""
    place = laid()
    with at(place, wait=10) as sleeper, at(place, wait=10) as other:
        opened, done = threading.Event(), threading.Event()

        def hold() -> None:
            with sleeper.server.turn(("SELECT pg_advisory_xact_lock($1)", (0x70736672,))):
                opened.set()
                done.wait(20)

        thread = threading.Thread(target=hold)
        thread.start()
        opened.wait(5)
        other.append([note("on we go")])
        done.set()
        thread.join()
        assert texts(other.read()) == ["on we go"]


def test_a_lock_that_never_comes_free_is_said() -> None:
    """Nobody waits for ever, and the sentence says who is to blame."""
    place = laid()
    with at(place, wait=10) as holder, at(place, wait=0.5) as journal:
        lock: Statement = ("SELECT pg_advisory_xact_lock($1)", (0x70736672,))
        with holder.server.turn(lock), pytest.raises(RecordError, match="kept the record locked"):
            journal.append([note("x")])
        assert journal.append([note("now")])[0].seq == 1


def test_a_follower_outlives_a_restart(own: Cluster) -> None:
    """Its line is gone; what is written afterwards reaches it all the same."""
    place = laid(own)
    stop, heard, more = threading.Event(), [], threading.Semaphore(0)
    with at(place, wait=20) as listening, at(place, wait=20) as writing:

        def listen() -> None:
            for entry in listening.follow(0, stop=stop):
                heard.append(entry)
                more.release()

        thread = threading.Thread(target=listen)
        thread.start()
        writing.append([note("one")])
        assert more.acquire(timeout=10)
        own.stop(crash=True)
        own.start()
        writing.append([note("two")])
        assert more.acquire(timeout=20)
        stop.set()
        thread.join(5)
    assert texts(heard) == ["one", "two"]


def test_a_password_is_in_no_sentence() -> None:
    """Filled in from the environment, whole or in part, it is shown nowhere; a missing one is named."""
    env = {"DB_PASSWORD": "s3cr3t/with@signs", "DB": "postgresql://ana:s3cr3t-too@127.0.0.1:9/x?sslmode=disable"}
    for store in ("postgresql://ana:${DB_PASSWORD}@127.0.0.1:9/x", "${DB}"):
        assert is_address(store)
        address = address_of(store, env)
        with pytest.raises(RecordError) as caught:
            PostgresJournal(Server(address, RealClock(), wait=0.5))
        assert "s3cr3t" not in f"{caught.value!s} {address!r} {address.clean(address.url)}"
        assert list(address.secrets) == ["DB_PASSWORD" if "PASSWORD" in store else "DB"]
    with pytest.raises(UsageError, match="DB_PASSWORD is not set"):
        address_of("postgresql://ana:${DB_PASSWORD}@h/x", {})
    with pytest.raises(UsageError, match="'mysql' is not a kind of record"):
        address_of("mysql://h/x", {})


@pytest.mark.skipif(not programs(), reason="PostgreSQL not installed: make real-unleash")
def test_a_commit_is_durable_whatever_the_default_is() -> None:
    """A database whose owner switched synchronous_commit off still writes psfir's entries to the disk first."""
    place = laid()
    name = place.rpartition("/")[2]
    cluster().sql(f"ALTER DATABASE {name} SET synchronous_commit = off", "postgres")
    with at(place) as journal, journal.server.turn(("SHOW synchronous_commit", ())) as turn:
        assert turn.answers == [[(b"on",)]]
