"""The faults of one range: which are on, which wait, and what was when. They begin and end in order, one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import RLock
from time import monotonic  # noqa: TID251 - faults come and go in real time

from psfir.domain.canon import Json
from psfir.domain.durations import show
from psfir.domain.values import frozen
from psfir.errors import PsfirError, UsageError
from psfir.range.faults.catalogue import named
from psfir.range.faults.fault import FaultAbout, Ground, Settings, Undo
from psfir.range.faults.order import Order, OrdersRefused, in_time
from psfir.range.faults.settings import settled
from psfir.range.faults.timer import Timer


@frozen
class Standing:
    """A fault that is on, or waits. `begins` and `ends` are in seconds since the range came up."""

    name: str
    settings: Mapping[str, Json]
    begins: float
    ends: float | None
    on: bool

    def to_json(self) -> dict[str, Json]:
        return {
            "fault": self.name,
            "set": dict(self.settings),
            "on": self.on,
            "begins": round(self.begins, 3),
            "ends": None if self.ends is None else round(self.ends, 3),
        }


@frozen
class Happened:
    """`what` is one of waits, began, ended, dropped, failed; `t` in seconds since the range came up."""

    t: float
    what: str
    fault: str
    settings: Mapping[str, Json]
    says: str = ""

    def to_json(self) -> dict[str, Json]:
        told: dict[str, Json] = {"t": round(self.t, 3), "what": self.what, "fault": self.fault}
        return {**told, "set": dict(self.settings), **({"says": self.says} if self.says else {})}


@dataclass
class _Held:
    about: FaultAbout
    settings: Settings
    begins: float
    lasting: float | None
    undo: Undo | None = None
    ticket: int | None = None

    @property
    def place(self) -> tuple[str, Json]:
        """Of those with the same one is on at a time."""
        return self.about.group or self.about.name, self.settings.values.get(self.about.apart)

    def shown(self) -> Standing:
        ends = None if self.lasting is None else self.begins + self.lasting
        return Standing(self.about.name, self.settings.values, self.begins, ends, self.undo is not None)


class Faults:
    """Of the range `ground`. Any thread may begin and heal; whoever does waits while the range is reset."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._since = monotonic()
        self._lock = RLock()
        self._timer = Timer()
        self._held: list[_Held] = []
        self._history: list[Happened] = []

    @property
    def elapsed(self) -> float:
        """Seconds since the range came up."""
        return monotonic() - self._since

    @property
    def standing(self) -> tuple[Standing, ...]:
        """Those that are on, and those that wait."""
        with self._lock:
            return tuple(held.shown() for held in self._held)

    @property
    def history(self) -> tuple[Happened, ...]:
        with self._lock:
            return tuple(self._history)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is wrong with the range although no fault says so."""
        return self._ground.notes

    def begin(self, *orders: Order) -> tuple[Standing, ...]:
        """All of them, or none: each is checked before the first begins, and one that cannot begin ends the others.

        OrdersRefused with all that cannot, as far as a look can tell.
        """
        made = self._all_made(orders)
        with self._ground.lock, self._lock:
            began: list[_Held] = []
            try:
                for number, (held, order) in enumerate(zip(made, orders, strict=True)):
                    began.append(held)
                    self._start_one(number, held, order.after)
            except Exception:  # raised again: all of them begin, or none
                for held in began:
                    self._end(held)
                raise
            return tuple(held.shown() for held in made)

    def heal(self, name: str = "") -> tuple[Standing, ...]:
        """End the fault of that name, on or waiting, or all of them, the newest first. What was ended."""
        if name:
            named(name)
        with self._ground.lock, self._lock:
            chosen = [held for held in reversed(self._held) if name in ("", held.about.name)]
            shown = tuple(held.shown() for held in chosen)
            for held in chosen:
                self._end(held)
            return shown

    def stop(self) -> None:
        self.heal()
        self._timer.stop()

    def _all_made(self, orders: Sequence[Order]) -> list[_Held]:
        made: list[_Held] = []
        refused: dict[int, UsageError] = {}
        for number, order in enumerate(orders):
            try:
                made.append(self._made(order))
            except UsageError as error:
                refused[number] = error
        if refused:
            raise OrdersRefused(refused)
        return made

    def _start_one(self, number: int, held: _Held, after: float) -> None:
        try:
            self._start(held, after)
        except UsageError as error:
            raise OrdersRefused({number: error}) from error

    def _made(self, order: Order) -> _Held:
        about = named(in_time(order).fault)
        settings = settled(about, order.settings)
        about.check(self._ground, settings)  # refused here, before anything of the same order has begun
        return _Held(about, settings, self.elapsed + order.after, order.lasting)

    def _start(self, held: _Held, after: float) -> None:
        if after <= 0:
            self._begin(held)
            return
        self._held.append(held)
        self._note("waits", held, f"begins in {show(after)}")
        held.ticket = self._timer.after(after, lambda: self._due(held))

    def _begin(self, held: _Held) -> None:
        """Whatever is in its place ends first."""
        for other in self._in_place(held):
            self._end(other)
        try:
            held.undo = held.about.begin(self._ground, held.settings)
        except Exception as error:  # raised again: what did not begin is not said to be on
            self._drop(held)
            self._note("failed", held, str(error) or type(error).__name__)
            raise
        held.begins = self.elapsed
        if not any(one is held for one in self._held):
            self._held.append(held)
        lasting = held.lasting
        self._note("began", held, f"for {show(lasting)}" if lasting is not None else "")
        held.ticket = None if lasting is None else self._timer.after(lasting, lambda: self._over(held))

    def _in_place(self, held: _Held) -> Iterator[_Held]:
        return (one for one in list(self._held) if one is not held and one.undo and one.place == held.place)

    def _due(self, held: _Held) -> None:
        with self._ground.lock, self._lock:
            if any(one is held for one in self._held):
                try:
                    self._begin(held)
                except PsfirError:
                    return  # it is in the history, where whoever scripted it looks

    def _over(self, held: _Held) -> None:
        with self._ground.lock, self._lock:
            if held.undo is not None:
                self._end(held)

    def _end(self, held: _Held) -> None:
        if held.ticket is not None:
            self._timer.drop(held.ticket)
        if not any(one is held for one in self._held):
            return
        self._drop(held)
        undo, held.undo = held.undo, None
        if undo is None:
            self._note("dropped", held)
            return
        undo()
        self._note("ended", held)

    def _drop(self, held: _Held) -> None:
        self._held = [one for one in self._held if one is not held]

    def _note(self, what: str, held: _Held, says: str = "") -> None:
        self._history.append(Happened(self.elapsed, what, held.about.name, held.settings.values, says))
