"""What a fold gathers: longer by one for nothing, and never another for who has it already."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import pytest

from psfir.domain.fold import extend, fold
from psfir.domain.grown import Grown
from psfir.domain.kinds import Kind
from tests.domain.history import History


def test_what_was_handed_out_goes_on_seeing_what_it_saw() -> None:
    """Made longer, and longer again, the first is as long as it was."""
    none: Grown[str] = Grown()
    one = none.and_one("a")
    two = one.and_one("b")
    assert (list(none), list(one), list(two)) == ([], ["a"], ["a", "b"])
    assert (len(none), len(one), len(two)) == (0, 1, 2)
    assert not none
    with pytest.raises(IndexError):
        one[1]


def test_two_that_grow_from_one_do_not_see_each_other() -> None:
    """Whoever comes second has places of its own."""
    start = Grown(("a",))
    left, right = start.and_one("b"), start.and_one("c")
    assert [list(one) for one in (left, right, left.and_one("d"))] == [["a", "b"], ["a", "c"], ["a", "b", "d"]]


def test_it_reads_as_a_tuple_does() -> None:
    """By place, from the end, in part, equal, hashed and shown."""
    grown = Grown("abc").and_one("d")
    assert (grown[0], grown[-1], grown[1:3], grown[::-2]) == ("a", "d", ("b", "c"), ("d", "b"))
    assert grown == ("a", "b", "c", "d")
    assert grown == Grown("abcd")
    assert grown != ("a",)
    assert grown != ["a", "b", "c", "d"]
    assert hash(grown) == hash(Grown("abcd"))
    assert repr(grown) == "('a', 'b', 'c', 'd')"
    assert "c" in grown


def test_threads_that_grow_one_value_each_get_their_own() -> None:
    """Nobody's thing is lost, and nobody has another's."""
    start = Grown(range(100))
    with ThreadPoolExecutor(8) as threads:
        grown = list(threads.map(lambda number: (number, start.and_one(number)), range(1000, 3000)))
    assert all(one == (*range(100), number) for number, one in grown)


def test_a_hundred_thousand_are_not_copied_for_each_that_comes() -> None:
    """As tuples they would be: five thousand million places, and half a minute."""
    begun, grown = perf_counter(), Grown[int]()
    for number in range(100_000):
        grown = grown.and_one(number)
    assert perf_counter() - begun < 5
    assert (len(grown), grown[-1]) == (100_000, 99_999)


def test_notes_claims_and_ticks_are_gathered_so() -> None:
    """An incident that was looked at in the meantime does not hear of those that come later."""
    history = History()
    history.declare()
    before = fold(history.entries)
    history.tell(Kind.NOTE, about="note", text="it leaks")
    history.tell(Kind.CLAIMED, reason="paged", name="Mallory")
    history.tell(Kind.TICKED, playbook="leak", step="call-legal", state="done", reason="")
    after = fold(history.entries)
    for kind in ("notes", "claims", "ticks"):
        assert isinstance(getattr(after, kind), Grown)
        assert (len(getattr(before, kind)), len(getattr(after, kind))) == (0, 1)
    again = extend(before, history.entries[1])
    assert again.notes == after.notes
