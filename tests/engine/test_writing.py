"""The threads of one run write together, in one order, and none answers for another's line."""

from collections.abc import Sequence
from threading import Barrier, Event, Thread

import pytest

from psfir.domain.entries import Draft, Entry, Kind
from psfir.engine.writing import Line, Writing
from psfir.errors import RecordError
from psfir.testing import MemoryJournal, SettableClock


class Disk:
    """A journal behind an append that waits where it is told to, and takes no line that says so."""

    def __init__(self) -> None:
        self.journal = MemoryJournal()
        self.appends: list[int] = []
        self.told: list[int] = []
        self.busy, self.free = Event(), Event()
        self.interrupt = False
        self.writing = Writing(self.append, lambda entry: self.told.append(entry.seq))

    def append(self, lines: Sequence[Line]) -> list[Entry]:
        self.appends.append(len(lines))
        if not self.busy.is_set():
            self.busy.set()
            self.free.wait(5)
            if self.interrupt:
                raise KeyboardInterrupt
        if any("bad" in line.data for line in lines):
            raise RecordError("that cannot be recorded")
        now = SettableClock().now()
        return self.journal.append([Draft(now, "INC-1", "dana", "test", line.kind, line.data) for line in lines])

    def write(self, **data: str) -> Entry:
        return self.writing.write(Kind.NOTE, data)

    def texts(self) -> list[str]:
        return [str((entry.data or {})["text"]) for entry in self.journal.read()]


def crowd(disk: Disk, *lines: dict[str, str]) -> tuple[Thread, list[Thread], list[BaseException]]:
    """One thread that is busy writing, and one for each line that waits behind it."""
    errors: list[BaseException] = []
    ready = Barrier(len(lines) + 1)

    def write(line: dict[str, str], *, first: bool = False) -> None:
        try:
            if not first:
                ready.wait(5)
            disk.write(**line)
        except BaseException as error:  # noqa: BLE001 - looked at by the test
            errors.append(error)

    leader = Thread(target=write, args=({"text": "first"},), kwargs={"first": True})
    leader.start()
    assert disk.busy.wait(5)
    rest = [Thread(target=write, args=(line,)) for line in lines]
    for thread in rest:
        thread.start()
    ready.wait(5)
    while len(disk.writing._waiting) < len(lines):  # noqa: SLF001 - there is no other way to know that all of them wait
        Event().wait(0.001)
    return leader, rest, errors


def through(disk: Disk, *threads: Thread) -> None:
    disk.free.set()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()


def test_what_waits_is_written_in_one_append() -> None:
    """Fifty lines that came while the disk was busy cost one append, and are told in the order of the record."""
    disk = Disk()
    leader, rest, errors = crowd(disk, *({"text": str(number)} for number in range(50)))
    through(disk, leader, *rest)
    assert errors == []
    assert disk.appends == [1, 50]
    assert disk.told == list(range(1, 52))
    assert sorted(disk.texts()) == sorted(["first", *map(str, range(50))])


def test_a_line_that_cannot_be_written_is_its_writers_alone() -> None:
    """Its neighbours are in the record; the one error is raised in the one thread."""
    disk = Disk()
    leader, rest, errors = crowd(disk, {"text": "a"}, {"text": "b", "bad": "yes"}, {"text": "c"})
    through(disk, leader, *rest)
    assert [str(error) for error in errors] == ["that cannot be recorded"]
    assert sorted(disk.texts()) == ["a", "c", "first"]


def test_an_interrupt_takes_no_other_line_with_it() -> None:
    """What the interrupted one gave up is not written later; those behind it write for themselves."""
    disk = Disk()
    disk.interrupt = True
    leader, rest, errors = crowd(disk, {"text": "a"}, {"text": "b"})
    through(disk, leader, *rest)
    assert [type(error) for error in errors] == [KeyboardInterrupt]
    assert sorted(disk.texts()) == ["a", "b"]


def test_one_alone_is_written_at_once() -> None:
    """And its error is raised where it wrote; the next line goes well."""
    disk = Disk()
    disk.free.set()
    assert disk.write(text="one").seq == 1
    with pytest.raises(RecordError):
        disk.write(text="two", bad="yes")
    assert disk.write(text="three").seq == 2
