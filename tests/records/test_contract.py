"""What every record promises, whichever store it is kept in: told to SQLite and to a real PostgreSQL alike."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from psfir.contracts import Hold
from psfir.domain.entries import GENESIS, Draft, check
from psfir.domain.kinds import Kind
from psfir.errors import RecordError, Refusal, Superseded
from psfir.records.rows import BadDraft
from tests.records.parts import INCIDENT, bad, finish, note, start, texts
from tests.records.stores import Store, laid, opened


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with opened(str(tmp_path / "record.sqlite3") if request.param == "sqlite" else laid()) as found:
        yield found


def test_what_was_appended_is_read_by_another(store: Store) -> None:
    """Order, words and hashes are the same for whoever opens the record next; an empty one has the genesis as head."""
    assert store.journal.heads() == (0, GENESIS)
    appended = [*store.journal.append([note("one"), note("two")]), *store.journal.append([note("naïve \U0001f525 \0")])]
    read = list(store.again().read())
    assert read == appended
    assert texts(read) == ["one", "two", "naïve \U0001f525 \0"]
    assert store.again().heads() == (3, appended[-1].hash)
    assert check(store.journal.examine()) is None


def test_reading_starts_behind_a_seq_and_keeps_to_an_incident(store: Store) -> None:
    """Also across the pages it is read in."""
    store.journal.append([note(str(number), incident=f"INC-{number % 2}") for number in range(1200)])
    assert len(list(store.journal.read())) == 1200
    assert texts(store.journal.read("INC-1", after=1196)) == ["1197", "1199"]


def test_a_draft_that_fits_no_record_is_refused_with_its_neighbours(store: Store) -> None:
    """All of a call or none of it."""
    with pytest.raises(BadDraft):
        store.journal.append([note("neighbour"), bad()])
    assert store.journal.heads() == (0, GENESIS)
    assert [entry.seq for entry in store.journal.append([note("next")])] == [1]


def test_threads_of_one_process_share_their_commits(store: Store) -> None:
    """Sixteen threads at once: one chain, each one's drafts together, and each is told its own entries."""
    told: list[str] = []

    def work(name: int) -> None:
        for turn in range(5):
            told.extend(texts(store.journal.append([note(f"{name}.{turn}.a"), note(f"{name}.{turn}.b")])))

    threads = [threading.Thread(target=work, args=(name,)) for name in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    words = texts(store.journal.read())
    assert sorted(words) == sorted(told)
    assert all(a[:-1] == b[:-1] for a, b in zip(words[::2], words[1::2], strict=True))
    assert check(store.journal.examine()) is None


APPENDER = """
import sys
from tests.records.parts import note
from tests.records.stores import journal_at
journal = journal_at(sys.argv[1], wait=30.0)
print("ready", flush=True)
sys.stdin.readline()
for n in range(25):
    journal.append([note(f"{sys.argv[2]}.{n}")])
journal.close()
"""


def test_eight_processes_at_once_leave_no_gap_and_no_fork(store: Store) -> None:
    """Two hundred entries of eight processes: each is there once, in its writer's order, and the chain is whole."""
    processes = [start(APPENDER, store.place, name) for name in range(8)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        finish(process)
    words = texts(store.journal.read())
    for name in range(8):
        assert [word for word in words if word.startswith(f"{name}.")] == [f"{name}.{n}" for n in range(25)]
    assert store.journal.heads()[0] == len(words) == 200
    assert check(store.journal.examine()) is None


def test_followers_hear_of_entries_of_others_and_stop_at_once(store: Store) -> None:
    """What was there first, then what another journal appends, of one incident alone; `stop` ends the waiting."""
    store.journal.append([note("before")])
    stop, heard, more = threading.Event(), [], threading.Semaphore(0)

    def listen() -> None:
        for entry in store.journal.follow(0, stop=stop, incident=INCIDENT):
            heard.append(entry)
            more.release()

    listener = threading.Thread(target=listen)
    listener.start()
    assert more.acquire(timeout=5)
    store.again().append([note("elsewhere", incident="INC-other"), note("after")])
    assert more.acquire(timeout=5)
    stop.set()
    listener.join(5)
    assert not listener.is_alive()
    assert texts(heard) == ["before", "after"]


def test_erasing_leaves_a_tombstone_and_a_whole_chain(store: Store) -> None:
    """The words are gone for every reader; an entry of another kind, one that is not there or is gone is refused."""
    store.journal.append([note("private"), note("kept")])
    (tombstone,) = store.journal.erase([1], _tombstone())
    assert texts(store.again().read()) == ["kept"]
    assert (tombstone.kind, tombstone.incident, tombstone.data) == (
        Kind.ERASED,
        INCIDENT,
        {"why": "asked to", "seq": 1},
    )
    for seqs, says in (([1], "erased before"), ([9], "no entry 9"), ([3], "stays readable"), ([2, 9], "no entry 9")):
        with pytest.raises(Refusal, match=says):
            store.journal.erase(seqs, _tombstone())
    assert texts(store.journal.read()) == ["kept"]
    assert check(store.journal.examine()) is None


def _tombstone() -> Draft:
    return replace(note(""), incident="", kind=Kind.ERASED, data={"why": "asked to"})


def test_a_spool_is_merged_once(store: Store) -> None:
    """The same spool again is nothing; another one under its name is an error."""
    merged = store.journal.append_once("a.jsonl", "sha256:1", [note("spooled")])
    assert merged is not None
    assert [entry.kind for entry in merged] == [Kind.NOTE, Kind.ABSORBED]
    assert store.again().append_once("b.jsonl", "sha256:1", [note("spooled")]) is None
    with pytest.raises(RecordError, match=r"another spool called a\.jsonl"):
        store.journal.append_once("a.jsonl", "sha256:2", [note("else")])
    assert texts(store.journal.read()) == ["spooled"]


def test_a_draft_whose_commit_came_through_after_all_is_not_merged_again(store: Store) -> None:
    """A spool may hold drafts whose commit was in doubt: the one that is in the record stays there once."""
    (there,) = store.journal.append([note("in doubt")])
    places = [(there.seq, there.hash), (2, "sha256:not there"), None]
    store.journal.append_once("a.jsonl", "sha256:1", [note("in doubt"), note("lost"), note("later")], places)
    assert texts(store.journal.read()) == ["in doubt", "lost", "later"]
    assert check(store.journal.examine()) is None


def test_a_lease_is_one_owners_and_keeps_its_token(store: Store) -> None:
    """The second asker is told no; who holds it may ask again; released and taken anew it has a higher token."""
    first = store.leases.acquire("run", "a", ttl=5)
    assert first
    assert store.leases.acquire("run", "b", ttl=5) is None
    assert store.leases.acquire("run", "a", ttl=5) == first
    assert store.leases.holder("run", ttl=5) == "a"
    assert (store.leases.renew("run", "a"), store.leases.renew("run", "b")) == (True, False)
    store.leases.release("run", "b")
    store.leases.release("run", "a")
    assert store.leases.holder("run", ttl=5) is None
    second = store.leases.acquire("run", "a", ttl=5)
    assert second
    assert second > first


def test_a_lease_that_was_not_renewed_is_taken_over(store: Store) -> None:
    """Behind its time to live somebody else gets it, with a higher token, and the first one cannot renew it."""
    first = store.leases.acquire_all(["run", "kill"], "a", ttl=5)
    threading.Event().wait(0.06)
    assert store.leases.holder("run", ttl=0.05) is None
    second = store.leases.acquire_all(["kill", "run"], "b", ttl=0.05)
    assert set(second) == {"run", "kill"}
    assert min(second.values()) > max(first.values())
    assert store.leases.renew_all(["run", "kill"], "a") == frozenset()
    assert store.leases.renew_all(["run", "kill"], "b") == {"run", "kill"}


def test_nothing_is_written_under_a_lease_that_was_taken_over(store: Store) -> None:
    """Held, or late and not taken: written. Taken over, given back, or never held: refused, and nothing is."""
    token = store.leases.acquire("run", "a", ttl=5)
    assert token
    mine = [Hold("run", token)]
    store.journal.append([note("held")], under=mine)
    threading.Event().wait(0.06)
    store.journal.append([note("late, and nobody has taken it")], under=mine)
    taken = store.leases.acquire("run", "b", ttl=0.05)
    assert taken
    with pytest.raises(Superseded, match="taken over run"):
        store.journal.append([note("woken")], under=mine)
    store.journal.append([note("new owner")], under=[Hold("run", taken)])
    store.leases.release("run", "b")
    for stale in (mine, [Hold("run", taken)], [Hold("other", 1)]):
        with pytest.raises(Superseded):
            store.journal.append([note("nobody's")], under=stale)
    assert texts(store.journal.read()) == ["held", "late, and nobody has taken it", "new owner"]


def test_a_neighbour_that_lost_its_lease_takes_no_other_with_it(store: Store) -> None:
    """In one commit of many threads each is judged by its own leases."""
    token = store.leases.acquire("run", "a", ttl=5)
    assert token
    outcomes: list[str] = []

    def work(number: int) -> None:
        hold = Hold("run", token + number % 2)
        try:
            store.journal.append([note(str(number))], under=[hold])
        except Superseded:
            outcomes.append(f"refused {number % 2}")
        else:
            outcomes.append(f"written {number % 2}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused 1"] * 10 + ["written 0"] * 10
    assert check(store.journal.examine()) is None


def test_a_closed_record_says_so(store: Store) -> None:
    """Neither appends nor reads."""
    journal = store.again()
    journal.close()
    with pytest.raises(RecordError, match="was closed"):
        journal.append([note("late")])
    with pytest.raises(RecordError, match="was closed"):
        list(journal.read())
