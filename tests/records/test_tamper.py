"""Nobody alters an entry unseen: whatever byte is flipped, the verification finds it and names the entry."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psfir.app.audit import verify
from psfir.domain.canon import Json
from psfir.domain.entries import Draft
from psfir.domain.kinds import Kind
from psfir.records.sqlite import SqliteJournal
from tests.records.parts import AT, FIELDS, INCIDENT, note, tear_rails

ENTRIES = 8
ERASED = 3
NUMBERS = {"seq", "v"}
GET_BYTES = "SELECT CAST(NAME AS BLOB) FROM entries WHERE seq = ?"
PUT = "UPDATE entries SET NAME = ? WHERE seq = ?"
PUT_BYTES = "UPDATE entries SET NAME = CAST(? AS TEXT) WHERE seq = ?"


@dataclass(frozen=True)
class Record:
    """A journal, and a second connection of somebody who wants to alter its file."""

    journal: SqliteJournal
    con: sqlite3.Connection


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    path = tmp_path_factory.mktemp("record") / "record.sqlite3"
    # Numbers and escapes have spellings that mean the same: the bytes must count, not the meaning.
    odd: dict[str, Json] = {"big": 1e21, "small": 1e-7, "text": "\x0b\x1fü🎯", "list": [True, None, 0.5]}
    drafts = [
        note("one"),
        Draft(AT, INCIDENT, "trigger:x", "cli", Kind.SEEN, odd),
        note("gone"),
        note("four"),
        note(""),
    ]
    with SqliteJournal(path) as journal:
        journal.append([*drafts, Draft(AT, "", "trigger:x", "cli", Kind.CLOSED, {}), note("seven")])
        journal.erase([ERASED], Draft(AT, "", "asserted:lee", "cli", Kind.ERASED, {"why": "asked for"}))
        with closing(tear_rails(path)) as con:
            yield Record(journal, con)


def flip(value: object, place: int, bit: int) -> bytes | int:
    """The stored value with one bit of one byte flipped."""
    if isinstance(value, int):
        return value ^ (1 << (place % 7 * 8 + bit))
    assert isinstance(value, bytes)
    raw = bytearray(value)
    raw[place % len(raw)] ^= 1 << bit
    return bytes(raw)


def stored(con: sqlite3.Connection, name: str, seq: int) -> bytes | int | None:
    """The bytes of a text, the number of a number."""
    line = "SELECT NAME FROM entries WHERE seq = ?" if name in NUMBERS else GET_BYTES
    value: bytes | int | None = con.execute(line.replace("NAME", name), (seq,)).fetchone()[0]
    return value


def store(con: sqlite3.Connection, name: str, seq: int, value: bytes | int) -> None:
    """The reverse: the bytes go back as a text."""
    con.execute((PUT if name in NUMBERS else PUT_BYTES).replace("NAME", name), (value, seq))


@settings(max_examples=150)
@given(seq=st.integers(1, ENTRIES), name=st.sampled_from(FIELDS), place=st.integers(0, 5000), bit=st.integers(0, 7))
def test_flipping_any_bit_of_any_field_is_found_and_named(
    record: Record, seq: int, name: str, place: int, bit: int
) -> None:
    """Each field of each entry, each byte, each bit: the first bad entry is the one that was altered."""
    value = stored(record.con, name, seq)
    if not value:
        return  # nothing is stored there
    flipped = flip(value, place, bit)
    try:
        store(record.con, name, seq, flipped)
    except sqlite3.IntegrityError:  # the flipped seq is another entry's
        return
    seen = verify(record.journal)
    store(record.con, name, flipped if isinstance(flipped, int) and name == "seq" else seq, value)
    assert seen.flaw is not None
    # An entry whose own number was altered is named by the number it bears now.
    named = {seq, flipped} if name == "seq" else {seq}
    assert seen.flaw.seq in named or f"entry {seq} is missing" in seen.flaw.says
    assert verify(record.journal).sound


@settings(max_examples=60)
@given(
    seq=st.integers(1, ENTRIES), name=st.sampled_from(FIELDS[1:]), value=st.sampled_from([None, 1, 2.5, b"\xff", ""])
)
def test_a_field_of_another_kind_is_found_and_named(record: Record, seq: int, name: str, value: object) -> None:
    """NULL, numbers, blobs and emptiness in the place of what stood there."""
    read, write = (line.replace("NAME", name) for line in ("SELECT NAME FROM entries WHERE seq = ?", PUT))
    (before,) = record.con.execute(read, (seq,)).fetchone()
    try:
        record.con.execute(write, (value, seq))
    except sqlite3.IntegrityError:  # NULL where the table allows none
        return
    (after,) = record.con.execute(read, (seq,)).fetchone()
    seen = verify(record.journal)
    record.con.execute(write, (before, seq))
    if (type(after), after) == (type(before), before):
        assert seen.sound
    else:
        assert seen.flaw is not None
        assert seen.flaw.seq == seq


@pytest.mark.parametrize("seq", range(1, ENTRIES + 1))
def test_an_entry_that_is_taken_out_is_missed(record: Record, seq: int) -> None:
    """Taken from the middle, the next one betrays it; taken from the end, only the head that was kept outside does."""
    head = record.journal.heads()
    record.con.execute("CREATE TEMP TABLE kept AS SELECT * FROM entries WHERE seq = ?", (seq,))
    record.con.execute("DELETE FROM entries WHERE seq = ?", (seq,))
    seen, with_head = verify(record.journal), verify(record.journal, heads=[head])
    record.con.execute("INSERT INTO entries SELECT * FROM kept")
    record.con.execute("DROP TABLE kept")
    if seq < ENTRIES:
        assert seen.flaw is not None
        assert f"entry {seq} is missing" in seen.flaw.says
    else:
        # The tombstone of the erased entry went with it, so that shows even without a head.
        assert seen.flaw is not None
        assert seen.flaw.seq == ERASED
    assert with_head.flaw is not None


def test_an_index_that_hides_an_entry_does_not_fool_the_verification(tmp_path: Path) -> None:
    """The verification reads the table itself: a partial index in the index's place changes nothing."""
    with SqliteJournal(tmp_path / "record.sqlite3") as journal:
        journal.append([note(str(n)) for n in range(5)])
        with closing(tear_rails(journal.path)) as con:
            con.execute("UPDATE entries SET incident = 'INC-other' WHERE seq = 2")
        assert len(list(journal.read(INCIDENT))) == 4
        flaw = verify(journal).flaw
    assert flaw is not None
    assert (flaw.seq, "hash does not fit" in flaw.says) == (2, True)


def test_a_page_of_the_file_that_was_overwritten_is_a_flaw_and_no_traceback(tmp_path: Path) -> None:
    """The disk put zeros over a page: the verification names the first entry it cannot get."""
    path = tmp_path / "record.sqlite3"
    with SqliteJournal(path) as journal:
        journal.append([note("x" * 400 + str(n)) for n in range(200)])
    content = bytearray(path.read_bytes())
    middle = content.index(b"x" * 400 + b"100") // 4096 * 4096
    content[middle : middle + 4096] = bytes(4096)
    path.write_bytes(content)
    with SqliteJournal(path) as journal:
        seen = verify(journal)
    assert seen.flaw is not None
    assert 80 < seen.flaw.seq <= 101
