"""What is stored: objects by resource, namespace and name, one counter of versions, and the log that watches follow."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
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


def any_object(_obj: Obj) -> bool:
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
        self._touched: dict[str, int] = {}
        self._owned: dict[Resource, dict[str, dict[Key, Obj]]] = {}
        self._log: list[Change] = []
        self._oldest = 0

    def get(self, resource: Resource, namespace: str, name: str) -> Obj | None:
        with self.lock:
            return copied(self._objects.get(resource, {}).get((namespace, name)))

    def all(self, resource: Resource, namespace: str | None = None, *, where: Picks = any_object) -> list[Obj]:
        """By name. Only what `where` picks is copied, which makes the difference among thousands."""
        return self.within(resource, {namespace} if namespace else None, where=where)

    def within(self, resource: Resource, spaces: Collection[str] | None, *, where: Picks = any_object) -> list[Obj]:
        """Those of several namespaces; None for all of them."""
        with self.lock:
            held = self._objects.get(resource, {}).items()
            found = [(key, obj) for key, obj in held if (spaces is None or key[0] in spaces) and where(obj)]
            return [copied(obj) for _, obj in sorted(found, key=_by_key)]

    def owned(self, resource: Resource, by: Obj) -> list[Obj]:
        """Those of a kind that name this object as an owner, by name."""
        with self.lock:
            found = self._owned.get(resource, {}).get(by["metadata"]["uid"], {})
            return [copied(obj) for _, obj in sorted(found.items(), key=_by_key)]

    def everything(self, *, where: Picks = any_object) -> list[tuple[Resource, Obj]]:
        with self.lock:
            held = [(resource, obj) for resource, of in self._objects.items() for obj in of.values()]
            return [(resource, copied(obj)) for resource, obj in held if where(obj)]

    # What is kept is replaced and never changed, so whoever only looks needs neither a copy nor the lock, which a round
    # of the controllers holds for long.

    def latest(self, resource: Resource) -> int:
        """The version at which that kind last changed: what was read of it since then still stands."""
        return self._latest.get(resource, self._oldest)

    def touched(self, after: int) -> set[str]:
        """The namespaces in which something has changed since that version; "" is the cluster itself."""
        with self.lock:
            return {space for space, version in self._touched.items() if version > after}

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
            self._objects, self._latest, self._touched, self._owned = {}, {}, {}, {}
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
        self._touched[key_of(change.last)[0]] = change.version
        self._own(change)
        self._log.append(change)
        if len(self._log) > KEPT_EVENTS:
            self._oldest = self._log.pop(0).version
        self.changed.notify_all()

    def _own(self, change: Change) -> None:
        """Whom it names as its owners: looked up for each owner in each round of the controllers."""
        owned = self._owned.setdefault(change.resource, {})
        for uid in owners(change.old) if change.old else ():
            owned.get(uid, {}).pop(key_of(change.last), None)
        for uid in owners(change.new) if change.new else ():
            owned.setdefault(uid, {})[key_of(change.last)] = change.new or change.last
