"""The thread that plays the controllers: after every change each looks where something changed, and does its part.

They look at whole namespaces, those that changed and those where something is waited for: what one thing is about lies
in one namespace, and a cluster may have very many.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Thread
from time import monotonic, sleep  # noqa: TID251 - a cluster lives in real time
from typing import TypeAlias
from uuid import uuid4

from psfir.range.kubernetes import resources
from psfir.range.kubernetes.ownership import Writer
from psfir.range.kubernetes.registry import Registry
from psfir.range.kubernetes.resources import Obj, Resource
from psfir.range.kubernetes.status import StatusError
from psfir.range.kubernetes.store import Picks, Store, any_object, moment

MANAGER = Writer("kube-controller-manager")
STATUS = Writer("kube-controller-manager", "Update", "status")
SCALE = Writer("kube-controller-manager", "Update", "scale")
_ALWAYS: Mapping[Resource, frozenset[str]] = {
    resources.REPLICA_SETS: frozenset({"replicas"}),
    resources.STATEFUL_SETS: frozenset({"replicas"}),
    resources.HPAS: frozenset({"desiredReplicas"}),
    resources.DAEMON_SETS: frozenset(
        {"currentNumberScheduled", "desiredNumberScheduled", "numberMisscheduled", "numberReady"}
    ),
}


_BREATH = 0.003
"""Seconds in which what comes in a burst becomes one round."""


@dataclass
class Pace:
    """How long things take, in seconds, and what does not work; may be changed while the cluster runs."""

    ready: float = 0.02
    """Until a new pod is ready."""
    gone: float = 0.02
    """Until a pod that was told to end has ended."""
    undo: float = 0.02
    """Until HPA, KEDA, Argo CD or a keeper puts back what it wants."""
    kubelet: bool = True
    """Without one no pod starts, and one that was told to end lingers until it is deleted by force."""
    load: bool = True
    """Whether there is work, for which KEDA would start pods."""
    broken: set[str] = field(default_factory=set)
    """Images whose pods never become ready."""
    unready: set[str] = field(default_factory=set)
    """Pods, by their uid, whose readiness probe fails."""


class Desk:
    """What a controller has before it. A round holds the store's lock, so what it read is still so when it writes.

    `spaces` are the namespaces that the round is about; None is all of them.
    """

    def __init__(self, registry: Registry, pace: Pace) -> None:
        self.registry = registry
        self.pace = pace
        self.spaces: Collection[str] | None = None
        self._since: dict[tuple[str, Hashable], float] = {}
        self._asked: set[tuple[str, Hashable]] = set()
        self._wait: float | None = None

    @property
    def store(self) -> Store:
        return self.registry.store

    def all(self, resource: Resource, *, where: Picks = any_object) -> list[Obj]:
        """Those that the round is about."""
        return self.store.within(resource, self.spaces, where=where)

    def ripe(self, matter: Hashable, delay: float, *, space: str) -> bool:
        """Whether this matter of that namespace has stood, round after round, for as long as `delay`."""
        asked = (space, matter)
        self._asked.add(asked)
        left = self._since.setdefault(asked, monotonic()) + delay - monotonic()
        if left > 0:
            self._wait = left if self._wait is None else min(left, self._wait)
        return left <= 0

    def write(self, resource: Resource, obj: Obj, writer: Writer = MANAGER) -> Obj:
        return self.registry.update(resource, obj, writer=writer)

    def status(self, resource: Resource, obj: Obj, status: Obj) -> None:
        """What is empty is left out, as the server does, except for the few counts that it always gives."""
        always = _ALWAYS.get(resource, frozenset())
        told = {key: value for key, value in status.items() if key in always or value not in (None, 0, [], {})}
        if obj.get("status") != told:
            self.write(resource, {**obj, "status": told}, STATUS)

    def scale(self, resource: Resource, obj: Obj, replicas: int, writer: Writer = SCALE) -> Obj:
        obj["spec"]["replicas"] = replicas
        return self.write(resource, obj, writer)

    def tell(self, about: Obj, reason: str, message: str) -> None:
        """An Event about an object."""
        meta = about["metadata"]
        told = {
            "metadata": {"name": f"{meta['name']}.{uuid4().hex[:16]}", "namespace": meta["namespace"]},
            "involvedObject": {
                **{key: about[key] for key in ("kind", "apiVersion")},
                **{key: meta[key] for key in ("name", "namespace", "uid")},
            },
            "type": "Normal",
            "reason": reason,
            "message": message,
            "count": 1,
            "firstTimestamp": moment(),
            "lastTimestamp": moment(),
            "source": {"component": "controller"},
        }
        self.registry.create(resources.EVENTS, told, writer=MANAGER)

    def forget(self) -> None:
        """Nothing has stood for any time."""
        self._since.clear()

    def begin(self, spaces: Collection[str] | None) -> None:
        """A round about these namespaces, and about every one where something is waited for."""
        waiting = {space for space, _ in self._since}
        self.spaces = None if spaces is None else waiting.union(spaces)
        self._asked, self._wait = set(), None

    def end(self) -> float | None:
        """Forget what no longer stands. How long until something is ripe; None if nothing is waited for."""
        self._since = {matter: since for matter, since in self._since.items() if matter in self._asked}
        return self._wait


Controller: TypeAlias = Callable[[Desk], None]


class Controllers:
    """Runs them all, in their order, in a thread of its own until the store is closed."""

    def __init__(self, desk: Desk, each: Sequence[Controller]) -> None:
        self._desk = desk
        self._each = each
        self._seen = 0
        self._poked = False
        self._again: set[str] | None = None  # all of them, to begin with
        self._wait: float | None = None
        self.refusals: list[StatusError] = []
        self._thread = Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        if self._thread.is_alive():
            self._thread.join()

    def settle(self, seconds: float) -> bool:
        """Wait until they have nothing left to do and wait for nothing; False if they had when the time was over."""
        store = self._desk.store
        with store.changed:
            return store.changed.wait_for(lambda: not self._news and self._wait is None, seconds)

    def poke(self, space: str | None = None) -> None:
        """Let them look again although nothing stored has changed; at one namespace only, if one is named."""
        with self._desk.store.changed:
            self._look_again(None if space is None else {space})
            self._poked = True
            self._desk.store.changed.notify_all()

    def forget(self) -> None:
        """Begin anew, as in a cluster that has just started. The caller holds the store's lock."""
        self._desk.forget()
        self.refusals.clear()
        self._wait = None
        self._again = None

    def _run(self) -> None:
        store = self._desk.store
        while True:
            with store.changed:
                store.changed.wait_for(lambda: store.closed or self._news, self._wait)
            sleep(_BREATH)
            with store.changed:
                if store.closed:
                    return
                again, self._again, self._poked = self._again, set(), False
                self._desk.begin(None if again is None else again | store.touched(self._seen))
                self._seen = store.version
                for controller in self._each:
                    self._turn(controller)
                self._wait = self._desk.end()
                store.changed.notify_all()

    def _turn(self, controller: Controller) -> None:
        """One that is refused, as in a namespace that ends, is at it again after the next change."""
        try:
            controller(self._desk)
        except StatusError as refused:
            self.refusals.append(refused)
            self._look_again(None if self._desk.spaces is None else set(self._desk.spaces))

    @property
    def _news(self) -> bool:
        return self._poked or self._seen != self._desk.store.version

    def _look_again(self, spaces: set[str] | None) -> None:
        """With the next round, whatever that will be about."""
        self._again = None if spaces is None or self._again is None else self._again | spaces


def owner_ref(obj: Obj) -> Obj:
    return {
        **{key: obj[key] for key in ("apiVersion", "kind")},
        **{key: obj["metadata"][key] for key in ("name", "uid")},
        "controller": True,
        "blockOwnerDeletion": True,
    }


def condition(held: Obj, kind: str, *, true: bool, reason: str, message: str = "") -> Obj:
    """With the moment it last turned kept where it did not turn."""
    told = {"type": kind, "status": str(true), "reason": reason, **({"message": message} if message else {})}
    for each in held.get("status", {}).get("conditions") or ():
        if each["type"] == kind and each["status"] == told["status"]:
            return {"lastTransitionTime": each["lastTransitionTime"], **told}
    return {"lastTransitionTime": moment(), **told}
