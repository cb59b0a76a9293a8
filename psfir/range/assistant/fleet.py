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
    """Whoever follows the cluster tells it what begins and ends; `agent` gives the program in a pod."""

    def __init__(self, supplies: Supplies) -> None:
        self.supplies = supplies
        self.seats: dict[str, Seat] = {}
        self._lock = Lock()
        self._closing: list[Thread] = []

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
        thread = Thread(target=seat.stop, name=f"end of {pod}", daemon=True)
        thread.start()
        self._closing = [one for one in self._closing if one.is_alive()] + [thread]


def _app(pod: Obj) -> str:
    return str((pod["metadata"].get("labels") or {}).get("app", ""))
