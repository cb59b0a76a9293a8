"""What happens in the cluster, told to the programs of all systems: pods that begin and end, and rules that change.

Once for all of them: with a follower for each system, every change would wake as many threads as there are systems.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from threading import Event, Thread

from psfir.range.assistant.fleet import Fleet
from psfir.range.kubernetes import resources
from psfir.range.kubernetes.pod_watch import PodWatch
from psfir.range.kubernetes.resources import Obj
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.kubernetes.status import StatusError

_GLANCE = 0.5


class News:
    """Follows the cluster from when it is made until `stop`."""

    def __init__(self, cluster: Kubernetes, fleets: Sequence[Fleet]) -> None:
        self._store = cluster.store
        self._fleets = {fleet.supplies.names.space: fleet for fleet in fleets}
        self._over = Event()
        self._pods: PodWatch = cluster.watch_pods(self._began, self._ended)
        self._rules = Thread(target=self._follow_rules, name="rules of the network", daemon=True)
        self._rules.start()

    def stop(self) -> None:
        self._over.set()
        self._pods.stop()

    def _began(self, pod: Obj) -> None:
        if fleet := self._fleets.get(pod["metadata"]["namespace"]):
            fleet.begun(pod)

    def _ended(self, pod: Obj) -> None:
        if fleet := self._fleets.get(pod["metadata"]["namespace"]):
            fleet.ended(pod)

    def _follow_rules(self) -> None:
        """After every change of a network policy, each program is cut off or let through anew."""
        store = self._store
        after = store.version
        while not self._over.is_set() and not store.closed:
            with suppress(StatusError):  # the store was emptied: what is there now is looked at below
                for change in store.follow(resources.NETWORK_POLICIES, after, seconds=_GLANCE):
                    after = change.version
                    self._look()
                self._settle()
                continue
            after = store.version
            self._look()

    def _look(self) -> None:
        for fleet in self._fleets.values():
            fleet.look()

    def _settle(self) -> None:
        for fleet in self._fleets.values():
            fleet.settle()
