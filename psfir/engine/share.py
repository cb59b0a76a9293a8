"""Spending a share of time: a call either answers within it or is abandoned, and then cannot hold up the run.

A thread cannot be stopped. What an abandoned call answers later goes to `late`, in that call's own thread.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from psfir.contracts import Clock
from psfir.domain.durations import show
from psfir.engine.work import Answer, Call, Signal, Work
from psfir.errors import NoAnswer, PsfirError, Unreachable

T = TypeVar("T")

HEADROOM = 0.1
"""The callee is told a little less than the whole, so that its own clear error comes before it is abandoned."""


class Share:
    """What is left of a span that began now."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self.clock = clock
        self.seconds = seconds
        self._begun = clock.elapsed()

    @property
    def spent(self) -> float:
        return self.clock.elapsed() - self._begun

    @property
    def left(self) -> float:
        return max(0.0, self.seconds - self.spent)


class Abandoned(NoAnswer):
    """Its share was used up while it was under way."""


class Left(Abandoned):
    """Somebody did not want to wait for it any longer."""


def call(
    work: Callable[[float], T],
    share: Share,
    *,
    what: str,
    late: Callable[[Answer[T]], None] | None = None,
    stop: Signal | None = None,
) -> Work[T]:
    """Call `work(within)` with what is left of the share; Abandoned if it does not answer in that time.

    Left if it has not answered when `stop` is set. An error that is not one of ours came out of a lever's own code:
    nothing is known about what it had done by then.
    """
    left = share.left
    if left <= 0:
        raise Unreachable(f"{what} was not called: its share of {show(share.seconds)} was used up")
    told = partial(work, max(left - HEADROOM, left / 2))
    answer: Answer[T] | None = yield Call(told, left, late=late, until=stop)
    if answer is None and stop is not None and stop.is_set():
        raise Left(f"{what} was not waited for any longer")
    if answer is None:
        raise Abandoned(f"{what} did not answer in {show(left)}")
    error = answer.error
    if error is not None and not isinstance(error, PsfirError):
        raise NoAnswer(f"{what} broke: {type(error).__name__}: {error}") from error
    return answer.get()
