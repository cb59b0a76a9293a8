"""Several processes on one record: no gap, no fork, no lost entry, whoever is killed."""

import os
import signal
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

from psfir.domain.entries import check
from psfir.records.leases import SqliteLeases
from psfir.records.sqlite import SqliteJournal
from tests.records.parts import HandClock, finish, note, start, texts

APPEND = """
import sys
from pathlib import Path
from psfir.records.sqlite import SqliteJournal
from tests.records.parts import note
with SqliteJournal(Path(sys.argv[1])) as journal:
    for n in range(int(sys.argv[3])):
        journal.append([note(f"{sys.argv[2]}-{n}-a"), note(f"{sys.argv[2]}-{n}-b")])
"""


def test_eight_processes_append_at_once(tmp_path: Path) -> None:
    """They make the file together and write 800 entries: one chain, all there, each process's in its own order."""
    path = tmp_path / ".psfir" / "record.sqlite3"
    processes = [start(APPEND, path, number, 50) for number in range(8)]
    for process in processes:
        finish(process)
    with SqliteJournal(path) as journal:
        entries = list(journal.read())
        assert check(journal.examine()) is None
    assert len(entries) == 8 * 50 * 2
    for number in range(8):
        own = [text for text in texts(entries) if text.startswith(f"{number}-")]
        assert own == [f"{number}-{n}-{half}" for n in range(50) for half in "ab"]


ENDLESS = """
import sys
from pathlib import Path
from psfir.records.sqlite import SqliteJournal
from tests.records.parts import note
journal, n = SqliteJournal(Path(sys.argv[1])), int(sys.argv[2])
while True:
    print("asked", n, flush=True)
    journal.append([note(f"{n}-a"), note(f"{n}-b" + "x" * 3000)])
    print("told", n, flush=True)
    n += 1
"""


def test_a_writer_that_is_killed_leaves_a_whole_chain(tmp_path: Path) -> None:
    """Kill -9 at sixteen odd moments: all that was told is there, nothing is there by half, and the chain holds."""
    path = tmp_path / "record.sqlite3"
    SqliteJournal(path).close()
    first, told = 0, set()
    for round_ in range(16):
        process = start(ENDLESS, path, first)
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(1 + round_)]
        time.sleep((round_ * 37 % 16) / 4000)
        process.send_signal(signal.SIGKILL)
        lines += process.communicate()[0].splitlines()
        words = [line.split() for line in lines if len(line.split()) == 2]
        told |= {int(number) for word, number in words if word == "told"}
        first = max(int(number) for _, number in words) + 1
    with SqliteJournal(path) as journal:
        journal.append([note("after")])
        entries = list(journal.examine())
    assert check(entries) is None
    halves = [text.rstrip("x") for text in texts(entries)[:-1]]
    assert halves == [f"{half[:-2]}-{end}" for half in halves[::2] for end in "ab"]
    assert told <= {int(half[:-2]) for half in halves}
    assert len(told) > 16


def test_a_waiting_writer_is_not_lost_behind_busy_ones(tmp_path: Path) -> None:
    """While two processes write without a pause, a third gets its turn each time, well within its patience."""
    path = tmp_path / "record.sqlite3"
    SqliteJournal(path).close()
    busy = [start(ENDLESS, path, number * 1_000_000) for number in range(2)]
    draining = [threading.Thread(target=process.communicate) for process in busy]
    for thread in draining:
        thread.start()
    worst = 0.0
    with SqliteJournal(path) as journal:
        while journal.heads()[0] < 10:
            time.sleep(0.01)
        for number in range(30):
            began = time.perf_counter()
            journal.append([note(str(number))])
            worst = max(worst, time.perf_counter() - began)
    for process, thread in zip(busy, draining, strict=True):
        process.kill()
        thread.join()
    assert worst < 3


LEASE = """
import sys
from pathlib import Path
from psfir.records.leases import SqliteLeases
from tests.records.parts import HandClock
leases, won = SqliteLeases(Path(sys.argv[1]), clock=HandClock()), []
print("ready", flush=True)
sys.stdin.readline()
for n in range(60):
    if leases.acquire(f"run-{n}", sys.argv[2], ttl=5.0):
        won.append(n)
print(*won)
"""


def test_two_processes_never_both_hold_a_lease(tmp_path: Path) -> None:
    """Sixty leases asked for by both at once: each goes to exactly one."""
    path = tmp_path / "record.sqlite3"
    SqliteJournal(path).close()
    processes = [start(LEASE, path, owner) for owner in ("left", "right")]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    won = [finish(process).split() for process in processes]
    assert sorted(int(n) for n in won[0] + won[1]) == list(range(60))
    leases = SqliteLeases(path, clock=HandClock())
    assert {leases.holder(f"run-{n}", ttl=5.0) for n in won[0]} <= {"left"}
    leases.close()


def test_a_process_that_dies_with_the_lock_holds_nobody_up(tmp_path: Path) -> None:
    """A writer that is killed inside its transaction: the next one goes on at once, and nothing of it is there."""
    path = tmp_path / "record.sqlite3"
    SqliteJournal(path).close()
    child = os.fork()
    if child == 0:
        con = sqlite3.connect(path, isolation_level=None)
        con.execute("BEGIN IMMEDIATE")
        con.execute("INSERT INTO absorbed VALUES ('half', '', 1)")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    with SqliteJournal(path, wait=1.0) as journal:
        assert journal.append([note("on")])[0].seq == 1
    with closing(sqlite3.connect(path)) as con:
        assert con.execute("SELECT count(*) FROM absorbed").fetchone() == (0,)
