"""The table of what the API serves: groups, versions, kinds, their plurals and subresources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from psfir.domain.values import frozen

Obj: TypeAlias = dict[str, Any]


@frozen
class Resource:
    """`native` kinds know strategic merge; custom ones do not. `tracked` kinds count a generation for their spec."""

    group: str
    version: str
    plural: str
    kind: str
    subresources: tuple[str, ...] = ()
    namespaced: bool = True
    native: bool = True
    tracked: bool = False

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """As errors name it: `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified_kind(self) -> str:
        return f"{self.kind}.{self.group}" if self.group else self.kind

    @property
    def scalable(self) -> bool:
        return "scale" in self.subresources


def _core(plural: str, kind: str, *subresources: str, namespaced: bool = True, tracked: bool = False) -> Resource:
    return Resource("", "v1", plural, kind, subresources, namespaced, tracked=tracked)


def _custom(group: str, version: str, plural: str, kind: str, *subresources: str) -> Resource:
    return Resource(group, version, plural, kind, subresources, native=False, tracked=True)


def _native(group: str, version: str, plural: str, kind: str, *subresources: str) -> Resource:
    return Resource(group, version, plural, kind, subresources, tracked=True)


_RBAC = "rbac.authorization.k8s.io"

NAMESPACES = _core("namespaces", "Namespace", "status", "finalize", namespaced=False)
PODS = _core("pods", "Pod", "status", "log", "eviction", "ephemeralcontainers")
SERVICES = _core("services", "Service", "status")
ENDPOINTS = _core("endpoints", "Endpoints")
CONFIG_MAPS = _core("configmaps", "ConfigMap")
SECRETS = _core("secrets", "Secret")
EVENTS = _core("events", "Event")
SERVICE_ACCOUNTS = _core("serviceaccounts", "ServiceAccount", "token")
DEPLOYMENTS = _native("apps", "v1", "deployments", "Deployment", "status", "scale")
STATEFUL_SETS = _native("apps", "v1", "statefulsets", "StatefulSet", "status", "scale")
REPLICA_SETS = _native("apps", "v1", "replicasets", "ReplicaSet", "status", "scale")
DAEMON_SETS = _native("apps", "v1", "daemonsets", "DaemonSet", "status")
CONTROLLER_REVISIONS = Resource("apps", "v1", "controllerrevisions", "ControllerRevision")
JOBS = _native("batch", "v1", "jobs", "Job", "status")
CRON_JOBS = _native("batch", "v1", "cronjobs", "CronJob", "status")
HPAS = Resource("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", ("status",))
NETWORK_POLICIES = _native("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy")
INGRESSES = _native("networking.k8s.io", "v1", "ingresses", "Ingress", "status")
ENDPOINT_SLICES = _native("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice")
LEASES = Resource("coordination.k8s.io", "v1", "leases", "Lease")
BUDGETS = _native("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", "status")
ROLES = Resource(_RBAC, "v1", "roles", "Role")
ROLE_BINDINGS = Resource(_RBAC, "v1", "rolebindings", "RoleBinding")
CLUSTER_ROLES = Resource(_RBAC, "v1", "clusterroles", "ClusterRole", namespaced=False)
CLUSTER_ROLE_BINDINGS = Resource(_RBAC, "v1", "clusterrolebindings", "ClusterRoleBinding", namespaced=False)
HTTP_ROUTES = _custom("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute", "status")
SCALED_OBJECTS = _custom("keda.sh", "v1alpha1", "scaledobjects", "ScaledObject", "status")
APPLICATIONS = _custom("argoproj.io", "v1alpha1", "applications", "Application")
ROLLOUTS = _custom("argoproj.io", "v1alpha1", "rollouts", "Rollout", "status", "scale")

STORED = (
    *(NAMESPACES, PODS, SERVICES, ENDPOINTS, CONFIG_MAPS, SECRETS, EVENTS, SERVICE_ACCOUNTS),
    *(DEPLOYMENTS, STATEFUL_SETS, REPLICA_SETS, DAEMON_SETS, CONTROLLER_REVISIONS, JOBS, CRON_JOBS, HPAS),
    *(NETWORK_POLICIES, INGRESSES, ENDPOINT_SLICES, LEASES, BUDGETS),
    *(ROLES, ROLE_BINDINGS, CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS),
    *(HTTP_ROUTES, SCALED_OBJECTS, APPLICATIONS, ROLLOUTS),
)

# These answer a question and are never stored.
ACCESS_REVIEWS = Resource(
    "authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", namespaced=False
)
RULES_REVIEWS = Resource(
    "authorization.k8s.io", "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview", namespaced=False
)
SELF_REVIEWS = Resource("authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", namespaced=False)
REVIEWS = (ACCESS_REVIEWS, RULES_REVIEWS, SELF_REVIEWS)

BY_PLURAL: Mapping[tuple[str, str, str], Resource] = {
    (each.group, each.version, each.plural): each for each in (*STORED, *REVIEWS)
}
BY_KIND: Mapping[tuple[str, str], Resource] = {(each.api_version, each.kind): each for each in STORED}


def resource_of(obj: Obj) -> Resource:
    """What kind of thing a whole object is; KeyError for a kind that is not served."""
    return BY_KIND[str(obj.get("apiVersion")), str(obj.get("kind"))]
