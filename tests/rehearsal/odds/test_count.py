"""Sampling against what can be worked out on paper, and what must hold whatever is sampled."""

import tracemalloc
from collections.abc import Mapping
from dataclasses import replace
from math import erf, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.peer_events import drills as events
from benchmarks.simulate import reference_model
from psfir.rehearsal.odds.count import FINE, Tally, count
from psfir.rehearsal.odds.draws import Chance
from psfir.rehearsal.odds.drills import drills
from psfir.rehearsal.odds.model import Climb, Model, Short, Spread
from tests.rehearsal.odds.models import model, people, pull, watch

RUNS = 20_000
BOUND = 1.95 / sqrt(RUNS)
"""Kolmogorov's: a right sample is farther from its law than this once in a thousand seeds."""

VENDOR = ("vendor x",)


@pytest.fixture(scope="module")
def reference() -> Model:
    return reference_model()


def below(seconds: float, spread: Spread) -> float:
    return 0.5 * (1 + erf(log(seconds / spread.median) / spread.sigma / sqrt(2)))


def farthest(tally: Tally, law: Mapping[float, float]) -> float:
    seen = np.cumsum(tally.times) / tally.runs
    return max(abs(float(seen[round(at / FINE) - 1]) - share) for at, share in law.items())


MOMENTS = [FINE * step for step in range(4, 8000, 40)]


def test_one_lognormal_stage_has_its_law() -> None:
    """Where only acknowledging takes time, the runs end as its lognormal says."""
    spread = Spread(200.0, 0.9)
    found = count([model(people=people(acknowledge=spread))], runs=RUNS, seed=11)[0]
    assert farthest(found, {at: below(at, spread) for at in MOMENTS}) < BOUND


def test_steps_side_by_side_end_with_the_slowest() -> None:
    """The law of the greatest of three is the product of theirs."""
    spreads = [Spread(100.0, 0.5), Spread(120.0, 0.7), Spread(60.0, 1.0)]
    steps = [Climb(f"s{i}", (pull(f"p{i}", one, share=1e9),)) for i, one in enumerate(spreads)]
    found = count([model(*steps)], runs=RUNS, seed=12)[0]
    law = {at: float(np.prod([below(at, one) for one in spreads])) for at in MOMENTS}
    assert farthest(found, law) < BOUND


def test_the_first_of_two_who_are_paged_begins() -> None:
    """The law of the smaller one: neither has answered yet, twice over."""
    spread = Spread(200.0, 0.9)
    found = count([model(people=people(acknowledge=spread, paged=2))], runs=RUNS, seed=13)[0]
    assert farthest(found, {at: 1 - (1 - below(at, spread)) ** 2 for at in MOMENTS}) < BOUND


def test_a_ladder_fails_with_what_its_rungs_share() -> None:
    """Two rungs of one vendor: both are lost with it, else each by itself."""
    late = Spread(30.0, 0.7)
    rungs = (pull("a", late, fails=0.3, needs=VENDOR), pull("b", late, fails=0.2, needs=VENDOR))
    one = model(Climb("s", rungs), events={"vendor x": 0.1})
    found = count([one], runs=RUNS, seed=14)[0]
    holds = [(1 - fails) * below(60.0, late) for fails in (0.3, 0.2)]
    wanted = 0.9 * (1 - (1 - holds[0]) * (1 - holds[1]))
    assert abs(found.contained / RUNS - wanted) < 4 * sqrt(wanted * (1 - wanted) / RUNS)
    assert found.misses["step s: no rung held"] == RUNS - found.contained


def test_a_rung_is_tried_again_only_when_it_is_known_to_have_failed() -> None:
    """With a second try a failure is mended; a hang is not."""
    chances = []
    for hangs in (0.0, 1.0):
        one = model(Climb("s", (pull("a", fails=0.4, tries=2),)), hangs=hangs)
        chances.append(count([one], runs=RUNS, seed=15)[0].contained / RUNS)
    assert chances == pytest.approx([1 - 0.4**2, 0.6], abs=0.015)


def test_the_same_as_events_tell(reference: Model) -> None:
    """SimPy walks through the same model one event after the other, and comes to the same within chance."""
    runs = 1500
    for one in (reference, replace(reference, people=replace(reference.people, yeses=2, wait=180.0, others=3))):
        told = np.array(events(one, runs, 3))
        found = count([one], runs=RUNS, seed=3)[0]
        for at in (300.0, 600.0, 900.0, 1500.0, 3600.0):
            ours = float(found.times[: round(at / FINE)].sum() / RUNS)
            sigma = sqrt(ours * (1 - ours) * (1 / runs + 1 / RUNS)) + 1e-3
            assert abs(float((told <= at).mean()) - ours) < 4 * sigma, at


def plain(found: Tally) -> tuple[object, ...]:
    counted = (found.made, found.contained, found.gained, found.lost, found.cost, found.misses)
    return *counted, found.times.tobytes(), found.since_harm.tobytes()


def test_a_seed_says_all(reference: Model) -> None:
    """The same to the last count whatever the chunks are; another seed is another sample."""
    models = [reference, replace(reference, deadline=600.0)]
    first = [plain(one) for one in count(models, runs=5000, seed=5)]
    assert [plain(one) for one in count(models, runs=5000, seed=5, chunk=777)] == first
    assert [plain(one) for one in count(models, runs=5000, seed=6)] != first


def test_what_is_added_leaves_the_rest_alone(reference: Model) -> None:
    """A model beside the first one does not change what the first one comes to."""
    alone = count([reference], runs=3000, seed=8)[0]
    beside = count([reference, replace(reference, steps=reference.steps[:1])], runs=3000, seed=8)[0]
    assert plain(alone) == plain(beside)


def test_the_parts_add_up(reference: Model) -> None:
    """What is on the path that ends last is the whole time, to the last run."""
    chained = tuple(
        replace(step, after=(reference.steps[i - 1].id,) if i else ()) for i, step in enumerate(reference.steps)
    )
    diamond = (*reference.steps, Climb("end", (pull("end 1"),), tuple(step.id for step in reference.steps)))
    for steps in (reference.steps, chained, diamond):
        found = drills(replace(reference, steps=steps), Chance(2).chunk(2000))
        assert np.allclose(sum(found.parts.values()), found.total)
        ends = found.parts.keys() >= {one.name for step in steps for one in step.pulls}
        assert ends


def test_every_miss_has_one_reason(reference: Model) -> None:
    found = count([reference], runs=5000, seed=4)[0]
    assert sum(found.misses.values()) == found.runs - found.made


def test_times_that_are_asked_for_are_quantiles(reference: Model) -> None:
    """So many runs are contained by then, to a quarter of a second; what never comes is none."""
    found = count([reference], runs=5000, seed=4)[0]
    half = found.quantile(0.5)
    assert half is not None
    assert found.times[: round(half / FINE)].sum() >= 2500 > found.times[: round(half / FINE) - 1].sum()
    assert found.quantile(0.9999) is None


@settings(max_examples=25, deadline=None)
@given(
    chance=st.floats(0, 0.5),
    more=st.floats(0, 0.5),
    fails=st.floats(0, 0.5),
    hangs=st.floats(0, 1),
    seed=st.integers(0),
)
def test_more_outage_contains_no_more(chance: float, more: float, fails: float, hangs: float, seed: int) -> None:
    """With the same luck, no run is contained that was not before; nor in time, where a step has a single rung."""
    late = Spread(20.0, 1.0)
    ladder = Climb("a", (pull("a1", late, fails=fails, needs=VENDOR), pull("a2", late, fails=fails)))
    single = Climb("b", (pull("b1", late, fails=fails, needs=VENDOR, tries=2),))
    for steps in ((ladder, single), (single,)):
        before = model(*steps, watches=(watch("w", needs=VENDOR),), hangs=hangs, events={"vendor x": chance})
        after = replace(before, events={"vendor x": chance + more})
        fewer, most = (drills(one, Chance(seed).chunk(400)) for one in (after, before))
        assert not (fewer.contained & ~most.contained).any()
    assert count([before, after], runs=400, seed=seed)[1].gained == 0


@settings(max_examples=25, deadline=None)
@given(away=st.floats(0, 1), more=st.floats(0, 1), yeses=st.integers(0, 2), seed=st.integers(0))
def test_more_absence_is_never_sooner(away: float, more: float, yeses: int, seed: int) -> None:
    """With the same luck, whoever is away delays every run that needs them; one more who may approve does not."""
    slow = Spread(60.0, 0.8)
    crowd = people(acknowledge=slow, second_yes=slow, away=slow, break_glass=slow, others=2, wait=120.0, yeses=yeses)
    before = replace(crowd, away_chance=away, away_chance_bad=away)
    after = replace(before, away_chance=min(1.0, away + more))
    longer = replace(before, others=3)
    later, as_is, helped = (drills(model(people=one), Chance(seed).chunk(400)) for one in (after, before, longer))
    # Breaking the glass may be quicker than a yes that comes at the last moment, so a yes that is missed may win time.
    wins = (later.total < as_is.total) & (yeses > 0) & (as_is.parts.get("further yeses", later.total) <= 120.0)
    assert not ((later.total < as_is.total) & ~wins).any()
    assert (
        helped.parts.get("further yeses", helped.total) <= as_is.parts.get("further yeses", as_is.total) + 1e-9
    ).all()


def test_who_never_answers_is_passed_over_by_glass() -> None:
    """A yes that is not there in time costs the wait and the broken glass; one that nobody can give does at once."""
    quick = people(second_yes=Spread(1e6, 0.1), break_glass=Spread(40.0, 0.001), wait=120.0, yeses=1)
    for others in (0, 3):
        found = drills(model(people=replace(quick, others=others)), Chance(1).chunk(100))
        assert found.total == pytest.approx(np.full(100, 160.0), rel=0.01)


def test_a_probe_is_proven_within_its_share_or_not_at_all() -> None:
    """What settles too late is not contained, and costs the whole share."""
    slow = watch("w", settle=Spread(30.0, 0.5), times=3, every=10.0, within=50.0)
    found = drills(model(watches=(slow,)), Chance(1).chunk(RUNS))
    assert found.contained.mean() == pytest.approx(below(30.0, slow.settle), abs=0.02)
    assert np.allclose(found.total[~found.contained], 50.0, atol=0.01)


def test_what_is_cut_off_is_cut_off() -> None:
    """Planning and evidence take no longer than their shares."""
    long = Short(Spread(1e6, 0.1), 5.0)
    found = drills(model(plan=long, captures=(long, Short(Spread(1e6, 0.1), 8.0))), Chance(1).chunk(50))
    assert np.allclose(found.total, 13.0, atol=0.01)


def test_ten_times_the_runs_need_no_more_room(reference: Model) -> None:
    """Only counts are kept of a chunk."""
    peaks = []
    for chunks in (2, 20):
        tracemalloc.start()
        count([reference], runs=2048 * chunks, seed=1, chunk=2048)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.2
