"""What the server fills in that a body left out, so that what is read back is never just what was sent."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from uuid import uuid4

from psfir.range.kubernetes import resources
from psfir.range.kubernetes.resources import Obj, Resource

_QUARTER = {"maxUnavailable": "25%", "maxSurge": "25%"}


def fill(resource: Resource, obj: Obj) -> None:
    """Each default where nothing stands."""
    if resource in _BY_RESOURCE:
        _BY_RESOURCE[resource](obj)


def carry(resource: Resource, old: Obj, new: Obj) -> None:
    """What a replacement may leave out, because the server gave it."""
    if resource == resources.SERVICES and new["spec"].get("type", "ClusterIP") == old["spec"].get("type"):
        given = {key: old["spec"][key] for key in ("clusterIP", "clusterIPs") if key in old["spec"]}
        _under(new["spec"], **given)


def _under(obj: Obj, **given: object) -> Obj:
    for key, value in given.items():
        obj.setdefault(key, value)
    return obj


def _pod_spec(spec: Obj) -> None:
    _under(spec, restartPolicy="Always", terminationGracePeriodSeconds=30, dnsPolicy="ClusterFirst")
    _under(spec, securityContext={}, schedulerName="default-scheduler")
    for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
        pull = "Always" if ":" not in container.get("image", "") else "IfNotPresent"
        _under(container, resources={}, imagePullPolicy=pull)
        _under(container, terminationMessagePath="/dev/termination-log", terminationMessagePolicy="File")
        for port in container.get("ports") or ():
            _under(port, protocol="TCP")


def _pod(obj: Obj) -> None:
    _pod_spec(obj["spec"])
    _under(obj["spec"], serviceAccountName="default", enableServiceLinks=True, preemptionPolicy="PreemptLowerPriority")
    _under(obj, status={"phase": "Pending", "qosClass": "BestEffort"})


def _template(spec: Obj) -> None:
    template = spec.setdefault("template", {})
    _under(template, metadata={}, spec={})
    _pod_spec(template["spec"])


def _deployment(obj: Obj) -> None:
    spec = obj["spec"]
    _under(spec, replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600)
    if _under(spec, strategy={}) and not spec["strategy"].get("type"):
        spec["strategy"]["type"] = "RollingUpdate"
    if spec["strategy"]["type"] == "RollingUpdate":
        _under(spec["strategy"], rollingUpdate=dict(_QUARTER))
    _template(spec)


def _stateful_set(obj: Obj) -> None:
    spec = obj["spec"]
    _under(spec, replicas=1, revisionHistoryLimit=10, podManagementPolicy="OrderedReady", serviceName="")
    _under(spec, updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"partition": 0}})
    _under(spec, persistentVolumeClaimRetentionPolicy={"whenDeleted": "Retain", "whenScaled": "Retain"})
    _template(spec)


def _replica_set(obj: Obj) -> None:
    _under(obj["spec"], replicas=1)
    _template(obj["spec"])


def _daemon_set(obj: Obj) -> None:
    _under(obj["spec"], revisionHistoryLimit=10)
    _under(obj["spec"], updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}})
    _template(obj["spec"])


def _job_spec(spec: Obj) -> None:
    _under(spec, parallelism=1, completions=1, backoffLimit=6, completionMode="NonIndexed", suspend=False)
    _under(spec, manualSelector=False, podReplacementPolicy="TerminatingOrFailed")
    _template(spec)
    if spec["template"]["spec"].get("restartPolicy") == "Always":
        spec["template"]["spec"]["restartPolicy"] = "OnFailure"


def _job(obj: Obj) -> None:
    _job_spec(obj["spec"])
    uid = obj["metadata"].get("uid") or str(uuid4())
    name = obj["metadata"].get("name", "")
    own = {"batch.kubernetes.io/controller-uid": uid}
    _under(obj["spec"], selector={"matchLabels": own})
    labels = obj["spec"]["template"]["metadata"].setdefault("labels", {})
    _under(labels, **own, **{"batch.kubernetes.io/job-name": name, "controller-uid": uid, "job-name": name})


def _cron_job(obj: Obj) -> None:
    spec = obj["spec"]
    _under(spec, suspend=False, concurrencyPolicy="Allow", successfulJobsHistoryLimit=3, failedJobsHistoryLimit=1)
    job = spec.setdefault("jobTemplate", {})
    _under(job, metadata={}, spec={})
    _template(job["spec"])
    if job["spec"]["template"]["spec"].get("restartPolicy") == "Always":
        job["spec"]["template"]["spec"]["restartPolicy"] = "OnFailure"


def _service(obj: Obj) -> None:
    spec = obj["spec"]
    _under(spec, type="ClusterIP", sessionAffinity="None")
    if spec["type"] != "ExternalName":
        number = uuid4().int
        address = f"10.96.{number % 250}.{number // 250 % 250 + 1}"
        _under(spec, clusterIP=address, internalTrafficPolicy="Cluster")
        _under(spec, clusterIPs=[spec["clusterIP"]], ipFamilies=["IPv4"], ipFamilyPolicy="SingleStack")
    for port in spec.get("ports") or ():
        _under(port, protocol="TCP", targetPort=port.get("port"))
    _under(obj, status={"loadBalancer": {}})


def _secret(obj: Obj) -> None:
    _under(obj, type="Opaque")
    written = obj.pop("stringData", None) or {}
    if written:
        encoded = {key: b64encode(value.encode()).decode() for key, value in written.items()}
        obj["data"] = {**(obj.get("data") or {}), **encoded}


def _hpa(obj: Obj) -> None:
    _under(obj["spec"], minReplicas=1)
    target = {"type": "Utilization", "averageUtilization": 80}
    _under(obj["spec"], metrics=[{"type": "Resource", "resource": {"name": "cpu", "target": target}}])


def _network_policy(obj: Obj) -> None:
    spec = obj["spec"]
    _under(spec, policyTypes=["Ingress", "Egress"] if "egress" in spec else ["Ingress"])
    for rule in (*(spec.get("egress") or ()), *(spec.get("ingress") or ())):
        for port in rule.get("ports") or ():
            _under(port, protocol="TCP")


def _http_route(obj: Obj) -> None:
    """The schema of the Gateway API does, not the server's own code."""
    for parent in obj["spec"].get("parentRefs") or ():
        _under(parent, group=resources.HTTP_ROUTES.group, kind="Gateway")
    for rule in obj["spec"].setdefault("rules", [{}]):
        for match in _under(rule, matches=[{}])["matches"]:
            _under(_under(match, path={})["path"], type="PathPrefix", value="/")
        for backend in rule.get("backendRefs") or ():
            _under(backend, group="", kind="Service", weight=1)


def _namespace(obj: Obj) -> None:
    labels = obj["metadata"].setdefault("labels", {})
    labels["kubernetes.io/metadata.name"] = obj["metadata"].get("name", "")
    _under(obj, spec={"finalizers": ["kubernetes"]}, status={"phase": "Active"})


_BY_RESOURCE: Mapping[Resource, Callable[[Obj], None]] = {
    resources.PODS: _pod,
    resources.DEPLOYMENTS: _deployment,
    resources.STATEFUL_SETS: _stateful_set,
    resources.REPLICA_SETS: _replica_set,
    resources.DAEMON_SETS: _daemon_set,
    resources.JOBS: _job,
    resources.CRON_JOBS: _cron_job,
    resources.SERVICES: _service,
    resources.SECRETS: _secret,
    resources.HPAS: _hpa,
    resources.NETWORK_POLICIES: _network_policy,
    resources.HTTP_ROUTES: _http_route,
    resources.NAMESPACES: _namespace,
}
