"""A record moved between stores is the same record, and what was broken off is carried on."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from psfir.domain.entries import check
from psfir.domain.kinds import Kind
from psfir.errors import RecordError, Refusal
from psfir.records.moving import move
from psfir.records.rows import Row
from psfir.records.sqlite import SqliteJournal
from tests.records.parts import alter, note, texts
from tests.records.stores import Whole, journal_at, laid


def full(path: Path) -> SqliteJournal:
    """With an erased entry and a merged spool in it, longer than a page."""
    journal = SqliteJournal(path)
    journal.append([note(str(number)) for number in range(300)])
    journal.append_once("a.jsonl", "sha256:1", [note("spooled")])
    journal.erase([7], replace(note(""), incident="", kind=Kind.ERASED, data={"why": "asked to"}))
    return journal


def test_there_and_back_it_is_the_same_record(tmp_path: Path) -> None:
    """SQLite to PostgreSQL to SQLite: entries, hashes, tombstones and merged spools, and the chain goes on."""
    source = full(tmp_path / "old.sqlite3")
    with journal_at(laid()) as shared, SqliteJournal(tmp_path / "new.sqlite3") as back:  # type: ignore[attr-defined]  # both are context managers
        told: list[int] = []
        assert move(source, shared, told=told.append) == source.heads() == move(shared, back)
        assert list(back.examine()) == list(source.examine())
        assert told[-1] == source.heads()[0]
        for journal in (shared, back):
            assert journal.append_once("a.jsonl", "sha256:1", [note("spooled")]) is None
            journal.append([note("and on")])
            assert check(journal.examine()) is None
    source.close()


class Torn:
    """A target whose disk is full after so many pages."""

    def __init__(self, inner: Whole, pages: int) -> None:
        self.inner = inner
        self.left = pages
        self.heads, self.examine = inner.heads, inner.examine
        self.pages, self.merged = inner.pages, inner.merged  # type: ignore[attr-defined]  # both have them

    def take(self, page: Sequence[Row], merged: Sequence[Row]) -> None:
        if not self.left:
            raise RecordError("the disk is full")
        self.left -= 1
        self.inner.take(page, merged)  # type: ignore[attr-defined]  # both have it


def test_broken_off_it_is_carried_on(tmp_path: Path) -> None:
    """The second time begins where the first one ended."""
    with full(tmp_path / "old.sqlite3") as source, SqliteJournal(tmp_path / "new.sqlite3") as target:
        with pytest.raises(RecordError, match="disk is full"):
            move(source, Torn(target, 1))
        begun = target.heads()[0]
        assert 0 < begun < source.heads()[0]
        told: list[int] = []
        move(source, target, told=told.append)
        assert min(told) > begun
        assert list(target.examine()) == list(source.examine())


def test_another_record_is_not_touched(tmp_path: Path) -> None:
    """A target that holds anything but the beginning of this chain is refused, and stays as it was."""
    with full(tmp_path / "old.sqlite3") as source, SqliteJournal(tmp_path / "new.sqlite3") as target:
        target.append([note("theirs")])
        with pytest.raises(Refusal, match="holds another record, of 1 entries"):
            move(source, target)
        assert texts(target.read()) == ["theirs"]


def test_a_record_that_does_not_hold_is_not_moved(tmp_path: Path) -> None:
    """The first bad entry is named, and nothing was copied."""
    with full(tmp_path / "old.sqlite3") as source, SqliteJournal(tmp_path / "new.sqlite3") as target:
        alter(tmp_path / "old.sqlite3", "UPDATE entries SET actor = 'asserted:eve' WHERE seq = 3")
        with pytest.raises(RecordError, match="entry 3"):
            move(source, target)
        assert target.heads()[0] == 0
