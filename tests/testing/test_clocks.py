"""SettableClock: time passes at once, in order, for many threads, and the wall moves on its own."""

from threading import Event, Thread, Timer
from time import perf_counter

from psfir.testing import SettableClock


def test_a_soak_passes_in_a_blink() -> None:
    """Four minutes of waiting take no more than a moment, and are four minutes on both clocks."""
    clock = SettableClock()
    wall, run, begun = clock.now(), clock.elapsed(), perf_counter()
    assert clock.wait(Event(), 240.0) is False
    assert perf_counter() - begun < 2.0
    assert clock.elapsed() - run == 240.0
    assert (clock.now() - wall).total_seconds() == 240.0


def test_an_event_ends_a_wait_before_its_time() -> None:
    """What is set meanwhile by another thread is noticed, and no time has passed."""
    clock, event = SettableClock(settle=5.0), Event()
    run = clock.elapsed()
    Timer(0.05, event.set).start()
    assert clock.wait(event, 60.0) is True
    assert clock.elapsed() == run


def test_waits_side_by_side_share_the_time() -> None:
    """Three threads that wait 10, 20 and 30 seconds at once take 30 seconds together, and end in that order."""
    clock, ended = SettableClock(), []
    run = clock.elapsed()

    def one(seconds: float) -> None:
        clock.wait(Event(), seconds)
        ended.append((seconds, clock.elapsed() - run))

    threads = [Thread(target=one, args=(seconds,)) for seconds in (30.0, 10.0, 20.0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended == [(10.0, 10.0), (20.0, 20.0), (30.0, 30.0)]


def test_the_wall_jumps_alone() -> None:
    """Setting the wall clock back an hour moves no run time."""
    clock = SettableClock()
    wall, run = clock.now(), clock.elapsed()
    clock.jump(-3600.0)
    assert (clock.now() - wall).total_seconds() == -3600.0
    assert clock.elapsed() == run


def test_a_clock_that_stands_waits_for_its_test() -> None:
    """With running=False a wait ends only when the test lets time pass."""
    clock, ended = SettableClock(running=False, settle=0.0), Event()

    def wait() -> None:
        clock.wait(Event(), 10.0)
        ended.set()

    Thread(target=wait, daemon=True).start()
    assert not ended.wait(0.1)
    clock.advance(9.0)
    assert not ended.wait(0.1)
    clock.advance(1.0)
    assert ended.wait(5.0)


def test_another_boot_counts_anew() -> None:
    """After a reboot the boot id differs, so that spans across it are known to be uncertain."""
    clock = SettableClock()
    boot, run = clock.boot_id(), clock.elapsed()
    clock.reboot()
    assert clock.boot_id() != boot
    assert clock.elapsed() < run
