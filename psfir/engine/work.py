"""What a piece of the kill asks for as it goes: a call to the outside, a pause, or other pieces side by side.

A piece of work is a generator, so that one which waits keeps no thread: five hundred rungs may wait for their
propagation, and five hundred probes through their soak, over the few threads of `hands`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from threading import Event
from typing import Any, Generic, TypeAlias, TypeVar

T = TypeVar("T")


class Answer(Generic[T]):
    """What a call gave: a value, or the error it ended with. No frozen value: there are thousands of them."""

    __slots__ = ("error", "value")

    def __init__(self, value: T | None = None, error: BaseException | None = None) -> None:
        self.value = value
        self.error = error

    def get(self) -> T:
        if self.error is not None:
            raise self.error
        return self.value  # type: ignore[return-value]  # without an error there is a value, of whatever T is


class Signal(Event):
    """An event that wakes what pauses until it is set."""

    def __init__(self) -> None:
        super().__init__()
        self._bells: tuple[Event, ...] = ()

    def set(self) -> None:
        super().set()
        for bell in self._bells:
            bell.set()

    def rings(self, bell: Event) -> None:
        """From now on that one is set too."""
        self._bells = (*self._bells, bell)

    def quiet(self, bell: Event) -> None:
        self._bells = tuple(one for one in self._bells if one is not bell)


class Call(Generic[T]):
    """Given back is the Answer; None if there was none in `seconds`, or before `until` was set.

    Then it is left behind, and `late` hears what it answers after all.
    """

    __slots__ = ("late", "seconds", "until", "work")

    def __init__(
        self,
        work: Callable[[], T],
        seconds: float | None = None,
        *,
        late: Callable[[Answer[T]], None] | None = None,
        until: Signal | None = None,
    ) -> None:
        self.work = work
        self.seconds = seconds
        self.late = late
        self.until = until


class Pause:
    """For so long, or until the signal is set."""

    __slots__ = ("seconds", "until")

    def __init__(self, seconds: float, until: Signal) -> None:
        self.seconds = seconds
        self.until = until


class Together:
    """Until all have ended. With `seconds` it is waited no longer than that, and the others go on by themselves."""

    __slots__ = ("seconds", "works")

    def __init__(self, works: Sequence[Work[Any]], seconds: float | None = None) -> None:
        self.works = works
        self.seconds = seconds


Work: TypeAlias = Generator["Call[Any] | Pause | Together", Any, T]


def together(works: Sequence[Work[None]]) -> Work[None]:
    """All of them, side by side; the first error of any is raised when all have ended."""
    if len(works) == 1:
        yield from works[0]
    elif works:
        yield Together(works)
