"""The assistants of all systems: they come up side by side, take their customers in together, and end together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event
from time import monotonic, sleep  # noqa: TID251 - the range lives in real time

from psfir.errors import UsageError
from psfir.range.assistant.assistant import Assistant
from psfir.range.assistant.news import News
from psfir.range.kubernetes.server import Kubernetes

PATIENCE = 20.0
"""Seconds in which not one more assistant has become ready: then the range has failed."""
FULL = 3
"""So many systems have all their customers and runs; of more, each has less. One process has one core, and a range that
needs all of it would answer its responders late."""
_GLANCE = 0.01

Heard = Callable[[str, int, int], object]
"""Told of what the range is at, how much of it is done, and of how much."""


def share(systems: int) -> float:
    """Of the customers and runs that a system alone would have, what each has beside the others."""
    return min(1.0, FULL / systems)


class Crew:
    """All assistants of a range. `heard` is told how many of them are ready while they come up.

    `welcomed` is what their programs wait for before they do any work.
    """

    def __init__(self, assistants: Sequence[Assistant], cluster: Kubernetes, *, welcomed: Event, heard: Heard) -> None:
        self.assistants = assistants
        self._cluster = cluster
        self._heard = heard
        self._welcomed = welcomed
        self._news: News | None = None

    def begin(self) -> None:
        """Their programs run, and are ready, when it returns."""
        self._welcomed.clear()
        self._news = News(self._cluster, [one.begin() for one in self.assistants])
        waiting, all_of_them = list(self.assistants), len(self.assistants)
        end = monotonic() + PATIENCE
        while waiting:
            if waiting[-1].ready:
                waiting.pop()
                self._heard("assistants ready", all_of_them - len(waiting), all_of_them)
                end = monotonic() + PATIENCE
            elif monotonic() > end:
                what = f"{len(waiting)} of {all_of_them} assistants were not ready, and none more after {PATIENCE:g} s"
                raise UsageError(what, todo="see what else this machine does, or bring up fewer systems")
            else:
                sleep(_GLANCE)

    def welcome(self, rate: float) -> None:
        """The customers of each system ask so many questions a second, or their share of that; the runs begin, too."""
        self._welcomed.set()
        for one in self.assistants:
            one.welcome(rate * share(len(self.assistants)))

    def end(self) -> None:
        """All at once, for each takes a moment."""
        if self._news is not None:
            self._news.stop()
            self._news = None
        self._welcomed.set()  # whatever still waits for it goes on, and ends
        for one in self.assistants:
            one.end()
        for one in self.assistants:
            one.join()
