"""Whether a rung on a cluster is pulled, read from what the cluster has stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from psfir.range.kubernetes import resources
from psfir.range.kubernetes.resources import Obj, Resource
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.supply.unlike import same
from psfir.range.supply.uses import Use, labels
from psfir.range.supply.workloads import KINDS, image

_ENDED = {"Succeeded", "Failed"}
_TYPES = {"egress": {"Egress"}, "ingress": {"Ingress"}, "both": {"Ingress", "Egress"}}


def _found(cluster: Kubernetes, resource: Resource, use: Use, key: str) -> Obj:
    """The object that a key of the target names; empty where it is not there."""
    return cluster.store.get(resource, use.text("namespace"), use.text(key)) or {}


def _workload(cluster: Kubernetes, use: Use) -> Mapping[str, Any]:
    kind = next((kind for kind in KINDS if use.text(kind)), "deployment")
    found: Mapping[str, Any] = _found(cluster, KINDS[kind], use, kind).get("spec", {})
    return found


def _replicas(cluster: Kubernetes, use: Use) -> bool:
    return same(_workload(cluster, use).get("replicas"), use.set.get("replicas"))


def _cronjob(cluster: Kubernetes, use: Use) -> bool:
    return bool(_workload(cluster, use).get("suspend", False)) is (use.set.get("suspend") is True)


def _rollout(cluster: Kubernetes, use: Use) -> bool:
    spec = _workload(cluster, use)
    if use.set.get("roll_back") is True:
        return bool(_containers(spec)) and _containers(spec)[0].get("image") == image(int(use.text("revision") or 0))
    return bool(spec) and bool(spec.get("paused", False)) is (use.set.get("paused") is True)


def _config(cluster: Kubernetes, use: Use) -> bool:
    wanted = use.set.get("value")
    if use.text("configmap"):
        data = _found(cluster, resources.CONFIG_MAPS, use, "configmap").get("data") or {}
        return same(data.get(use.text("key")), wanted)
    ours = [one for one in _containers(_workload(cluster, use)) if one.get("name") == use.text("container")]
    variables = [one for container in ours for one in container.get("env") or []]
    return any(one.get("name") == use.text("env") and same(one.get("value"), wanted) for one in variables)


def _network_policy(cluster: Kubernetes, use: Use) -> bool:
    """By a policy on exactly these pods that lets nothing through, but names to be asked for where that is wished."""
    types, wanted = _TYPES[use.text("deny") or "egress"], use.labels("pods")
    for policy in cluster.store.all(resources.NETWORK_POLICIES, use.text("namespace")):
        spec = policy["spec"]
        picked = labels((spec.get("podSelector") or {}).get("matchLabels"))
        opened = [rule for rule in spec.get("egress") or [] if rule.get("to") or not rule.get("ports")]
        if picked == wanted and types <= set(spec.get("policyTypes") or ()) and not (opened or spec.get("ingress")):
            return True
    return False


def _quarantine(cluster: Kubernetes, use: Use) -> bool:
    """No pod is left that the Service sends traffic to; or none of those that are named."""
    selector = _found(cluster, resources.SERVICES, use, "service").get("spec", {}).get("selector") or {}
    named = use.target.get("pods")
    only = {str(one) for one in named} if isinstance(named, (list, tuple)) else None
    return bool(selector) and not any(
        labels(selector).items() <= labels(pod["metadata"].get("labels")).items()
        for pod in cluster.pods(use.text("namespace"))
        if (pod.get("status") or {}).get("phase") not in _ENDED and (only is None or pod["metadata"]["name"] in only)
    )


def _route(cluster: Kubernetes, use: Use) -> bool:
    if use.text("service"):
        spec = _found(cluster, resources.SERVICES, use, "service").get("spec", {})
        return labels(spec.get("selector")) == labels(use.set.get("selector"))
    if use.text("ingress"):
        rules = _found(cluster, resources.INGRESSES, use, "ingress").get("spec", {}).get("rules") or []
        named = use.target.get("hosts")
        hosts = {str(one) for one in named} if isinstance(named, (list, tuple)) else None
        meant = [rule for rule in rules if hosts is None or rule.get("host") in hosts]
        ends = [one["backend"]["service"]["name"] for rule in meant for one in rule.get("http", {}).get("paths", [])]
    else:
        rules = _found(cluster, resources.HTTP_ROUTES, use, "http_route").get("spec", {}).get("rules") or []
        ends = [one.get("name") for rule in rules for one in rule.get("backendRefs") or []]
    return bool(ends) and all(same(one, use.set.get("service")) for one in ends)


def _containers(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(spec.get("template", {}).get("spec", {}).get("containers", []))


PULLED: Mapping[str, Callable[[Kubernetes, Use], bool]] = {
    "kubernetes.replicas": _replicas,
    "kubernetes.cronjob": _cronjob,
    "kubernetes.rollout": _rollout,
    "kubernetes.config": _config,
    "kubernetes.network_policy": _network_policy,
    "kubernetes.quarantine": _quarantine,
    "kubernetes.route": _route,
}
