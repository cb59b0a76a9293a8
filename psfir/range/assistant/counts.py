"""What customers got, second by second: the only judge of whether something is contained is who it reaches."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, fields
from threading import Lock

from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.range.assistant.words import Answer, Question, harm

WIDTH = 0.5
KEPT = 7200


@dataclass
class _Bin:
    at: float
    answers: int = 0
    harmful: int = 0
    prepared: int = 0
    refused: int = 0
    tool_calls: int = 0


@frozen
class Bin:
    """`WIDTH` seconds from `at`, an instant in seconds since the epoch: answers, and of them how many of which kind.

    `tool_calls` are those that were carried out, whether for an answer or for a run under way.
    """

    at: float
    answers: int
    harmful: int
    prepared: int
    refused: int
    tool_calls: int

    def to_json(self) -> dict[str, Json]:
        return {one.name: getattr(self, one.name) for one in fields(self)}


@frozen
class Harm:
    """A harmful answer: to what, and why it is one."""

    asked: str
    got: str
    why: str


class Counts:
    """For each system by its number, in moments of `now`. What is long ago is forgotten."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self._lock = Lock()
        self._bins: dict[int, deque[_Bin]] = {}
        self._harm: dict[int, Harm] = {}

    def answer(self, system: int, asked: Question, got: Answer) -> None:
        what = harm(asked, got)
        with self._lock:
            found = self._bin(system)
            found.answers += 1
            found.harmful += bool(what)
            found.prepared += got.written_by in {"prepared", "page"}
            found.refused += got.written_by == "nobody"
            if what:
                self._harm[system] = Harm(asked.text, got.text, what)

    def last_harm(self, system: int) -> Harm | None:
        """The last harmful answer that a customer got."""
        with self._lock:
            return self._harm.get(system)

    def harm(self, system: int) -> None:
        """Something harmful was done that is no answer to a customer."""
        with self._lock:
            self._bin(system).harmful += 1

    def tool(self, system: int) -> None:
        with self._lock:
            self._bin(system).tool_calls += 1

    def bins(self, system: int, *, since: float = 0.0) -> list[Bin]:
        """With every bin in between, also those in which nothing happened; the last, which is not over, is left out."""
        with self._lock:
            held = [one for one in self._bins.get(system, ()) if one.at >= since]
            full = {one.at: Bin(**vars(one)) for one in held}
        if not full:
            return []
        first, last = min(full), self._moment() - WIDTH
        moments = (first + WIDTH * index for index in range(round((last - first) / WIDTH) + 1))
        return [full.get(at, Bin(at, 0, 0, 0, 0, 0)) for at in moments]

    def reset(self) -> None:
        with self._lock:
            self._bins.clear()
            self._harm.clear()

    def _bin(self, system: int) -> _Bin:
        bins = self._bins.setdefault(system, deque(maxlen=KEPT))
        at = self._moment()
        if not bins or bins[-1].at != at:
            bins.append(_Bin(at))
        return bins[-1]

    def _moment(self) -> float:
        return self.now() // WIDTH * WIDTH
