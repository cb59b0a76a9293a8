"""The journal in one file, from one process: what goes in comes out, chained, and nothing else gets in."""

import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest

from psfir.domain.entries import GENESIS, Draft, Entry, check
from psfir.domain.kinds import Kind
from psfir.errors import RecordError, Refusal
from psfir.records.sqlite import SqliteJournal
from psfir.testing.waiting import GRACE, PATIENCE
from tests.records.parts import AT, INCIDENT, alter, note, start, texts


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".psfir" / "record.sqlite3"


@pytest.fixture
def journal(path: Path) -> Iterator[SqliteJournal]:
    with SqliteJournal(path) as opened:
        yield opened


def test_what_was_appended_is_read_again_by_another_journal(journal: SqliteJournal, path: Path) -> None:
    """Entries come back equal, in order, chained from the beginning."""
    written = journal.append([note("one"), note("ü 🎯 \x00 \u2028")]) + journal.append([note("three")])
    with SqliteJournal(path) as other:
        assert list(other.read()) == written
        assert other.heads() == (3, written[-1].hash)
    assert check(written) is None


def test_an_empty_record_has_the_genesis_as_its_head(journal: SqliteJournal) -> None:
    """Nothing was written, nothing is read."""
    assert journal.heads() == (0, GENESIS)
    assert list(journal.read()) == []
    assert journal.append([]) == []


def test_reading_starts_behind_a_seq_and_keeps_to_an_incident(journal: SqliteJournal) -> None:
    """`after` and the incident narrow what is read, across more entries than are fetched at once."""
    journal.append([note(str(n), incident=f"INC-{n % 2}") for n in range(1, 601)])
    assert texts(journal.read("INC-0", after=590)) == ["592", "594", "596", "598", "600"]
    assert len(list(journal.read("INC-1"))) == 300
    assert list(journal.read("INC-none")) == []


def test_a_reader_that_takes_its_time_holds_nothing_up(journal: SqliteJournal) -> None:
    """Between two entries of one reader, others append, erase and read; the reader then sees what came meanwhile."""
    journal.append([note(str(n)) for n in range(300)])
    reading = journal.read()
    next(reading)
    journal.append([note("meanwhile")])
    assert texts(reading)[-1] == "meanwhile"


def test_salts_are_asked_of_the_randomness_it_was_given(path: Path) -> None:
    """Each entry has a salt of its own, of sixteen bytes."""
    counter = iter(range(1, 100))
    with SqliteJournal(path, randomness=lambda size: bytes([next(counter)] * size)) as journal:
        salts = [entry.salt for entry in journal.append([note("one"), note("one")])]
    assert salts == ["01" * 16, "02" * 16]


def test_the_record_is_for_its_owner_only(journal: SqliteJournal, path: Path) -> None:
    """The file and its log are 0600 in a folder that is 0700, whatever the umask."""
    journal.append([note("one")])
    rights = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert set(rights) == {"record.sqlite3", "record.sqlite3-wal", "record.sqlite3-shm"}
    assert set(rights.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_every_commit_reaches_the_disk(journal: SqliteJournal) -> None:
    """The log is a WAL and is synced with each commit."""
    writer = journal.database.writer
    assert writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert writer.execute("PRAGMA synchronous").fetchone() == (2,)


def test_followers_see_an_entry_within_200_ms_and_stop_at_once(journal: SqliteJournal, path: Path) -> None:
    """An entry of another connection is seen quickly, and `stop` ends the following without waiting for a next one."""
    journal.append([note("before")])
    stop, seen, times = Event(), Event(), {}

    def look() -> None:
        for entry in journal.follow(0, stop=stop):
            times[texts([entry])[0]] = time.perf_counter()
            if len(times) == 2:
                seen.set()
        times["stopped"] = time.perf_counter()

    thread = Thread(target=look)
    thread.start()
    with SqliteJournal(path) as other:
        time.sleep(0.1)
        began = time.perf_counter()
        other.append([note("behind")])
        assert seen.wait(PATIENCE)
    assert times["behind"] - began < 0.2 + GRACE
    told = time.perf_counter()
    stop.set()
    thread.join(PATIENCE)
    assert times["stopped"] - told < 0.1 + GRACE


def test_following_keeps_to_one_incident(journal: SqliteJournal) -> None:
    """Entries of other incidents pass unseen."""
    journal.append([note("a", incident="INC-1"), note("b", incident="INC-2"), note("c", incident="INC-1")])
    stop = Event()
    found = []
    for entry in journal.follow(1, stop=stop, incident="INC-1"):
        found.append(entry.seq)
        stop.set()
    assert found == [3]


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("DELETE FROM entries WHERE seq = 1", "never deleted"),
        ("DELETE FROM entries", "never deleted"),
        ("UPDATE entries SET actor = 'asserted:eve' WHERE seq = 1", "never changed"),
        ("UPDATE entries SET data = '{}', salt = '' WHERE seq = 1", "never changed"),
        ("UPDATE entries SET data = NULL WHERE seq = 1", "never changed"),
        ("UPDATE entries SET data = NULL, salt = NULL WHERE seq = 2", "never changed"),
        ("UPDATE entries SET data = NULL, salt = NULL, at = '' WHERE seq = 1", "never changed"),
        ("UPDATE entries SET seq = 9 WHERE seq = 1", "never changed"),
        ("INSERT OR REPLACE INTO entries SELECT * FROM entries WHERE seq = 1", "behind the last one"),
        (
            "INSERT INTO entries SELECT 7, v, at, incident, '', '', '', '', '', '', '', '' FROM entries",
            "behind the last",
        ),
    ],
)
def test_the_file_itself_refuses_to_be_rewritten(journal: SqliteJournal, path: Path, statement: str, says: str) -> None:
    """Whoever writes to the file by SQL meets the triggers; only what people typed can be blanked."""
    journal.append([note("one"), Draft(AT, INCIDENT, "asserted:ana", "cli", Kind.SEVERITY, {"severity": "sev1"})])
    with closing(sqlite3.connect(path)) as con, pytest.raises(sqlite3.IntegrityError, match=says):
        con.execute(statement)


def test_erasing_leaves_a_tombstone_and_a_whole_chain(journal: SqliteJournal) -> None:
    """Data and salt are gone, one tombstone an entry says who and why, and the chain verifies."""
    journal.append([note("her name is Jane"), note("stays"), note("Jane again")])
    said = Draft(AT, "", "asserted:lee", "cli", Kind.ERASED, {"why": "asked for"})
    tombstones = journal.erase([3, 1, 3], said)
    assert [(t.seq, t.data, t.incident) for t in tombstones] == [
        (4, {"seq": 1, "why": "asked for"}, INCIDENT),
        (5, {"seq": 3, "why": "asked for"}, INCIDENT),
    ]
    entries = list(journal.examine())
    assert [(e.data is None, e.salt is None) for e in entries[:3]] == [(True, True), (False, False), (True, True)]
    assert check(entries) is None


def test_erased_words_are_in_no_byte_of_the_files(journal: SqliteJournal, path: Path) -> None:
    """Neither the file nor its log still holds them."""
    journal.append([note("canary-7f3a"), note("other")])
    journal.erase([1], Draft(AT, "", "asserted:lee", "cli", Kind.ERASED, {"why": "asked for"}))
    assert [file.name for file in path.parent.iterdir() if b"canary-7f3a" in file.read_bytes()] == []


@pytest.mark.parametrize(
    ("seqs", "says"), [([2], "stays readable"), ([9], "no entry 9"), ([1, 2], "stays readable"), ([3], "erased before")]
)
def test_what_cannot_be_erased_is_refused_and_nothing_is(journal: SqliteJournal, seqs: list[int], says: str) -> None:
    """One bad seq among several: none of them is erased and no tombstone stands."""
    severity = Draft(AT, INCIDENT, "asserted:ana", "cli", Kind.SEVERITY, {"severity": "sev1"})
    said = Draft(AT, "", "asserted:lee", "cli", Kind.ERASED, {"why": "asked for"})
    journal.append([note("one"), severity, note("three")])
    journal.erase([3], said)
    before = list(journal.read())
    with pytest.raises(Refusal, match=says):
        journal.erase(seqs, said)
    assert list(journal.read()) == before


def test_a_closed_journal_leaves_nothing_open_and_says_so(path: Path) -> None:
    """After `close` there is no log left, which goes with the last connection, and whoever goes on is told."""
    journal = SqliteJournal(path)
    journal.append([note("one")])
    unfinished = journal.read()
    next(unfinished)
    journal.close()
    assert [file.name for file in path.parent.iterdir()] == ["record.sqlite3"]
    with pytest.raises(RecordError, match="was closed"):
        journal.append([note("two")])
    with pytest.raises(RecordError, match="was closed"):
        list(journal.read())


def not_a_database(path: Path) -> None:
    path.write_text("psfir " * 1000, encoding="utf-8")


def a_folder(path: Path) -> None:
    path.mkdir()


def another_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as con:
        con.execute("CREATE TABLE bookmarks (url TEXT)")


def newer(path: Path) -> None:
    SqliteJournal(path).close()
    with closing(sqlite3.connect(path)) as con:
        con.execute("PRAGMA user_version=4")


def torn(path: Path) -> None:
    with SqliteJournal(path) as journal:
        journal.append([note("x" * 50_000)])
    path.write_bytes(path.read_bytes()[:5000])


@pytest.mark.parametrize(
    ("make", "says", "todo"),
    [
        (not_a_database, "not a psfir record", "name another file"),
        (a_folder, "cannot be opened", "rights"),
        (another_program, "not a psfir record", "name another file"),
        (newer, "written by a newer psfir .format 4", "upgrade psfir"),
        (torn, "damaged", "psfir audit verify"),
    ],
)
def test_what_is_no_record_of_ours_is_said_and_not_touched(path: Path, make: object, says: str, todo: str) -> None:
    """Each wrong file gets its own sentence with the file's name, and is afterwards as it was."""
    path.parent.mkdir()
    make(path)  # type: ignore[operator]  # one of the functions above
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(RecordError, match=says) as caught, SqliteJournal(path) as journal:
        list(journal.read())
    assert todo in caught.value.todo
    assert str(path) in str(caught.value)
    assert before == (path.read_bytes() if path.is_file() else None)


def test_a_missing_workspace_is_not_made_up(tmp_path: Path) -> None:
    """The record's own folder is made, the folder around it is not."""
    with pytest.raises(RecordError, match="does not exist"):
        SqliteJournal(tmp_path / "typo" / ".psfir" / "record.sqlite3")
    assert list(tmp_path.iterdir()) == []


def test_an_entry_whose_bytes_were_made_unreadable_is_named(journal: SqliteJournal, path: Path) -> None:
    """Reading past it is an error that says which entry it is."""
    journal.append([note("one"), note("two")])
    alter(path, "UPDATE entries SET data = '{\"text' WHERE seq = 2")
    reading: Iterator[Entry] = journal.read()
    assert next(reading).seq == 1
    with pytest.raises(RecordError, match="entry 2: its data was altered"):
        next(reading)


READ_ONLY = """
import os, sys
from pathlib import Path
from psfir.errors import RecordError
from psfir.records.sqlite import SqliteJournal
from tests.records.parts import note
if os.getuid() == 0:
    os.setgid(65534); os.setuid(65534)
journal = SqliteJournal(Path(sys.argv[1]), wait=0.2)
print(len(list(journal.read())))
try:
    journal.append([note("no")])
except RecordError as error:
    print(error)
"""


def test_who_may_only_read_can_read_and_is_told_why_not_write(tmp_path: Path) -> None:
    """A file without write access is read; appending to it says who must give which right."""
    import tempfile  # outside pytest's folders, which are closed to any other login

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.sqlite3"
        Path(folder).chmod(0o755)
        journal = SqliteJournal(path)
        journal.append([note("one")])
        for file in Path(folder).iterdir():
            file.chmod(0o444)
        ended = subprocess.run(
            [sys.executable, "-c", READ_ONLY, str(path)], capture_output=True, text=True, check=False
        )
        journal.close()
    assert ended.stdout.splitlines()[0] == "1", ended.stderr
    assert "may only be read" in ended.stdout
    assert "write access" in ended.stdout


COLD = """
import sys, time
from pathlib import Path
import psfir.domain.entries, psfir.errors, json, sqlite3
before = set(sys.modules)
began = time.process_time()
from psfir.records.sqlite import SqliteJournal
with SqliteJournal(Path(sys.argv[1])) as journal:
    journal.heads()
print(time.process_time() - began, *sorted(set(sys.modules) - before))
"""


def test_opening_cold_takes_a_few_milliseconds(path: Path) -> None:
    """Importing and opening, beyond sqlite3 itself, is quick and drags in no heavy module."""
    SqliteJournal(path).close()
    runs = [start(COLD, path).communicate()[0].split() for _ in range(3)]
    assert min(float(run[0]) for run in runs) < 0.05
    assert {"tempfile", "shutil", "uuid", "subprocess", "asyncio", "random", "logging"}.isdisjoint(runs[0])


def test_a_process_that_ends_without_closing_leaves_one_file(path: Path) -> None:
    """The log is moved into the file at the end, also where nobody collects what is left: a copy of it is whole."""
    code = f"""
import gc
from pathlib import Path
from psfir.records.leases import SqliteLeases
from psfir.records.sqlite import SqliteJournal
from psfir.testing import SettableClock
from tests.records.parts import note
journal = SqliteJournal(Path({str(path)!r}))
leases = SqliteLeases(Path({str(path)!r}), clock=SettableClock())
journal.append([note("last")])
leases.acquire("run", "me", ttl=5.0)
kept = [journal, leases, list(journal.read())]
kept.append(kept)  # a circle
gc.freeze()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=50)
    assert done.returncode == 0, done.stderr
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    with SqliteJournal(path) as journal:
        assert texts(journal.read()) == ["last"]
