"""What the gateway counts, and what scrapes of it keep."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from threading import Thread

import pytest

from psfir.range.metrics.counters import Counters
from psfir.range.metrics.samples import Sample


def every(_labels: Mapping[str, str]) -> bool:
    return True


def samples(counters: Counters, name: str, after: float = -1, until: float = 1e12) -> dict[str, tuple[Sample, ...]]:
    found = counters.window(lambda labels: labels["__name__"] == name, after=after, until=until)
    return {one.labels.get("pod", ""): one.samples for one in found}


def test_what_is_counted_shows_with_the_next_scrape() -> None:
    """Between scrapes nothing is seen; a scrape of what did not move is a sample all the same."""
    counters = Counters()
    counters.add("answers_total", pod="a")
    assert samples(counters, "answers_total") == {}
    counters.scrape(10)
    counters.add("answers_total", 2, pod="a")
    counters.add("answers_total", 5, pod="b")
    for at in (11, 12, 13):
        counters.scrape(at)
    assert samples(counters, "answers_total") == {
        "a": ((10, 1), (11, 3), (12, 3), (13, 3)),
        "b": ((11, 5), (12, 5), (13, 5)),
    }
    assert samples(counters, "answers_total", after=10, until=12) == {"a": ((11, 3), (12, 3)), "b": ((11, 5), (12, 5))}
    assert counters.value("answers_total") == 8
    assert counters.value("answers_total", pod="b") == 5


def test_only_the_newest_sample_of_each_series_is_the_last() -> None:
    """And a window in which nobody scraped has none."""
    counters = Counters()
    counters.add("answers_total", pod="a")
    counters.scrape(10)
    counters.scrape(20)
    (last,) = counters.last(lambda labels: "pod" in labels, after=5, until=19)
    assert last.samples == ((10, 1),)
    assert counters.last(every, after=20, until=30) == []


def test_old_samples_are_dropped() -> None:
    """Those of a series that moves and of one that does not; nothing grows without end."""
    counters = Counters(keep=10)
    counters.add("still_total", 7)
    for at in range(1000):
        counters.add("moving_total")
        counters.scrape(at)
    for name, last in (("still_total", 7), ("moving_total", 1000)):
        (found,) = samples(counters, name).values()
        assert [at for at, _ in found] == list(range(989, 1000))
        assert found[-1] == (999, last)
    assert counters.kept < 200


def test_a_clock_that_is_set_back_leaves_no_sample_of_the_future() -> None:
    """Each series goes on from what it was at that time, with what it is now."""
    counters = Counters()
    counters.add("answers_total", pod="a")
    counters.scrape(10)
    counters.add("answers_total", pod="a")
    counters.add("answers_total", pod="b")
    counters.scrape(500)
    counters.scrape(20)
    assert samples(counters, "answers_total") == {"a": ((10, 1), (20, 2)), "b": ((20, 1),)}


def test_a_gateway_that_starts_anew_counts_from_zero() -> None:
    """What it had counted before stays in the samples."""
    counters = Counters()
    counters.add("answers_total", 5)
    counters.scrape(1)
    counters.restart()
    counters.add("answers_total")
    counters.scrape(2)
    assert samples(counters, "answers_total") == {"": ((1, 5), (2, 1))}
    counters.reset()
    assert samples(counters, "answers_total") == {}
    assert counters.value("answers_total") == 0


def test_several_threads_lose_no_count() -> None:
    """While it is scraped too."""
    counters = Counters()

    def count() -> None:
        for _ in range(5000):
            counters.add("answers_total", pod="a")

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [Thread(target=count) for _ in range(4)]
        for thread in threads:
            thread.start()
        for at in range(50):
            counters.scrape(at)
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    counters.scrape(100)
    (last,) = counters.last(lambda labels: labels["__name__"] == "answers_total", after=0, until=100)
    assert last.samples[-1][1] == 20000


def test_what_is_no_counter_is_refused() -> None:
    """A counter cannot go down, and its name has to be one."""
    counters = Counters()
    with pytest.raises(ValueError, match="cannot go down"):
        counters.add("answers_total", -1)
    with pytest.raises(ValueError, match="no name of a metric"):
        counters.add("no name")


def test_the_text_is_prometheus_s_own_format() -> None:
    """A line a series, labels quoted as Prometheus quotes them, a type for each name."""
    counters = Counters()
    counters.add("b_total", 2, says='"a\\b"\nc')
    counters.add("a_total", 0)
    assert counters.text() == (
        '# TYPE a_total counter\na_total{} 0.0\n# TYPE b_total counter\nb_total{says="\\"a\\\\b\\"\\nc"} 2.0\n'
    )
