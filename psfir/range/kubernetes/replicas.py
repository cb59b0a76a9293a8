"""ReplicaSets, StatefulSets and DaemonSets: as many pods as they should have, their own and no others."""

from __future__ import annotations

from hashlib import sha256

from psfir.domain.canon import canonical
from psfir.range.kubernetes import resources
from psfir.range.kubernetes.controllers import MANAGER, Desk, owner_ref
from psfir.range.kubernetes.pods import active, make
from psfir.range.kubernetes.resources import Obj
from psfir.range.kubernetes.selectors import labels_of, matches
from psfir.range.kubernetes.special import is_ready
from psfir.range.kubernetes.store import Picks, owners

REVISION = "controller-revision-hash"


def template_hash(template: Obj) -> str:
    return sha256(canonical(template)).hexdigest()[:10]


def replica_sets(desk: Desk) -> None:
    for rs in desk.all(resources.REPLICA_SETS):
        if "deletionTimestamp" in rs["metadata"]:
            continue
        mine = active(_claimed(desk, rs))
        surplus = len(mine) - rs["spec"]["replicas"]
        for pod in sorted(mine, key=is_ready)[: max(0, surplus)]:
            desk.registry.delete(resources.PODS, pod)
            desk.tell(rs, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}")
        for _ in range(-surplus):
            pod = make(desk, rs, rs["spec"]["template"])
            desk.tell(rs, "SuccessfulCreate", f"Created pod: {pod['metadata']['name']}")
        _status(desk, rs, [pod for pod in mine if _still(desk, pod)] if surplus > 0 else mine)


def stateful_sets(desk: Desk) -> None:
    for each in desk.all(resources.STATEFUL_SETS):
        if "deletionTimestamp" not in each["metadata"]:
            _stateful_set(desk, each)


def daemon_sets(desk: Desk) -> None:
    """One pod, for the one node."""
    for each in desk.all(resources.DAEMON_SETS):
        pods = active(desk.store.owned(resources.PODS, each))
        wanted = matches(each["spec"]["template"]["spec"].get("nodeSelector") or {}, {"kubernetes.io/os": "linux"})
        if wanted and not pods:
            make(desk, each, each["spec"]["template"])
        for pod in pods if not wanted else ():
            desk.registry.delete(resources.PODS, pod)
        ready = sum(is_ready(pod) for pod in pods)
        counts = {
            "currentNumberScheduled": len(pods),
            "desiredNumberScheduled": int(wanted),
            "numberReady": ready,
            "numberMisscheduled": 0,
        }
        told = {
            **counts,
            "numberAvailable": ready,
            "observedGeneration": each["metadata"]["generation"],
        }
        desk.status(resources.DAEMON_SETS, each, told)


def _claimed(desk: Desk, rs: Obj) -> list[Obj]:
    """Its pods, after those whose labels no longer fit were let go and fitting orphans taken in."""
    selector, uid, claimed = rs["spec"]["selector"], rs["metadata"]["uid"], []
    concerned: Picks = lambda pod: uid in owners(pod) or matches(selector, labels_of(pod))  # noqa: E731 - said once
    for pod in desk.store.all(resources.PODS, rs["metadata"]["namespace"], where=concerned):
        refs = pod["metadata"].get("ownerReferences") or []
        mine = uid in owners(pod)
        fits = matches(selector, labels_of(pod))
        ending = "deletionTimestamp" in pod["metadata"]
        if mine and not fits and not ending:
            pod["metadata"]["ownerReferences"] = [ref for ref in refs if ref["uid"] != uid]
            desk.write(resources.PODS, pod)
        elif fits and not ending and not any(ref.get("controller") for ref in refs):
            pod["metadata"]["ownerReferences"] = [*refs, owner_ref(rs)]
            claimed.append(desk.write(resources.PODS, pod))
        elif mine and fits:
            claimed.append(pod)
    return claimed


def _still(desk: Desk, pod: Obj) -> bool:
    held = desk.store.get(resources.PODS, pod["metadata"]["namespace"], pod["metadata"]["name"])
    return held is not None and "deletionTimestamp" not in held["metadata"]


def _status(desk: Desk, rs: Obj, pods: list[Obj]) -> None:
    ready = sum(is_ready(pod) for pod in pods)
    counts = {"replicas": len(pods), "fullyLabeledReplicas": len(pods), "readyReplicas": ready}
    told = {**counts, "availableReplicas": ready, "observedGeneration": rs["metadata"]["generation"]}
    desk.status(resources.REPLICA_SETS, rs, told)


def _stateful_set(desk: Desk, each: Obj) -> None:
    meta, spec = each["metadata"], each["spec"]
    pods = desk.store.owned(resources.PODS, each)
    running, revision = active(pods), _revision(desk, each)
    wanted = {f"{meta['name']}-{ordinal}": ordinal for ordinal in range(spec["replicas"])}
    for pod in running:
        if pod["metadata"]["name"] not in wanted:
            desk.registry.delete(resources.PODS, pod)
    there = {pod["metadata"]["name"] for pod in pods}
    for name in sorted(wanted.keys() - there):
        labels = {REVISION: revision, "statefulset.kubernetes.io/pod-name": name}
        make(desk, each, spec["template"], name=name, labels=labels)
    kept = [pod for pod in running if pod["metadata"]["name"] in wanted]
    _roll(desk, each, kept, revision)
    ready = sum(is_ready(pod) for pod in kept)
    fresh = sum(labels_of(pod).get(REVISION) == revision for pod in kept)
    counts = {"replicas": len(kept), "readyReplicas": ready, "availableReplicas": ready, "updatedReplicas": fresh}
    done = fresh == len(kept) or not (each.get("status") or {}).get("currentRevision")
    current = revision if done else each["status"]["currentRevision"]
    counts["currentReplicas"] = fresh if done else len(kept) - fresh
    told = {**counts, "currentRevision": current, "updateRevision": revision}
    desk.status(resources.STATEFUL_SETS, each, {**told, "observedGeneration": meta["generation"]})


def _roll(desk: Desk, each: Obj, pods: list[Obj], revision: str) -> None:
    """One outdated pod at a time, the highest first, and only while all others are ready."""
    if each["spec"]["updateStrategy"].get("type") == "OnDelete" or len(pods) < each["spec"]["replicas"]:
        return
    outdated = [pod for pod in pods if labels_of(pod).get(REVISION) != revision]
    fresh = [pod for pod in pods if labels_of(pod).get(REVISION) == revision]
    if outdated and all(is_ready(pod) for pod in fresh):
        desk.registry.delete(resources.PODS, max(outdated, key=lambda pod: str(pod["metadata"]["name"])))


def _revision(desk: Desk, each: Obj) -> str:
    meta, template = each["metadata"], each["spec"]["template"]
    name = f"{meta['name']}-{template_hash(template)}"
    held = desk.store.owned(resources.CONTROLLER_REVISIONS, each)
    newest = max((obj["revision"] for obj in held), default=0)
    same = next((obj for obj in held if obj["metadata"]["name"] == name), None)
    if same is None:
        told = {
            "metadata": {"name": name, "namespace": meta["namespace"], "ownerReferences": [owner_ref(each)]},
            "data": {"spec": {"template": {**template, "$patch": "replace"}}},
            "revision": newest + 1,
        }
        desk.registry.create(resources.CONTROLLER_REVISIONS, told, writer=MANAGER)
    elif same["revision"] < newest:
        desk.write(resources.CONTROLLER_REVISIONS, {**same, "revision": newest + 1})
    return name
