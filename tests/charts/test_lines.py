"""Charts as lines of text: they fit, lose no peak, and say something of anything."""

import pytest

from psfir.charts.axis import Chart, Mark, Series
from psfir.charts.lines import Paper, lines


def chart(*values: float, seconds: float = 30.0) -> Chart:
    marks = [Mark(0, "trigger"), Mark(seconds, "verdict: contained")]
    return Chart("What customers got", "a second", seconds, 0.5, [Series("harmful", values)], marks=marks)


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("seconds", [1.0, 30.0, 754.0, 90_000.0, 2_000_000.0])
def test_it_is_no_wider_than_the_paper(width: int, seconds: float, *, plain: bool) -> None:
    """And no two moments on its axis run together."""
    found = list(lines(chart(0, 3, 7, seconds=seconds), Paper(width, plain=plain)))
    assert max(len(one) for one in found) <= width
    assert found[0] == "harmful, a second"
    numbers = found[-3].split()
    assert numbers[0] == "0:00"
    assert all(one.count(":") == 1 or len(one.split(":")) == 3 for one in numbers)
    assert all(len(one.split(":")[-1]) == 2 for one in numbers)


def test_plain_paper_takes_ascii_only() -> None:
    """For a log, a pipe and an old terminal."""
    assert "\n".join(lines(chart(*range(60)), Paper(80, plain=True))).isascii()


def test_no_peak_is_lost() -> None:
    """One harmful answer among ten thousand bins is seen on narrow paper, though it may be small."""
    values = [0.0] * 10_000
    values[7_777] = 1.0
    found = list(lines(chart(*values, seconds=5_000), Paper(40)))
    assert any("█" in one for one in found[1:6])
    high = [1000.0, *([0.0] * 50), 1.0]
    assert lines_with(chart(*high), "▁")


def lines_with(shown: Chart, sign: str) -> bool:
    return any(sign in one for one in lines(shown, Paper(80)))


@pytest.mark.parametrize("values", [(), (0.0, 0.0), (5.0,)])
@pytest.mark.parametrize("seconds", [0.0, 30.0])
def test_little_is_shown_too(values: tuple[float, ...], seconds: float) -> None:
    """Nothing, only noughts, one value; a chart of no time at all."""
    found = list(lines(chart(*values, seconds=seconds), Paper(80)))
    assert len(found) == 1 + 5 + 2 + 2
    assert ("█" in "".join(found)) is bool(values and values[0])


def test_without_series_only_the_marks_are_told() -> None:
    assert list(lines(Chart("", "", 10, 1, marks=[Mark(3, "trigger")]), Paper())) == [" 0:03 trigger"]
