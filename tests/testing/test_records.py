"""The journal, leases and evidence that stand in for the real ones keep the promises tests rely on."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from psfir.contracts import Captured
from psfir.domain.canon import digest_bytes
from psfir.domain.entries import Draft, Entry
from psfir.domain.kinds import Kind
from psfir.errors import RecordError
from psfir.testing import MemoryEvidence, MemoryJournal, MemoryLeases, SettableClock

AT = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)


def note(text: str, incident: str = "INC-1") -> Draft:
    return Draft(AT, incident, "dana", "cli", Kind.NOTE, {"text": text, "about": "note"})


def texts(entries: Sequence[Entry]) -> list[str]:
    return [str(entry.data["text"]) for entry in entries if entry.data]


def test_it_breaks_at_the_append_it_was_told_to() -> None:
    """So many go well, the next one and all behind it are RecordErrors that leave nothing, until it is mended."""
    journal = MemoryJournal()
    journal.break_after(2)
    journal.append([note("1")])
    journal.append([note("2"), note("3")])
    for _ in range(2):
        with pytest.raises(RecordError, match="the disk is full"):
            journal.append([note("4"), note("5")])
    assert texts(list(journal.read())) == ["1", "2", "3"]
    assert journal.flaw() is None


def test_it_takes_what_json_can_hold_and_nothing_else() -> None:
    """A value that no real record could keep is an error here as well, and none of the batch is written."""
    journal = MemoryJournal()
    with pytest.raises(RecordError, match="no plain JSON"):
        journal.append([note("fine"), Draft(AT, "INC-1", "dana", "cli", Kind.NOTE, {"text": {1, 2}})])  # type: ignore[dict-item]  # what is wrong with it
    assert list(journal.read()) == []


def test_reading_one_incident_behind_an_entry() -> None:
    """`read` leaves out other incidents and what was seen already."""
    journal = MemoryJournal()
    journal.append([note("1"), note("2", "INC-2"), note("3"), note("4", "INC-2")])
    assert texts(list(journal.read("INC-2"))) == ["2", "4"]
    assert texts(list(journal.read("INC-1", after=1))) == ["3"]


def test_no_jump_of_the_wall_frees_a_lease() -> None:
    """Only run time counts."""
    clock = SettableClock(running=False)
    leases = MemoryLeases(clock)
    leases.acquire("kill", "ada", ttl=5)
    clock.jump(3600)
    assert leases.holder("kill", ttl=5) == "ada"


def test_evidence_is_found_by_its_digest() -> None:
    """The same bytes twice are one piece, of one incident; another incident has its own."""
    evidence = MemoryEvidence()
    taken = Captured("log", "text/plain", b"line")
    assert evidence.keep("INC-1", taken) == evidence.keep("INC-1", taken) == digest_bytes(b"line")
    evidence.keep("INC-2", taken)
    assert sorted(incident for incident, _ in evidence.kept) == ["INC-1", "INC-2"]
