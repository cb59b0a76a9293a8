"""What a change would buy, and how sure that is."""

from math import sqrt

import pytest

from psfir.rehearsal.odds.count import count
from psfir.rehearsal.odds.draws import Chance
from psfir.rehearsal.odds.drills import drills
from psfir.rehearsal.odds.model import Climb, Spread
from psfir.rehearsal.odds.whatif import answer, changed, gain, longer, weakest, wilson
from tests.rehearsal.odds.models import model, people, pull

SLOW = people(acknowledge=Spread(300.0, 0.8), decide=Spread(200.0, 0.8))


def test_wilson_is_the_interval_of_the_books() -> None:
    """81 of 263, as printed: 25.5 % to 36.6 %; and it stays inside nought and one."""
    found = wilson(81, 263)
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=5e-4)
    assert wilson(0, 100).low == 0.0
    assert wilson(0, 100).high == pytest.approx(0.0370, abs=5e-4)
    assert wilson(100, 100).high == pytest.approx(1.0)


def test_the_interval_holds_what_is_true_as_often_as_it_says() -> None:
    """Of 200 samples of a known law some 190 hold the truth."""
    one = model(Climb("s", (pull("a", fails=0.2),)))
    hits = drills(one, Chance(7).chunk(200 * 300)).contained.reshape(200, 300).sum(axis=1)
    held = sum(found.low <= 0.8 <= found.high for found in (wilson(int(one), 300) for one in hits))
    assert held >= 178


def test_a_rung_more_mends_what_one_rung_breaks() -> None:
    """The gain is that of the closed form, and inside its interval."""
    one = model(Climb("s", (pull("a", fails=0.2, needs=("vendor x",)),)), events={"vendor x": 0.1})
    found = answer(one, runs=20_000, seed=1)
    change = next(change for change in found.changes if change.name == "one more rung")
    before, after = 0.9 * 0.8, 1 - (1 - 0.9 * 0.8) * 0.2
    assert change.gain.value == pytest.approx(after - before, abs=0.015)
    assert change.gain.low < change.gain.value < change.gain.high
    assert change.made == pytest.approx(after, abs=0.015)


def test_the_same_luck_makes_the_interval_narrow() -> None:
    """It is far narrower than that of two samples of their own."""
    found = answer(model(people=SLOW), runs=5000, seed=2)
    for change in found.changes:
        share = found.base.made / found.base.runs
        apart = 2 * 1.96 * sqrt(2 * share * (1 - share) / 5000)
        assert change.gain.high - change.gain.low < apart


def test_people_who_are_slow_are_helped_by_people() -> None:
    """Pre-approval and a second person help; a further rung, where none fails, buys nothing."""
    gains = {one.name: one.gain.value for one in answer(model(people=SLOW), runs=5000, seed=3).changes}
    assert gains["pre-approval"] > 0.05
    assert gains["a second approver"] > 0.05
    assert gains["one more rung"] == 0.0


def test_the_rung_goes_where_it_is_missed_most() -> None:
    """Below the step that loses most deadlines, and never by what its others depend on."""
    good = Climb("good", (pull("g", fails=0.01),))
    bad = Climb("bad", (pull("b1", fails=0.5, share=10.0, needs=("vendor x",)), pull("b2", fails=0.5, share=90.0)))
    one = model(good, bad, events={"vendor x": 0.1})
    pilot = count([one], runs=2000, seed=1)[0]
    assert weakest(one, pilot) is bad
    added = longer(bad).pulls[-1]
    assert added.needs == ()
    assert added.name not in {rung.name for rung in bad.pulls}
    assert {name for name, _, _ in changed(one, pilot)} == {"pre-approval", "a second approver", "one more rung"}


def test_what_is_agreed_beforehand_cannot_be_agreed_again() -> None:
    one = model(people=people(decide=None))
    assert "pre-approval" not in {name for name, _, _ in changed(one, count([one], runs=100, seed=1)[0])}


def test_no_change_gains_nothing_for_sure() -> None:
    one = model()
    same = gain(count([one, one], runs=100, seed=1)[1])
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)
