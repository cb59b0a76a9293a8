"""The assistants of all systems: they come up side by side, take their customers in together, and end together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Event, Thread
from time import monotonic, sleep  # noqa: TID251 - the range lives in real time

from psfir.errors import PsfirError, UsageError
from psfir.range.assistant.assistant import Assistant
from psfir.range.assistant.layout import PROGRAMS
from psfir.range.assistant.names import Names
from psfir.range.assistant.news import News
from psfir.range.kubernetes.server import Kubernetes

PATIENCE = 20.0
"""Seconds in which not one more program has become ready: then the range has failed."""
FULL = 3
"""So many systems have all their customers and runs; of more, each has less. One process has one core, and a range that
needs all of it would answer its responders late."""
_GLANCE = 0.005

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
        self._usher: Thread | None = None
        self._ended = Event()

    def begin(self) -> None:
        """Their programs run, and are ready, when it returns."""
        self._welcomed.clear()
        self._news = News(self._cluster, [one.begin() for one in self.assistants])
        waiting, ready, end = list(self.assistants), -1, monotonic() + PATIENCE
        while waiting:
            while waiting and waiting[0].ready:
                waiting.pop(0)
            if (now := self._ready_programs()) > ready:
                ready, end = now, monotonic() + PATIENCE
            if monotonic() > end:
                what = f"{len(waiting)} assistants were not ready, and no program became so in {PATIENCE:g} s"
                raise UsageError(what, todo="see what else this machine does, or bring up fewer systems")
            sleep(_GLANCE * len(self.assistants))

    def _ready_programs(self) -> int:
        """How many there are, told to whoever waits: the assistants themselves are ready nearly all at once."""
        found = [seat.flags.ready for one in self.assistants for seat in one.seats]
        self._heard("programs ready", sum(found), PROGRAMS * len(self.assistants))
        return sum(found)

    def welcome(self, rate: float, warm: Callable[[Names], object]) -> None:
        """The customers of each system ask so many questions a second, or their share of that.

        Those of the first systems are there when it returns. Of many systems the others come in one after the other, as
        each is `warm`; and the runs begin once all are there.
        """
        first, later = self.assistants[:FULL], self.assistants[FULL:]
        each = rate * share(len(self.assistants))
        for done, one in enumerate(first):
            self._heard("first customers", done, len(first))
            warm(one.names)
            one.welcome(each)
        self._ended.clear()
        self._usher = Thread(target=self._welcome, args=(later, each, warm), name="customers come in", daemon=True)
        self._usher.start()

    def _welcome(self, later: Sequence[Assistant], rate: float, warm: Callable[[Names], object]) -> None:
        for one in later:
            with suppress(PsfirError):  # a fault is on by now, so its first customers wait longer
                warm(one.names)
            if self._ended.is_set():
                return
            one.welcome(rate)
        self._welcomed.set()

    def end(self) -> None:
        """All at once, for each takes a moment."""
        self._ended.set()
        if self._usher is not None:
            self._usher.join()
            self._usher = None
        if self._news is not None:
            self._news.stop()
            self._news = None
        self._welcomed.set()  # whatever still waits for it goes on, and ends
        for one in self.assistants:
            one.end()
        for one in self.assistants:
            one.join()
