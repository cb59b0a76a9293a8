"""Spending a share of time: a call either answers within it or is abandoned, and then cannot hold up the run.

A thread cannot be stopped. What an abandoned call answers later goes to `late`, in that call's own thread.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import Generic, TypeVar

from psfir.contracts import Clock
from psfir.domain.durations import show
from psfir.domain.values import frozen
from psfir.errors import NoAnswer, PsfirError, Unreachable

T = TypeVar("T")

HEADROOM = 0.1
"""The callee is told a little less than the whole, so that its own clear error comes before it is abandoned."""


_SLICE = 0.2
"""How soon it is seen that somebody does not want to wait any longer."""


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


@frozen
class Answer(Generic[T]):
    """What a call gave: a value, or the error it ended with."""

    value: T | None = None
    error: BaseException | None = None

    def get(self) -> T:
        if self.error is not None:
            raise self.error
        return self.value  # type: ignore[return-value]  # without an error there is a value, of whatever T is


class Abandoned(NoAnswer):
    """Its share was used up while it was under way."""


class Left(Abandoned):
    """Somebody did not want to wait for it any longer."""


class _Call(Generic[T]):
    """One call in its own thread, answered or abandoned, never both."""

    def __init__(self, work: Callable[[], T], late: Callable[[Answer[T]], None] | None) -> None:
        self.done = Event()
        self.answer: Answer[T] | None = None
        self._work = work
        self._late = late
        self._lock = Lock()
        self._abandoned = False

    def run(self) -> None:
        answer: Answer[T]
        try:
            answer = Answer(self._work())
        except BaseException as error:  # noqa: BLE001 - carried over to the thread that waits, or to `late`
            answer = Answer(error=error)
        with self._lock:
            self.answer = answer
            self.done.set()
            late = self._late if self._abandoned else None
        if late:
            late(answer)

    def abandon(self) -> bool:
        """Give up on it; False if it has answered at the last moment."""
        with self._lock:
            self._abandoned = self.answer is None
            return self._abandoned


def call(
    work: Callable[[float], T],
    share: Share,
    *,
    what: str,
    late: Callable[[Answer[T]], None] | None = None,
    stop: Event | None = None,
) -> T:
    """Call `work(within)` with what is left of the share; Abandoned if it does not answer in that time.

    Left if it has not answered when `stop` is set. An error that is not one of ours came out of a lever's own code:
    nothing is known about what it had done by then.
    """
    left = share.left
    if left <= 0:
        raise Unreachable(f"{what} was not called: its share of {show(share.seconds)} was used up")
    told = max(left - HEADROOM, left / 2)
    one: _Call[T] = _Call(lambda: work(told), late)
    Thread(target=one.run, name=f"psfir {what}", daemon=True).start()
    if not _waited(one.done, share, stop) and one.abandon():
        if stop is not None and stop.is_set():
            raise Left(f"{what} was not waited for any longer")
        raise Abandoned(f"{what} did not answer in {show(left)}")
    assert one.answer is not None  # noqa: S101 - `done` is set behind it
    error = one.answer.error
    if error is not None and not isinstance(error, PsfirError):
        raise NoAnswer(f"{what} broke: {type(error).__name__}: {error}") from error
    return one.answer.get()


def _waited(done: Event, share: Share, stop: Event | None) -> bool:
    """Whether it was done within what is left, and before somebody stopped the waiting."""
    if stop is None:
        return share.clock.wait(done, share.left)
    while not done.is_set() and not stop.is_set() and share.left > 0:
        share.clock.wait(done, min(share.left, _SLICE))
    return done.is_set()


def side_by_side(works: list[Callable[[], None]]) -> None:
    """Run all and wait for all; the first error of any is raised when all are done. One alone needs no thread."""
    if len(works) <= 1:
        for work in works:
            work()
        return
    errors: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised again below, in the thread that asked
            errors.append(error)

    threads = [Thread(target=guarded, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
