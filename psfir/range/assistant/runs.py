"""The long runs of the agent: research on a customer's behalf that goes on for minutes, step by step.

Flags are asked when a run begins. What runs already stops when its pod ends, or when its role is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread

from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.errors import PsfirError
from psfir.range.assistant.agent import Parts
from psfir.range.assistant.counts import Counts
from psfir.range.assistant.names import Names
from psfir.range.assistant.words import chance

IN_FLIGHT = 3
STEPS = 240
EVERY = 1.0
ENDING = 2.0
"""How long the end of a program waits for the call that it is in."""

_LOOPING = 4
"""How many calls of the paid tool a step makes where a run goes round in circles."""


@frozen
class Pace:
    """A step `every` so many seconds, from when it has `begun`."""

    begun: Event
    every: float


class Runs:
    """In one pod: as many runs as it holds, each going on step by step."""

    def __init__(self, parts: Parts, counts: Counts, pod: str, pace: Pace) -> None:
        self._parts = parts
        self._counts = counts
        self._pod = pod
        self._pace = pace
        self._ended = Event()
        self._left: dict[int, int] = {}
        self._next = 0
        self._thread = Thread(target=self._work, name=f"runs of {pod}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Its pod has ended, and all runs with it; when it is back, nothing more is counted."""
        self._ended.set()
        self._thread.join(ENDING)

    def _work(self) -> None:
        self._pace.begun.wait()
        pause = self._pace.every * chance(0, self._pod).random()  # not all pods in the same moment
        while not self._ended.wait(pause):
            pause = self._pace.every
            if self._parts.on:
                self._begin()
            for run in list(self._left):
                if not self._ended.is_set():
                    self._step(run)

    def _begin(self) -> None:
        while len(self._left) < IN_FLIGHT:
            self._next += 1
            self._left[self._next] = STEPS

    def _step(self, run: int) -> None:
        """A step that is refused is tried again with the next: runs are patient."""
        looping = self._parts.scenario == "loops_on_tool"
        self._left[run] -= 1
        try:
            self._think(run)
            for _ in range(_LOOPING if looping else 0):
                self._search()
                self._counts.harm(self._parts.names.number)
        except PsfirError:
            return  # the gateway has counted what was refused
        finally:
            if self._left[run] == 0:
                del self._left[run]

    def _think(self, run: int) -> None:
        parts, turn = self._parts, self._left[run]
        told: dict[str, Json] = {
            "conversation": f"{self._pod}/{run}",
            "turn": turn,
            "kind": "research",
            "documents": [],
        }
        model = parts.which_model
        said = parts.gateway.converse(model, {**told, "tools": list(parts.offered)})
        if "toolUse" in said:
            self._search()
        parts.gateway.answered("model", model)

    def _search(self) -> None:
        self._parts.gateway.call("search_catalog", {"query": "lamps like this one"})


class Digest:
    """In the pod of a Job: mails a summary to each customer, and asks its flag before each one."""

    def __init__(self, parts: Parts, done: Callable[[], None], begun: Event) -> None:
        self._parts = parts
        self._done = done
        self._begun = begun
        self._ended = Event()
        self._thread = Thread(target=self._work, name="digest", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join(ENDING)

    def _work(self) -> None:
        parts = self._parts
        self._begun.wait()
        while not parts.flags.ready and not self._ended.wait(EVERY / 10):
            continue
        while parts.flags.value(_flag(parts.names), False) is True:  # noqa: FBT003 - a flag's default
            with suppress(PsfirError):  # the gateway has counted it; the next item may go through
                parts.gateway.call("send_mail", {"to": "customer@example.com", "about": "your week with us"})
            if self._ended.wait(EVERY):
                return
        self._done()


def _flag(names: Names) -> str:
    return names.flag("digest")
