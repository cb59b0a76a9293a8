"""What the gateway of the range's assistant counts, and the scrapes that take samples of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from threading import Event, Lock, Thread
from typing import Self

from psfir.range.clock import RangeClock
from psfir.range.metrics.samples import NAME, Found, Labels, Samples, Wanted

KEPT = 600.0
"""Seconds: twice as long as a query looks back for a sample."""
EVERY = 0.5
TARGET = {"job": "gateway", "instance": "gateway:9090"}
"""What Prometheus adds to each series: which of its targets it has it from."""

_METRIC = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")


class Counters:
    """Counts that only grow, and gauges. What is counted shows in no query before it is scraped.

    `add(name, 0, ...)` makes a series that is there from the start: only then does a rate see its first step.
    """

    def __init__(self, *, keep: float = KEPT) -> None:
        # Two, so that whoever counts never waits for a query.
        self._counting, self._sampling = Lock(), Lock()
        self._values: dict[Labels, float] = {}
        self._moved: set[Labels] = set()
        self._gauges: set[str] = set()
        self._samples = Samples(keep)

    def add(self, name: str, amount: float = 1, /, **labels: str) -> None:
        series = (*sorted(labels.items()), (NAME, name))
        if amount < 0:
            raise ValueError(f"the counter {name} cannot go down by {-amount}")
        with self._counting:
            if series not in self._values and not _METRIC.fullmatch(name):
                raise ValueError(f"{name!r} is no name of a metric")
            self._values[series] = self._values.get(series, 0.0) + amount
            self._moved.add(series)

    def put(self, name: str, value: float, /, **labels: str) -> None:
        """A gauge: a number that stands as it was put, and goes up and down."""
        series = (*sorted(labels.items()), (NAME, name))
        with self._counting:
            if series not in self._values and not _METRIC.fullmatch(name):
                raise ValueError(f"{name!r} is no name of a metric")
            self._values[series] = value
            self._gauges.add(name)
            self._moved.add(series)

    def value(self, name: str, /, **labels: str) -> float:
        """The sum over all its series that have these labels, as of now and not of the last scrape."""
        wanted = {(NAME, name), *labels.items()}
        with self._counting:
            return sum(value for series, value in self._values.items() if wanted <= set(series))

    def scrape(self, at: float) -> None:
        """A sample of each series. Samples of a later time are forgotten: the clock was set back."""
        at = round(at, 3)
        with self._sampling:
            whole = self._samples.forget_since(at) or not self._samples.begun
            with self._counting:
                moved = set(self._values) if whole else self._moved
                changed = {_scraped(series): self._values[series] for series in moved}
                self._moved = set()
            # `up` is Prometheus's own word that the scrape went well.
            self._samples.take(at, {_UP: 1.0, **changed} if whole else changed)

    def restart(self) -> None:
        """The gateway starts anew: it counts from zero again, and the samples of before stay."""
        with self._counting:
            self._values = dict.fromkeys(self._values, 0.0)
            self._moved = set(self._values)

    def reset(self) -> None:
        """No series and no sample, as in the beginning."""
        with self._sampling, self._counting:
            self._values.clear()
            self._gauges.clear()
            self._moved.clear()
            self._samples.clear()

    @property
    def kept(self) -> int:
        """How many numbers its samples take."""
        with self._sampling:
            return self._samples.size

    def window(self, wanted: Wanted, *, after: float, until: float) -> list[Found]:
        with self._sampling:
            return self._samples.window(wanted, after=after, until=until)

    def last(self, wanted: Wanted, *, after: float, until: float) -> list[Found]:
        with self._sampling:
            return self._samples.last(wanted, after=after, until=until)

    def text(self) -> str:
        """As a real Prometheus scrapes it: the text format, version 0.0.4."""
        with self._counting:
            values, gauges = dict(self._values), set(self._gauges)
        return "".join(f"{line}\n" for line in _lines(values, gauges))


class Scraper:
    """Scrapes `counters` every so many seconds from `start` to `stop`. While it is paused all samples grow old."""

    def __init__(self, counters: Counters, clock: RangeClock, *, every: float = EVERY) -> None:
        self.every = every
        self.paused = False
        self._counters, self._clock = counters, clock
        self._lock = Lock()
        self._ended = Event()
        self._thread: Thread | None = None

    def once(self) -> None:
        with self._lock:
            self._counters.scrape(self._clock.now())

    def start(self) -> Self:
        self._ended.clear()
        self.once()
        self._thread = Thread(target=self._run, name="scraper", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        self._ended.set()
        if self._thread:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while not self._ended.wait(self.every):
            if not self.paused:
                self.once()


def _scraped(series: Labels) -> Labels:
    return tuple(sorted({**TARGET, **dict(series)}.items()))


_UP: Labels = _scraped(((NAME, "up"),))


def _lines(values: Mapping[Labels, float], gauges: Collection[str]) -> Iterator[str]:
    last = ""
    for series, value in sorted(values.items(), key=lambda one: (one[0][-1][1], one[0])):
        name = series[-1][1]
        if name != last:
            yield f"# TYPE {name} {'gauge' if name in gauges else 'counter'}"
            last = name
        labels = ",".join(f'{key}="{_escaped(word)}"' for key, word in series[:-1])
        yield f"{name}{{{labels}}} {value!r}"


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
