"""What undoes a kill: HPA, KEDA, Argo CD's self-heal, and a keeper of anything one likes."""

from __future__ import annotations

from psfir.domain.values import frozen
from psfir.range.kubernetes import resources
from psfir.range.kubernetes.controllers import Desk, condition, owner_ref
from psfir.range.kubernetes.ownership import Writer
from psfir.range.kubernetes.patches import strategic
from psfir.range.kubernetes.resources import BY_KIND, Obj, Resource, resource_of

PAUSED_REPLICAS = "autoscaling.keda.sh/paused-replicas"
PAUSED = "autoscaling.keda.sh/paused"
TRACKED_LABEL = "app.kubernetes.io/instance"
TRACKED = "argocd.argoproj.io/tracking-id"
_KEDA = Writer("keda-operator")
_ARGO = Writer("argocd-controller", "Update")
_ZERO = "scaling is disabled since the replica count of the target is zero"


def hpas(desk: Desk) -> None:
    """Between its least and its most; at 0 it does nothing at all."""
    for hpa in desk.all(resources.HPAS):
        resource, target = _target(desk, hpa)
        if target is None:
            told = [condition(hpa, "AbleToScale", true=False, reason="FailedGetScale")]
            desk.status(resources.HPAS, hpa, {"conditions": told})
            continue
        now = target["spec"].get("replicas", 1)
        wanted = min(max(now, hpa["spec"]["minReplicas"]), hpa["spec"]["maxReplicas"]) if now else 0
        if now != wanted and _ripe(desk, "hpa", hpa, now):
            desk.scale(resource, target, wanted)
            desk.tell(
                hpa, "SuccessfulRescale", f"New size: {wanted}; reason: Current number of replicas is out of bounds"
            )
        active = condition(hpa, "ScalingActive", true=True, reason="ValidMetricFound")
        if not now:
            active = condition(hpa, "ScalingActive", true=False, reason="ScalingDisabled", message=_ZERO)
        conditions = [condition(hpa, "AbleToScale", true=True, reason="SucceededGetScale"), active]
        desk.status(resources.HPAS, hpa, {"currentReplicas": now, "desiredReplicas": wanted, "conditions": conditions})


def scaled_objects(desk: Desk) -> None:
    """KEDA: from 0 up while there is work, through an HPA of its own above that, unless it is paused."""
    for each in desk.all(resources.SCALED_OBJECTS):
        resource, target = _target(desk, each)
        if target is None or "deletionTimestamp" in each["metadata"]:
            continue
        notes = each["metadata"].get("annotations") or {}
        still = notes.get(PAUSED_REPLICAS)
        paused = still is not None or notes.get(PAUSED) == "true"
        _own_hpa(desk, each, target, paused=paused)
        now = target["spec"].get("replicas", 1)
        wanted = now if paused else max(now, each["spec"].get("minReplicaCount", 0), int(desk.pace.load))
        wanted = int(still) if still is not None else wanted
        if now != wanted and _ripe(desk, "keda", each, now):
            desk.scale(resource, target, wanted, Writer("keda-operator", "Update", "scale"))
        reason = "ScaledObjectPaused" if paused else "ScaledObjectNotPaused"
        told = {"conditions": [condition(each, "Ready", true=True, reason="ScaledObjectReady")]}
        told["conditions"].append(condition(each, "Paused", true=paused, reason=reason))
        desk.status(resources.SCALED_OBJECTS, each, told)


@frozen
class Keep:
    """Somebody wants these fields so, and puts them back `after` so many seconds; None at the cluster's own pace."""

    resource: Resource
    namespace: str
    name: str
    fields: Obj
    writer: Writer = Writer("operator")
    after: float | None = None


class Keepers:
    """`keeps` are put back whenever they differ; `repository` is what Argo CD holds each application to."""

    def __init__(self) -> None:
        self.keeps: list[Keep] = []
        self.repository: dict[tuple[str, str], list[Obj]] = {}

    def __call__(self, desk: Desk) -> None:
        for keep in list(self.keeps):
            if desk.spaces is None or keep.namespace in desk.spaces:
                _put_back(desk, keep)
        for app in desk.store.all(resources.APPLICATIONS):
            self._application(desk, app)

    def _application(self, desk: Desk, app: Obj) -> None:
        meta = app["metadata"]
        automated = (app["spec"].get("syncPolicy") or {}).get("automated")
        heals = bool(automated and automated.get("selfHeal") and automated.get("enabled", True))
        keeps = []
        for obj in self.repository.get((meta["namespace"], meta["name"]), ()):
            where = obj["metadata"].get("namespace", "default")
            keeps.append(Keep(resource_of(obj), where, obj["metadata"]["name"], obj, _ARGO))
        astray = [keep for keep in keeps if _astray(desk, keep)]
        for keep in astray if heals else ():
            _put_back(desk, keep)
        status = {
            "sync": {"status": "OutOfSync" if astray else "Synced"},
            "health": {"status": "Healthy"},
            "resources": [_ref(keep) for keep in keeps],
        }
        if app.get("status") != status:
            desk.write(resources.APPLICATIONS, {**app, "status": status}, _ARGO)


def _ripe(desk: Desk, who: str, scaler: Obj, now: int) -> bool:
    meta = scaler["metadata"]
    return desk.ripe((who, meta["uid"], now), desk.pace.undo, space=meta["namespace"])


def _target(desk: Desk, scaler: Obj) -> tuple[Resource, Obj | None]:
    ref = scaler["spec"]["scaleTargetRef"]
    kind = ref.get("kind", "Deployment")
    resource = BY_KIND.get((ref.get("apiVersion") or "apps/v1", kind), resources.DEPLOYMENTS)
    return resource, desk.store.get(resource, scaler["metadata"]["namespace"], ref["name"])


def _own_hpa(desk: Desk, each: Obj, target: Obj, *, paused: bool) -> None:
    meta, spec = each["metadata"], each["spec"]
    name = f"keda-hpa-{meta['name']}"
    held = desk.store.get(resources.HPAS, meta["namespace"], name)
    if paused and held is not None:
        desk.registry.delete(resources.HPAS, held)
    elif not paused and held is None:
        ref = {"apiVersion": target["apiVersion"], "kind": target["kind"], "name": target["metadata"]["name"]}
        least = max(1, spec.get("minReplicaCount", 0))
        labels = {"app.kubernetes.io/managed-by": "keda-operator", "scaledobject.keda.sh/name": meta["name"]}
        made = {"name": name, "namespace": meta["namespace"], "labels": labels, "ownerReferences": [owner_ref(each)]}
        limits = {"minReplicas": least, "maxReplicas": spec.get("maxReplicaCount", 100)}
        desk.registry.create(
            resources.HPAS, {"metadata": made, "spec": {"scaleTargetRef": ref, **limits}}, writer=_KEDA
        )


def _astray(desk: Desk, keep: Keep) -> bool:
    live = desk.store.get(keep.resource, keep.namespace, keep.name)
    return live is None or strategic(live, keep.fields) != live


def _put_back(desk: Desk, keep: Keep) -> None:
    live = desk.store.get(keep.resource, keep.namespace, keep.name)
    if live is not None and strategic(live, keep.fields) == live:
        return
    after = desk.pace.undo if keep.after is None else keep.after
    if not desk.ripe(("keep", keep.resource, keep.name, keep.writer), after, space=keep.namespace):
        return
    if live is not None:
        desk.write(keep.resource, strategic(live, keep.fields), keep.writer)
    elif "kind" in keep.fields:
        desk.registry.create(keep.resource, keep.fields, writer=keep.writer)


def _ref(keep: Keep) -> Obj:
    told = {"group": keep.resource.group, "version": keep.resource.version, "kind": keep.resource.kind}
    return {**told, "namespace": keep.namespace, "name": keep.name, "status": "Synced"}
