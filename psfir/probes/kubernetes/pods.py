"""`kubernetes.pods`: how many pods of a workload there still are. Zero replicas is not zero pods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import Field, FieldType, Permission, ProbeAbout
from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.verdict import Sight
from psfir.errors import NoSuchTarget, UsageError
from psfir.probes.kubernetes.known import makers, permissions
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes import KubernetesClient
from psfir.vendors.kubernetes_objects import DEPLOYMENT, NAMESPACE, STATEFULSET, Workload, at, path, query_of, selects
from psfir.vendors.shared import shared

_ENDED = {"Succeeded", "Failed"}
_WAYS = ("labels", "deployment", "statefulset")


def _by_labels(said: Mapping[str, Json]) -> bool:
    """A workload that is named is looked up itself."""
    return bool(said.get("labels"))


class PodsProbe:
    """One sight for all of them. A pod that is ending still works; one that has ended does not count.

    That there are none is believed only of labels that some workload gives its pods: a slip in them finds none either.
    """

    about: ClassVar[ProbeAbout] = ProbeAbout(
        name="kubernetes.pods",
        line="Counts the pods of a workload, or with some labels, that have not ended.",
        connects=("kubernetes",),
        target=(
            NAMESPACE,
            Field("labels", FieldType.OBJECT, "the labels of the pods", required=False),
            DEPLOYMENT,
            STATEFULSET,
        ),
        example={
            "probe": "kubernetes.pods",
            "target": {"connection": "prod-eu", "namespace": "assistants", "deployment": "support-agent"},
            "expect": {"pods": 0},
        },
        expect=(
            Field("pods", FieldType.WHOLE, "how many there are at most", required=False),
            Field("ready", FieldType.WHOLE, "how many of them are ready at most", required=False),
        ),
        permissions=(
            Permission("kubernetes", "list", "pods"),
            Permission("kubernetes", "get", "apps/deployments/{deployment}"),
            Permission("kubernetes", "get", "apps/statefulsets/{statefulset}"),
            *permissions(_by_labels),
        ),
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._client = shared(connection, KubernetesClient)

    def look(self, target: Target, expect: Mapping[str, Json], *, within: float) -> Sequence[Sight]:
        most = _most(expect)
        deadline, namespace = Deadline(within), str(target["namespace"])
        query = query_of(self._selector(target, deadline))
        found = self._client.items(path("pod", namespace), within=deadline.left, query=query)
        if not found and isinstance(target.get("labels"), Mapping):
            self._known(target, deadline)
        pods = [pod for pod in found if at(pod, "status", "phase") not in _ENDED]
        ready = [pod for pod in pods if _ready(pod) == "True"]
        unsure = [pod for pod in pods if _ready(pod) == "Unknown"] if "ready" in most else []
        counted = {"pods": len(pods), "ready": len(ready)}
        says = f"{len(pods)} pods, {len(ready)} ready" + (f": {_names(pods)}" if pods else "")
        if any(counted[word] > number for word, number in most.items()):
            return [Sight(query["labelSelector"], Held.NOT_HELD, says)]
        if unsure:
            says = f"{says}; the node of {_names(unsure)} does not say how they are"
            return [Sight(query["labelSelector"], Held.COULD_NOT_TELL, says)]
        return [Sight(query["labelSelector"], Held.HELD, says)]

    def _selector(self, target: Target, deadline: Deadline) -> Mapping[str, Any]:
        ways = [way for way in _WAYS if target.get(way)]
        labels = target.get("labels")
        if len(ways) != 1 or (labels and not isinstance(labels, Mapping)):
            raise UsageError(f"the target names {' and '.join(ways) or 'none'} of {', '.join(_WAYS)}", todo="name one")
        if isinstance(labels, Mapping) and labels:
            return {"matchLabels": labels}
        found = self._client.get(Workload.of(target).path, within=deadline.left)
        return at(found, "spec", "selector") or {}

    def _known(self, target: Target, deadline: Deadline) -> None:
        """Return if some workload gives its pods these labels."""
        labels = {"matchLabels": {key: str(value) for key, value in _mapping(target["labels"]).items()}}
        if any(selects(labels, one.labels) for one in makers(self._client, str(target["namespace"]), deadline)):
            return
        what = "no pod bears these labels, and no workload, CronJob or Job gives them to its pods"
        todo = "check namespace: and labels:, or name the workload instead of labels"
        raise NoSuchTarget(what, where=self._client.where, todo=todo)


def _most(expect: Mapping[str, Json]) -> dict[str, int]:
    """How many of each at most. What is not understood must not pass for held."""
    most = {word: expect[word] for word in ("pods", "ready") if expect.get(word) is not None}
    numbers = {word: number for word, number in most.items() if isinstance(number, int) and number >= 0}
    if not numbers or len(numbers) < len(most):
        raise UsageError("the probe is not told how many pods to expect", todo="say expect: {pods: 0}")
    return numbers


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _names(pods: Sequence[Mapping[str, Any]]) -> str:
    shown = ", ".join(str(at(pod, "metadata", "name")) for pod in pods[:5])
    return f"{shown} and {len(pods) - 5} more" if len(pods) > 5 else shown  # noqa: PLR2004 - five are enough to read


def _ready(pod: Mapping[str, Any]) -> str:
    """True, False, or Unknown where the node has not said for a while; nothing said yet is not ready."""
    if at(pod, "status", "phase") == "Unknown":
        return "Unknown"
    conditions = at(pod, "status", "conditions") or []
    return next((str(one.get("status")) for one in conditions if one.get("type") == "Ready"), "False")
