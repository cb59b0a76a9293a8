"""The threads of one run write together, in one order, and none answers for another's line."""

from collections.abc import Sequence
from threading import Barrier, Event, Thread

import pytest

from psfir.contracts import Hold
from psfir.domain.entries import Draft, Entry
from psfir.domain.kinds import Kind
from psfir.domain.runbook import Step
from psfir.engine.writing import Line, Writing, find
from psfir.errors import RecordError
from psfir.testing import MemoryJournal, SettableClock
from tests.engine.scene import Scene, book, rung, switch

CLOCK = SettableClock()
"""It stands still: nothing but the order tells two lines of one kind apart."""


class Disk:
    """A journal behind an append that waits where it is told to, and takes no line that says so.

    `breaks` is raised behind what the next appends of several lines have written; `blind`: nothing can be read then.
    """

    def __init__(self) -> None:
        self.journal = MemoryJournal()
        self.appends: list[int] = []
        self.told: list[int] = []
        self.busy, self.free = Event(), Event()
        self.interrupt = False
        self.breaks: BaseException | None = None
        self.blind = False
        self.writing = Writing(self.append, lambda entry: self.told.append(entry.seq), self.find)

    def append(self, lines: Sequence[Line]) -> list[Entry]:
        self.appends.append(len(lines))
        if not self.busy.is_set():
            self.busy.set()
            self.free.wait(5)
            if self.interrupt:
                raise KeyboardInterrupt
        if any("bad" in line.data for line in lines):
            raise RecordError("that cannot be recorded")
        if any("odd" in line.data for line in lines):
            raise TypeError("that is no word")
        drafts = []
        for line in lines:
            line.at = line.at or CLOCK.now()
            drafts.append(Draft(line.at, "INC-1", "dana", "test", line.kind, line.data))
        entries = self.journal.append(drafts)
        if self.breaks and len(lines) > 1:
            raise self.breaks
        return entries

    def find(self, lines: Sequence[Line]) -> Sequence[Entry | None]:
        if self.blind:
            raise RecordError("the record is away")
        return find(lines, self.journal.read(after=max(self.told, default=0)))

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


def test_what_broke_behind_the_writing_writes_nothing_twice() -> None:
    """The record tells that all of it is there: each line is once in it, and one thread hears what broke."""
    disk = Disk()
    disk.breaks = OSError("standard error is closed")
    leader, rest, errors = crowd(disk, {"text": "a"}, {"text": "b"}, {"text": "c"})
    through(disk, leader, *rest)
    assert sorted(disk.texts()) == ["a", "b", "c", "first"]
    assert disk.told == [1, 2, 3, 4]
    assert [str(error) for error in errors] == ["standard error is closed"]


def test_what_broke_before_it_is_its_writers_alone() -> None:
    """However it is worded: the record tells that nothing of it is there, so each of the others is written."""
    disk = Disk()
    leader, rest, errors = crowd(disk, {"text": "a"}, {"text": "b", "odd": "yes"}, {"text": "c"})
    through(disk, leader, *rest)
    assert sorted(disk.texts()) == ["a", "c", "first"]
    assert [str(error) for error in errors] == ["that is no word"]


def test_an_interrupt_behind_the_writing_leaves_nothing_to_be_written_again() -> None:
    """Whoever it hit hears of it; the others' lines are in the record, once, and they go on."""
    disk = Disk()
    disk.breaks = KeyboardInterrupt()
    leader, rest, errors = crowd(disk, {"text": "a"}, {"text": "b"})
    through(disk, leader, *rest)
    assert [type(error) for error in errors] == [KeyboardInterrupt]
    assert sorted(disk.texts()) == ["a", "b", "first"]
    assert disk.told == [1, 2, 3]


def test_where_nobody_can_say_what_was_written_it_is_not_written_again() -> None:
    """Each hears what broke: a line that stands there twice could not be told from two deeds."""
    disk = Disk()
    disk.breaks, disk.blind = OSError("gone"), True
    leader, rest, errors = crowd(disk, {"text": "a"}, {"text": "b"})
    through(disk, leader, *rest)
    assert [str(error) for error in errors] == ["gone", "gone"]
    assert sorted(disk.texts()) == ["a", "b", "first"]


class Closing(MemoryJournal):
    """Takes the next append, and then something else breaks."""

    closing = False

    def append(self, drafts: Sequence[Draft], *, under: Sequence[Hold] = ()) -> list[Entry]:
        entries = super().append(drafts, under=under)
        if self.closing:
            raise OSError("standard error is closed")
        return entries


def test_a_run_knows_what_was_written_before_something_broke() -> None:
    """Its facts follow the record, of its own entries alone; whoever wrote hears what broke."""
    journal = Closing()
    scene = Scene({"a": switch()}, journal=journal)
    plan = scene.plan(book(Step("s", (rung("a"),))))
    run, other = scene.begin(plan), scene.begin(plan, run="run-2")
    journal.closing = True
    for one in (other, run):
        with pytest.raises(OSError, match="closed"):
            one.write(Kind.SOAKING, seconds=5.0)
    assert (run.facts.soaking, other.facts.soaking) == (5.0, 5.0)
    assert len(scene.said(Kind.SOAKING)) == 2
