"""Scores: points line by line by the scenario's own numbers, capped by the worst, marked where they prove nothing."""

from fractions import Fraction
from pathlib import Path

import pytest

from psfir.rehearsal import deeds
from psfir.rehearsal.score import Score, proves_deadline, score
from psfir.rehearsal.words import Axis, Level, Met, Rating
from tests.rehearsal.plays import FULL, play
from tests.rehearsal.runs import Drill

TWO = FULL.replace("  - {id: extra,", "  - {id: extra, expect: [{id: done, kind: manual, weight: 3}],")


def scored(folder: Path, text: str = FULL, *, hints: int = 0, **met: Met) -> Score:
    """A whole run in which the evaluator said of each expectation how it went."""
    drill = Drill(play(folder, text))
    drill.wait(1)
    for name, one in met.items():
        drill.do(deeds.settle(drill.state, name, one, by="fay", why="seen"))
    for _ in range(hints):
        drill.do(deeds.hint(drill.state, "first", by="fay"))
    drill.wait(3600)
    return score(drill.state)


def test_all_met_is_all_points(tmp_path: Path) -> None:
    """Two for the declaration, five for the containment; what nobody was asked for is out of it."""
    found = scored(tmp_path, declared=Met.MET, stopped=Met.MET, said=Met.WAIVED)
    assert [(one.expectation, one.possible, one.earned, one.says) for one in found.lines] == [
        ("declared", 200, 200, "met"),
        ("stopped", 500, 500, "met"),
        ("said", 0, 0, "waived: it does not count"),
    ]
    assert scored(tmp_path, stopped=Met.MISSED).lines[2].says == "nobody was asked for it"
    assert (found.whole.percent, found.whole.rating, found.rating, found.caps) == (100, Rating.P, Rating.P, ())
    assert found.axes[Axis.CONTAIN].percent == 100
    assert found.axes[Axis.RECOVER].rating is None
    assert found.objectives["contain"].earned == 700


def test_the_worst_critical_miss_caps_it(tmp_path: Path) -> None:
    """However many points there are beside it; what it would have been is shown too."""
    text = TWO.replace("weight: 2}", "weight: 90}")
    found = scored(tmp_path, text, declared=Met.MET, stopped=Met.MISSED)
    assert (found.whole.rating, found.rating) == (Rating.P, Rating.M)
    assert [(one.expectation, one.rating) for one in found.caps] == [("stopped", Rating.M)]
    partly = scored(tmp_path, text, declared=Met.MET, stopped=Met.PARTIAL)
    assert (partly.whole.rating, partly.rating) == (Rating.P, Rating.S)
    assert partly.caps[0].says == "critical and only partly met: S at best"
    own = scored(tmp_path, text + "scoring: {missed_cap: U}\n", declared=Met.MET, stopped=Met.MISSED)
    assert own.rating is Rating.U


def test_a_cap_lifts_nobody(tmp_path: Path) -> None:
    """Who is worse than the cap stays so."""
    found = scored(tmp_path, declared=Met.MISSED, stopped=Met.MISSED)
    assert (found.whole.percent, found.rating) == (0, Rating.U)


def test_too_late_is_half_and_caps_like_a_miss(tmp_path: Path) -> None:
    """Sixteen minutes are not fifteen."""
    drill = Drill(play(tmp_path))
    drill.wait(960)
    drill.kill("contained")
    drill.wait(3600)
    found = score(drill.state)
    stopped = next(one for one in found.lines if one.expectation == "stopped")
    assert (stopped.met, stopped.late, stopped.earned, stopped.says) == (Met.PARTIAL, True, 250, "too late, worth 50 %")
    assert found.caps[0].says == "critical and too late: M at best"


def test_each_hint_costs_of_what_it_helped_with(tmp_path: Path) -> None:
    """Ten percent of each expectation of that inject, told in its line; never below nothing."""
    found = scored(tmp_path, hints=2, declared=Met.MET, stopped=Met.PARTIAL)
    assert [(one.earned, one.says) for one in found.lines][:2] == [
        (160, "met, less 20 % for 2 hints"),
        (200, "partial, worth 50 %, less 20 % for 2 hints"),
    ]
    dear = scored(tmp_path, FULL + "scoring: {hint_penalty: 80}\n", hints=2, declared=Met.MET)
    assert dear.lines[0].earned == 0


@pytest.mark.parametrize(
    ("weight", "percent", "rating"),
    [
        (80, 80, Rating.P),
        (79, 79, Rating.S),
        (66, 66, Rating.S),
        (65, 65, Rating.M),
        (50, 50, Rating.M),
        (49, 49, Rating.U),
    ],
)
def test_a_band_begins_at_its_number(tmp_path: Path, weight: int, percent: int, rating: Rating) -> None:
    """A percent less is the rating below."""
    text = FULL.replace("weight: 2}", f"weight: {weight}}}").replace(
        "critical: true, weight: 5", f"weight: {100 - weight}"
    )
    found = scored(tmp_path, text, declared=Met.MET, stopped=Met.MISSED)
    assert (found.whole.percent, found.rating) == (percent, rating)


def test_a_third_is_rounded_down(tmp_path: Path) -> None:
    """Nobody is given what they did not earn."""
    text = FULL.replace("weight: 2}", "weight: 1}").replace("weight: 5", "weight: 2")
    assert scored(tmp_path, text, declared=Met.MET, stopped=Met.MISSED).whole.percent == 33


def test_practice_is_no_evidence(tmp_path: Path) -> None:
    """Each reason by itself: said so, another speed, broken off, not over."""
    sound = scored(tmp_path)
    assert sound.counts
    assert scored(tmp_path, FULL + "counts_as_evidence: false\n").practice == (
        "the scenario says that it does not count",
    )
    drill = Drill(play(tmp_path))
    drill.do(deeds.speed(drill.state, Fraction(4), by="fay"))
    drill.wait(1)
    drill.do(deeds.speed(drill.state, Fraction(1), by="fay"))
    assert score(drill.state).practice == ("its time did not run at the speed of real time", "it is not over")
    drill.do(deeds.abort(drill.state, by="fay", why="fire alarm"))
    assert "it was broken off" in score(drill.state).practice


def test_only_pulled_levers_in_real_time_prove_the_deadline(tmp_path: Path) -> None:
    """A tabletop never does, and says what it shows instead."""
    drill = Drill(play(tmp_path))
    drill.wait(4000)
    assert score(drill.state).counts
    assert not proves_deadline(drill.state)
    assert score(drill.state).shows == Level.TABLETOP.shows
    range_text = FULL.replace("levers: none", "levers: range") + "level: functional\n"
    real = Drill(play(tmp_path, range_text))
    real.wait(4000)
    assert proves_deadline(real.state)
    fast = Drill(play(tmp_path, range_text + "clock: {speed: 2}\n"))
    fast.wait(4000)
    assert not proves_deadline(fast.state)


def test_the_same_log_gives_the_same_score(tmp_path: Path) -> None:
    """Down to every word."""
    assert scored(tmp_path, hints=1, declared=Met.MET) == scored(tmp_path, hints=1, declared=Met.MET)
