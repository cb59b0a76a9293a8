"""Spools are merged once and only once, by whoever comes first, whatever is killed meanwhile."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from psfir.domain import instants
from psfir.domain.entries import check
from psfir.domain.kinds import Kind
from psfir.errors import RecordError
from psfir.records.spool import SpoolingJournal, absorb, waiting
from psfir.records.sqlite import SqliteJournal
from tests.records.parts import finish, note, start, texts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with SqliteJournal(tmp_path / "record.sqlite3") as opened:
        yield opened


def spool(folder: Path, *words: str, after: float = 0.0) -> str:
    """A spool whose writer is gone; its name."""
    journal = SpoolingJournal(None, folder, last_resort=print)
    for word in words:
        journal.append([note(word, after=after)])
    journal.close()
    return Path(journal.lost_to).name


def test_a_spool_is_merged_with_its_own_times_and_a_word_about_it(folder: Path, journal: SqliteJournal) -> None:
    """Its entries stand behind the last one and keep their own `at`; one more entry says where they came from."""
    journal.append([note("in the record", after=60)])
    name = spool(folder, "one", "two")
    assert absorb(folder, journal) == [(name, 2)]
    entries = list(journal.examine())
    assert check(entries) is None
    assert texts(entries) == ["in the record", "one", "two"]
    assert [entry.at for entry in entries[1:3]] == [instants.write(note("x").at)] * 2
    assert (entries[3].kind, entries[3].data, entries[3].incident) == (
        Kind.ABSORBED,
        {"spool": name, "count": 2},
        note("x").incident,
    )
    assert [path.name for path in folder.iterdir()] == [f"{name}.absorbed"]


def test_a_second_time_there_is_nothing_to_merge(folder: Path, journal: SqliteJournal) -> None:
    """Nor is there where no spool ever was."""
    assert absorb(folder, journal) == []
    spool(folder, "one")
    absorb(folder, journal)
    assert absorb(folder, journal) == []
    assert journal.heads()[0] == 2


def test_spools_are_merged_in_the_order_they_were_begun(folder: Path, journal: SqliteJournal) -> None:
    """The older one first, whichever was made first."""
    late, early = spool(folder, "late", after=60), spool(folder, "early")
    assert waiting(folder) == [early, late]
    assert absorb(folder, journal) == [(early, 1), (late, 1)]
    assert texts(journal.read()) == ["early", "late"]


def test_a_spool_whose_writer_is_alive_is_left_alone(folder: Path, journal: SqliteJournal) -> None:
    """Not one of its entries is merged until its writer lets go."""
    writer = SpoolingJournal(None, folder, last_resort=print)
    writer.append([note("one")])
    assert absorb(folder, journal) == []
    writer.append([note("two")])
    assert len(waiting(folder)) == 1
    writer.close()
    assert [count for _, count in absorb(folder, journal)] == [2]
    assert texts(journal.read()) == ["one", "two"]


WRITER = """
import sys
from pathlib import Path
from psfir.records.spool import SpoolingJournal
from tests.records.parts import note
journal = SpoolingJournal(None, Path(sys.argv[1]), last_resort=print)
journal.append([note("one"), note("two")])
print("ready", flush=True)
sys.stdin.readline()
"""


def test_a_killed_writer_lets_go(folder: Path, journal: SqliteJournal) -> None:
    """Kill -9 frees the spool, and all that was written is merged."""
    process = start(WRITER, folder)
    assert process.stdout is not None
    process.stdout.readline()
    assert absorb(folder, journal) == []
    process.kill()
    process.communicate()
    assert [count for _, count in absorb(folder, journal)] == [2]


def test_a_torn_last_line_is_left_out(folder: Path, journal: SqliteJournal) -> None:
    """The writer was killed inside a line: what stands before it is merged."""
    name = spool(folder, "one", "two", "three")
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[:-20])
    assert absorb(folder, journal) == [(name, 2)]
    assert texts(journal.read()) == ["one", "two"]


@pytest.mark.parametrize("content", [b"", b'{"at": "2026', b"\n\n"])
def test_a_spool_without_a_whole_line_is_put_aside(folder: Path, journal: SqliteJournal, content: bytes) -> None:
    """Nothing to merge, nothing to say."""
    folder.mkdir()
    (folder / "x.jsonl").write_bytes(content)
    assert absorb(folder, journal) == []
    assert journal.heads()[0] == 0
    assert waiting(folder) == []


@pytest.mark.parametrize(
    "line", ["{}", "nonsense", "[1]", '{"at": 5}', "[" * 100_000, '"x"', '{"v": NaN}', "\x00", "null"]
)
def test_a_line_that_is_no_entry_is_named_and_the_other_spools_are_merged(
    folder: Path, journal: SqliteJournal, line: str
) -> None:
    """A damaged spool is left as it is, with the file and the line in the error; it holds up no other."""
    good = spool(folder, "one")
    whole = json.dumps(note("not merged by half").to_json())
    (folder / "0-bad.jsonl").write_text(f"{whole}\n{line}\n{whole}\n", encoding="utf-8")
    with pytest.raises(RecordError, match=r"0-bad\.jsonl: line 2 is no entry"):
        absorb(folder, journal)
    assert texts(journal.read()) == ["one"]
    assert waiting(folder) == ["0-bad.jsonl"]
    assert (folder / f"{good}.absorbed").exists()


def test_a_number_no_record_can_hold_is_an_error_of_that_spool(folder: Path, journal: SqliteJournal) -> None:
    """Somebody edited the file: nothing of it is merged, and nothing of it is lost."""
    name = spool(folder, "one")
    path = folder / name
    path.write_text(path.read_text(encoding="utf-8").replace('"one"', "1e999"), encoding="utf-8")
    with pytest.raises(RecordError, match="cannot be recorded"):
        absorb(folder, journal)
    assert journal.heads()[0] == 0
    assert waiting(folder) == [name]


def test_a_copy_of_a_merged_spool_is_known(folder: Path, journal: SqliteJournal) -> None:
    """The same lines under another name are not merged again; another spool under a known name is an error."""
    name = spool(folder, "one")
    content = (folder / name).read_bytes()
    absorb(folder, journal)
    (folder / "copy.jsonl").write_bytes(content)
    assert absorb(folder, journal) == []
    (folder / name).write_bytes(content + content)
    with pytest.raises(RecordError, match="merged before"):
        absorb(folder, journal)
    assert texts(journal.read()) == ["one"]


MERGE = """
import os, signal, sys
from pathlib import Path
from psfir.records.spool import absorb
from psfir.records.sqlite import SqliteJournal
journal = SqliteJournal(Path(sys.argv[1]) / "record.sqlite3")
if sys.argv[2] == "before":
    journal.database.writer.set_trace_callback(lambda sql: sql == "COMMIT" and os.kill(os.getpid(), signal.SIGKILL))
if sys.argv[2] == "behind":
    Path.rename = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
print("ready", flush=True)
sys.stdin.readline()
print(sum(count for _, count in absorb(Path(sys.argv[1]) / "spool", journal)))
"""


@pytest.mark.parametrize(("moment", "merged"), [("before", 0), ("behind", 2)])
def test_killed_while_merging_nothing_is_merged_twice(
    tmp_path: Path, folder: Path, journal: SqliteJournal, moment: str, merged: int
) -> None:
    """Right before the commit, or between the commit and the renaming: afterwards each entry is there once."""
    spool(folder, "one", "two")
    process = start(MERGE, tmp_path, moment)
    process.communicate("go\n", timeout=20)
    assert process.returncode == -9
    assert len(texts(journal.read())) == merged
    absorb(folder, journal)
    assert texts(journal.read()) == ["one", "two"]
    assert waiting(folder) == []
    assert check(journal.examine()) is None


def test_processes_that_merge_at_once_merge_each_spool_once(
    tmp_path: Path, folder: Path, journal: SqliteJournal
) -> None:
    """Four of them on thirty spools: every entry is there once, and together they report just that many."""
    for number in range(30):
        spool(folder, f"{number}-a", f"{number}-b", after=number)
    processes = [start(MERGE, tmp_path, "") for _ in range(4)]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert sum(int(finish(process)) for process in processes) == 60
    assert sorted(texts(journal.read())) == sorted(f"{number}-{half}" for number in range(30) for half in "ab")
    assert waiting(folder) == []
    assert check(journal.examine()) is None
