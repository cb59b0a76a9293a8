"""What `hands` keeps of a piece of work while it is carried: its group, and what it waits for."""

from __future__ import annotations

from typing import Any

from psfir.engine.work import Answer, Call, Signal, Work


class Piece:
    """One piece of work, and what it is to be told when it goes on."""

    __slots__ = ("group", "index", "work")

    def __init__(self, work: Work[Any], group: Group, index: int) -> None:
        self.work = work
        self.group = group
        self.index = index


class Group:
    """Pieces that one waits for. `over` once it waits no more."""

    __slots__ = ("answers", "left", "over", "waits")

    def __init__(self, size: int, waits: Piece | None) -> None:
        self.answers: list[Answer[Any] | None] = [None] * size
        self.left = size
        self.waits = waits
        self.over = False

    def told(self) -> Answer[Any]:
        """The first error of any."""
        errors = [answer.error for answer in self.answers if answer is not None and answer.error is not None]
        return Answer(error=errors[0]) if errors else Answer()


class Out:
    """A call that was made: answered, or left behind, never both."""

    __slots__ = ("asked", "begun", "gone", "long", "piece", "settled")

    def __init__(self, piece: Piece, asked: Call[Any], begun: float) -> None:
        self.piece = piece
        self.asked = asked
        self.begun = begun
        self.settled = False
        self.gone = False
        self.long = False


class Sleep:
    """A pause that is not over yet."""

    __slots__ = ("piece", "settled", "until")

    def __init__(self, piece: Piece, until: Signal) -> None:
        self.piece = piece
        self.until = until
        self.settled = False


class Limit:
    """The end of a wait for others."""

    __slots__ = ("group",)

    def __init__(self, group: Group) -> None:
        self.group = group

    @property
    def settled(self) -> bool:
        return self.group.over
