"""Many threads, one transaction: each caller gets its own outcome, and none waits for one that gave up."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from psfir.domain.entries import Draft, Entry, check
from psfir.errors import RecordError
from psfir.records.rows import BadDraft
from psfir.records.sqlite import SqliteJournal
from tests.records.parts import bad, note, texts

Outcome = list[Entry] | RecordError


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with SqliteJournal(tmp_path / "record.sqlite3", wait=0.3) as opened:
        yield opened


def at_once(journal: SqliteJournal, calls: Sequence[Sequence[Draft]]) -> list[Outcome]:
    """All these appends in threads that start together; what each came to."""
    outcomes: list[Outcome] = [[] for _ in calls]
    gate = threading.Barrier(len(calls))

    def call(number: int) -> None:
        gate.wait()
        try:
            outcomes[number] = journal.append(calls[number])
        except RecordError as error:
            outcomes[number] = error

    threads = [threading.Thread(target=call, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    return outcomes


def held_back(journal: SqliteJournal, calls: Sequence[Sequence[Draft]], then: str = "COMMIT") -> list[Outcome]:
    """The same while somebody else has the lock at first, so that most of the calls meet in one batch."""
    other = sqlite3.connect(journal.path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.1, lambda: other.execute(then))
    timer.start()
    try:
        return at_once(journal, calls)
    finally:
        timer.join()
        other.close()


def test_thirty_two_threads_lose_nothing(journal: SqliteJournal) -> None:
    """Every draft of every thread is in the chain once, where its caller was told it is."""
    told: list[Entry] = []

    def work(number: int) -> None:
        for turn in range(20):
            told.extend(journal.append([note(f"{number}-{turn}-a"), note(f"{number}-{turn}-b")]))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    entries = list(journal.read())
    assert check(entries) is None
    assert entries == sorted(told, key=lambda entry: entry.seq)
    assert len(set(texts(entries))) == 32 * 20 * 2
    # The drafts of one call stand together.
    pairs = texts(entries)
    assert all(a[:-1] == b[:-1] for a, b in zip(pairs[::2], pairs[1::2], strict=True))


def test_those_who_wait_are_written_in_one_transaction(journal: SqliteJournal) -> None:
    """A group of waiting threads costs a commit or two, not one each."""
    commits: list[str] = []
    journal.database.writer.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    outcomes = held_back(journal, [[note(str(number))] for number in range(32)])
    assert all(isinstance(outcome, list) for outcome in outcomes)
    assert len(commits) <= 3


def test_a_draft_that_fits_no_record_fails_alone(journal: SqliteJournal) -> None:
    """Its caller is told, its own neighbours in the same call are not written, all other calls are."""
    calls = [[note(f"good {number}")] for number in range(8)] + [[note("in bad company"), bad()]]
    outcomes = held_back(journal, calls)
    assert isinstance(outcomes[-1], BadDraft)
    assert "incident.severity" in str(outcomes[-1])
    assert all(isinstance(outcome, list) and len(outcome) == 1 for outcome in outcomes[:-1])
    assert sorted(texts(journal.read())) == [f"good {number}" for number in range(8)]
    assert check(journal.read()) is None


@pytest.mark.parametrize(
    "value",
    [float("inf"), 2**60 + 1, "\ud800", object(), {1: 2}, {"deep": None}],
    ids=lambda value: type(value).__name__,
)
def test_whatever_cannot_be_sealed_is_a_bad_draft(journal: SqliteJournal, value: object) -> None:
    """Numbers, texts and objects that have no canonical form: never a traceback of another kind, nothing is written."""
    if isinstance(value, dict) and "deep" in value:
        for _ in range(5000):
            value = [value]
    draft = note("x")
    with pytest.raises(BadDraft):
        journal.append([Draft(draft.at, draft.incident, draft.actor, draft.channel, draft.kind, {"v": value})])  # type: ignore[dict-item]  # that is the point
    assert journal.heads()[0] == 0


def test_on_a_full_disk_what_still_fits_is_written_and_the_rest_is_told(journal: SqliteJournal) -> None:
    """One entry too big for what is left takes no neighbour with it, and nobody hears of a success that was none."""
    journal.append([note("before")])
    writer = journal.database.writer
    pages = writer.execute("PRAGMA page_count").fetchone()[0]
    writer.execute(f"PRAGMA max_page_count={pages + 4}")
    outcomes = held_back(journal, [[note("small 1")], [note("x" * 100_000)], [note("small 2")]])
    assert isinstance(outcomes[1], RecordError)
    assert "disk is full" in str(outcomes[1])
    assert isinstance(outcomes[0], list)
    assert isinstance(outcomes[2], list)
    assert sorted(texts(journal.read())) == ["before", "small 1", "small 2"]
    assert check(journal.read()) is None


def test_when_the_lock_never_comes_free_each_is_told_why(journal: SqliteJournal) -> None:
    """Nobody waits for ever, everybody hears who is to blame, and afterwards the journal works."""
    other = sqlite3.connect(journal.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    outcomes = at_once(journal, [[note(str(number))] for number in range(4)])
    assert ["kept the record locked for 0.3 s" in str(outcome) for outcome in outcomes] == [True] * 4
    assert all("fuser" in outcome.todo for outcome in outcomes if isinstance(outcome, RecordError))
    other.execute("ROLLBACK")
    other.close()
    assert [entry.seq for entry in journal.append([note("now")])] == [1]


def test_a_leader_that_is_interrupted_leaves_its_followers_drafts_to_the_next(journal: SqliteJournal) -> None:
    """Ctrl-C in the one that writes for all: its own drafts are not written, the others' are, and nobody hangs."""
    journal.append([note("before")])
    commit, meeting = journal._commit, threading.Event()  # noqa: SLF001 - the one place where an interrupt is hard to time
    interrupted: list[object] = []

    def commit_or_stop(batch: Sequence[object]) -> None:
        if not interrupted and len(batch) == 1:
            interrupted.append(batch)
            meeting.wait(5)
            raise KeyboardInterrupt
        commit(batch)  # type: ignore[arg-type]  # a private class

    journal._commit = commit_or_stop  # type: ignore[method-assign]  # noqa: SLF001 - see above
    stopped: list[BaseException] = []

    def lead() -> None:
        try:
            journal.append([note("given up")])
        except KeyboardInterrupt as error:
            stopped.append(error)

    leader = threading.Thread(target=lead)
    leader.start()
    while not interrupted:
        threading.Event().wait(0.001)
    threading.Timer(0.1, meeting.set).start()
    outcomes = at_once(journal, [[note(str(number))] for number in range(3)])
    leader.join(5)
    assert len(stopped) == 1
    assert all(isinstance(outcome, list) for outcome in outcomes)
    assert sorted(texts(journal.read())) == ["0", "1", "2", "before"]


INTERRUPTED = """
import _thread, sys, threading
from pathlib import Path
from psfir.domain.entries import check
from psfir.records.sqlite import SqliteJournal
from tests.records.parts import note

journal = SqliteJournal(Path(sys.argv[1]))
stop, written = threading.Event(), []

def work():
    while not stop.is_set():
        written.extend(journal.append([note("follower")]))

threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
survived = 0
for number in range(40):
    timer = threading.Timer(0.002 + number / 10_000, _thread.interrupt_main)
    try:
        timer.start()
        while True:
            written.extend(journal.append([note("main")]))
    except KeyboardInterrupt:
        survived += 1
    timer.join()
stop.set()
for thread in threads:
    thread.join(10)
assert not any(thread.is_alive() for thread in threads)
assert survived == 40
entries = list(journal.read())
assert check(entries) is None
assert {entry.seq for entry in written} <= {entry.seq for entry in entries}
assert journal.append([note("after")])[0].seq == len(entries) + 1
"""


def test_ctrl_c_in_the_main_thread_hangs_nobody(tmp_path: Path, root: Path) -> None:
    """Interrupted again and again while others append: each call was written whole or not at all, and all ends."""
    # In a process of its own: an interrupt that comes late must not reach whoever runs the tests.
    command = [sys.executable, "-c", INTERRUPTED, str(tmp_path / "record.sqlite3")]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr
