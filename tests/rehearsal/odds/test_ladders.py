"""Ladders and steps of many runs at once, beside walking through each run by itself."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psfir.rehearsal.odds.draws import Chance
from psfir.rehearsal.odds.ladders import Pulled, pulled
from psfir.rehearsal.odds.model import Climb, Model, Spread
from tests.rehearsal.odds.models import model, pull

RUNS = 60


def steps_of(seed: int) -> tuple[Climb, ...]:
    """Up to six steps, each after some of those before it."""
    luck = Random(seed)  # noqa: S311 - chance for a test
    found: list[Climb] = []
    for index in range(luck.randint(1, 6)):
        before = tuple(step.id for step in found if luck.random() < 0.4)
        spread = Spread(luck.uniform(5, 50), 0.8)
        rungs = tuple(pull(f"s{index} {rung}", spread, share=40.0, fails=0.3) for rung in range(luck.randint(1, 3)))
        found.append(Climb(f"s{index}", rungs, before))
    return tuple(found)


def run_of(one: Model, seed: int) -> Pulled:
    return pulled(one, Chance(seed).chunk(RUNS), {})


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_the_path_that_ends_last_is_the_longest_chain(seed: int) -> None:
    """Of every run: no chain of steps is longer, and the rungs that count are those of one chain from its begin."""
    steps = steps_of(seed)
    found = run_of(model(*steps, fail=Spread(4.0, 0.5), hangs=0.3), seed)
    alone = {
        step.id: run_of(model(Climb(step.id, step.pulls), fail=Spread(4.0, 0.5), hangs=0.3), seed) for step in steps
    }
    spent = {name: one.end for name, one in alone.items()}
    ends: dict[str, np.ndarray] = {}
    for step in steps:
        starts = [ends[name] for name in step.after]
        ends[step.id] = spent[step.id] + (np.max(starts, axis=0) if starts else 0.0)
    assert found.end == pytest.approx(np.max(list(ends.values()), axis=0), rel=1e-5)
    assert np.sum(list(found.on_path.values()), axis=0) == pytest.approx(found.end, rel=1e-5)
    for step in steps:
        counted = np.sum([found.on_path[one.name] for one in step.pulls], axis=0)
        is_on = counted > 0
        assert counted[is_on] == pytest.approx(spent[step.id][is_on], rel=1e-5)


def test_the_next_rung_is_pulled_only_if_the_one_before_did_not_hold() -> None:
    """And none after the one that held."""
    late = Spread(10.0, 0.3)
    step = Climb("s", (pull("a", late, fails=0.5), pull("b", late, fails=0.5), pull("c", late)))
    found = run_of(model(step, fail=Spread(2.0, 0.1)), 1)
    a, b, c = (found.on_path[name] > 0.001 for name in "abc")
    assert a.all()
    assert (c & b).any()
    assert not (c & ~b).any()
    assert not found.failed["s"].any()


def test_a_hang_takes_its_share_and_leaves_the_outcome_unknown() -> None:
    """A failure that answers does neither, and is tried again."""
    hung = run_of(model(Climb("s", (pull("a", fails=1.0, share=30.0, tries=3),)), hangs=1.0), 1)
    assert hung.end == pytest.approx(np.full(RUNS, 30.0))
    assert hung.unknown.all()
    told = run_of(model(Climb("s", (pull("a", fails=1.0, share=30.0, tries=3),)), fail=Spread(2.0, 1e-6)), 1)
    assert told.end == pytest.approx(np.full(RUNS, 6.0), rel=1e-3)
    assert not told.unknown.any()
    assert told.failed["s"].all()


def test_what_is_slower_than_its_share_is_let_go_of() -> None:
    """It counts as unknown, and as not held."""
    found = run_of(model(Climb("s", (pull("a", Spread(1000.0, 0.01), share=30.0),))), 1)
    assert found.end == pytest.approx(np.full(RUNS, 30.0))
    assert found.unknown.all()
    assert found.failed["s"].all()


def test_a_failure_that_is_slow_to_answer_takes_no_more_than_the_share() -> None:
    found = run_of(model(Climb("s", (pull("a", fails=1.0, share=30.0),)), fail=Spread(1000.0, 0.01)), 1)
    assert found.end == pytest.approx(np.full(RUNS, 30.0))
    assert not found.unknown.any()
