"""How the threads of one run write: whoever comes first writes for all who wait, in one durable append.

Side by side a hundred rungs have three hundred entries, and a disk takes each append by itself in its own time. Here
the order in the record, in the run's facts and on the screen is one and the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from threading import RLock

from psfir.domain.canon import Json
from psfir.domain.entries import Entry, Kind


class Line:
    """What one thread has to write, and what became of it."""

    __slots__ = ("data", "entry", "error", "kind")

    def __init__(self, kind: Kind, data: Mapping[str, Json]) -> None:
        self.kind = kind
        self.data = data
        self.entry: Entry | None = None
        self.error: Exception | None = None

    @property
    def settled(self) -> bool:
        return self.entry is not None or self.error is not None


class Writing:
    """`append` writes all of some lines or none; `told` hears of each entry once it is durable, in order."""

    def __init__(self, append: Callable[[Sequence[Line]], Sequence[Entry]], told: Callable[[Entry], None]) -> None:
        self._append = append
        self._told = told
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
            entries = self._append(batch)
        except Exception as error:  # noqa: BLE001 - raised again in the thread whose line it is
            if len(batch) == 1:
                batch[0].error = error
                return
            # All or none were written; a neighbour may have been the cause.
            for line in batch:
                self._together([line])
            return
        # First all of them: what is in the record is settled, also where somebody breaks off while it is told.
        for line, entry in zip(batch, entries, strict=True):
            line.entry = entry
        for line, entry in zip(batch, entries, strict=True):
            try:
                self._told(entry)
            except Exception as error:  # noqa: BLE001 - raised again in the thread whose line it is, and the others are told
                line.error = error
