"""The journal of the kill path: whatever happens to the record, no draft is refused and no draft is lost."""

import json
import sqlite3
import stat
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from psfir.contracts import Hold
from psfir.domain.entries import Draft, Entry, check
from psfir.domain.fold import fold
from psfir.domain.kinds import Kind
from psfir.errors import RecordError
from psfir.records.spool import LAST_RESORT, SpoolingJournal, absorb
from psfir.records.sqlite import SqliteJournal
from tests.records.parts import AT, INCIDENT, finish, note, start, texts

DECLARED: dict[str, object] = {
    "systems": ["support-assistant"],
    "severity": "sev1",
    "case": None,
    "trigger": {"at": "2026-11-21T03:12:00.000000Z", "source": "ana"},
}


class Flaky:
    """A real journal whose writing, or all of it, can be lost at will."""

    def __init__(self, journal: SqliteJournal) -> None:
        self.journal = journal
        self.writes = self.reads = True

    def append(self, drafts: Sequence[Draft], *, under: Sequence[Hold] = ()) -> list[Entry]:
        if not self.writes:
            raise RecordError("the disk is full")
        return self.journal.append(drafts, under=under)

    def read(self, incident: str | None = None, *, after: int = 0) -> Iterator[Entry]:
        for entry in self.journal.read(incident, after=after):
            if not self.reads:
                raise RecordError("the disk is gone")
            yield entry

    def follow(self, after: int, *, stop: threading.Event, incident: str | None = None) -> Iterator[Entry]:
        raise NotImplementedError

    def heads(self) -> tuple[int, str]:
        if not self.reads:
            raise RecordError("the disk is gone")
        return self.journal.heads()


@pytest.fixture
def inner(tmp_path: Path) -> Iterator[SqliteJournal]:
    with SqliteJournal(tmp_path / "record.sqlite3", wait=0.2) as journal:
        yield journal


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


def never(line: str) -> None:
    raise AssertionError(f"printed as a last resort: {line}")


def spooled(folder: Path) -> list[str]:
    """The words in all spools."""
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]
    return [json.loads(line)["data"].get("text", "") for line in lines]


def test_with_the_record_at_hand_nothing_is_spooled(inner: SqliteJournal, folder: Path) -> None:
    """It is the record, seen through a window; no file and no folder is made."""
    journal = SpoolingJournal(inner, folder, last_resort=never)
    entries = journal.append([note("one"), note("two")])
    assert list(inner.read()) == entries == list(journal.read())
    assert journal.heads() == inner.heads()
    assert (journal.spooled, journal.lost_to, journal.cause) == (False, "", None)
    assert not folder.exists()


def test_when_writing_fails_the_entries_go_to_a_spool(inner: SqliteJournal, folder: Path) -> None:
    """They are on the disk as drafts, for their owner only, and come back as links behind the record's last one."""
    flaky = Flaky(inner)
    journal = SpoolingJournal(flaky, folder, last_resort=never)
    first = journal.append([note("one")])
    flaky.writes = False
    rest = journal.append([note("two"), note("three")])
    assert check([*first, *rest]) is None
    assert list(journal.read()) == [*first, *rest]
    assert journal.heads() == (3, rest[-1].hash)
    (path,) = folder.glob("*.jsonl")
    assert [Draft.from_json(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()] == [
        note("two"),
        note("three"),
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert path.name.startswith("20261121T031200000000Z-")
    assert (journal.spooled, journal.lost_to) == (True, str(path))
    assert journal.cause is not None
    assert "disk is full" in str(journal.cause)
    journal.close()


def test_once_spooling_it_stays_so(inner: SqliteJournal, folder: Path) -> None:
    """The record comes back, and still the order is kept: everything further goes to the same spool."""
    flaky = Flaky(inner)
    journal = SpoolingJournal(flaky, folder, last_resort=never)
    flaky.writes = False
    journal.append([note("one")])
    flaky.writes = True
    journal.append([note("two")])
    assert spooled(folder) == ["one", "two"]
    assert inner.heads()[0] == 0
    assert len(list(folder.iterdir())) == 1
    journal.close()


def test_what_others_write_meanwhile_does_not_mix_with_provisional_entries(inner: SqliteJournal, folder: Path) -> None:
    """Behind the loss this process sees its own chain only, so that a fold over it never meets one seq twice."""
    flaky = Flaky(inner)
    journal = SpoolingJournal(flaky, folder, last_resort=never)
    inner.append([note("others, before")])
    flaky.writes = False
    journal.append([note("mine")])
    inner.append([note("others, after")])
    assert texts(journal.read()) == ["others, before", "mine"]
    assert check(journal.read()) is None
    journal.close()


def test_when_reading_is_lost_too_what_was_seen_is_still_told(inner: SqliteJournal, folder: Path) -> None:
    """Entries read or written before the loss, then the spooled ones; an incident still folds."""
    inner.append([Draft(AT, INCIDENT, "asserted:ana", "cli", Kind.DECLARED, DECLARED)])  # type: ignore[arg-type]  # plain JSON
    flaky = Flaky(inner)
    journal = SpoolingJournal(flaky, folder, last_resort=never)
    assert len(list(journal.read(INCIDENT))) == 1
    journal.append([note("before", incident="INC-other")])
    flaky.reads = flaky.writes = False
    journal.append([note("after")])
    assert [entry.seq for entry in journal.read(INCIDENT)] == [1, 3]
    assert texts(journal.read(after=1)) == ["before", "after"]
    assert fold(journal.read(INCIDENT)).notes[0].text == "after"
    journal.close()


def test_a_record_that_breaks_while_it_is_read_is_a_loss_too(inner: SqliteJournal, folder: Path) -> None:
    """The reader gets each entry once and no error, and from then on entries are spooled."""
    inner.append([note("one"), note("two")])
    flaky = Flaky(inner)
    journal = SpoolingJournal(flaky, folder, last_resort=never)
    list(journal.read())
    reading = journal.read()
    first = next(reading)
    flaky.reads = False
    assert [first.seq, *(entry.seq for entry in reading)] == [1, 2]
    assert journal.spooled
    assert journal.heads()[0] == 2
    journal.append([note("three")])
    assert spooled(folder) == ["three"]
    journal.close()


def test_a_record_that_cannot_even_be_opened_is_spooled_for(tmp_path: Path, folder: Path) -> None:
    """From the first entry on, with an opener that fails or with no record at all."""
    (tmp_path / "record.sqlite3").write_text("no database " * 100, encoding="utf-8")
    for opener in (lambda: SqliteJournal(tmp_path / "record.sqlite3"), None):
        journal = SpoolingJournal(opener, folder, last_resort=never)
        assert journal.spooled
        assert list(journal.read()) == []
        assert [entry.seq for entry in journal.append([note("one"), note("two")])] == [1, 2]
        assert check(journal.read()) is None
        journal.close()
    assert spooled(folder) == ["one", "two"] * 2


def test_following_goes_on_behind_the_loss(inner: SqliteJournal, folder: Path) -> None:
    """Who follows sees the spooled entries too, and each entry once."""
    flaky, stop = Flaky(inner), threading.Event()
    journal = SpoolingJournal(flaky, folder, last_resort=never)
    journal.append([note("one")])
    seen = []
    for entry in journal.follow(0, stop=stop):
        seen.append(entry.seq)
        flaky.writes = False
        if len(seen) < 3:
            journal.append([note("more")])
        else:
            stop.set()
    assert seen == [1, 2, 3]
    journal.close()


def test_a_draft_that_fits_no_record_is_written_as_text(inner: SqliteJournal, folder: Path) -> None:
    """A kill does not stop over a vendor's odd number, and the record is not taken for lost because of it."""
    journal = SpoolingJournal(inner, folder, last_resort=never)
    odd = Draft(AT, INCIDENT, "trigger:x", "cli", Kind.REREAD, {"found": {"token": 2**60 + 1}})
    (entry,) = journal.append([odd])
    assert entry.data == {"found": {"token": str(2**60 + 1)}}
    assert not journal.spooled
    away = SpoolingJournal(None, folder, last_resort=never)
    away.append([odd])
    away.close()
    assert absorb(folder, inner)[0][1] == 1
    assert [e.data for e in inner.read() if e.kind == Kind.REREAD] == [entry.data] * 2


def test_a_record_that_stays_locked_is_given_up(inner: SqliteJournal, folder: Path) -> None:
    """Somebody sits on the lock: after the journal's patience the kill goes on with a spool."""
    other = sqlite3.connect(inner.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    journal = SpoolingJournal(inner, folder, last_resort=never)
    journal.append([note("one")])
    other.close()
    assert spooled(folder) == ["one"]
    assert "locked" in str(journal.cause)
    journal.close()


def test_where_no_spool_can_be_made_the_lines_are_handed_out(folder: Path) -> None:
    """Each entry as one JSON line, in order; the door is told that nothing else holds them."""
    folder.write_text("a file in the folder's place", encoding="utf-8")
    lines: list[str] = []
    journal = SpoolingJournal(None, folder, last_resort=lines.append)
    entries = journal.append([note("one"), note("two")]) + journal.append([note("three\n")])
    assert [Draft.from_json(json.loads(line)) for line in lines] == [note("one"), note("two"), note("three\n")]
    assert all("\n" not in line for line in lines)
    assert journal.lost_to == LAST_RESORT
    assert check(entries) is None
    assert list(journal.read()) == entries
    journal.close()


@pytest.mark.parametrize("error", [BrokenPipeError(), OSError(28, "full"), ValueError("I/O operation on closed file")])
def test_a_last_resort_that_fails_stops_nothing(folder: Path, error: Exception) -> None:
    """Standard output is gone too: the kill still goes on."""

    def gone(_: str) -> None:
        raise error

    folder.write_text("in the way", encoding="utf-8")
    journal = SpoolingJournal(None, folder, last_resort=gone)
    assert len(journal.append([note("one")])) == 1


def test_threads_lose_the_record_together_and_nothing_else(inner: SqliteJournal, folder: Path) -> None:
    """Sixteen threads while the record goes away: each draft is in the record or in the spool, once, and none fails."""
    flaky = Flaky(inner)
    journal = SpoolingJournal(flaky, folder, last_resort=never)
    entries: list[Entry] = []

    def work(number: int) -> None:
        for turn in range(20):
            if (number, turn) == (0, 10):
                flaky.writes = False
            entries.extend(journal.append([note(f"{number}-{turn}")]))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(entries) == 320
    assert sorted(texts(inner.read()) + spooled(folder)) == sorted(f"{n}-{t}" for n in range(16) for t in range(20))
    assert check(journal.read()) is None
    assert len(list(journal.read())) == 320
    journal.close()
    absorb(folder, inner)
    assert len(texts(inner.read())) == 320
    assert check(inner.examine()) is None


FULL_DISK = """
import resource, sys
from pathlib import Path
from psfir.domain.entries import check
from psfir.records.spool import SpoolingJournal
from psfir.records.sqlite import SqliteJournal
from tests.records.parts import note
record = SqliteJournal(Path(sys.argv[1]) / "record.sqlite3")
journal = SpoolingJournal(record, Path(sys.argv[1]) / "spool", last_resort=print)
journal.append([note("in the record")])
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
for n in range(40):
    journal.append([note(f"{n}-" + "x" * 3000)])
assert check(journal.read()) is None
assert len(list(journal.read())) == 41
print(journal.spooled, journal.lost_to, file=sys.stderr)
"""


def test_a_disk_that_fills_up_takes_the_record_then_the_spool_and_no_entry(tmp_path: Path) -> None:
    """No file may grow any further: record, spool and standard output together hold every entry, in order, once."""
    printed = finish(start(FULL_DISK, tmp_path)).splitlines()
    lines = [json.loads(line)["data"]["text"] for line in printed]
    in_spool = spooled(tmp_path / "spool")
    with SqliteJournal(tmp_path / "record.sqlite3") as journal:
        in_record = texts(journal.read())
        assert check(journal.examine()) is None
        everything = [text.rstrip("x") for text in in_record + in_spool + lines]
        assert everything == ["in the record", *(f"{n}-" for n in range(40))]
        assert min(len(in_record), len(in_spool), len(lines)) > 1
        # What was printed, saved beside the spool, is merged like it.
        (tmp_path / "spool" / "printed.jsonl").write_text("\n".join(printed) + "\n", encoding="utf-8")
        absorb(tmp_path / "spool", journal)
        assert [text.rstrip("x") for text in texts(journal.read())] == everything
