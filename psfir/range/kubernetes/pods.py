"""The scheduler and the kubelet of a cluster with one node: pods start, become ready, and end."""

from __future__ import annotations

from uuid import uuid4

from psfir.range.copies import copied
from psfir.range.kubernetes import resources
from psfir.range.kubernetes.controllers import MANAGER, Desk, condition, owner_ref
from psfir.range.kubernetes.ownership import Writer
from psfir.range.kubernetes.resources import Obj
from psfir.range.kubernetes.special import is_ready
from psfir.range.kubernetes.store import moment

NODE = "node-1"
HOST = "192.0.2.1"
_KUBELET = Writer("kubelet", "Update", "status")
_NOT_READY = "ContainersNotReady"
_BEGUN, _SERVING = ("PodScheduled", "Initialized"), ("ContainersReady", "Ready")


def kubelet(desk: Desk) -> None:
    """Places every pod on the node, starts it there, and ends it when it is told to."""
    for pod in desk.all(resources.PODS, where=lambda pod: _concerns(desk, pod)):
        meta = pod["metadata"]
        if "deletionTimestamp" in meta:
            if desk.pace.kubelet and desk.ripe(("gone", meta["uid"]), desk.pace.gone, space=meta["namespace"]):
                desk.registry.finish(resources.PODS, pod)
                desk.pace.unready.discard(meta["uid"])
        elif not pod["spec"].get("nodeName"):
            pod["spec"]["nodeName"] = NODE
            desk.write(resources.PODS, pod)
        elif _starts(desk, pod) and desk.ripe(("ready", meta["uid"]), desk.pace.ready, space=meta["namespace"]):
            _run(desk, pod)
        elif desk.pace.kubelet and _probes_anew(desk, pod):
            _probe(desk, pod)


def _concerns(desk: Desk, pod: Obj) -> bool:
    """Whether there is something to do for it, or soon will be: for most there is not."""
    if (
        "deletionTimestamp" in pod["metadata"]
        or pod["status"].get("phase") == "Pending"
        or not pod["spec"].get("nodeName")
    ):
        return True
    return _probes_anew(desk, pod)


def active(pods: list[Obj]) -> list[Obj]:
    """Those that have neither ended nor been told to."""
    return [
        pod
        for pod in pods
        if "deletionTimestamp" not in pod["metadata"] and pod["status"]["phase"] not in {"Succeeded", "Failed"}
    ]


def make(desk: Desk, owner: Obj, template: Obj, *, name: str = "", labels: Obj | None = None) -> Obj:
    """A pod of that owner, from its template."""
    meta = copied(template.get("metadata") or {})
    meta["labels"] = {**(meta.get("labels") or {}), **(labels or {})}
    meta |= {"namespace": owner["metadata"]["namespace"], "ownerReferences": [owner_ref(owner)]}
    meta |= {"name": name} if name else {"generateName": f"{owner['metadata']['name']}-"}
    pod = {"metadata": meta, "spec": copied(template["spec"])}
    return desk.registry.create(resources.PODS, pod, writer=MANAGER)


def _starts(desk: Desk, pod: Obj) -> bool:
    return desk.pace.kubelet and pod["status"]["phase"] == "Pending" and not _broken(desk, pod)


def _broken(desk: Desk, pod: Obj) -> bool:
    broken = any(each["image"] in desk.pace.broken for each in pod["spec"]["containers"])
    if broken and "containerStatuses" not in pod["status"]:
        waiting = {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}
        statuses = [_container(each, waiting, ready=False) for each in pod["spec"]["containers"]]
        desk.write(resources.PODS, {**pod, "status": {**pod["status"], "containerStatuses": statuses}}, _KUBELET)
    return broken


def _run(desk: Desk, pod: Obj) -> None:
    number, ready = uuid4().int, _passes_probe(desk, pod)
    address = f"10.244.{number % 250}.{number // 250 % 250 + 2}"
    running = {"running": {"startedAt": moment()}}
    status = {
        **pod["status"],
        "phase": "Running",
        "startTime": moment(),
        "hostIP": HOST,
        "podIP": address,
        "podIPs": [{"ip": address}],
        "conditions": _conditions(pod, ready=ready),
        "containerStatuses": [_container(each, running, ready=ready) for each in pod["spec"]["containers"]],
    }
    desk.write(resources.PODS, {**pod, "status": status}, _KUBELET)


def _probe(desk: Desk, pod: Obj) -> None:
    """What the application says of itself becomes what the pod's status says."""
    ready = _passes_probe(desk, pod)
    statuses = [{**each, "ready": ready} for each in pod["status"].get("containerStatuses") or ()]
    status = {**pod["status"], "conditions": _conditions(pod, ready=ready), "containerStatuses": statuses}
    desk.write(resources.PODS, {**pod, "status": status}, _KUBELET)


def _probes_anew(desk: Desk, pod: Obj) -> bool:
    """Whether it says another thing than before; what somebody else wrote of its readiness is left alone."""
    if pod["status"].get("phase") != "Running":
        return False
    if not _passes_probe(desk, pod):
        return is_ready(pod)
    conditions = pod["status"].get("conditions") or ()
    return any(each["type"] == "Ready" and each.get("reason") == _NOT_READY for each in conditions)


def _passes_probe(desk: Desk, pod: Obj) -> bool:
    return pod["metadata"]["uid"] not in desk.pace.unready


def _conditions(pod: Obj, *, ready: bool) -> list[Obj]:
    begun = [condition(pod, kind, true=True, reason="Started") for kind in _BEGUN]
    reason = "Started" if ready else _NOT_READY
    return [*begun, *(condition(pod, kind, true=ready, reason=reason) for kind in _SERVING)]


def _container(container: Obj, state: Obj, *, ready: bool) -> Obj:
    told = {"name": container["name"], "image": container["image"], "imageID": f"range/{container['image']}"}
    return {**told, "ready": ready, "started": "running" in state, "restartCount": 0, "state": state, "lastState": {}}
