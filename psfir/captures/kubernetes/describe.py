"""`kubernetes.describe`: how a workload, its pods and their events stood before the kill."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from psfir.contracts import BoundConnection, Captured, Target
from psfir.domain.about import CaptureAbout, Permission
from psfir.errors import LeverError
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes import KubernetesClient
from psfir.vendors.kubernetes_objects import DEPLOYMENT, NAMESPACE, STATEFULSET, Workload, at, path

_EVENTS = 200
_HIDDEN = "(left out)"


class DescribeCapture:
    """Plain values of variables are left out: who puts a secret there has put it into every copy of the object."""

    about: ClassVar[CaptureAbout] = CaptureAbout(
        name="kubernetes.describe",
        line="Keeps how a workload, its pods and their events stand.",
        connects=("kubernetes",),
        target=(NAMESPACE, DEPLOYMENT, STATEFULSET),
        example={
            "source": "kubernetes.describe",
            "target": {"connection": "prod-eu", "namespace": "assistants", "deployment": "support-agent"},
        },
        keeps="the workload, its pods and up to 200 events as JSON, without the values of variables",
        permissions=(
            Permission("kubernetes", "get", "apps/deployments"),
            Permission("kubernetes", "list", "pods"),
            Permission("kubernetes", "list", "events"),
        ),
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._client = KubernetesClient(connection)

    def take(self, target: Target, *, within: float) -> Captured:
        deadline, workload = Deadline(within), Workload.of(target)
        found = self._client.get(workload.path, within=deadline.left)
        labels = at(found, "spec", "selector", "matchLabels") or {}
        selector = {"labelSelector": ",".join(f"{key}={value}" for key, value in sorted(labels.items()))}
        kept: dict[str, Any] = {
            "workload": found,
            "pods": self._listed(path("pod", workload.namespace), selector, deadline),
            "events": self._listed(f"/api/v1/namespaces/{workload.namespace}/events", {}, deadline),
        }
        text = json.dumps(_without_values(kept), indent=1, sort_keys=True)
        return Captured(f"{workload.name}-describe.json", "application/json", text.encode())

    def _listed(self, where: str, query: dict[str, str], deadline: Deadline) -> Any:  # noqa: ANN401 - a list, or why not
        try:
            return self._client.items(where, within=deadline.left, query=query)[-_EVENTS:]
        except LeverError as error:
            return f"could not be read: {error.what}"


def _without_values(found: Any) -> Any:  # noqa: ANN401 - whatever stands there
    if isinstance(found, list):
        return [_without_values(one) for one in found]
    if not isinstance(found, dict):
        return found
    kept = {key: _without_values(value) for key, value in found.items() if key != "managedFields"}
    # The last configuration is the whole object once more, as one text.
    kept.pop("kubectl.kubernetes.io/last-applied-configuration", None)
    if isinstance(kept.get("env"), list):
        kept["env"] = [{**one, "value": _HIDDEN} if "value" in one else one for one in kept["env"]]
    return kept
