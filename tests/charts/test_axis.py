"""Scales and moments on the axis of a chart."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from psfir.charts.axis import Chart, Series, clock, rounded_up, ticks


@given(st.floats(0, 1e12))
def test_a_scale_ends_at_or_above_the_highest_value(value: float) -> None:
    """And never far above it, so that a chart is not mostly empty."""
    top = rounded_up(value)
    assert top >= max(value, 1)
    assert top <= max(1.0, 1.67 * value)


@given(st.floats(0, 1e8), st.integers(1, 40))
def test_the_axis_is_never_crowded(seconds: float, most: int) -> None:
    """Also where an incident went on for weeks."""
    found = ticks(seconds, most=most)
    assert found[0] == 0
    assert found[-1] <= seconds
    assert len(found) <= most + 1
    assert len({later - earlier for earlier, later in pairwise(found)}) <= 1


def test_moments_read_as_people_say_them() -> None:
    """Seconds are rounded, and sixty of them are a minute."""
    assert [clock(one) for one in (0, 7.4, 59.6, 750, 3750)] == ["0:00", "0:07", "1:00", "12:30", "1:02:30"]


def test_a_chart_of_nothing_has_a_scale() -> None:
    """Empty series, all nought, and none at all."""
    for series in ([], [Series("none", [])], [Series("nought", [0.0, 0.0])]):
        assert Chart("", "", 1.0, 1.0, series).top == 1
