"""Who would undo a change to a workload: autoscalers, which a lever can hold, and GitOps, which it can only name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.errors import Denied, LeverError, NoSuchTarget
from psfir.levers.kubernetes.beside import begun
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes import KubernetesClient
from psfir.vendors.kubernetes_objects import Workload, at, path, shown

KNOW_ARGO = "to know whether Argo CD would undo it"
PAUSED = "autoscaling.keda.sh/paused-replicas"
APPLICATIONS = "/apis/argoproj.io/v1alpha1/applications"
_TRACKING = "argocd.argoproj.io/tracking-id"
_INSTANCE = "app.kubernetes.io/instance"
_FLUX = ("kustomize.toolkit.fluxcd.io/name", "helm.toolkit.fluxcd.io/name")


@frozen
class Owners:
    """`autoscalers` are their parts by path; `notes` name what nobody can hold, or see."""

    autoscalers: Mapping[str, Json]
    notes: tuple[str, ...]


class Around:
    """Looks at all of them. What scales is listed from the moment this is made, while the workload itself is read."""

    def __init__(self, client: KubernetesClient, workload: Workload, deadline: Deadline) -> None:
        self._client = client
        self._workload = workload
        self._deadline = deadline
        client.prepare()
        roots = [path(kind, workload.namespace) for kind in ("scaled_object", "hpa")]
        self._lists = {root: begun(partial(_listed, client, root, deadline), name=f"listing {root}") for root in roots}

    def owners(self, found: Mapping[str, Any]) -> Owners:
        """One that cannot be looked at is a note, never a reason not to kill."""
        notes: list[str] = []
        parts: dict[str, Json] = {}
        kept = keepers(self._client, self._workload.path, found, within=self._deadline.left)
        for root, listed in self._lists.items():
            ones, unseen = listed.result()
            notes += unseen
            for one in ones:
                if self._workload.is_scaled_by(at(one, "spec", "scaleTargetRef") or {}) and not _of_keda(one):
                    where = f"{root}/{at(one, 'metadata', 'name')}"
                    parts[where] = autoscaler_part(where, one)
                    notes.append(_scales(where, self._workload, one))
        return Owners(parts, (*notes, *kept))


def keepers(client: KubernetesClient, where: str, found: Mapping[str, Any], *, within: float) -> tuple[str, ...]:
    """Who holds this object to what is written elsewhere, and would put back whatever is changed on it."""
    name, deadline = shown(where), Deadline(within)
    notes = [
        f"{one.get('kind')} {one.get('name')} controls {name}: its operator may undo this"
        for one in at(found, "metadata", "ownerReferences") or []
        if one.get("controller") is True
    ]
    labels = at(found, "metadata", "labels") or {}
    notes += [
        f"Flux applies {name} ({labels[label]}): it may undo this unless it is suspended there"
        for label in _FLUX
        if label in labels
    ]
    if found.get("kind") == "Scale":
        notes.append(
            f"the credential may read no more than the scale of {name}: whether Argo CD would undo this cannot be told"
        )
    return (*notes, *_argo(client, name, found, deadline))


def is_autoscaler(path: str) -> bool:
    return is_keda(path) or "/horizontalpodautoscalers/" in path


def is_keda(path: str) -> bool:
    return "/keda.sh/" in path


def autoscaler_part(path: str, found: Mapping[str, Any]) -> dict[str, Json]:
    """What of an autoscaler says how many pods there may be."""
    if is_keda(path):
        return {"paused": at(found, "metadata", "annotations", PAUSED)}
    return {"min": (found.get("spec") or {}).get("minReplicas", 1), "max": at(found, "spec", "maxReplicas")}


def autoscaler_body(path: str, part: Json) -> dict[str, Any]:
    """The merge patch that gives it."""
    if is_keda(path):
        return {"metadata": {"annotations": {PAUSED: at(part, "paused")}}}
    return {"spec": {"minReplicas": at(part, "min"), "maxReplicas": at(part, "max")}}


def _listed(client: KubernetesClient, path: str, deadline: Deadline) -> tuple[list[dict[str, Any]], list[str]]:
    """What there is, and what could not be seen of it."""
    what = path.rpartition("/")[2]
    try:
        return client.items(path, within=deadline.left), []
    except NoSuchTarget:
        return [], []  # the cluster does not know that kind
    except Denied:
        if not serves(client, path, deadline):
            return [], []
        return [], [f"the credential may not list {what}: whether one would undo this cannot be told"]
    except LeverError as error:
        return [], [f"{what} could not be listed ({error.what}): whether one would undo this cannot be told"]


def serves(client: KubernetesClient, path: str, deadline: Deadline) -> bool:
    """Whether the cluster knows that kind at all: who may not list it is told the same where it does not."""
    group = "/".join(path.split("/")[:4])
    try:
        served = client.get(group, within=deadline.left).get("resources") or []
    except NoSuchTarget:
        return False
    except LeverError:
        return True
    return any(one.get("name") == path.rpartition("/")[2] for one in served)


def _of_keda(hpa: Mapping[str, Any]) -> bool:
    """KEDA makes an HPA of its own for each ScaledObject; pausing the one holds the other."""
    return any(one.get("kind") == "ScaledObject" for one in at(hpa, "metadata", "ownerReferences") or [])


def _scales(where: str, workload: Workload, found: Mapping[str, Any]) -> str:
    if is_keda(where):
        return f"{shown(where)} scales {workload}: it is paused with it, and let go again on the way back"
    spec = found.get("spec") or {}
    span = f"between {spec.get('minReplicas', 1)} and {spec.get('maxReplicas')}"
    return f"{shown(where)} scales {workload} {span}: at 0 it stands still, above it is pinned to the number"


def _argo(client: KubernetesClient, name: str, found: Mapping[str, Any], deadline: Deadline) -> list[str]:
    tracked = str(at(found, "metadata", "annotations", _TRACKING) or "").partition(":")[0]
    app = tracked or str(at(found, "metadata", "labels", _INSTANCE) or "")
    if not app:
        return []
    applications, unseen = _listed(client, APPLICATIONS, deadline)
    heals = [
        f"Argo CD heals {name} by itself (application {app}, selfHeal): it will undo this within minutes "
        "unless automated sync is switched off there"
        for one in applications
        if app in _instances(one) and at(one, "spec", "syncPolicy", "automated", "selfHeal") is True
    ]
    return [*(unseen if tracked else ()), *heals]


def _instances(application: Mapping[str, Any]) -> tuple[str, str]:
    """How Argo CD names an application on what it tracks: with its namespace too, if that is another than its own."""
    name = str(at(application, "metadata", "name"))
    return name, f"{at(application, 'metadata', 'namespace')}_{name}"
