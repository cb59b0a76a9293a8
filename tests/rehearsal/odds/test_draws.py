"""Chance by name: each variable has a stream of its own, the same for a seed whatever is asked beside it."""

import numpy as np
import pytest

from psfir.rehearsal.odds.draws import Chance
from psfir.rehearsal.odds.model import Spread

SPREAD = Spread(50.0, 0.7)


def test_a_name_says_all() -> None:
    """Neither the order in which variables are asked for nor what else is asked for matters."""
    one, other = Chance(1).chunk(500), Chance(1).chunk(500)
    first = one.uniform("a")
    other.uniform("b")
    other.time("a", SPREAD)
    assert np.array_equal(first, other.uniform("a"))
    assert not np.array_equal(first, other.uniform("b"))
    assert not np.array_equal(first, Chance(2).chunk(500).uniform("a"))


def test_chunks_go_on_where_the_last_one_ended() -> None:
    """Many small ones are one big one, times and chances alike."""
    whole, parts = Chance(3).chunk(1000), Chance(3)
    chunks = [parts.chunk(size) for size in (1, 99, 640, 260)]
    assert np.array_equal(np.concatenate([one.uniform("a") for one in chunks]), whole.uniform("a"))
    assert np.array_equal(np.concatenate([one.time("a", SPREAD) for one in chunks]), whole.time("a", SPREAD))


def test_what_is_asked_twice_is_drawn_once() -> None:
    """So that whatever is compared has the same luck; another spread of the same name moves with it."""
    chunk = Chance(4).chunk(200)
    assert chunk.time("a", SPREAD) is chunk.time("a", SPREAD)
    slower = chunk.time("a", Spread(100.0, 0.7))
    assert slower / chunk.time("a", SPREAD) == pytest.approx(np.full(200, 2.0), rel=1e-5)
    where = chunk.happens("b", 0.3)
    assert chunk.times_where("a", SPREAD, where) == pytest.approx(chunk.time("a", SPREAD)[where], rel=1e-6)


def test_variables_know_nothing_of_each_other() -> None:
    """No correlation beyond chance, also between names that are nearly the same."""
    chunk = Chance(5).chunk(20_000)
    names = ["rung 1 try 0", "rung 1 try 1", "rung 2 try 0", "a", "b"]
    drawn = np.stack([chunk.uniform(name) for name in names])
    beside = np.atleast_2d(np.corrcoef(drawn)) - np.eye(len(names))
    assert abs(beside).max() < 4.5 / np.sqrt(20_000)


def test_a_chance_is_as_frequent_as_it_says() -> None:
    chunk = Chance(6).chunk(20_000)
    for name, chance in (("a", 0.01), ("b", 0.3), ("c", 0.0), ("d", 1.0)):
        assert chunk.happens(name, chance).mean() == pytest.approx(chance, abs=0.012)
