"""How the threads of one run write: whoever comes first writes for all who wait, in one durable append.

Side by side a hundred rungs have three hundred entries, and a disk takes each append by itself in its own time. Here
the order in the record, in the run's facts and on the screen is one and the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from threading import RLock

from psfir.domain import instants
from psfir.domain.canon import Json
from psfir.domain.entries import Entry
from psfir.domain.kinds import Kind
from psfir.errors import RecordError


class Line:
    """What one thread has to write, and what became of it."""

    __slots__ = ("at", "data", "entry", "error", "kind")

    def __init__(self, kind: Kind, data: Mapping[str, Json]) -> None:
        self.kind = kind
        self.data = data
        self.at: datetime | None = None
        """When it was first to be appended: by this it is known again in the record."""
        self.entry: Entry | None = None
        self.error: Exception | None = None

    @property
    def settled(self) -> bool:
        return self.entry is not None or self.error is not None


class Writing:
    """`append` writes all of some lines, or none and raises RecordError; `told` hears of each durable entry, in order.

    `find` gives for each line its entry, if it is in the record after all: asked where something else broke, which may
    have come behind the writing. So no line is ever written twice.
    """

    def __init__(
        self,
        append: Callable[[Sequence[Line]], Sequence[Entry]],
        told: Callable[[Entry], None],
        find: Callable[[Sequence[Line]], Sequence[Entry | None]],
    ) -> None:
        self._append = append
        self._told = told
        self._find = find
        self._waiting: deque[Line] = deque()
        self._turn = RLock()

    def write(self, kind: Kind, data: Mapping[str, Json]) -> Entry:
        """Durable when this returns."""
        line = Line(kind, data)
        self._waiting.append(line)
        try:
            with self._turn:
                if not line.settled:
                    self._settle(line)
        except BaseException:  # raised again: what its caller gave up nobody writes later
            with suppress(ValueError):
                self._waiting.remove(line)
            raise
        if line.error is not None:
            raise line.error
        assert line.entry is not None  # noqa: S101 - settled without an error
        return line.entry

    def hear(self, entry: Entry) -> None:
        """One that somebody else wrote is told in its turn."""
        with self._turn:
            self._told(entry)

    def _settle(self, own: Line) -> None:
        """Write all that waits. After an interrupt the others' lines wait on, for whoever is next."""
        batch: list[Line] = []
        try:
            while self._waiting:
                batch.append(self._waiting.popleft())
            self._together(batch)
        finally:
            self._waiting.extendleft(line for line in reversed(batch) if line is not own and not line.settled)

    def _together(self, batch: Sequence[Line]) -> None:
        try:
            entries: Sequence[Entry | None] = self._append(batch)
        except RecordError as error:
            self._apart(batch, error)
        except Exception as error:  # noqa: BLE001 - raised again in the thread whose line it is
            self._broken(batch, error)
        except BaseException:  # raised again: an interrupt, and what it came behind is in the record
            with suppress(RecordError):
                self._settled(batch, self._find(batch))
            raise
        else:
            self._settled(batch, entries)

    def _apart(self, batch: Sequence[Line], error: Exception) -> None:
        """None was written; a neighbour may have been the cause."""
        if len(batch) == 1:
            batch[0].error = error
            return
        for line in batch:
            self._together([line])

    def _broken(self, batch: Sequence[Line], error: Exception) -> None:
        try:
            self._settled(batch, self._find(batch))
        except RecordError:
            # Nobody can say what was written: it is not written again, and each hears that something broke.
            for line in batch:
                line.error = error
            return
        if left := [line for line in batch if line.entry is None]:
            self._apart(left, error)
        else:
            batch[0].error = batch[0].error or error

    def _settled(self, batch: Sequence[Line], entries: Sequence[Entry | None]) -> None:
        # First all of them: what is in the record is settled, also where somebody breaks off while it is told.
        pairs = [(line, entry) for line, entry in zip(batch, entries, strict=True) if entry is not None]
        for line, entry in pairs:
            line.entry = entry
        for line, entry in pairs:
            try:
                self._told(entry)
            except Exception as error:  # noqa: BLE001 - raised again in the thread whose line it is, and the others are told
                line.error = error


def find(lines: Sequence[Line], entries: Iterable[Entry]) -> list[Entry | None]:
    """For each line, in order, the entry that it became: of its kind and of its moment."""
    left = list(entries)
    found: list[Entry | None] = []
    for line in lines:
        at = instants.write(line.at) if line.at else ""
        entry = next((one for one in left if (one.kind, one.at) == (line.kind, at)), None)
        if entry is not None:
            left = left[left.index(entry) + 1 :]
        found.append(entry)
    return found
