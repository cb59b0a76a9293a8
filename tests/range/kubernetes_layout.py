"""Plain objects that the tests of the cluster lay out."""

from typing import Any, TypeAlias

Obj: TypeAlias = dict[str, Any]
Client: TypeAlias = Any
"""The official client: its types say None almost anywhere, which no test of a server cares for."""


def deployment(name: str = "agent", *, replicas: int = 3, labels: dict[str, str] | None = None) -> Obj:
    labels = labels or {"app": name}
    container = {"name": name, "image": "agent:1", "env": [{"name": "MODEL", "value": "large"}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "default", "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


def pod(name: str, labels: dict[str, str]) -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default", "labels": labels},
        "spec": {"containers": [{"name": "app", "image": "agent:1"}]},
    }


def service(name: str, selector: dict[str, str]) -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"selector": selector, "ports": [{"port": 80, "targetPort": 8080}]},
    }
