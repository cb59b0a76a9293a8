"""What was simulated as a picture, as rows and as a page: the same numbers everywhere."""

import re
from dataclasses import replace

import pytest

from psfir.charts.lines import Paper, lines
from psfir.rehearsal.odds.count import count
from psfir.rehearsal.odds.model import Climb, Spread
from psfir.rehearsal.odds.picture import CAUTION, page, picture
from psfir.rehearsal.odds.priors import shipped
from psfir.rehearsal.odds.tables import changes, costs, facts
from psfir.rehearsal.odds.whatif import Answer, answer
from tests.rehearsal.odds.models import model, people, pull

SLOW = model(
    Climb("s", (pull("s 1. lever", Spread(20.0, 0.5), fails=0.2),)),
    people=people(acknowledge=Spread(400.0, 0.6), decide=Spread(200.0, 0.6)),
)


@pytest.fixture(scope="module")
def found() -> Answer:
    return answer(SLOW, runs=4000, seed=1)


def test_the_bars_are_the_runs_that_are_contained_so_far(found: Answer) -> None:
    """Together they are the share contained within twice the deadline."""
    chart = picture(found.base)
    within = found.base.times[: round(chart.seconds * 4)].sum() / found.base.runs * 100
    assert sum(chart.series[0].values) == pytest.approx(within)
    assert chart.seconds == 2 * SLOW.deadline


@pytest.mark.parametrize("deadline", [1.0, 37.5, 900.0, 7200.0])
def test_any_deadline_can_be_drawn(deadline: float) -> None:
    """No bar is lost at the end, and no line is wider than the paper."""
    base = count([replace(SLOW, deadline=deadline)], runs=500, seed=2)[0]
    chart = picture(base)
    assert len(chart.series[0].values) * chart.width >= chart.seconds
    assert all(len(line) <= 80 for line in lines(chart, Paper(80)))
    assert all(line.isascii() for line in lines(chart, Paper(80, plain=True)) if "└" not in line)


def test_marks_stand_where_their_words_say(found: Answer) -> None:
    """The deadline always; a quantile that lies beyond the picture, or never comes, has none."""
    chart = picture(found.base)
    assert [mark.at for mark in chart.marks if mark.label.startswith("deadline")] == [SLOW.deadline]
    half = next(mark for mark in chart.marks if mark.label.startswith("50%"))
    assert half.at == found.base.quantile(0.5)
    assert not [mark for mark in chart.marks if mark.label.startswith("90%")]


def test_all_that_costs_is_listed_with_the_dearest_first(found: Answer) -> None:
    """Shares of the misses fall, and hardly any is left out."""
    rows = costs(found.base)
    shares = [float(share.rstrip("%")) for _, _, share in rows]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(100, abs=0.5)
    means = {name: mean for name, mean, _ in rows}
    assert means["step s: no rung held"] == ""
    assert float(means["acknowledge"].rstrip("s")) == pytest.approx(479, rel=0.05)


def test_what_never_happens_is_said_in_words(found: Answer) -> None:
    """A fifth is never contained: so nine tenths never are."""
    told = dict(facts(found))
    assert "90% of runs never" in told["from the trigger"]
    assert "with its detection" in told["from the harm"]
    assert told["within 15m"].endswith("of 4,000 runs are contained and proven")


def test_gains_are_told_in_points_with_their_interval(found: Answer) -> None:
    for _, gained, says in changes(found):
        assert re.fullmatch(r"[+-]\d+\.\d\d \([+-]\d+\.\d\d to [+-]\d+\.\d\d\)", gained)
        assert says


def test_a_page_says_what_it_is_not(found: Answer) -> None:
    """The caution and every source; what a runbook is called is text and no part of the page."""
    told = page(replace(found, base=replace(found.base, model=replace(SLOW, title="<b>x</b>"))), shipped().said)
    assert CAUTION in told
    assert "<b>" not in told
    assert all(one.grade in told for one in shipped().said)
    assert told.count("<svg") == 1
