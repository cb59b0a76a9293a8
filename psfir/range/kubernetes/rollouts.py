"""The deployment controller: a ReplicaSet for each template, revisions, and the way from the old pods to the new."""

from __future__ import annotations

from psfir.range.copies import copied
from psfir.range.kubernetes import resources
from psfir.range.kubernetes.controllers import MANAGER, Desk, condition, owner_ref
from psfir.range.kubernetes.pods import active
from psfir.range.kubernetes.replicas import template_hash
from psfir.range.kubernetes.resources import Obj

REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
_DESIRED = "deployment.kubernetes.io/desired-replicas"
_HASH = "pod-template-hash"


def deployments(desk: Desk) -> None:
    for each in desk.all(resources.DEPLOYMENTS):
        if "deletionTimestamp" not in each["metadata"]:
            _deployment(desk, each)


def _deployment(desk: Desk, each: Obj) -> None:
    sets = desk.store.owned(resources.REPLICA_SETS, each)
    new = next((rs for rs in sets if _bare(rs["spec"]["template"]) == each["spec"]["template"]), None)
    old = [rs for rs in sets if rs is not new]
    if not each["spec"].get("paused"):
        new = _newest(desk, each, new, old)
        each = _noted(desk, each, _number(new))
        if each["spec"]["strategy"]["type"] == "Recreate":
            new, old = _recreate(desk, each, new, old)
        else:
            new, old = _roll(desk, each, new, old)
        _forget(desk, each, old)
    else:
        new, old = _resize(desk, each, new, old)
    _status(desk, each, new, old)


def _bare(template: Obj) -> Obj:
    bare = copied(template)
    bare["metadata"]["labels"].pop(_HASH, None)
    return bare


def _number(rs: Obj) -> int:
    return int((rs["metadata"].get("annotations") or {}).get(REVISION, 0))


def _newest(desk: Desk, each: Obj, new: Obj | None, old: list[Obj]) -> Obj:
    """The ReplicaSet of today's template; one that is come back to gets a new number."""
    highest = max((_number(rs) for rs in old), default=0)
    if new is not None:
        if _number(new) <= highest:
            notes = new["metadata"]["annotations"]
            notes[HISTORY] = ",".join(one for one in (notes.get(HISTORY), notes.get(REVISION)) if one)
            notes[REVISION] = str(highest + 1)
            new = desk.write(resources.REPLICA_SETS, new)
        return new
    meta, template = each["metadata"], copied(each["spec"]["template"])
    mark = {_HASH: template_hash(template)}
    template["metadata"]["labels"] = {**template["metadata"]["labels"], **mark}
    selector = copied(each["spec"]["selector"])
    selector["matchLabels"] = {**(selector.get("matchLabels") or {}), **mark}
    rs = {
        "metadata": {
            "name": f"{meta['name']}-{mark[_HASH]}",
            "namespace": meta["namespace"],
            "labels": template["metadata"]["labels"],
            "annotations": {REVISION: str(highest + 1), _DESIRED: str(each["spec"]["replicas"])},
            "ownerReferences": [owner_ref(each)],
        },
        "spec": {"replicas": 0, "selector": selector, "template": template},
    }
    return desk.registry.create(resources.REPLICA_SETS, rs, writer=MANAGER)


def _noted(desk: Desk, each: Obj, number: int) -> Obj:
    held = each["metadata"].get("annotations") or {}
    if held.get(REVISION) == str(number):
        return each
    each["metadata"]["annotations"] = {**held, REVISION: str(number)}
    return desk.write(resources.DEPLOYMENTS, each)


def _sized(desk: Desk, each: Obj, rs: Obj, replicas: int) -> Obj:
    before = rs["spec"]["replicas"]
    desired = str(each["spec"]["replicas"])
    if before == replicas and rs["metadata"]["annotations"].get(_DESIRED) == desired:
        return rs
    rs["metadata"]["annotations"][_DESIRED] = desired
    rs = desk.scale(resources.REPLICA_SETS, rs, replicas, MANAGER)
    if before != replicas:
        way = "up" if replicas > before else "down"
        told = f"Scaled {way} replica set {rs['metadata']['name']} from {before} to {replicas}"
        desk.tell(each, "ScalingReplicaSet", told)
    return rs


def _recreate(desk: Desk, each: Obj, new: Obj, old: list[Obj]) -> tuple[Obj, list[Obj]]:
    old = [_sized(desk, each, rs, 0) for rs in old]
    if not any(desk.store.owned(resources.PODS, rs) for rs in old):
        new = _sized(desk, each, new, each["spec"]["replicas"])
    return new, old


def _roll(desk: Desk, each: Obj, new: Obj, old: list[Obj]) -> tuple[Obj, list[Obj]]:
    """Within maxSurge up and maxUnavailable down, as pods become ready."""
    wanted, limits = each["spec"]["replicas"], each["spec"]["strategy"].get("rollingUpdate") or {}
    surge = _part(limits.get("maxSurge", "25%"), wanted, up=True)
    missing = _part(limits.get("maxUnavailable", "25%"), wanted, up=False)
    missing = missing or int(not surge)
    others = sum(rs["spec"]["replicas"] for rs in old)
    if not others or wanted <= new["spec"]["replicas"]:
        new = _sized(desk, each, new, wanted)
    else:
        room = wanted + surge - others - new["spec"]["replicas"]
        new = _sized(desk, each, new, min(wanted, new["spec"]["replicas"] + max(0, room)))
    unready = new["spec"]["replicas"] - _ready(desk, new)
    spare = others + new["spec"]["replicas"] - (wanted - missing) - unready
    shrunk = []
    for rs in sorted(old, key=_number):
        less = max(0, min(rs["spec"]["replicas"], spare)) if wanted else rs["spec"]["replicas"]
        spare -= less
        shrunk.append(_sized(desk, each, rs, rs["spec"]["replicas"] - less))
    return new, shrunk


def _resize(desk: Desk, each: Obj, new: Obj | None, old: list[Obj]) -> tuple[Obj | None, list[Obj]]:
    """A paused deployment changes no template, but the pods it has are still as many as it says."""
    sets = sorted([*old, *([new] if new else [])], key=_number)
    standing = [rs for rs in sets if rs["spec"]["replicas"]] or sets[-1:]
    left = each["spec"]["replicas"]
    sized = {}
    for at, rs in enumerate(standing):
        last = at == len(standing) - 1
        share = left if last else min(rs["spec"]["replicas"], left)
        sized[rs["metadata"]["uid"]] = _sized(desk, each, rs, share)
        left -= share
    now = [sized.get(rs["metadata"]["uid"], rs) for rs in sets]
    fresh = next((rs for rs in now if new and rs["metadata"]["uid"] == new["metadata"]["uid"]), None)
    return fresh, [rs for rs in now if rs is not fresh]


def _ready(desk: Desk, rs: Obj) -> int:
    held = desk.store.get(resources.REPLICA_SETS, rs["metadata"]["namespace"], rs["metadata"]["name"]) or rs
    return min(int((held.get("status") or {}).get("readyReplicas", 0)), int(rs["spec"]["replicas"]))


def _part(told: int | str, of: int, *, up: bool) -> int:
    if isinstance(told, int):
        return told
    share = of * int(told.rstrip("%"))
    return -(-share // 100) if up else share // 100


def _forget(desk: Desk, each: Obj, old: list[Obj]) -> None:
    empty = sorted((rs for rs in old if not rs["spec"]["replicas"]), key=_number, reverse=True)
    for rs in empty[each["spec"]["revisionHistoryLimit"] :]:
        if not (rs.get("status") or {}).get("replicas"):
            desk.registry.delete(resources.REPLICA_SETS, rs)


def _status(desk: Desk, each: Obj, new: Obj | None, old: list[Obj]) -> None:
    fresh = len(active(desk.store.owned(resources.PODS, new))) if new else 0
    total = fresh + sum(len(active(desk.store.owned(resources.PODS, rs))) for rs in old)
    ready = sum(_ready(desk, rs) for rs in ([new] if new else []) + old)
    wanted = each["spec"]["replicas"]
    enough = ready >= wanted - _part(
        (each["spec"]["strategy"].get("rollingUpdate") or {}).get("maxUnavailable", 0), wanted, up=False
    )
    done = fresh == wanted == ready == total
    told = {
        "replicas": total,
        "updatedReplicas": fresh,
        "readyReplicas": ready,
        "availableReplicas": ready,
        "unavailableReplicas": max(0, total - ready),
        "observedGeneration": each["metadata"]["generation"],
        "conditions": [
            condition(each, "Available", true=enough, reason=f"MinimumReplicas{'A' if enough else 'Una'}vailable"),
            _progress(each, done=done),
        ],
    }
    desk.status(resources.DEPLOYMENTS, each, told)


def _progress(each: Obj, *, done: bool) -> Obj:
    if each["spec"].get("paused"):
        return condition(each, "Progressing", true=False, reason="DeploymentPaused", message="Deployment is paused")
    return condition(each, "Progressing", true=True, reason="NewReplicaSetAvailable" if done else "ReplicaSetUpdated")
