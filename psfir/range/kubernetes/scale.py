"""The scale subresource, with its two surprises: 0 is shown as an empty spec, and setting 0 leaves no owner."""

from __future__ import annotations

from psfir.range.kubernetes.bodies import patched
from psfir.range.kubernetes.ownership import REPLICAS
from psfir.range.kubernetes.registry import Registry
from psfir.range.kubernetes.resources import Obj, Resource
from psfir.range.kubernetes.routing import Call
from psfir.range.kubernetes.status import invalid, no_such_method, unreadable
from psfir.range.kubernetes.validation import cause

_SCALE = Resource("autoscaling", "v1", "scales", "Scale")


def scale_of(obj: Obj) -> Obj:
    meta, spec = obj["metadata"], obj["spec"]
    wanted = spec.get("replicas", 0)
    labels = (spec.get("selector") or {}).get("matchLabels") or {}
    return {
        "kind": "Scale",
        "apiVersion": _SCALE.api_version,
        "metadata": {
            key: meta[key]
            for key in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
            if key in meta
        },
        "spec": {"replicas": wanted} if wanted else {},
        "status": {
            "replicas": obj.get("status", {}).get("replicas", 0),
            "selector": ",".join(f"{key}={value}" for key, value in sorted(labels.items())),
        },
    }


def scaled(call: Call, registry: Registry) -> Obj:
    """GET, PUT and PATCH of a scale."""
    held = registry.get(call.resource, call.namespace, call.name)
    if call.verb == "get":
        return scale_of(held)
    if call.verb not in {"update", "patch"}:
        raise no_such_method()
    asked = patched(call, scale_of(held)) if call.verb == "patch" else call.body()
    wanted = (asked.get("spec") or {}).get("replicas") or 0
    if not isinstance(wanted, int):
        raise unreadable(
            _SCALE, "json: cannot unmarshal string into Go struct field ScaleSpec.spec.replicas of type int32"
        )
    if wanted < 0:
        told = f"Invalid value: {wanted}: must be greater than or equal to 0"
        raise invalid(_SCALE, call.name, [cause("Invalid", "spec.replicas", told)])
    changes = held["spec"].get("replicas") != wanted
    held["spec"]["replicas"] = wanted
    held["metadata"]["resourceVersion"] = (asked.get("metadata") or {}).get("resourceVersion")
    lost = [REPLICAS] if changes and not wanted else []
    return scale_of(registry.update(call.resource, held, writer=call.writer, dry_run=call.dry_run, lost=lost))
