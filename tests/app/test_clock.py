"""The real clocks: run time that no wall clock moves, and a wait that ends when its time is up."""

import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from psfir.app import clock as room
from psfir.app.clock import RealClock
from psfir.testing.waiting import GRACE

WAKE = threading.Event


def test_now_is_utc_and_now() -> None:
    """It has a zone, and is the system's time."""
    now = RealClock().now()
    assert now.tzinfo is UTC
    assert abs(datetime.now(UTC) - now) < timedelta(seconds=1)


def test_elapsed_goes_forward_at_the_worlds_pace() -> None:
    """A tenth of a second is a tenth of a second."""
    clock = RealClock()
    around = time.perf_counter()
    began = clock.elapsed()
    within = time.perf_counter()
    time.sleep(0.1)
    least = time.perf_counter() - within
    took = clock.elapsed() - began
    most = time.perf_counter() - around
    assert least - 0.01 <= took <= most + 0.01


def test_a_wall_clock_that_jumps_moves_no_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour forward or back on the wall: run time does not know."""
    clock = RealClock()
    before = clock.elapsed()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert 0 <= clock.elapsed() - before < 1


SAY = "from psfir.app.clock import RealClock; c = RealClock(); print(c.boot_id(), c.elapsed())"


def test_processes_of_one_boot_share_its_id_and_its_clock() -> None:
    """Another process says the same id, and its run time lies between two readings of ours."""
    clock = RealClock()
    before = clock.elapsed()
    said = subprocess.run([sys.executable, "-c", SAY], capture_output=True, text=True, check=True).stdout.split()
    assert said[0] == clock.boot_id() != ""
    assert before <= float(said[1]) <= clock.elapsed()


def test_without_proc_there_is_still_an_id_and_it_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Where the kernel tells none, the answer is one word that does not change."""
    room._boot_id.cache_clear()  # noqa: SLF001 - it is asked once a process
    monkeypatch.setattr(room, "_BOOT_ID", tmp_path_factory.mktemp("proc") / "none")
    assert RealClock().boot_id() == RealClock().boot_id() != ""
    room._boot_id.cache_clear()  # noqa: SLF001 - for the tests behind this one


def test_a_wait_ends_when_the_event_is_set() -> None:
    """At once, not at the end of a slice."""
    event = WAKE()
    threading.Timer(0.05, event.set).start()
    began = time.perf_counter()
    assert RealClock().wait(event, 30)
    assert time.perf_counter() - began < 0.5 + GRACE
    assert RealClock().wait(event, 0)


@pytest.mark.parametrize("seconds", [-5.0, 0.0, 0.05, 0.2])
def test_a_wait_lasts_as_long_as_it_should(seconds: float) -> None:
    """Not shorter, hardly longer, and a time that is past is no time at all."""
    clock = RealClock()
    began = clock.elapsed()
    assert not clock.wait(WAKE(), seconds)
    assert max(seconds, 0) <= clock.elapsed() - began < max(seconds, 0) + GRACE


def test_a_wait_across_a_sleep_of_the_machine_ends_soon_after() -> None:
    """The boot-time clock jumps an hour while the system's wait stood still: the wait is over within a slice."""

    class Slept(RealClock):
        """A machine that sleeps an hour after its first look at the clock."""

        looks = 0

        def elapsed(self) -> float:
            self.looks += 1
            return super().elapsed() + (3600 if self.looks > 2 else 0)

    began = time.perf_counter()
    assert not Slept().wait(WAKE(), 600)
    assert time.perf_counter() - began < 2 + GRACE
