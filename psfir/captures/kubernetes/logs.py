"""`kubernetes.logs`: the last words of a workload's pods, which are gone with the pods."""

from __future__ import annotations

from typing import ClassVar

from psfir.contracts import BoundConnection, Captured, Target
from psfir.domain.about import CaptureAbout, Field, FieldType, Permission
from psfir.errors import LeverError, NoSuchTarget
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes import Ask, KubernetesClient
from psfir.vendors.kubernetes_objects import DEPLOYMENT, NAMESPACE, STATEFULSET, Workload, at, path

_PODS = 20
_BYTES = 256 * 1024
_LINES = 2000


class LogsCapture:
    """Every container of up to 20 pods. One that cannot be read is said among the others."""

    about: ClassVar[CaptureAbout] = CaptureAbout(
        name="kubernetes.logs",
        line="Keeps the last lines that the pods of a workload wrote.",
        connects=("kubernetes",),
        target=(
            NAMESPACE,
            DEPLOYMENT,
            STATEFULSET,
            Field("lines", FieldType.WHOLE, "how many lines of each container; default 2000", required=False),
        ),
        example={
            "source": "kubernetes.logs",
            "target": {"connection": "prod-eu", "namespace": "assistants", "deployment": "support-agent"},
        },
        keeps="the last 2000 lines, at most 256 KiB, of each container of up to 20 pods",
        permissions=(
            Permission("kubernetes", "get", "apps/deployments"),
            Permission("kubernetes", "list", "pods"),
            Permission("kubernetes", "get", "pods/log"),
        ),
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._client = KubernetesClient(connection)

    def take(self, target: Target, *, within: float) -> Captured:
        deadline, workload = Deadline(within), Workload.of(target)
        found = self._client.get(workload.path, within=deadline.left)
        labels = at(found, "spec", "selector", "matchLabels") or {}
        selector = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
        pods = path("pod", workload.namespace)
        listed = self._client.items(pods, within=deadline.left, query={"labelSelector": selector})
        if not listed:
            raise NoSuchTarget(f"{workload} has no pods whose words could be kept")
        told: list[str] = []
        for pod in listed[:_PODS]:
            name = str(at(pod, "metadata", "name"))
            for container in at(pod, "spec", "containers") or []:
                told.append(f"==> {name} {container.get('name')} <==")
                told.append(self._log(f"{pods}/{name}/log", str(container.get("name")), target, deadline))
        if len(listed) > _PODS:
            told.append(f"==> and {len(listed) - _PODS} more pods, whose words were not kept <==")
        return Captured(f"{workload.name}-logs.txt", "text/plain", "\n".join(told).encode())

    def _log(self, where: str, container: str, target: Target, deadline: Deadline) -> str:
        lines = target.get("lines") or _LINES
        query = {"container": container, "tailLines": str(lines), "limitBytes": str(_BYTES), "timestamps": "true"}
        try:
            answer = self._client.ask(Ask("GET", where, query, limit=2 * _BYTES), within=deadline.left)
        except LeverError as error:
            return f"(could not be read: {error.what})"
        return answer.body.decode(errors="replace")
