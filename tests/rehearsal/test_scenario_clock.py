"""The scenario clock loses nothing and gains nothing, whatever is done to it and however long it takes."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from psfir.rehearsal.clock import SECOND, ScenarioClock

DAY = 86_400 * SECOND
SPEEDS = st.fractions(min_value=Fraction(1, 60), max_value=60, max_denominator=60)
GAPS = st.integers(min_value=0, max_value=30 * 3600 * SECOND)
TURNS = st.lists(st.tuples(GAPS, st.sampled_from(["pause", "resume", "speed", "look"]), SPEEDS), max_size=25)


def turned(clock: ScenarioClock, what: str, now: int, speed: Fraction) -> ScenarioClock:
    if what == "pause":
        return clock.paused(now)
    if what == "resume":
        return clock.resumed(now)
    return clock.at_speed(now, speed) if what == "speed" else clock


@given(began=st.integers(min_value=0, max_value=2 * 10**15), turns=TURNS)
def test_scenario_time_is_the_sum_of_its_running_stretches(began: int, turns: list[tuple[int, str, Fraction]]) -> None:
    """Over midnight, over gaps of more than an hour, paused and resumed at any microsecond: exact to the last one."""
    clock = ScenarioClock().started(began, Fraction(1))
    running, speed, exact, now = True, Fraction(1), Fraction(0), began
    for gap, what, wanted in turns:
        now += gap
        exact += gap * speed if running else 0
        assert clock.at(now) == int(exact)
        clock = turned(clock, what, now, wanted)
        assert clock.at(now) == int(exact), "turning it moves it nowhere"
        running = what == "resume" or (running and what != "pause")
        speed = wanted if what == "speed" else speed
        assert (clock.running, clock.speed) == (running, speed)
    assert clock.at(now + DAY) == int(exact + (DAY * speed if running else 0))


@given(turns=TURNS, looks=st.lists(st.integers(min_value=-DAY, max_value=40 * DAY), max_size=10))
def test_it_never_runs_backwards(turns: list[tuple[int, str, Fraction]], looks: list[int]) -> None:
    """Later is never earlier, looked at in whatever order, also for instants that are long past."""
    clock, now = ScenarioClock().started(0, Fraction(1)), 0
    for gap, what, wanted in turns:
        now += gap
        clock = turned(clock, what, now, wanted)
    found = [clock.at(look) for look in sorted(looks)]
    assert found == sorted(found)
    assert all(one >= 0 for one in found)


@given(speed=SPEEDS, gap=GAPS, at=st.integers(min_value=0, max_value=30 * DAY))
def test_it_says_when_an_instant_will_come(speed: Fraction, gap: int, at: int) -> None:
    """The first microsecond at which it has come, and not the one before; never while it stands still."""
    clock = ScenarioClock().started(0, Fraction(1)).at_speed(gap, speed)
    real = clock.real(at)
    assert real is not None
    assert clock.at(real) >= at
    assert real == 0 or clock.at(real - 1) < at
    still = clock.paused(gap)
    assert (still.real(at) is None) == (at > still.at(gap))


def test_a_clock_that_goes_back_stands_still() -> None:
    """An hour back is no hour lost, and none that comes twice."""
    clock = ScenarioClock().started(DAY, Fraction(1)).paused(DAY + 60 * SECOND)
    again = clock.resumed(DAY - 3600 * SECOND)
    assert again.at(DAY + 60 * SECOND) == 60 * SECOND
    assert again.at(DAY + 61 * SECOND) == 61 * SECOND


def test_after_a_crash_it_goes_on_where_it_was() -> None:
    """The time between crash and new process is nobody's; what the record has from then lies at that instant."""
    clock = ScenarioClock().started(0, Fraction(2))
    again = clock.taken_up(1000 * SECOND, 100 * SECOND)
    assert again.at(1000 * SECOND) == 100 * SECOND
    assert again.at(1001 * SECOND) == 102 * SECOND
    assert again.at(400 * SECOND) == 100 * SECOND
    assert again.at(20 * SECOND) == 40 * SECOND
    still = clock.paused(50 * SECOND).taken_up(1000 * SECOND, 100 * SECOND)
    assert not still.running
    assert still.at(2000 * SECOND) == 100 * SECOND


def test_only_another_speed_is_compressed() -> None:
    """Pauses are real time too."""
    clock = ScenarioClock().started(0, Fraction(1)).paused(5).resumed(9)
    assert not clock.compressed
    assert clock.at_speed(10, Fraction(3, 2)).compressed
    assert ScenarioClock().at(5) == 0
