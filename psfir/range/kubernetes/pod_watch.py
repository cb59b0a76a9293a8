"""Whoever plays what runs in the pods hears when one starts and when one ends, without asking again and again."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Self, TypeAlias

from psfir.range.kubernetes import resources
from psfir.range.kubernetes.controllers import Pace
from psfir.range.kubernetes.resources import Obj
from psfir.range.kubernetes.store import Store

OnPod: TypeAlias = Callable[[Obj], None]


class PodWatch:
    """Compares the pods that run with those it told of, after each change to them, in a thread of its own.

    A pod runs from when its kubelet started it until it is told to end and a kubelet is there to do it, or has ended,
    or is no longer stored. Both calls get the pod as it is stored, which is not to be changed, and never at once.
    """

    def __init__(self, store: Store, pace: Pace, started: OnPod, ended: OnPod) -> None:
        self._store, self._pace = store, pace
        self._started, self._ended = started, ended
        self._told: dict[str, Obj] = {}
        self._seen: tuple[int, bool] | None = None
        self._stopped = False
        self._thread = Thread(target=self._run, daemon=True)

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Tell of nothing more. Not to be called from one of the calls."""
        with self._store.changed:
            self._stopped = True
            self._store.changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while self._awaited():
            kubelet = self._pace.kubelet
            running = {
                pod["metadata"]["uid"]: pod for pod in self._store.held(resources.PODS) if _runs(pod, kubelet=kubelet)
            }
            for uid in self._told.keys() - running.keys():
                self._ended(self._told.pop(uid))
            for uid in [uid for uid in running if uid not in self._told]:
                self._started(running[uid])
            self._told = running

    def _awaited(self) -> bool:
        """Whether there may be news, once there may be; False at the end."""
        with self._store.changed:
            self._store.changed.wait_for(lambda: self._over or self._now != self._seen)
            self._seen = self._now
            return not self._over

    @property
    def _over(self) -> bool:
        return self._stopped or self._store.closed

    @property
    def _now(self) -> tuple[int, bool]:
        return self._store.latest(resources.PODS), self._pace.kubelet


def _runs(pod: Obj, *, kubelet: bool) -> bool:
    ending = "deletionTimestamp" in pod["metadata"] and kubelet
    return pod["status"].get("phase") == "Running" and not ending
