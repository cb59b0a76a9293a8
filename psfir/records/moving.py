"""Move a record from one store to another: every entry as it stands, byte for byte, and proven afterwards.

Broken off, it is carried on: what the target holds already must be the beginning of this very chain. Anything else that
a target holds is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import Protocol, runtime_checkable

from psfir.domain.entries import Entry, check
from psfir.errors import RecordError, Refusal
from psfir.records.rows import Row

Head = tuple[int, str]


@runtime_checkable
class Movable(Protocol):
    """A journal whose rows can be taken and given as they stand."""

    def heads(self) -> Head: ...

    def examine(self) -> Iterator[Entry]: ...

    def pages(self, after: int) -> Iterator[Sequence[Row]]:
        """All rows behind `after` in order, some at a time."""

    def merged(self) -> Sequence[Row]:
        """The spools that were merged: name, digest, count."""

    def take(self, page: Sequence[Row], merged: Sequence[Row]) -> None:
        """Keep these rows behind the last one, and these names if they are new: all of it or nothing, durable."""


def move(source: Movable, target: Movable, *, told: Callable[[int], None] = lambda _: None) -> Head:
    """All of it, until the target has what the source has; the head that both end with."""
    flaw = check(source.examine())
    if flaw is not None:
        todo = "run: psfir audit verify; a record that does not hold is not moved"
        raise RecordError(f"entry {flaw.seq} {flaw.says}", todo=todo)
    _beginning(source, target)
    while target.heads() != source.heads():  # somebody may be writing meanwhile
        for page in source.pages(target.heads()[0]):
            target.take(page, ())
            told(int(page[-1][0]))
    target.take((), source.merged())
    for old, new in zip_longest(source.examine(), target.examine()):
        if old != new:
            seq = (old or new).seq
            raise RecordError(f"entry {seq} is not the same in both", todo="empty the target, and move once more")
    return target.heads()


def _beginning(source: Movable, target: Movable) -> None:
    seq, digest = target.heads()
    if not seq:
        return
    same = next((entry.hash for entry in _from(source, seq)), "")
    if same != digest:
        todo = "name an empty one: nothing in it was touched"
        raise Refusal(f"the target holds another record, of {seq} entries", todo=todo)


def _from(source: Movable, seq: int) -> Iterator[Entry]:
    return (entry for entry in source.examine() if entry.seq == seq)
