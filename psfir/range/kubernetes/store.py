"""What is stored: objects by resource, namespace and name, one counter of versions, and the log that watches follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import field
from datetime import UTC, datetime
from threading import Condition, RLock
from time import monotonic  # noqa: TID251 - a cluster lives in real time
from typing import TypeAlias

from psfir.domain.values import frozen
from psfir.range.copies import copied
from psfir.range.kubernetes.resources import Obj, Resource
from psfir.range.kubernetes.status import gone

KEPT_EVENTS = 5000
Key = tuple[str, str]
Picks: TypeAlias = Callable[[Obj], bool]


def moment() -> str:
    """Now, to the second, as objects bear it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: TID251 - a cluster lives in real time


def owners(obj: Obj) -> list[str]:
    """The uids of those it names."""
    return [ref["uid"] for ref in obj["metadata"].get("ownerReferences") or ()]


def _any(_obj: Obj) -> bool:
    return True


def _by_key(item: tuple[Key, Obj]) -> Key:
    return item[0]


def key_of(obj: Obj) -> Key:
    return obj["metadata"].get("namespace", ""), obj["metadata"]["name"]


@frozen
class Change:
    """One entry of the log. `old` is None for what is new, `new` for what is gone; `last` is how it ended."""

    version: int
    resource: Resource
    old: Obj | None = field(repr=False)
    new: Obj | None = field(repr=False)
    last: Obj = field(repr=False)


class Store:
    """Whoever reads to write holds `lock` for as long as both take."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.changed = Condition(self.lock)
        self.closed = False
        self.version = 1
        self._objects: dict[Resource, dict[Key, Obj]] = {}
        self._latest: dict[Resource, int] = {}
        self._owned: dict[Resource, tuple[int, dict[str, list[Obj]]]] = {}
        self._log: list[Change] = []
        self._oldest = 0

    def get(self, resource: Resource, namespace: str, name: str) -> Obj | None:
        with self.lock:
            return copied(self._objects.get(resource, {}).get((namespace, name)))

    def all(self, resource: Resource, namespace: str | None = None, *, where: Picks = _any) -> list[Obj]:
        """By name. Only what `where` picks is copied, which makes the difference among thousands."""
        with self.lock:
            held = self._objects.get(resource, {}).items()
            found = [(key, obj) for key, obj in held if namespace in (None, "", key[0]) and where(obj)]
            return [copied(obj) for _, obj in sorted(found, key=_by_key)]

    def owned(self, resource: Resource, by: Obj) -> list[Obj]:
        """Those of a kind that name this object as an owner, by name."""
        with self.lock:
            version, found = self._owned.get(resource, (-1, {}))
            if version != self.latest(resource):
                found = {}
                for _, obj in sorted(self._objects.get(resource, {}).items(), key=_by_key):
                    for uid in owners(obj):
                        found.setdefault(uid, []).append(obj)
                self._owned[resource] = self.latest(resource), found
            return [copied(obj) for obj in found.get(by["metadata"]["uid"], ())]

    def everything(self, *, where: Picks = _any) -> list[tuple[Resource, Obj]]:
        with self.lock:
            held = [(resource, obj) for resource, of in self._objects.items() for obj in of.values()]
            return [(resource, copied(obj)) for resource, obj in held if where(obj)]

    # What is kept is replaced and never changed, so whoever only looks needs neither a copy nor the lock, which a round
    # of the controllers holds for long.

    def latest(self, resource: Resource) -> int:
        """The version at which that kind last changed: what was read of it since then still stands."""
        return self._latest.get(resource, self._oldest)

    def peek(self, resource: Resource, namespace: str, name: str) -> Obj | None:
        """As it is kept: to be looked at and not to be changed."""
        return self._objects.get(resource, {}).get((namespace, name))

    def held(self, resource: Resource) -> list[Obj]:
        """All of a kind as they are kept: to be looked at and not to be changed."""
        return list(self._objects.get(resource, {}).values())

    def put(self, resource: Resource, obj: Obj) -> Obj:
        """Store it whole; what changes nothing gets no new version."""
        with self.changed:
            held = self._objects.setdefault(resource, {})
            old = held.get(key_of(obj))
            new = copied(obj)
            if old is not None:
                new["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
                if new == old:
                    return new
            self.version += 1
            new["metadata"]["resourceVersion"] = str(self.version)
            held[key_of(new)] = new
            self._note(Change(self.version, resource, old, new, new))
            return copied(new)

    def remove(self, resource: Resource, obj: Obj) -> Obj:
        with self.changed:
            old = self._objects[resource].pop(key_of(obj))
            self.version += 1
            last = copied(old)
            last["metadata"]["resourceVersion"] = str(self.version)
            self._note(Change(self.version, resource, old, None, last))
            return copied(last)

    def compact(self) -> None:
        """Forget the log: a watch from an older version is 410 Gone."""
        with self.lock:
            self._log.clear()
            self._oldest = self.version

    def clear(self) -> None:
        """Forget everything that is stored. Versions go on, so that a watch from before is 410 Gone."""
        with self.changed:
            self._objects, self._latest, self._owned = {}, {}, {}
            self.version += 1
            self.compact()
            self.changed.notify_all()

    def follow(self, resource: Resource, after: int, *, seconds: float) -> Iterator[Change]:
        """Each change after that version as it comes, until the time is over or the store is closed."""
        end = monotonic() + seconds
        while True:
            with self.changed:
                while not self.closed and self.version <= after and (left := end - monotonic()) > 0:
                    self.changed.wait(left)
                if after < self._oldest:
                    raise gone(after, self._oldest)
                if self.closed or self.version <= after:
                    return
                fresh = [change for change in self._log if change.version > after]
                after = self.version
            yield from (change for change in fresh if change.resource == resource)

    def close(self) -> None:
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def _note(self, change: Change) -> None:
        self._latest[change.resource] = change.version
        self._log.append(change)
        if len(self._log) > KEPT_EVENTS:
            self._oldest = self._log.pop(0).version
        self.changed.notify_all()
