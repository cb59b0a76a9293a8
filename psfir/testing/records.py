"""Journal, leases and evidence in memory: the same promises as the real ones, but for what outlives the process."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from threading import Condition, Event, Lock

from psfir.contracts import Captured, Clock, Hold
from psfir.domain import entries
from psfir.domain.canon import digest_bytes
from psfir.domain.entries import GENESIS, Draft, Entry, Flaw, seal
from psfir.domain.kinds import Kind
from psfir.errors import RecordError
from psfir.records.fence import superseded

_POLL = 0.05


class MemoryJournal:
    """A Journal. While `broken` holds a reason every append is a RecordError with it.

    With `leases` it refuses what is appended under one that was taken over, as every real journal does.
    """

    def __init__(self, leases: MemoryLeases | None = None) -> None:
        self.leases = leases
        self.broken = ""
        self._left: int | None = None
        self._entries: list[Entry] = []
        self._grown = Condition()

    def append(self, drafts: Sequence[Draft], *, under: Sequence[Hold] = ()) -> list[Entry]:
        with self._grown:
            if self.leases is not None and (error := superseded(self.leases.tokens(), under)) is not None:
                raise error
            if self._left == 0:
                self.broken = self.broken or "the disk is full"
            if self.broken:
                raise RecordError(self.broken)
            sealed: list[Entry] = []
            for draft in drafts:
                seq, prev = self.heads()
                if sealed:
                    seq, prev = sealed[-1].seq, sealed[-1].hash
                # Through JSON, as every real journal does: what was handed in may be changed by its owner afterwards.
                plain = Draft.from_json(_plain(draft))
                sealed.append(seal(plain, seq=seq + 1, prev=prev, salt=f"salt-{seq + 1}"))
            self._entries += sealed
            self._left = None if self._left is None else self._left - 1
            self._grown.notify_all()
            return sealed

    def break_after(self, appends: int) -> None:
        """Let so many more appends go well; from then on it is broken, as a disk that is full stays full."""
        with self._grown:
            self._left = appends

    def read(self, incident: str | None = None, *, after: int = 0) -> Iterator[Entry]:
        with self._grown:
            found = self._entries[after:]
        return (entry for entry in found if incident in {None, entry.incident})

    def follow(self, after: int, *, stop: Event, incident: str | None = None) -> Iterator[Entry]:
        while True:
            with self._grown:
                if len(self._entries) <= after and not stop.is_set():
                    self._grown.wait(_POLL)
                found = self._entries[after:]
            for entry in found:
                after = entry.seq
                if incident in {None, entry.incident}:
                    yield entry
            if stop.is_set():
                return

    def heads(self) -> tuple[int, str]:
        return (self._entries[-1].seq, self._entries[-1].hash) if self._entries else (0, GENESIS)

    def kinds(self) -> list[Kind]:
        """What was recorded, in order: the shortest thing to compare a run with."""
        return [Kind(entry.kind) for entry in self.read()]

    def flaw(self) -> Flaw | None:
        """The first entry at which the chain does not hold."""
        return entries.check(self.read())


def _plain(draft: Draft) -> dict[str, object]:
    try:
        plain: dict[str, object] = json.loads(json.dumps(draft.to_json(), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise RecordError(f"an entry of kind {draft.kind} is no plain JSON: {error}") from error
    return plain


class MemoryLeases:
    """Leases of one process; `ttl` counts on the clock it is given."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[str, tuple[str, float]] = {}
        self._tokens: dict[str, int] = {}
        self._last = 0
        self._lock = Lock()

    def acquire(self, name: str, owner: str, *, ttl: float) -> int | None:
        return self.acquire_all([name], owner, ttl=ttl).get(name)

    def acquire_all(self, names: Sequence[str], owner: str, *, ttl: float) -> dict[str, int]:
        with self._lock:
            free = [name for name in names if self._holder(name, ttl) in {None, owner}]
            for name in free:
                if self._held.get(name, ("", 0.0))[0] != owner:
                    self._last += 1
                    self._tokens[name] = self._last
                self._held[name] = (owner, self._clock.elapsed())
            return {name: self._tokens[name] for name in free}

    def renew(self, name: str, owner: str) -> bool:
        return name in self.renew_all([name], owner)

    def renew_all(self, names: Sequence[str], owner: str) -> frozenset[str]:
        with self._lock:
            held = [name for name in names if self._held.get(name, ("", 0.0))[0] == owner]
            self._held.update((name, (owner, self._clock.elapsed())) for name in held)
            return frozenset(held)

    def release(self, name: str, owner: str) -> None:
        self.release_all([name], owner)

    def release_all(self, names: Sequence[str], owner: str) -> None:
        with self._lock:
            for name in names:
                if self._held.get(name, ("", 0.0))[0] == owner:
                    del self._held[name], self._tokens[name]

    def tokens(self) -> dict[str, int]:
        """Which leases are held, and by which token."""
        with self._lock:
            return dict(self._tokens)

    def holder(self, name: str, *, ttl: float) -> str | None:
        with self._lock:
            return self._holder(name, ttl)

    def _holder(self, name: str, ttl: float) -> str | None:
        owner, renewed = self._held.get(name, ("", 0.0))
        return owner if owner and self._clock.elapsed() - renewed <= ttl else None


class MemoryEvidence:
    """What was captured, by incident and digest."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Captured] = {}

    def keep(self, incident: str, captured: Captured) -> str:
        digest = digest_bytes(captured.content)
        self.kept[incident, digest] = captured
        return digest
