"""Spans of time: what is one, how it is shown, and that showing loses less than half a millisecond."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psfir.domain.durations import clock, seconds, show

MILLIS = st.integers(0, 400 * 86_400_000)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("0s", 0.0),
        ("90s", 90.0),
        ("15m", 900.0),
        ("1h30m", 5400.0),
        ("1d2h3m4s5ms", 93784.005),
        ("1.5h", 5400.0),
        ("250ms", 0.25),
        ("1m250ms", 60.25),
        ("007s", 7.0),
    ],
)
def test_a_span_as_people_write_it(text: str, span: float) -> None:
    """Units go from the largest down, each at most once, and may have a fraction."""
    assert seconds(text) == pytest.approx(span, abs=1e-9)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "5",
        "s",
        "-5s",
        "5 s",
        " 5s",
        "5s ",
        "5s\n",
        "1m1m",
        "15m15m",
        "30s1m",
        "5ms1s",
        "1.s",
        ".5s",
        "1,5s",
        "1e3s",
        "5S",
        "5min",
        "5w",
        "infs",
        "nans",
        "\u0663s",
        "\uff15m",
        "1h30",
        "1_000s",
    ],
)
def test_what_is_no_span(text: str) -> None:
    """A slip is told, with an example, and not guessed at: `15m15m` could be either."""
    with pytest.raises(ValueError, match="write it like 30s, 15m or 1h30m"):
        seconds(text)


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (0.0, "0s"),
        (-0.0, "0s"),
        (0.0004, "0s"),
        (-0.0004, "0s"),
        (0.0006, "0.001s"),
        (0.25, "0.25s"),
        (0.9994, "0.999s"),
        (0.9996, "1s"),
        (-0.9996, "-1s"),
        (59.9996, "1m"),
        (60.0, "1m"),
        (60.5, "1m0.5s"),
        (90.0, "1m30s"),
        (3599.9999, "1h"),
        (3600.001, "1h0.001s"),
        (86399.9999, "1d"),
        (90061.5, "1d1h1m1.5s"),
        (-90.0, "-1m30s"),
        (1e12, "11574074d1h46m40s"),
        (900, "15m"),
    ],
)
def test_the_shortest_way_to_write_it(span: float, shown: str) -> None:
    """Rounded to milliseconds once, so that nothing is ever shown as 60 seconds or as minus nothing."""
    assert show(span) == shown


@given(MILLIS)
def test_what_is_shown_reads_back(millis: int) -> None:
    """To the millisecond."""
    assert seconds(show(millis / 1000)) == pytest.approx(millis / 1000, abs=1e-6)


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_a_longer_span_is_never_shown_as_a_shorter_one(one: float, other: float) -> None:
    """What the reader compares is in the order of what was measured."""
    short, long = sorted((one, other))
    assert seconds(show(short)) <= seconds(show(long)) + 1e-6


@given(MILLIS)
def test_a_span_below_nought_has_the_same_digits(millis: int) -> None:
    """Only the sign is put before it, and not before nothing."""
    assert show(-millis / 1000) == (f"-{show(millis / 1000)}" if millis else "0s")


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (0, "00:00"),
        (-0.5, "00:00"),
        (0.9996, "00:00"),
        (59.9999, "00:59"),
        (249, "04:09"),
        (-249.9, "-04:09"),
        (3599.9, "59:59"),
        (3723, "1:02:03"),
        (360_000, "100:00:00"),
    ],
)
def test_a_running_clock(span: float, shown: str) -> None:
    """A clock shows whole seconds that have passed: it never runs ahead."""
    assert clock(span) == shown
