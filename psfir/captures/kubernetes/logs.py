"""`kubernetes.logs`: the last words of a workload's pods, which are gone with the pods."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

from psfir.captures.redacted import text
from psfir.contracts import BoundConnection, Captured, Target
from psfir.domain.about import CaptureAbout, Field, FieldType, Permission
from psfir.errors import LeverError, NoSuchTarget
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes import Ask, KubernetesClient
from psfir.vendors.kubernetes_objects import DEPLOYMENT, NAMESPACE, STATEFULSET, Workload, at, path, query_of
from psfir.vendors.shared import shared

_PODS = 20
_BYTES = 256 * 1024
_ALL = 4 * 1024 * 1024
_LINES = 2000
_AT_ONCE = 16
_SHARE = 0.8
"""Of the time given: what came late would be thrown away with all that was read."""


class LogsCapture:
    """Every container of up to 20 pods, side by side: one that hangs keeps no other waiting, and is said among them."""

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
        one_of=("deployment", "statefulset"),
        example={
            "source": "kubernetes.logs",
            "target": {"connection": "prod-eu", "namespace": "assistants", "deployment": "support-agent"},
        },
        keeps="up to 2000 lines, at most 256 KiB, of each container of up to 20 pods, without what looks like a secret",
        permissions=(
            Permission("kubernetes", "get", "apps/deployments/{deployment}"),
            Permission("kubernetes", "get", "apps/statefulsets/{statefulset}"),
            Permission("kubernetes", "list", "pods"),
            Permission("kubernetes", "get", "pods/log"),
        ),
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._client = shared(connection, KubernetesClient)

    def take(self, target: Target, *, within: float) -> Captured:
        deadline, workload = Deadline(within * _SHARE), Workload.of(target)
        query = query_of(at(self._client.get(workload.path, within=deadline.left), "spec", "selector") or {})
        pods = path("pod", workload.namespace)
        listed = self._client.items(pods, within=deadline.left, query=query)
        if not listed:
            raise NoSuchTarget(f"{workload} has no pods whose words could be kept")
        heads = [
            (str(at(pod, "metadata", "name")), str(container.get("name")))
            for pod in listed[:_PODS]
            for container in at(pod, "spec", "containers") or []
        ]
        limit = min(_BYTES, _ALL // max(1, len(heads)))
        asks = [self._ask(f"{pods}/{pod}/log", container, target, limit) for pod, container in heads]
        with ThreadPoolExecutor(_AT_ONCE) as crew:
            said = list(crew.map(lambda ask: self._said(ask, deadline, limit), asks))
        errors = [one for one in said if isinstance(one, LeverError)]
        if errors and len(errors) == len(said):
            raise errors[0]
        told = []
        for (pod, container), one in zip(heads, said, strict=True):
            words = f"(could not be read: {one.what})" if isinstance(one, LeverError) else one
            told.append(f"==> {pod} {container} <==\n{words}")
        if len(listed) > _PODS:
            told.append(f"==> and {len(listed) - _PODS} more pods, whose words were not kept <==")
        return Captured(f"{workload.name}-logs.txt", "text/plain", text("\n".join(told)).encode())

    def _ask(self, where: str, container: str, target: Target, limit: int) -> Ask:
        lines = str(target.get("lines") or _LINES)
        query = {"container": container, "tailLines": lines, "limitBytes": str(limit), "timestamps": "true"}
        return Ask("GET", where, query, limit=2 * limit)

    def _said(self, ask: Ask, deadline: Deadline, limit: int) -> str | LeverError:
        """What a container said; the error if that could not be had."""
        try:
            body = self._client.ask(ask, within=deadline.left).body
        except LeverError as error:
            return error
        # The server counts from the oldest of the lines that were asked for.
        cut = f"\n(cut off at {limit} bytes: the newest lines are missing; ask for fewer)" if len(body) >= limit else ""
        return body.decode(errors="replace") + cut
