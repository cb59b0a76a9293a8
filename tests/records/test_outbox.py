"""The outbox of a list: laid once, marked before each copy, and after a crash exactly the marked one is unknown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from psfir.domain.message import Delivery, Result
from psfir.errors import Refusal
from psfir.records.outbox import Copy, Outbox, erase

WHO = [(1, "ada@example.com", {"name": "Ada"}), (4, "ben@example.com", {}), (5, "cyd@example.com", {})]
SENT = Delivery(Result.SENT, "taken", "r-1")
LATER = Delivery(Result.FAILED, "greylisted", again=True, after=60.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.sqlite3"


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    outbox = Outbox(path)
    assert outbox.lay(WHO, message="sha256:m", listed="sha256:l") == 3
    yield outbox
    outbox.close()


def begun(outbox: Outbox, now: float = 0.0) -> Copy:
    copy = outbox.begin(now)
    assert copy is not None
    return copy


def test_a_list_is_laid_once(outbox: Outbox) -> None:
    """The same again is nothing new; another one is refused."""
    assert outbox.lay(iter(()), message="sha256:m", listed="sha256:l") == 3
    with pytest.raises(Refusal, match="the list has changed since sending began"):
        outbox.lay(WHO, message="sha256:m", listed="sha256:other")


def test_a_list_that_breaks_off_is_not_laid(path: Path) -> None:
    """All of it or nothing."""

    def breaks() -> Iterator[tuple[int, str, dict[str, str]]]:
        yield 1, "ada@example.com", {}
        raise Refusal("it changed")

    outbox = Outbox(path)
    with pytest.raises(Refusal, match="it changed"):
        outbox.lay(breaks(), message="sha256:m", listed="sha256:l")
    assert outbox.counts() == {}
    assert outbox.begin(0.0) is None
    outbox.close()


def test_each_copy_is_given_out_once(outbox: Outbox) -> None:
    """With its line, what fills it, and a key that is its own and the same for each try."""
    first = begun(outbox)
    assert (first.line, first.address, first.fills) == (1, "ada@example.com", {"name": "Ada"})
    second = outbox.begin(0.0, done=(first, LATER))
    assert second is not None
    assert second.line == 4
    outbox.settle(second, SENT, 0.0)
    assert begun(outbox).line == 5
    assert outbox.begin(59.0) is None
    again = begun(outbox, 60.0)
    assert (again.line, again.key, again.tries) == (1, first.key, 1)
    assert len({first.key, second.key}) == 2


def test_what_was_marked_is_unknown_to_whoever_comes_after(path: Path, outbox: Outbox) -> None:
    """It is listed and counted so, and is not given out again."""
    outbox.settle(begun(outbox), SENT, 0.0)
    begun(outbox)
    outbox.close()
    after = Outbox(path)
    assert after.counts() == {"sent": 1, "unknown": 1, "pending": 1}
    assert [copy.line for copy in after.unknown()] == [4]
    assert begun(after).line == 5
    assert after.begin(0.0) is None
    after.close()


def test_two_at_work_get_different_ones(path: Path, outbox: Outbox) -> None:
    """Whoever comes second does not wait for the first."""
    other = Outbox(path)
    assert [begun(outbox).line, begun(other).line, begun(outbox).line] == [1, 4, 5]
    assert other.begin(0.0) is None
    other.close()


def test_a_person_decides_of_what_is_unknown_and_of_nothing_else(outbox: Outbox) -> None:
    """What did not go out is given out again, with the same key."""
    first = begun(outbox)
    outbox.settle(first, Delivery(Result.UNKNOWN, "dropped"), 0.0)
    outbox.settle(begun(outbox), Delivery(Result.UNKNOWN, "dropped"), 0.0)
    outbox.settle(begun(outbox), SENT, 0.0)
    assert outbox.decide(sent=False, says="the log", lines=(1, 5)) == (1,)
    assert outbox.decide(sent=True, says="the log") == (4,)
    assert outbox.decide(sent=False, says="the log") == ()
    assert outbox.counts() == {"sent": 2, "pending": 1}
    again = begun(outbox)
    assert (again.key, again.tries, again.says) == (first.key, 0, "the log")


def test_what_failed_may_be_taken_up_again(outbox: Outbox) -> None:
    """What was refused may not."""
    outbox.settle(begun(outbox), Delivery(Result.FAILED, "tried 5 times"), 0.0)
    outbox.settle(begun(outbox), Delivery(Result.REFUSED, "no such user"), 0.0)
    outbox.settle(begun(outbox), SENT, 0.0)
    assert outbox.begin(1e12) is None
    assert outbox.again() == 1
    assert begun(outbox).line == 1
    assert outbox.counts() == {"unknown": 1, "refused": 1, "sent": 1}


def test_it_says_when_the_next_may_be_tried(outbox: Outbox) -> None:
    assert outbox.next_at() is None
    outbox.settle(begun(outbox), LATER, 1000.0)
    assert outbox.next_at() == 1060.0


def test_it_is_its_owners_and_can_be_erased(path: Path, outbox: Outbox) -> None:
    """With all that SQLite keeps beside it."""
    assert path.stat().st_mode & 0o077 == 0
    begun(outbox)
    outbox.close()
    assert erase(path)
    assert not list(path.parent.glob("outbox*"))
    assert not erase(path)
