"""Few threads for much work: what is at work is bounded, what waits keeps no thread, the silent hold up nobody."""

from __future__ import annotations

from threading import Event, Lock, Thread, active_count

import pytest

from psfir.engine.hands import Hands, through
from psfir.engine.share import Abandoned, Share, call
from psfir.engine.work import Answer, Call, Pause, Signal, Together, Work, together
from psfir.testing import SettableClock

NEVER = Signal()


class Crowd:
    """Counts how many are inside at once."""

    def __init__(self) -> None:
        self.most = 0
        self._inside = 0
        self._lock = Lock()

    def visit(self) -> None:
        with self._lock:
            self._inside += 1
            self.most = max(self.most, self._inside)
        Event().wait(0.002)
        with self._lock:
            self._inside -= 1


def calling(crowd: Crowd) -> Work[None]:
    yield Call(crowd.visit)


def pausing(seconds: float, until: Signal = NEVER) -> Work[bool]:
    over: bool = yield Pause(seconds, until)
    return over


def test_no_more_are_at_work_at_once_than_there_are_hands() -> None:
    """Two hundred calls by eight threads: never more than eight at a time, and all are made."""
    crowd, before = Crowd(), active_count()
    hands = Hands(SettableClock(), at_once=8)
    assert len(hands.all([calling(crowd) for _ in range(200)])) == 200
    assert 2 <= crowd.most <= 8
    assert hands.peak <= 8
    assert active_count() <= before + 8


def test_what_waits_keeps_no_thread() -> None:
    """A thousand waits of a minute side by side take one minute, and hardly a thread."""
    clock = SettableClock()
    begun, hands = clock.elapsed(), Hands(clock, at_once=4)
    answers = hands.all([pausing(60.0) for _ in range(1000)])
    assert [answer.value for answer in answers] == [False] * 1000
    assert clock.elapsed() - begun == 60.0
    assert hands.peak <= 4


def test_a_signal_ends_all_waits_for_it() -> None:
    """At once, and each is told that it was set."""
    clock, stop = SettableClock(), Signal()
    begun = clock.elapsed()

    def setting() -> Work[bool]:
        yield Pause(1.0, NEVER)
        stop.set()
        return True

    answers = Hands(clock).all([*(pausing(3600.0, stop) for _ in range(50)), setting()])
    assert [answer.value for answer in answers] == [True] * 51
    assert clock.elapsed() - begun == 1.0


def test_who_does_not_answer_is_left_behind_and_heard_of_late() -> None:
    """The work goes on in another thread when the share is used up; the answer goes to `late`."""
    clock, free, told = SettableClock(), Event(), list[Answer[int]]()
    heard = Event()

    def late(answer: Answer[int]) -> None:
        told.append(answer)
        heard.set()

    def asking() -> Work[str]:
        share = Share(clock, 10.0)
        try:
            yield from call(lambda _: free.wait(5) and 7, share, what="the gate", late=late)
        except Abandoned:
            return "went on"
        return "waited"

    assert through(asking(), clock) == "went on"
    free.set()
    assert heard.wait(5)
    assert told[0].get() == 7


def test_calls_that_are_out_for_long_hold_up_nobody() -> None:
    """Two hands, and two who do not answer for a minute: the third is served after a second, by another thread."""
    clock, free, done = SettableClock(), Event(), list[float]()
    begun = clock.elapsed()

    def silent() -> Work[None]:
        yield Call(lambda: free.wait(5), 60.0)

    def quick() -> Work[None]:
        done.append(clock.elapsed() - begun)
        free.set()
        return
        yield  # a piece of work that asks for nothing

    clock.running = False
    works = [silent(), silent(), quick()]
    answers = list[Answer[None]]()
    carrier = Thread(target=lambda: answers.extend(Hands(clock, at_once=2).all(works)))
    carrier.start()
    Event().wait(0.05)
    assert done == []
    clock.advance(1.5)
    carrier.join(5)
    assert len(answers) == 3
    assert done == [1.5]


def test_there_is_a_most_of_threads_even_when_nobody_answers() -> None:
    """Sixty who hang, at most twenty at a time: each is given its whole share, one lot after the other."""
    clock, free = SettableClock(settle=0.01), Event()
    begun, hands = clock.elapsed(), Hands(clock, at_once=8, most=20)

    def silent() -> Work[bool]:
        answer = yield Call(lambda: free.wait(20), 5.0)
        return answer is None

    answers = hands.all([silent() for _ in range(60)])
    free.set()
    assert all(answer.value for answer in answers)
    assert hands.peak == 20
    assert 15.0 <= clock.elapsed() - begun <= 25.0


def test_one_that_breaks_takes_no_other_with_it() -> None:
    """Its error is its own; together, the first error is raised when all have ended."""
    clock, ended = SettableClock(), list[str]()

    def breaking() -> Work[None]:
        yield Pause(1.0, NEVER)
        raise ValueError("no")

    def slow() -> Work[None]:
        yield Pause(5.0, NEVER)
        ended.append("slow")

    def both() -> Work[None]:
        yield from together([breaking(), slow()])

    first, second = Hands(clock).all([both(), slow()])
    assert isinstance(first.error, ValueError)
    assert second.error is None
    assert ended == ["slow", "slow"]


def test_a_wait_for_others_may_have_an_end() -> None:
    """It goes on after three seconds; what it waited for goes on as well, by itself."""
    clock, ended = SettableClock(), list[float]()
    begun = clock.elapsed()

    def slow() -> Work[None]:
        yield Pause(10.0, NEVER)
        ended.append(clock.elapsed() - begun)

    def waiting() -> Work[float]:
        yield Together([slow()], 3.0)
        at = clock.elapsed() - begun
        yield Pause(20.0, NEVER)
        return at

    assert through(waiting(), clock) == 3.0
    assert ended == [10.0]


def test_an_interrupt_of_who_waits_leaves_no_thread_at_work() -> None:
    """What was not begun is not begun any more."""

    class Interrupting(SettableClock):
        def wait(self, event: Event, seconds: float) -> bool:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Hands(Interrupting()).all([pausing(60.0)])
