"""What the server refuses to store: 400 for what it cannot read, 422 and the field for what it will not have."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping

from psfir.range.kubernetes import resources
from psfir.range.kubernetes.resources import Obj, Resource
from psfir.range.kubernetes.selectors import matches
from psfir.range.kubernetes.status import Cause, invalid, unreadable
from psfir.range.kubernetes.trimming import containers

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_MICRO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)")
_REPLICATED = {
    *(resources.DEPLOYMENTS, resources.STATEFUL_SETS, resources.REPLICA_SETS),
    resources.ROLLOUTS,
}
_TEMPLATED = _REPLICATED - {resources.ROLLOUTS} | {resources.DAEMON_SETS}
_NEEDS_SPEC = _TEMPLATED | {resources.PODS, resources.SERVICES, resources.HPAS, resources.JOBS, resources.CRON_JOBS}
_NEEDS_SPEC |= {resources.NETWORK_POLICIES}


def read(resource: Resource, obj: Obj) -> None:
    """Refuse what does not even have the kind's types."""
    for field in ("metadata", "spec"):
        if field in obj and not isinstance(obj[field], dict):
            raise _mistyped(resource, obj[field], f"{resource.kind}.{field}", "object")
    spec = obj.get("spec") or {}
    replicas = spec.get("replicas")
    if replicas is not None and (not isinstance(replicas, int) or isinstance(replicas, bool)):
        raise _mistyped(resource, replicas, f"{resource.kind}Spec.spec.replicas", "int32")
    _texts(resource, obj)
    if resource == resources.LEASES:
        _lease_times(resource, spec)
    if resource in _NEEDS_SPEC:
        obj.setdefault("spec", {})


def _texts(resource: Resource, obj: Obj) -> None:
    if resource in {resources.CONFIG_MAPS, resources.SECRETS}:
        for value in (obj.get("data") or {}).values():
            if not isinstance(value, str):
                raise _mistyped(resource, value, f"{resource.kind}.data", "string")
    for container in containers(obj):
        for entry in container.get("env") or ():
            if not isinstance(entry.get("value", ""), str):
                raise _mistyped(resource, entry["value"], "EnvVar.value", "string")


def check(resource: Resource, obj: Obj, old: Obj | None) -> None:
    """Refuse what the kind forbids, naming every field at once."""
    faults = list(_faults(resource, obj, old))
    if faults:
        raise invalid(resource, obj["metadata"].get("name", ""), faults)


def cause(kind: str, field: str, told: str) -> Cause:
    return {"reason": f"FieldValue{kind}", "message": told, "field": field}


def _faults(resource: Resource, obj: Obj, old: Obj | None) -> Iterator[Cause]:
    name = obj["metadata"].get("name", "")
    if not name:
        yield cause("Required", "metadata.name", "Required value: name or generateName is required")
    elif resource.group != "rbac.authorization.k8s.io" and not _NAME.fullmatch(name):
        told = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'"
        yield cause("Invalid", "metadata.name", f"Invalid value: {json.dumps(name)}: {told}")
    if resource in _REPLICATED:
        yield from _replicas(obj)
    if resource in _TEMPLATED:
        yield from _selector(obj, old)
    yield from _container_faults(obj)
    if resource in _SPECIAL:
        yield from _SPECIAL[resource](obj, old)


def _replicas(obj: Obj) -> Iterator[Cause]:
    replicas = obj["spec"].get("replicas")
    if isinstance(replicas, int) and replicas < 0:
        yield cause("Invalid", "spec.replicas", f"Invalid value: {replicas}: must be greater than or equal to 0")


def _selector(obj: Obj, old: Obj | None) -> Iterator[Cause]:
    selector, labels = obj["spec"].get("selector"), obj["spec"]["template"]["metadata"].get("labels") or {}
    if not selector:
        yield cause("Required", "spec.selector", "Required value")
    elif not matches(selector, labels):
        told = f"Invalid value: {json.dumps(labels)}: `selector` does not match template `labels`"
        yield cause("Invalid", "spec.template.metadata.labels", told)
    if old is not None and old["spec"].get("selector") != selector:
        yield cause("Invalid", "spec.selector", f"Invalid value: {json.dumps(selector)}: field is immutable")


def _container_faults(obj: Obj) -> Iterator[Cause]:
    for path, spec in _pod_specs(obj):
        if not spec.get("containers"):
            yield cause("Required", f"{path}.containers", "Required value")
        for at, container in enumerate(spec.get("containers") or ()):
            for needed in ("name", "image"):
                if not container.get(needed):
                    yield cause("Required", f"{path}.containers[{at}].{needed}", "Required value")
            for number, entry in enumerate(container.get("env") or ()):
                if not entry.get("name"):
                    yield cause("Required", f"{path}.containers[{at}].env[{number}].name", "Required value")


def _service(obj: Obj, old: Obj | None) -> Iterator[Cause]:
    ports = obj["spec"].get("ports") or []
    if not ports and obj["spec"].get("type") != "ExternalName" and obj["spec"].get("clusterIP") != "None":
        yield cause("Required", "spec.ports", "Required value")
    if old is not None and old["spec"].get("clusterIP") != obj["spec"].get("clusterIP"):
        told = json.dumps(obj["spec"].get("clusterIP"))
        yield cause("Invalid", "spec.clusterIPs[0]", f"Invalid value: [{told}]: may not change once set")


def _config(obj: Obj, old: Obj | None) -> Iterator[Cause]:
    if old is not None and old.get("immutable"):
        told = "Forbidden: field is immutable when `immutable` is set"
        for field in ("data", "binaryData", "immutable"):
            if old.get(field) != obj.get(field):
                yield cause("Forbidden", field, told)


def _network_policy(obj: Obj, _old: Obj | None) -> Iterator[Cause]:
    for at, kind in enumerate(obj["spec"].get("policyTypes") or ()):
        if kind not in {"Ingress", "Egress"}:
            told = f'Unsupported value: "{kind}": supported values: "Egress", "Ingress"'
            yield cause("NotSupported", f"spec.policyTypes[{at}]", told)


def _hpa(obj: Obj, _old: Obj | None) -> Iterator[Cause]:
    least, most = obj["spec"].get("minReplicas", 1), obj["spec"].get("maxReplicas", 0)
    if most < 1:
        yield cause("Invalid", "spec.maxReplicas", f"Invalid value: {most}: must be greater than 0")
    if least < 1:
        yield cause("Invalid", "spec.minReplicas", f"Invalid value: {least}: must be greater than or equal to 1")
    if most < least:
        yield cause(
            "Invalid", "spec.maxReplicas", f"Invalid value: {most}: must be greater than or equal to `minReplicas`"
        )


def _pod(obj: Obj, old: Obj | None) -> Iterator[Cause]:
    if old is not None:
        was, now = (_fixed(each["spec"]) for each in (old, obj))
        if was != now:
            told = "Forbidden: pod updates may not change fields other than `spec.containers[*].image`"
            yield cause("Forbidden", "spec", told)


def _cron_job(obj: Obj, _old: Obj | None) -> Iterator[Cause]:
    if not obj["spec"].get("schedule"):
        yield cause("Required", "spec.schedule", "Required value")


def _job(obj: Obj, old: Obj | None) -> Iterator[Cause]:
    if old is not None and old["spec"].get("template") != obj["spec"].get("template"):
        yield cause("Invalid", "spec.template", "Invalid value: field is immutable")


_SPECIAL: Mapping[Resource, Callable[[Obj, Obj | None], Iterator[Cause]]] = {
    resources.SERVICES: _service,
    resources.CONFIG_MAPS: _config,
    resources.SECRETS: _config,
    resources.NETWORK_POLICIES: _network_policy,
    resources.HPAS: _hpa,
    resources.PODS: _pod,
    resources.CRON_JOBS: _cron_job,
    resources.JOBS: _job,
}


def _fixed(spec: Obj) -> Obj:
    free = {"tolerations", "activeDeadlineSeconds", "terminationGracePeriodSeconds", "nodeName"}
    fixed = {key: value for key, value in spec.items() if key not in free}
    fixed["containers"] = [{**each, "image": ""} for each in spec.get("containers") or ()]
    return fixed


def _pod_specs(obj: Obj) -> Iterator[tuple[str, Obj]]:
    if obj.get("kind") == "Pod":
        yield "spec", obj["spec"]
    elif obj.get("kind") == "CronJob":
        yield "spec.jobTemplate.spec.template.spec", obj["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    elif obj.get("apiVersion") in {"apps/v1", "batch/v1"} and "spec" in obj:
        yield "spec.template.spec", obj["spec"]["template"]["spec"]


def _lease_times(resource: Resource, spec: Obj) -> None:
    for field in ("renewTime", "acquireTime"):
        told = spec.get(field)
        if told is not None and not _MICRO.fullmatch(told):
            layout = "2006-01-02T15:04:05.000000Z07:00"
            rest = told[19:]
            why = f'parsing time "{told}" as "{layout}": cannot parse "{rest}" as ".000000"'
            raise unreadable(resource, why)


def _mistyped(resource: Resource, value: object, where: str, wanted: str) -> Exception:
    kinds = {bool: "bool", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    found = kinds.get(type(value), "null")
    return unreadable(resource, f"json: cannot unmarshal {found} into Go struct field {where} of type {wanted}")
