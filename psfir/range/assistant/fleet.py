"""The programs in the pods: one begins when its pod runs, and ends when its pod is told to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Protocol
from urllib.parse import urlsplit

from psfir.domain.values import frozen
from psfir.range.assistant.agent import Agent, Parts
from psfir.range.assistant.counts import Counts
from psfir.range.assistant.gateway import Gateway
from psfir.range.assistant.model import Model
from psfir.range.assistant.names import DIGEST, Names
from psfir.range.assistant.runs import Digest, Runs
from psfir.range.kubernetes import resources
from psfir.range.kubernetes.pod_watch import PodWatch
from psfir.range.kubernetes.resources import Obj
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.kubernetes.special import is_ready
from psfir.range.kubernetes.status import StatusError
from psfir.range.metrics.counters import Counters
from psfir.range.network.peers import Outside
from psfir.range.network.policies import Network
from psfir.range.network.routes import Routes
from psfir.range.proxy import BLACK_HOLE, CLEAR, Proxy
from psfir.range.server import LOOPBACK
from psfir.vendors.aws import AwsClient
from psfir.vendors.launchdarkly_app import FlagsOfAnApplication

_VENDORS = Outside("203.0.113.10", 443)
"""Where model, data, tools and flags are: outside the cluster, for the network policies."""

_GLANCE = 0.5


class Program(Protocol):
    def start(self) -> None: ...
    def stop(self) -> None: ...


@frozen
class Supplies:
    """What the programs of one system are given. `aws` has a client for each role; `flags_url` is the vendor's.

    Where it is not `busy`, there are no customers, and no work on their behalf.
    """

    names: Names
    cluster: Kubernetes
    aws: Callable[[str], AwsClient]
    flags_url: str
    sdk_key: str
    model: Model
    counters: Counters
    counts: Counts
    busy: Callable[[], bool]


class Seat:
    """One pod's program, with a wire of its own to the flag vendor, so that one replica can be cut off alone."""

    def __init__(self, supplies: Supplies, pod: str, app: str) -> None:
        self.pod = pod
        self.app = app
        self._supplies = supplies
        names, cluster = supplies.names, supplies.cluster
        self._routes, self._network = Routes(cluster), Network(cluster)
        address = urlsplit(supplies.flags_url)
        self.flags_wire = Proxy(address.hostname or LOOPBACK, address.port or 80)
        self.flags_wire.__enter__()
        self._stale = self._shut = self._over = False
        self._wiring, self._saying = Lock(), Lock()
        self.agent: Agent | None = None  # flags may be heard of before there is one
        self.flags = FlagsOfAnApplication(self.flags_wire.url, supplies.sdk_key, who=pod, changed=self._heard)
        role = names.agent if app == names.agent else names.runs
        gateway = Gateway(names, supplies.aws(role), supplies.counters, self._may_leave)
        self.parts = Parts(names, self.flags, gateway, self._settings(), supplies.model)
        if app == names.agent:
            self.agent = Agent(self.parts)
        self._program = self._programmed()

    def start(self) -> None:
        if self._program is not None:
            self._program.start()
        self._heard()

    def stop(self) -> None:
        if self._program is not None:
            self._program.stop()
        with self._wiring:
            self._over = True
        self.flags_wire.__exit__()
        self.flags.close()

    def stale(self, *, on: bool) -> None:
        """Cut it off from the flag vendor alone: it goes on serving what it heard last."""
        self._stale = on
        self._wire()

    def look(self) -> None:
        """The network's policies have changed: whoever may not leave hears nothing of flags either."""
        self._shut = not self._may_leave()
        self._wire()

    def _wire(self) -> None:
        flow = BLACK_HOLE if self._stale or self._shut else CLEAR
        with self._wiring:
            if not self._over:  # a wire that is taken down answers nobody
                self.flags_wire.spoil(up=flow, down=flow)

    def _programmed(self) -> Program | None:
        if not self._supplies.busy():
            return None
        if self.app == self._supplies.names.runs:
            return Runs(self.parts, self._supplies.counts, self.pod)
        if self.app == DIGEST:
            return Digest(self.parts, self._digested)
        return None

    def _settings(self) -> dict[str, str]:
        """Its ConfigMap as it is when the program begins."""
        names = self._supplies.names
        name = names.agent if self.app == names.agent else names.runs
        with suppress(StatusError):
            return dict(self._supplies.cluster.get(resources.CONFIG_MAPS, name, names.space).get("data") or {})
        return {}

    def _may_leave(self) -> bool:
        pod = self._routes.pod(self._supplies.names.space, self.pod)
        return pod is not None and self._network.may_leave(pod, _VENDORS)

    def _heard(self) -> None:
        """Switched off, or without any flags yet, an agent says that it is not ready."""
        if self.agent is not None:
            # One after the other: what one thread read before it changed must not be said after what another read.
            with self._saying, suppress(StatusError):  # its pod has just gone
                self._supplies.cluster.ready(self._supplies.names.space, self.pod, self.parts.on)

    def _digested(self) -> None:
        """The digest has nothing more to do: its Job is done."""
        names, cluster = self._supplies.names, self._supplies.cluster
        with suppress(StatusError):
            pod = cluster.get(resources.PODS, self.pod, names.space)
            cluster.complete(pod["metadata"]["ownerReferences"][0]["name"], namespace=names.space)


class Fleet:
    """All programs of one system; `agent` gives the one in a pod."""

    def __init__(self, supplies: Supplies) -> None:
        self.supplies = supplies
        self.seats: dict[str, Seat] = {}
        self._lock = Lock()
        self._over = Event()
        self._closing: list[Thread] = []
        self._watch: PodWatch | None = None
        self._rules = Thread(target=self._follow_rules, name=f"network of {supplies.names.system}", daemon=True)

    def start(self) -> None:
        self._watch = self.supplies.cluster.watch_pods(self._began, self._ended)
        self._rules.start()

    def stop(self) -> None:
        self._over.set()
        if self._watch is not None:
            self._watch.stop()
        for pod in list(self.seats):
            self._end(pod)
        for thread in self._closing:
            thread.join(2)

    @property
    def ready(self) -> bool:
        names = self.supplies.names
        pods = [
            pod for pod in self.supplies.cluster.pods(names.space) if _app(pod) in {names.agent, names.runs, DIGEST}
        ]
        seats = {pod["metadata"]["name"]: self.seats.get(pod["metadata"]["name"]) for pod in pods}
        heard = all(seat is not None and seat.flags.ready for seat in seats.values())
        return heard and all(is_ready(pod) for pod in pods if _app(pod) == names.agent)

    def agent(self, pod: str) -> Agent | None:
        seat = self.seats.get(pod)
        return seat.agent if seat else None

    def _began(self, pod: Obj) -> None:
        names, meta, app = self.supplies.names, pod["metadata"], _app(pod)
        if meta["namespace"] == names.space and app in {names.agent, names.runs, DIGEST}:
            seat = Seat(self.supplies, meta["name"], app)
            with self._lock:
                self.seats[meta["name"]] = seat
            seat.look()
            seat.start()

    def _ended(self, pod: Obj) -> None:
        if pod["metadata"]["namespace"] == self.supplies.names.space and pod["metadata"]["name"] in self.seats:
            self._end(pod["metadata"]["name"])

    def _follow_rules(self) -> None:
        """After every change of a network policy, each program is cut off or let through anew."""
        store = self.supplies.cluster.store
        after = store.version
        while not self._over.is_set() and not store.closed:
            with suppress(StatusError):  # the store was emptied: what is there now is looked at below
                for change in store.follow(resources.NETWORK_POLICIES, after, seconds=_GLANCE):
                    after = change.version
                    self._look()
                continue
            after = store.version
            self._look()

    def _look(self) -> None:
        for seat in list(self.seats.values()):
            seat.look()

    def _end(self, pod: str) -> None:
        """Closing an SDK can take a moment; nobody waits for it."""
        with self._lock:
            seat = self.seats.pop(pod)
        thread = Thread(target=seat.stop, name=f"end of {pod}", daemon=True)
        thread.start()
        self._closing = [one for one in self._closing if one.is_alive()] + [thread]


def _app(pod: Obj) -> str:
    return str((pod["metadata"].get("labels") or {}).get("app", ""))
