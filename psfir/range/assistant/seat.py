"""The program in one pod, with a wire of its own to the flag vendor."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock
from typing import Protocol
from urllib.parse import urlsplit

from psfir.domain.values import frozen
from psfir.range.assistant.agent import Agent, Parts
from psfir.range.assistant.counts import Counts
from psfir.range.assistant.gateway import Gateway
from psfir.range.assistant.model import Model
from psfir.range.assistant.names import DIGEST, Names
from psfir.range.assistant.runs import Digest, Pace, Runs
from psfir.range.kubernetes import resources
from psfir.range.kubernetes.server import Kubernetes
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


class Program(Protocol):
    def start(self) -> None: ...
    def stop(self) -> None: ...


@frozen
class Supplies:
    """What the programs of one system are given. `aws` has a client for each role; `flags_url` is the vendor's.

    Where there are no `customers`, there is no work on their behalf, and none before they are `welcomed`. `every` is
    how many seconds a step of a long run takes.
    """

    names: Names
    cluster: Kubernetes
    aws: Callable[[str], AwsClient]
    flags_url: str
    sdk_key: str
    model: Model
    counters: Counters
    counts: Counts
    customers: Callable[[], bool]
    welcomed: Event
    every: float


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
        self._flow = CLEAR
        self._wiring, self._saying = Lock(), Lock()
        self.agent: Agent | None = None  # flags may be heard of before there is one
        self.flags = FlagsOfAnApplication(self.flags_wire.url, supplies.sdk_key, who=pod, changed=self._heard)
        role = names.agent if app == names.agent else names.runs
        gateway = Gateway(names, supplies.aws(role), supplies.counters, supplies.counts, self._may_leave)
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

    @property
    def is_stale(self) -> bool:
        return self._stale

    def look(self) -> None:
        """The network's policies have changed: whoever may not leave hears nothing of flags either."""
        self._shut = not self._may_leave()
        self._wire()

    def _wire(self) -> None:
        flow = BLACK_HOLE if self._stale or self._shut else CLEAR
        with self._wiring:
            if not self._over and flow != self._flow:  # a wire that is taken down answers nobody
                self.flags_wire.spoil(up=flow, down=flow)
                self._flow = flow

    def _programmed(self) -> Program | None:
        given = self._supplies
        if not given.customers():
            return None
        if self.app == given.names.runs:
            return Runs(self.parts, given.counts, self.pod, Pace(given.welcomed, given.every))
        if self.app == DIGEST:
            return Digest(self.parts, self._digested, given.welcomed)
        return None

    def _settings(self) -> dict[str, str]:
        """Its ConfigMap as it is when the program begins."""
        names = self._supplies.names
        name = names.agent if self.app == names.agent else names.runs
        held = self._supplies.cluster.store.peek(resources.CONFIG_MAPS, names.space, name)
        return dict((held or {}).get("data") or {})

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
