"""`kubernetes.describe`: how a workload, its pods and their events stood before the kill."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from psfir.captures.kubernetes.redacted import thing
from psfir.contracts import BoundConnection, Captured, Target
from psfir.domain.about import CaptureAbout, Permission
from psfir.errors import LeverError
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes import KubernetesClient
from psfir.vendors.kubernetes_objects import DEPLOYMENT, NAMESPACE, STATEFULSET, Workload, at, path, query_of
from psfir.vendors.shared import shared

_SAID = "to have them in the evidence"
_EVENTS = 200
_PODS = 50
_BYTES = 2 * 1024 * 1024
_SHARE = 0.8
"""Of the time given: what came late would be thrown away with all that was read."""


class DescribeCapture:
    """Plain values of variables are left out: who puts a secret there has put it into every copy of the object."""

    about: ClassVar[CaptureAbout] = CaptureAbout(
        name="kubernetes.describe",
        line="Keeps how a workload, its pods and their events stand.",
        connects=("kubernetes",),
        target=(NAMESPACE, DEPLOYMENT, STATEFULSET),
        one_of=("deployment", "statefulset"),
        example={
            "source": "kubernetes.describe",
            "target": {"connection": "prod-eu", "namespace": "assistants", "deployment": "support-agent"},
        },
        keeps="the workload, up to 50 pods and 200 events, at most 2 MiB of JSON, without the values of variables",
        permissions=(
            Permission("kubernetes", "get", "apps/deployments/{deployment}"),
            Permission("kubernetes", "get", "apps/statefulsets/{statefulset}"),
            Permission("kubernetes", "list", "pods", only=_SAID),
            Permission("kubernetes", "list", "events", only=_SAID),
        ),
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._client = shared(connection, KubernetesClient)

    def take(self, target: Target, *, within: float) -> Captured:
        deadline, workload = Deadline(within * _SHARE), Workload.of(target)
        found = self._client.get(workload.path, within=deadline.left)
        query = query_of(at(found, "spec", "selector") or {})
        # Half of what is left, so that pods that hang leave time for the events.
        pods = self._listed(path("pod", workload.namespace), query, deadline.left / 2)
        events = self._listed(f"/api/v1/namespaces/{workload.namespace}/events", {}, deadline.left)
        kept = {"workload": thing(found), "pods": pods, "events": events}
        if isinstance(pods, list):
            kept["pods"] = [thing(pod) for pod in pods[:_PODS]]
        if isinstance(events, list):
            theirs = sorted((one for one in events if _about(workload, one)), key=_when)
            kept["events"] = [thing(one) for one in theirs[-_EVENTS:]]
        return Captured(f"{workload.name}-describe.json", "application/json", _bounded(kept))

    def _listed(self, where: str, query: dict[str, str], within: float) -> list[dict[str, Any]] | str:
        """Everything, or why it could not be had."""
        try:
            return self._client.items(where, within=within, query=query)
        except LeverError as error:
            return f"could not be read: {error.what}"


def _about(workload: Workload, event: dict[str, Any]) -> bool:
    """Whether it tells of the workload, or of what bears its name: its ReplicaSets and pods."""
    name = str(at(event, "involvedObject", "name"))
    return name == workload.name or name.startswith(f"{workload.name}-")


def _when(event: dict[str, Any]) -> str:
    stamps = (event.get("lastTimestamp"), event.get("eventTime"), at(event, "metadata", "creationTimestamp"))
    return str(next(filter(None, stamps), ""))


def _bounded(kept: dict[str, Any]) -> bytes:
    """Half of whatever is longer goes, the older of events, until it fits; how many went is said."""
    left_out = {"events": 0, "pods": 0}
    while True:
        said = {**kept, **({"left_out": left_out} if any(left_out.values()) else {})}
        content = json.dumps(said, indent=1, sort_keys=True).encode()
        longest = max(("events", "pods"), key=lambda name: len(json.dumps(kept[name])))
        if len(content) <= _BYTES or not isinstance(kept[longest], list) or not kept[longest]:
            return content
        half = len(kept[longest]) // 2
        left_out[longest] += len(kept[longest]) - half
        kept[longest] = kept[longest][-half:] if half else []
