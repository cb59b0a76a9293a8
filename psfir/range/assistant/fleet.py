"""The programs of one system: one begins when its pod runs, and ends when its pod is told to."""

from __future__ import annotations

from threading import Lock, Thread

from psfir.range.assistant.agent import Agent
from psfir.range.assistant.names import DIGEST
from psfir.range.assistant.seat import Seat, Supplies
from psfir.range.kubernetes import resources
from psfir.range.kubernetes.resources import Obj
from psfir.range.kubernetes.special import is_ready


class Fleet:
    """Whoever follows the cluster tells it what begins and ends; `agent` gives the program in a pod.

    One replica may be stale: the one at a place among those that answer customers, by the names of their pods. It stays
    the one while its pod lives; then it is the one that has the place, or the last where there are fewer.
    """

    def __init__(self, supplies: Supplies) -> None:
        self.supplies = supplies
        self.seats: dict[str, Seat] = {}
        self._lock = Lock()
        self._closing: list[Thread] = []
        self._place = 0
        self._stale: Seat | None = None

    @property
    def replicas(self) -> list[Seat]:
        """Those that answer customers, by the names of their pods."""
        return [seat for _, seat in sorted(self.seats.items()) if seat.agent is not None]

    def stale(self, place: int) -> None:
        """Let the replica at that place, counted from 1, hear nothing new of its flags; with 0 none."""
        with self._lock:
            self._place = place
            if self._stale is not None:
                self._stale.stale(on=False)
                self._stale = None
            self._settle()

    def settle(self) -> None:
        """A replica that has come in the place of the stale one holds on to its flags once it has heard of them."""
        if self._place:
            with self._lock:
                self._settle()

    def _settle(self) -> None:
        there = [seat for seat in self.replicas if seat.flags.ready]
        if self._place and there and (self._stale is None or self._stale.pod not in self.seats):
            self._stale = there[min(self._place, len(there)) - 1]
            self._stale.stale(on=True)

    def end(self) -> None:
        """Every program that is left; `join` waits for them."""
        for pod in list(self.seats):
            self._end(pod)

    def join(self) -> None:
        for thread in self._closing:
            thread.join(2)

    @property
    def ready(self) -> bool:
        """Whether every pod that runs has a program that has heard of its flags, and has said so."""
        return all(map(self._is_ready, self._pods()))

    def agent(self, pod: str) -> Agent | None:
        seat = self.seats.get(pod)
        return seat.agent if seat else None

    def begun(self, pod: Obj) -> None:
        if self._is_ours(pod):
            seat = Seat(self.supplies, pod["metadata"]["name"], _app(pod))
            with self._lock:
                self.seats[seat.pod] = seat
            seat.look()
            seat.start()

    def ended(self, pod: Obj) -> None:
        if pod["metadata"]["name"] in self.seats:
            self._end(pod["metadata"]["name"])

    def look(self) -> None:
        """The network's policies have changed: each program is cut off or let through anew."""
        for seat in list(self.seats.values()):
            seat.look()

    def _pods(self) -> list[Obj]:
        """As they are kept, to be looked at and not to be changed."""
        space = self.supplies.names.space
        held = self.supplies.cluster.store.held(resources.PODS)
        return [pod for pod in held if pod["metadata"]["namespace"] == space and self._is_ours(pod)]

    def _is_ours(self, pod: Obj) -> bool:
        names = self.supplies.names
        return _app(pod) in {names.agent, names.runs, DIGEST}

    def _is_ready(self, pod: Obj) -> bool:
        seat = self.seats.get(pod["metadata"]["name"])
        heard = seat is not None and seat.flags.ready
        return heard and (is_ready(pod) or _app(pod) != self.supplies.names.agent)

    def _end(self, pod: str) -> None:
        """Closing an SDK can take a moment; nobody waits for it."""
        with self._lock:
            seat = self.seats.pop(pod)
            self._settle()
        thread = Thread(target=seat.stop, name=f"end of {pod}", daemon=True)
        thread.start()
        self._closing = [one for one in self._closing if one.is_alive()] + [thread]


def _app(pod: Obj) -> str:
    return str((pod["metadata"].get("labels") or {}).get("app", ""))
