"""What is told of an entry comes behind its writing: whatever breaks there, the entry stands, once."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Barrier, Thread

from psfir.app.told import ToldJournal
from psfir.domain.entries import Draft, Entry
from psfir.domain.kinds import Kind
from psfir.domain.scrub import Scrubber
from psfir.testing import MemoryJournal


def note(text: str) -> Draft:
    return Draft(
        datetime(2026, 11, 21, tzinfo=UTC), "INC-1", "dana", "test", Kind.NOTE, {"text": text, "about": "note"}
    )


def test_a_view_that_two_threads_break_at_once_is_dropped_once() -> None:
    """Neither append says that it failed: both entries are in the record, and it is said once."""
    meet, said, errors = Barrier(2), list[str](), list[Exception]()
    journal = ToldJournal(MemoryJournal(), Scrubber(), warn=said.append)

    def broken(_entry: Entry) -> None:
        meet.wait(5)
        raise RuntimeError("the view is gone")

    def append(text: str) -> None:
        try:
            journal.append([note(text)])
        except Exception as error:  # noqa: BLE001 - looked at by the test
            errors.append(error)

    journal.tell(broken)
    threads = [Thread(target=append, args=(text,)) for text in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert (errors, len(list(journal.read()))) == ([], 2)
    assert said == ["the view broke (RuntimeError: the view is gone); the run goes on unseen"]


def test_where_it_would_be_said_may_be_closed_too() -> None:
    """A terminal that went away takes neither the entry nor the run with it."""

    def closed(_text: str) -> None:
        raise ValueError("I/O operation on closed file")

    def broken(_entry: Entry) -> None:
        raise BrokenPipeError

    journal = ToldJournal(MemoryJournal(), Scrubber(), warn=closed)
    journal.tell(broken)
    assert [entry.seq for entry in journal.append([note("a")])] == [1]
    assert [entry.seq for entry in journal.append([note("b")])] == [2]
