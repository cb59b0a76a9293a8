"""The threads of the kill: few at work at once, however many rungs and probes there are.

A call runs in the thread that came to it, and that thread carries the work on. One that does not answer is left behind
with its thread when its share is used up, for a thread cannot be stopped. A call that is out for long holds up nobody
meanwhile: beyond a second it no longer counts as one of those at work, and another thread is taken on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import count
from math import inf
from threading import Condition, Event, Lock, Thread
from typing import Any, TypeVar

from psfir.contracts import Clock
from psfir.engine.waits import Group, Limit, Out, Piece, Sleep
from psfir.engine.work import Answer, Call, Pause, Signal, Together, Work

T = TypeVar("T")

AT_ONCE = 32
"""How many work at once: more of them would wait for one another's turn at the interpreter."""

MOST = 128
"""How many threads there are with those that wait for somebody who does not answer; not counted is who was left."""

LONG = 1.0
"""A call that is out for so many seconds waits, and does not work."""

_LOOK = 1.0


def through(work: Work[T], clock: Clock) -> T:
    """Carry a single piece to its end."""
    return Hands(clock).all([work])[0].get()


def _on(work: Work[Any], told: Answer[Any] | None) -> Call[Any] | Pause | Together:
    """What it asks for next, once it was told what came of the last."""
    if told is None:
        return next(work)
    return work.throw(told.error) if told.error is not None else work.send(told.value)


class Hands:
    """Carries pieces of work to their ends. `all` is called once."""

    def __init__(self, clock: Clock, *, at_once: int = AT_ONCE, most: int = MOST) -> None:
        self._clock = clock
        self._at_once = at_once
        self._most = most
        self._lock = Lock()
        self._work = Condition(self._lock)
        self._bell = Event()
        # What has begun is ended before something new is begun: a probe's share must not run out in a queue.
        self._fresh: deque[Piece] = deque()
        self._ready: deque[tuple[Piece, Answer[Any]]] = deque()
        self._due: list[tuple[float, int, Out | Sleep | Limit]] = []
        self._numbers = count()
        self._signals: dict[Signal, set[Sleep | Out]] = {}
        self._outs: set[Out] = set()
        self._threads = 0
        self._idle = 0
        self._long = 0
        self._wakes = 0.0
        self._closed = False
        self.peak = 0

    def all(self, works: Sequence[Work[T]]) -> list[Answer[T]]:
        """What each came to, in order, once all have ended."""
        group = Group(len(works), None)
        with self._lock:
            for index, work in enumerate(works):
                self._begin(Piece(work, group, index))
        try:
            self._keep_time(group)
        finally:
            with self._lock:
                self._closed = True
                self._work.notify_all()
                for signal in self._signals:
                    signal.quiet(self._bell)
        return [answer for answer in group.answers if answer is not None]

    # What follows runs in the thread that called `all`: it works nothing, and wakes what is due.

    def _keep_time(self, group: Group) -> None:
        while True:
            with self._lock:
                if not group.left:
                    return
                self._fire()
                self._relieve()
                self._wakes = min(self._due[0][0] if self._due else inf, self._next_long())
            if self._wakes == inf:
                # Nothing is out that could become due: no time need pass.
                self._bell.wait(_LOOK)
            elif (seconds := self._wakes - self._clock.elapsed()) > 0:
                self._clock.wait(self._bell, seconds)
            self._bell.clear()

    def _next_long(self) -> float:
        """When the next of those who are out holds up others too long, if any wait."""
        if not (self._fresh or self._ready):
            return inf
        return min((out.begun + LONG for out in self._outs if not out.long), default=inf)

    def _fire(self) -> None:
        """Everything whose time has come, or whose signal was set."""
        while self._due and (self._due[0][2].settled or self._due[0][0] <= self._clock.elapsed()):
            due = heappop(self._due)[2]
            if not due.settled:
                self._end(due)
        for signal in [signal for signal in self._signals if signal.is_set()]:
            for waiting in list(self._signals[signal]):
                self._end(waiting)

    def _end(self, due: Out | Sleep | Limit) -> None:
        if isinstance(due, Out):
            due.gone = True
            self._back(due)
            self._threads -= 1
            self._again(due.piece, Answer())
        elif isinstance(due, Sleep):
            due.settled = True
            self._signals[due.until].discard(due)
            self._again(due.piece, Answer(due.until.is_set()))
        else:
            due.group.over = True
            if due.group.waits:
                self._again(due.group.waits, due.group.told())

    def _relieve(self) -> None:
        """Threads for those who wait behind calls that are out for long."""
        if not (self._fresh or self._ready):
            return
        now = self._clock.elapsed()
        for out in self._outs:
            if not out.long and now - out.begun >= LONG:
                out.long = True
                self._long += 1
        for _ in range(len(self._fresh) + len(self._ready)):
            if not self._hire():
                return

    # Called with the lock held.

    def _begin(self, piece: Piece) -> None:
        self._fresh.append(piece)
        self._call_in()

    def _again(self, piece: Piece, answer: Answer[Any]) -> None:
        self._ready.append((piece, answer))
        self._call_in()

    def _call_in(self) -> None:
        if self._idle:
            self._idle -= 1  # it is spoken for, from here and not from where it wakes
            self._work.notify()
        else:
            self._hire()

    def _hire(self) -> bool:
        if self._closed or self._threads - self._long >= self._at_once or self._threads >= self._most:
            return False
        self._threads += 1
        self.peak = max(self.peak, self._threads)
        Thread(target=self._thread, name="psfir hand", daemon=True).start()
        return True

    def _next(self) -> tuple[Piece, Answer[Any] | None] | None:
        """What is to be done next; None if this thread is needed no more."""
        with self._lock:
            while not self._closed and self._threads - self._long <= self._at_once:
                if self._ready:
                    return self._ready.popleft()
                if self._fresh:
                    return self._fresh.popleft(), None
                self._idle += 1
                self._work.wait()
            self._threads -= 1
            return None

    # What follows runs in the threads that work.

    def _thread(self) -> None:
        while (found := self._next()) is not None:
            if not self._advance(*found):
                return

    def _advance(self, piece: Piece, told: Answer[Any] | None) -> bool:
        """As far as it goes; False if this thread was left behind meanwhile."""
        while True:
            try:
                asked = _on(piece.work, told)
            except StopIteration as end:
                self._ended(piece, Answer(end.value))
                return True
            except BaseException as error:  # noqa: BLE001 - raised again where the work is waited for
                self._ended(piece, Answer(error=error))
                return True
            if isinstance(asked, Call):
                if (answer := self._called(piece, asked)) is None:
                    return False
                told = Answer(answer)
            elif isinstance(asked, Pause):
                if not self._paused(piece, asked):
                    return True
                told = Answer(asked.until.is_set())
            elif asked.works:
                self._spread(piece, asked)
                return True
            else:
                told = Answer()

    def _called(self, piece: Piece, asked: Call[Any]) -> Answer[Any] | None:
        """Make the call here; None if it was left behind before it answered."""
        now = self._clock.elapsed()
        out = Out(piece, asked, now)
        with self._lock:
            self._outs.add(out)
            if asked.until is not None:
                self._heed(asked.until, out)
            if now + LONG < self._wakes and (self._fresh or self._ready):
                self._bell.set()
            if asked.seconds is not None:
                self._put(now + asked.seconds, out)
        answer: Answer[Any]
        try:
            answer = Answer(asked.work())
        except BaseException as error:  # noqa: BLE001 - carried over to whoever made the call, or to `late`
            answer = Answer(error=error)
        with self._lock:
            if not out.gone:
                self._back(out)
                return answer
        if asked.late:
            asked.late(answer)
        return None

    def _paused(self, piece: Piece, asked: Pause) -> bool:
        """Whether there is nothing to wait for."""
        if asked.seconds <= 0 or asked.until.is_set():
            return True
        sleep = Sleep(piece, asked.until)
        with self._lock:
            self._heed(asked.until, sleep)
            self._put(self._clock.elapsed() + asked.seconds, sleep)
            if self._due[0][2].settled:  # what is waited for next is long over
                self._bell.set()
        return False

    def _spread(self, piece: Piece, asked: Together) -> None:
        group = Group(len(asked.works), piece)
        with self._lock:
            if asked.seconds is not None:
                self._put(self._clock.elapsed() + asked.seconds, Limit(group))
            for index, work in enumerate(asked.works):
                self._begin(Piece(work, group, index))

    def _ended(self, piece: Piece, answer: Answer[Any]) -> None:
        group = piece.group
        with self._lock:
            group.answers[piece.index] = answer
            group.left -= 1
            if group.left or group.over:
                return
            group.over = True
            if group.waits:
                self._again(group.waits, group.told())
            else:
                self._bell.set()

    def _back(self, out: Out) -> None:
        out.settled = True
        self._outs.discard(out)
        self._long -= out.long
        if out.asked.until is not None:
            self._signals[out.asked.until].discard(out)

    def _heed(self, signal: Signal, waiting: Sleep | Out) -> None:
        if signal not in self._signals:
            self._signals[signal] = set()
            signal.rings(self._bell)
        self._signals[signal].add(waiting)
        if signal.is_set():  # before it knew whom to wake
            self._bell.set()

    def _put(self, at: float, due: Out | Sleep | Limit) -> None:
        if not self._due or at < self._due[0][0]:
            self._bell.set()
        heappush(self._due, (at, next(self._numbers), due))
