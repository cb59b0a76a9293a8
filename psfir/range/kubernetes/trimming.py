"""What the server leaves out of what it stores: nulls, and empty fields that its types mark as such.

So an empty list of egress rules, an empty value of a variable or `paused: false` is not there when it is read back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psfir.range.kubernetes import resources
from psfir.range.kubernetes.resources import Obj, Resource

_META = ("labels", "annotations", "ownerReferences", "finalizers")
_CONTAINER = ("env", "envFrom", "args", "command", "ports", "volumeMounts")
_SPEC = {
    resources.NETWORK_POLICIES: ("egress", "ingress", "policyTypes"),
    resources.DEPLOYMENTS: ("paused",),
    resources.SERVICES: ("selector", "ports"),
}


def trim(resource: Resource, obj: Obj) -> None:
    """In place. Custom resources are kept as they were sent."""
    meta = obj["metadata"]
    _drop(meta, (*_META, *(key for key, value in meta.items() if value is None)))
    if not resource.native:
        return
    for key in ("spec", "data"):
        if key in obj:
            obj[key] = _without_nulls(obj[key])
    _drop(obj, ("data", "binaryData"))
    _drop(obj.get("spec") or {}, _SPEC.get(resource, ()))
    for template in templates(obj):
        _drop(template.get("metadata") or {}, _META)
    for container in containers(obj):
        _drop(container, _CONTAINER)
        for entry in container.get("env") or ():
            _drop(entry, ("value",))


def containers(obj: Obj) -> Iterator[Obj]:
    """Those of a pod, of a template and of a CronJob's template."""
    for holder in (obj.get("spec") or {}, *(template.get("spec") or {} for template in templates(obj))):
        for kind in ("containers", "initContainers"):
            yield from (each for each in holder.get(kind) or () if isinstance(each, dict))


def templates(obj: Obj) -> Iterator[Obj]:
    """A workload's, a CronJob's for its Jobs, and that one's for its pods."""
    spec = obj.get("spec") or {}
    of_jobs = spec.get("jobTemplate") or {}
    yield from (spec.get("template") or {}, of_jobs, (of_jobs.get("spec") or {}).get("template") or {})


def _drop(holder: Obj, names: tuple[str, ...]) -> None:
    for name in names:
        if name in holder and not holder[name]:
            del holder[name]


def _without_nulls(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [_without_nulls(inner) for inner in value] if isinstance(value, list) else value
