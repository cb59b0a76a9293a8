"""Whether what a probe is told to look for can be there at all: a name that nobody bears is absent for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from psfir.domain.about import Permission
from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes import KubernetesClient
from psfir.vendors.kubernetes_objects import at, path

_KINDS = {
    "deployment": "apps/deployments",
    "statefulset": "apps/statefulsets",
    "replicaset": "apps/replicasets",
    "daemonset": "apps/daemonsets",
    "cronjob": "batch/cronjobs",
    "job": "batch/jobs",
}
_FURTHER = "where no Deployment makes the pods that are looked for"


def permissions(when: Callable[[Mapping[str, Json]], bool]) -> tuple[Permission, ...]:
    """To list each kind, for a probe that looks for a name; `when` tells whether it does."""
    first, *rest = (Permission("kubernetes", "list", resource, when=when) for resource in _KINDS.values())
    return first, *(replace(one, only=_FURTHER) for one in rest)


@frozen
class Maker:
    """Something that makes pods, whether or not it has any now: its name, and the labels that it gives them."""

    name: str
    labels: Mapping[str, Any]


def makers(client: KubernetesClient, namespace: str, deadline: Deadline) -> Iterator[Maker]:
    """Kind by kind, so that the first match spares the rest."""
    for kind in _KINDS:
        for one in client.items(path(kind, namespace), within=deadline.left):
            spec = at(one, "spec", "jobTemplate", "spec") if kind == "cronjob" else one.get("spec")
            yield Maker(str(at(one, "metadata", "name")), at(spec, "template", "metadata", "labels") or {})
