"""Plain objects to lay out in a cluster, this one or a real one: the support agent and what stands around it."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.range.kubernetes.resources import Obj

DEFAULT = "default"
IMAGE = "agent:1"


def _object(version: str, kind: str, name: str, namespace: str, **rest: object) -> Obj:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": namespace}, **rest}


def namespace(name: str) -> Obj:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def container(name: str = "agent", *, image: str = IMAGE, env: Mapping[str, str] | None = None) -> Obj:
    told: Obj = {"name": name, "image": image}
    if env:
        told["env"] = [{"name": key, "value": value} for key, value in env.items()]
    return told


def _workload(kind: str, name: str, namespace: str, image: str, env: Mapping[str, str] | None) -> Obj:
    labels = {"app": name}
    template = {"metadata": {"labels": dict(labels)}, "spec": {"containers": [container(name, image=image, env=env)]}}
    spec = {"selector": {"matchLabels": dict(labels)}, "template": template}
    made = _object("apps/v1", kind, name, namespace, spec=spec)
    made["metadata"]["labels"] = labels
    return made


def deployment(
    name: str = "agent",
    *,
    namespace: str = DEFAULT,
    replicas: int = 3,
    image: str = IMAGE,
    env: Mapping[str, str] | None = None,
) -> Obj:
    made = _workload("Deployment", name, namespace, image, env)
    made["spec"]["replicas"] = replicas
    return made


def stateful_set(name: str = "store", *, namespace: str = DEFAULT, replicas: int = 2, image: str = IMAGE) -> Obj:
    made = _workload("StatefulSet", name, namespace, image, None)
    made["spec"] |= {"replicas": replicas, "serviceName": name}
    return made


def daemon_set(name: str = "guard", *, namespace: str = DEFAULT, image: str = IMAGE) -> Obj:
    return _workload("DaemonSet", name, namespace, image, None)


def pod(name: str, *, namespace: str = DEFAULT, labels: Mapping[str, str] | None = None, image: str = IMAGE) -> Obj:
    made = _object("v1", "Pod", name, namespace, spec={"containers": [container("app", image=image)]})
    made["metadata"]["labels"] = dict(labels or {"app": name})
    return made


def service(
    name: str = "agent", *, namespace: str = DEFAULT, selector: Mapping[str, str] | None = None, port: int = 80
) -> Obj:
    spec = {"selector": dict(selector or {"app": name}), "ports": [{"port": port, "targetPort": 8080}]}
    return _object("v1", "Service", name, namespace, spec=spec)


def config_map(name: str = "agent", *, namespace: str = DEFAULT, data: Mapping[str, str] | None = None) -> Obj:
    return _object("v1", "ConfigMap", name, namespace, data=dict(data or {"tools": "on"}))


def hpa(target: str = "agent", *, namespace: str = DEFAULT, least: int = 2, most: int = 5) -> Obj:
    spec = {"scaleTargetRef": _scaled(target), "minReplicas": least, "maxReplicas": most}
    return _object("autoscaling/v2", "HorizontalPodAutoscaler", target, namespace, spec=spec)


def scaled_object(target: str = "agent", *, namespace: str = DEFAULT, least: int = 0, most: int = 5) -> Obj:
    triggers = [{"type": "cpu", "metadata": {"value": "80"}}]
    spec = {"scaleTargetRef": _scaled(target), "minReplicaCount": least, "maxReplicaCount": most, "triggers": triggers}
    return _object("keda.sh/v1alpha1", "ScaledObject", target, namespace, spec=spec)


def _scaled(target: str) -> Obj:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "name": target}


def budget(name: str = "agent", *, namespace: str = DEFAULT, least: int | str = 2) -> Obj:
    spec = {"minAvailable": least, "selector": {"matchLabels": {"app": name}}}
    return _object("policy/v1", "PodDisruptionBudget", name, namespace, spec=spec)


def network_policy(
    name: str,
    *,
    namespace: str = DEFAULT,
    selector: Mapping[str, str] | None = None,
    egress: list[Obj] | None = None,
) -> Obj:
    """What may leave the pods; nothing, if no `egress` is given. An empty selector picks every pod."""
    picked = {"matchLabels": dict(selector)} if selector else {}
    spec: Obj = {"podSelector": picked, "policyTypes": ["Egress"]}
    spec |= {"egress": egress} if egress else {}
    return _object("networking.k8s.io/v1", "NetworkPolicy", name, namespace, spec=spec)


def ingress(name: str = "agent", *, namespace: str = DEFAULT, backend: str = "agent", port: int = 80) -> Obj:
    to = {"service": {"name": backend, "port": {"number": port}}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": to}]
    spec = {"rules": [{"host": f"{name}.example", "http": {"paths": paths}}]}
    return _object("networking.k8s.io/v1", "Ingress", name, namespace, spec=spec)


def http_route(name: str = "agent", *, namespace: str = DEFAULT, backend: str = "agent", port: int = 80) -> Obj:
    rule = {
        "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
        "backendRefs": [{"name": backend, "port": port, "weight": 1}],
    }
    spec = {"parentRefs": [{"name": "gateway"}], "rules": [rule]}
    return _object("gateway.networking.k8s.io/v1", "HTTPRoute", name, namespace, spec=spec)


def job(name: str = "index", *, namespace: str = DEFAULT) -> Obj:
    return _object("batch/v1", "Job", name, namespace, spec={"template": {"spec": _once(name)}})


def cron_job(name: str = "index", *, namespace: str = DEFAULT, schedule: str = "*/5 * * * *") -> Obj:
    spec = {"schedule": schedule, "jobTemplate": {"spec": {"template": {"spec": _once(name)}}}}
    return _object("batch/v1", "CronJob", name, namespace, spec=spec)


def _once(name: str) -> Obj:
    return {"restartPolicy": "Never", "containers": [container(name, image="index:1")]}
