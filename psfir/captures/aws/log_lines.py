"""The lines that a capture of logs has kept so far: never more than so many bytes, and the newest of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from psfir.domain.values import frozen


@frozen
class _Line:
    at: float
    words: str

    @property
    def size(self) -> int:
        return len(self.words.encode()) + 1


class Lines:
    """Stretches of time come in from the newest to the oldest, and the lines of each in pages."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._room = most
        self._kept: list[_Line] = []
        self._here: list[_Line] = []
        self._lost: list[str] = []
        self.begun = False
        self.full = False

    def add(self, events: Sequence[Mapping[str, Any]]) -> None:
        """A page of the stretch at hand. Where it is too much, the oldest go."""
        self.begun = True
        self._here += [_line(event) for event in events]
        over = sum(line.size for line in self._here) - self._room
        if over <= 0:
            return
        self.full = True
        self._here.sort(key=lambda line: line.at)
        gone = 0
        while over > 0 and gone < len(self._here):
            over -= self._here[gone].size
            gone += 1
        del self._here[:gone]

    def done(self) -> None:
        """The stretch at hand is whole, and the one before it comes next."""
        self._kept = sorted(self._here, key=lambda line: line.at) + self._kept
        self._room -= sum(line.size for line in self._here)
        self._here = []
        if self.full:
            self._lost.append(f"cut off at {self._most} bytes: nothing before {self._oldest} was kept")

    def lose(self, start: float, until: float, why: str) -> None:
        """Of the stretch at hand the end is missing, and so is all that is before it."""
        since = max((line.at for line in self._here), default=start)
        self._lost.append(f"what was written from {shown(since)} to {shown(until)} could not be read: {why}")
        self._lost.append(f"nor was anything before {shown(start)}")
        self.done()

    def told(self, head: str) -> Iterator[str]:
        """All of it as a text, and first what is missing."""
        yield f"==> {head}: {len(self._kept)} lines <=="
        yield from (f"==> {one} <==" for one in self._lost)
        yield from (line.words for line in self._kept)

    @property
    def _oldest(self) -> str:
        return shown(self._kept[0].at) if self._kept else "now"


def shown(at: float) -> str:
    """A moment in UTC, to the millisecond."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _line(event: Mapping[str, Any]) -> _Line:
    at = float(event.get("timestamp") or 0) / 1000
    return _Line(at, f"{shown(at)} {event.get('logStreamName', '')} {str(event.get('message', '')).rstrip()}")
