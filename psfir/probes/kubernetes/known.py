"""Whether what a probe is told to look for can be there at all: a name that nobody bears is absent for ever."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psfir.domain.about import Permission
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes import KubernetesClient
from psfir.vendors.kubernetes_objects import path

_KINDS = ("deployment", "statefulset", "replicaset")
PERMISSIONS = tuple(Permission("kubernetes", "list", f"apps/{kind}s") for kind in _KINDS)


def workloads(client: KubernetesClient, namespace: str, deadline: Deadline) -> Iterator[dict[str, Any]]:
    """Whatever makes pods there, kind by kind, so that the first match spares the rest."""
    for kind in _KINDS:
        yield from client.items(path(kind, namespace), within=deadline.left)
