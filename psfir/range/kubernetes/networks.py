"""EndpointSlices and Endpoints follow the pods that a Service's selector picks."""

from __future__ import annotations

from psfir.range.kubernetes import resources
from psfir.range.kubernetes.controllers import MANAGER, Desk, owner_ref
from psfir.range.kubernetes.resources import Obj, Resource
from psfir.range.kubernetes.selectors import labels_of, selecting
from psfir.range.kubernetes.special import is_ready

SERVICE = "kubernetes.io/service-name"
_SLICE_MANAGED = {"endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}
_MANAGED = {"endpoints.kubernetes.io/managed-by": "endpoint-controller"}


def endpoints(desk: Desk) -> None:
    services = desk.all(resources.SERVICES)
    for service in services:
        selector = service["spec"].get("selector")
        if selector and service["spec"]["type"] != "ExternalName":
            pods = desk.store.all(resources.PODS, service["metadata"]["namespace"], where=selecting(selector))
            picked = [pod for pod in pods if pod["status"].get("podIP")]
            _slice(desk, service, picked)
            _legacy(desk, service, picked)
    there = {(each["metadata"]["namespace"], each["metadata"]["name"]) for each in services}
    for each in desk.all(resources.ENDPOINTS):
        key = (each["metadata"]["namespace"], each["metadata"]["name"])
        if key not in there and _MANAGED.items() <= labels_of(each).items():
            desk.registry.delete(resources.ENDPOINTS, each)


def _slice(desk: Desk, service: Obj, pods: list[Obj]) -> None:
    meta = service["metadata"]
    name = f"{meta['name']}-{meta['uid'][:5]}"
    told = {
        "addressType": "IPv4",
        # A slice with nobody in it says null, as the real one does.
        "endpoints": [_endpoint(pod) for pod in pods] or None,
        "ports": _ports(service, pods),
    }
    held = desk.store.get(resources.ENDPOINT_SLICES, meta["namespace"], name)
    if held is not None:
        _keep(desk, resources.ENDPOINT_SLICES, held, told)
        return
    labels = {SERVICE: meta["name"], **_SLICE_MANAGED}
    made = {"name": name, "namespace": meta["namespace"], "labels": labels, "ownerReferences": [owner_ref(service)]}
    desk.registry.create(resources.ENDPOINT_SLICES, {"metadata": made, **told}, writer=MANAGER)


def _keep(desk: Desk, resource: Resource, held: Obj, told: Obj) -> None:
    """Written only where it differs: there are many, and nearly all are so already."""
    if any(held.get(key) != value for key, value in told.items()):
        desk.write(resource, {**held, **told})


def _endpoint(pod: Obj) -> Obj:
    ending, serving = "deletionTimestamp" in pod["metadata"], is_ready(pod)
    return {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": serving and not ending, "serving": serving, "terminating": ending},
        "nodeName": pod["spec"].get("nodeName", ""),
        "targetRef": _target(pod),
    }


def _target(pod: Obj) -> Obj:
    return {"kind": "Pod", **{key: pod["metadata"][key] for key in ("name", "namespace", "uid")}}


def _ports(service: Obj, pods: list[Obj]) -> list[Obj]:
    return [
        {"name": port.get("name", ""), "port": _number(port, pods), "protocol": port["protocol"]}
        for port in service["spec"].get("ports") or ()
    ]


def _number(port: Obj, pods: list[Obj]) -> int | None:
    """A port that is named is looked up in the pods."""
    told = port["targetPort"]
    if isinstance(told, int):
        return told
    named = [
        each["containerPort"]
        for pod in pods
        for container in pod["spec"]["containers"]
        for each in container.get("ports") or ()
        if each.get("name") == told
    ]
    return int(named[0]) if named else None


def _legacy(desk: Desk, service: Obj, pods: list[Obj]) -> None:
    meta = service["metadata"]
    standing = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
    groups = {
        "addresses": [_address(pod) for pod in standing if is_ready(pod)],
        "notReadyAddresses": [_address(pod) for pod in standing if not is_ready(pod)],
    }
    subset = {key: value for key, value in groups.items() if value}
    told = {"subsets": [{**subset, "ports": _ports(service, pods)}] if subset else None}
    held = desk.store.get(resources.ENDPOINTS, meta["namespace"], meta["name"])
    if held is not None:
        _keep(desk, resources.ENDPOINTS, held, told)
        return
    made = {"name": meta["name"], "namespace": meta["namespace"], "labels": dict(_MANAGED)}
    desk.registry.create(resources.ENDPOINTS, {"metadata": made, **told}, writer=MANAGER)


def _address(pod: Obj) -> Obj:
    return {"ip": pod["status"]["podIP"], "nodeName": pod["spec"].get("nodeName", ""), "targetRef": _target(pod)}
