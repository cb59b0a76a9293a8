"""A record of an older format becomes one of today's: nothing of it changes, and the old file is kept."""

import re
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from psfir.contracts import Hold
from psfir.domain.entries import check
from psfir.domain.kinds import Kind
from psfir.errors import RecordError
from psfir.records.leases import SqliteLeases
from psfir.records.migrations import FORMAT
from psfir.records.sqlite import SqliteJournal
from tests.records import format_1, format_2
from tests.records.parts import HandClock, finish, note, start


def schema(path: Path) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as con:
        return {(kind, name) for kind, name in con.execute("SELECT type, name FROM sqlite_master")}


def copies(path: Path) -> list[Path]:
    return sorted(path.parent.glob("*.bak*"))


def test_an_older_record_is_migrated_and_its_copy_kept(tmp_path: Path) -> None:
    """All entries are as they were, one more says what happened, and the copy is the old file, for its owner only."""
    path = tmp_path / "record.sqlite3"
    old = format_1.build(path, [note("one"), note("two")])
    with SqliteJournal(path) as journal:
        entries = list(journal.examine())
    (copy,) = copies(path)
    assert entries[:2] == old
    assert (entries[2].kind, entries[2].incident) == (Kind.MIGRATED, "")
    assert entries[2].data == {"from": 1, "to": 3, "copy": copy.name}
    assert check(entries) is None
    assert re.fullmatch(r"record\.sqlite3\.v1-\d{8}T\d{6}Z\.bak", copy.name)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert format_1.version(copy) == 1
    with closing(sqlite3.connect(f"file:{copy}?mode=ro&immutable=1", uri=True)) as con:
        assert [row[0] for row in con.execute("SELECT hash FROM entries")] == [entry.hash for entry in old]


def test_a_migrated_record_is_like_a_new_one(tmp_path: Path) -> None:
    """The same tables, index and triggers, whichever way a record came to be."""
    path, new = tmp_path / "old.sqlite3", tmp_path / "new.sqlite3"
    format_1.build(path, [])
    SqliteJournal(path).close()
    SqliteJournal(new).close()
    assert schema(path) == schema(new)
    assert ("index", "entries_of_incident") in schema(new)
    assert format_1.version(path) == format_1.version(new) == FORMAT


def test_a_migration_happens_once(tmp_path: Path) -> None:
    """Opened again, there is no second copy and no second entry."""
    path = tmp_path / "record.sqlite3"
    format_1.build(path, [note("one")])
    for _ in range(2):
        with SqliteJournal(path) as journal:
            assert journal.heads()[0] == 2
    assert len(copies(path)) == 1


OPEN = """
import sys
from pathlib import Path
from psfir.records.sqlite import SqliteJournal
from tests.records.parts import note
with SqliteJournal(Path(sys.argv[1])) as journal:
    journal.append([note(sys.argv[2])])
"""


def test_processes_that_open_it_together_migrate_it_once(tmp_path: Path) -> None:
    """Four at once: one of them migrates, all of them append, the chain holds."""
    path = tmp_path / "record.sqlite3"
    format_1.build(path, [note("one")])
    for process in [start(OPEN, path, number) for number in range(4)]:
        finish(process)
    with SqliteJournal(path) as journal:
        entries = list(journal.examine())
    assert check(entries) is None
    assert [entry.kind for entry in entries].count(Kind.MIGRATED) == 1
    assert len(entries) == 6
    assert len(copies(path)) == 1


KILLED = """
import os, signal, sys
from pathlib import Path
from psfir.records import migrations
from psfir.records.sqlite import SqliteJournal
at = int(sys.argv[2])
statements = migrations.STEPS[1]
class Deadly(tuple):
    def __iter__(self):
        for number, statement in enumerate(statements):
            if number == at:
                os.kill(os.getpid(), signal.SIGKILL)
            yield statement
        os.kill(os.getpid(), signal.SIGKILL)
migrations.STEPS[1] = Deadly(statements)
SqliteJournal(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("at", [0, 2, 5, 99])
def test_killed_in_the_middle_the_old_record_is_whole(tmp_path: Path, at: int) -> None:
    """Before the first statement, between two, behind the last: it is still format 1, and the next one migrates it."""
    path = tmp_path / "record.sqlite3"
    old = format_1.build(path, [note("one")])
    process = start(KILLED, path, at)
    process.communicate(timeout=20)
    assert process.returncode == -9
    assert format_1.version(path) == 1
    assert schema(path) == {("table", "entries")}
    with SqliteJournal(path) as journal:
        assert list(journal.read())[:1] == old
        assert journal.heads()[0] == 2


def test_without_a_copy_there_is_no_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the copy cannot be made, the record stays as it is, and half a copy is not left about."""
    path = tmp_path / "record.sqlite3"
    format_1.build(path, [note("one")])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("psfir.records.migrations.sync", full)
    with pytest.raises(RecordError, match="No space left"):
        SqliteJournal(path)
    assert format_1.version(path) == 1
    assert copies(path) == []


def test_a_record_of_format_2_learns_tokens(tmp_path: Path) -> None:
    """Whoever held a lease across the upgrade holds it still, and is given a token; its entries are as they were."""
    path = tmp_path / "record.sqlite3"
    clock = HandClock()
    old = format_2.build(path, [note("one")], lease=("run", "a", clock.boot, clock.seconds))
    leases = SqliteLeases(path, clock=clock)
    with SqliteJournal(path) as journal:
        assert leases.acquire("run", "b", ttl=5) is None
        token = leases.acquire("run", "a", ttl=5)
        assert token
        journal.append([note("two")], under=[Hold("run", token)])
        entries = list(journal.examine())
    leases.close()
    assert entries[:1] == old
    assert entries[1].data is not None
    assert (entries[1].data["from"], entries[1].data["to"]) == (2, FORMAT)
    assert check(entries) is None
    assert [format_1.version(copy) for copy in copies(path)] == [2]
