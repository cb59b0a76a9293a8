"""What Kubernetes levers share about objects: naming the ones of a target, and finding what stands in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.contracts import Target
from psfir.domain.about import Field, FieldType
from psfir.domain.values import frozen
from psfir.errors import UsageError

NAMESPACE = Field("namespace", FieldType.TEXT, "its namespace")
DEPLOYMENT = Field("deployment", FieldType.TEXT, "the Deployment", required=False)
STATEFULSET = Field("statefulset", FieldType.TEXT, "or the StatefulSet", required=False)

ROOTS = {
    "deployment": "/apis/apps/v1/namespaces/{namespace}/deployments",
    "statefulset": "/apis/apps/v1/namespaces/{namespace}/statefulsets",
    "cronjob": "/apis/batch/v1/namespaces/{namespace}/cronjobs",
    "job": "/apis/batch/v1/namespaces/{namespace}/jobs",
    "replicaset": "/apis/apps/v1/namespaces/{namespace}/replicasets",
    "daemonset": "/apis/apps/v1/namespaces/{namespace}/daemonsets",
    "pod": "/api/v1/namespaces/{namespace}/pods",
    "service": "/api/v1/namespaces/{namespace}/services",
    "configmap": "/api/v1/namespaces/{namespace}/configmaps",
    "ingress": "/apis/networking.k8s.io/v1/namespaces/{namespace}/ingresses",
    "network_policy": "/apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies",
    "http_route": "/apis/gateway.networking.k8s.io/v1/namespaces/{namespace}/httproutes",
    "endpoint_slice": "/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices",
    "hpa": "/apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers",
    "scaled_object": "/apis/keda.sh/v1alpha1/namespaces/{namespace}/scaledobjects",
}
_WORDS = {
    "deployments": "deployment",
    "statefulsets": "statefulset",
    "cronjobs": "cronjob",
    "jobs": "job",
    "pods": "pod",
    "services": "service",
    "configmaps": "config map",
    "ingresses": "ingress",
    "networkpolicies": "network policy",
    "httproutes": "HTTP route",
    "horizontalpodautoscalers": "horizontal pod autoscaler",
    "scaledobjects": "KEDA scaled object",
}
_FORMS = {"In": "{key} in ({values})", "NotIn": "{key} notin ({values})", "Exists": "{key}", "DoesNotExist": "!{key}"}
KINDS = {"deployment": "Deployment", "statefulset": "StatefulSet"}


@frozen
class Workload:
    """The Deployment or StatefulSet of a target."""

    kind: str
    namespace: str
    name: str

    @classmethod
    def of(cls, target: Target, kinds: tuple[str, ...] = ("deployment", "statefulset")) -> Workload:
        kind = which(target, kinds)
        return cls(kind, str(target["namespace"]), str(target[kind]))

    @property
    def path(self) -> str:
        return path(self.kind, self.namespace, self.name)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    def is_scaled_by(self, reference: Mapping[str, Any]) -> bool:
        """Whether a `scaleTargetRef` means this one; KEDA leaves the kind out where it is a Deployment."""
        return reference.get("name") == self.name and reference.get("kind", "Deployment") == KINDS[self.kind]


def which(target: Target, kinds: tuple[str, ...]) -> str:
    """The one of several target fields that is given."""
    named = [kind for kind in kinds if target.get(kind)]
    if len(named) != 1:
        raise UsageError(f"the target names {' and '.join(named) or 'none'} of {', '.join(kinds)}", todo="name one")
    return named[0]


def path(kind: str, namespace: str, name: str = "") -> str:
    root = ROOTS[kind].format(namespace=namespace)
    return f"{root}/{name}" if name else root


def shown(path: str) -> str:
    """The object of a path in words: `deployment support-agent`."""
    root, _, name = path.rpartition("/")
    kind = root.rpartition("/")[2]
    return f"{_WORDS.get(kind, kind)} {name}"


def at(found: Any, *keys: str) -> Any:  # noqa: ANN401 - whatever the object holds there
    """What stands at a path of keys; None where any of them is missing."""
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def version(found: Mapping[str, Any]) -> str:
    return str(at(found, "metadata", "resourceVersion") or "")


def selects(selector: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    """Whether a label selector, with or without expressions, picks these labels."""
    plain = selector.get("matchLabels", {}) if {"matchLabels", "matchExpressions"} & set(selector) else selector
    if any(labels.get(key) != value for key, value in (plain or {}).items()):
        return False
    return all(_meets(one, labels) for one in selector.get("matchExpressions") or [])


def query_of(selector: Mapping[str, Any]) -> dict[str, str]:
    """The query that lists what a label selector picks. UsageError for one that picks everything, or nobody knows."""
    terms = [f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
    for one in selector.get("matchExpressions") or []:
        key, values = str(one.get("key")), ",".join(map(str, one.get("values") or []))
        form = _FORMS.get(str(one.get("operator")))
        if form is None:
            raise UsageError(f"the selector has an operator {one.get('operator')}, which psfir does not know")
        terms.append(form.format(key=key, values=values))
    if not terms:
        raise UsageError("the selector is empty: it picks every pod", todo="name labels")
    return {"labelSelector": ",".join(terms)}


def _meets(expression: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    key, values = str(expression.get("key")), expression.get("values") or []
    match expression.get("operator"):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
    return False
