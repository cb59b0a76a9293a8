"""`kubernetes.pods`: how many pods of a workload there still are. Zero replicas is not zero pods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import Field, FieldType, Permission, ProbeAbout
from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.verdict import Sight
from psfir.errors import LeverError
from psfir.vendors.kubernetes import KubernetesClient
from psfir.vendors.kubernetes_objects import NAMESPACE, at, path

_ENDED = {"Succeeded", "Failed"}


class PodsProbe:
    """One sight for all of them. A pod that is ending still works; one that has ended does not count."""

    about: ClassVar[ProbeAbout] = ProbeAbout(
        name="kubernetes.pods",
        line="Counts the pods with some labels that have not ended.",
        connects=("kubernetes",),
        target=(NAMESPACE, Field("labels", FieldType.OBJECT, "the labels of the pods")),
        example={
            "probe": "kubernetes.pods",
            "target": {"connection": "prod-eu", "namespace": "assistants", "labels": {"app": "support-agent"}},
            "expect": {"pods": 0},
        },
        expect=(
            Field("pods", FieldType.WHOLE, "how many there are at most", required=False),
            Field("ready", FieldType.WHOLE, "how many of them are ready at most", required=False),
        ),
        permissions=(Permission("kubernetes", "list", "pods"),),
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._client = KubernetesClient(connection)

    def look(self, target: Target, expect: Mapping[str, Json], *, within: float) -> Sequence[Sight]:
        labels = target.get("labels")
        if not isinstance(labels, Mapping) or not labels or not expect:
            raise LeverError("the probe is told no labels, or to expect nothing", todo="say labels: and expect:")
        selector = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
        found = self._client.items(
            path("pod", str(target["namespace"])), within=within, query={"labelSelector": selector}
        )
        pods = [pod for pod in found if at(pod, "status", "phase") not in _ENDED]
        ready = [pod for pod in pods if _ready(pod)]
        counted = {"pods": len(pods), "ready": len(ready)}
        held = all(counted[word] <= most for word, most in expect.items() if isinstance(most, int))
        names = ", ".join(str(at(pod, "metadata", "name")) for pod in pods[:5])
        says = f"{len(pods)} pods, {len(ready)} ready" + (f": {names}" if names else "")
        return [Sight(selector, Held.HELD if held else Held.NOT_HELD, says)]


def _ready(pod: Mapping[str, Any]) -> bool:
    conditions = at(pod, "status", "conditions") or []
    return any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)
