"""A sequence to which one more is added for nothing, and which still never changes: what a fold's values gather.

Adding to a tuple copies it, so that whoever folds ten thousand notes copies fifty million. Here what is longer by one
shares its places with what it was made from, and sees one place more of them. A value that was handed out goes on
seeing what it saw.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar, overload

T = TypeVar("T")


class Grown(Sequence[T]):
    """Equal to every sequence of its kind, and every tuple, with the same in it."""

    __slots__ = ("_length", "_places")

    def __init__(self, things: Iterable[T] = ()) -> None:
        self._places = dict(enumerate(things))
        self._length = len(self._places)

    def and_one(self, thing: T) -> Grown[T]:
        """The same, longer by one. Whoever comes second with another thing for the same place gets places anew."""
        # A dict, since this one step both looks and takes: two threads that add to one value do not share a place.
        if self._places.setdefault(self._length, thing) is not thing:
            return Grown((*self, thing))
        longer: Grown[T] = Grown()
        longer._places, longer._length = self._places, self._length + 1
        return longer

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[T]:
        return map(self._places.__getitem__, range(self._length))

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        places = range(self._length)[index]
        return self._places[places] if isinstance(places, int) else tuple(self._places[one] for one in places)

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, Grown | tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))
