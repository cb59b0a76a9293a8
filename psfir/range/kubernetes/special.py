"""What is asked but not stored: reviews of access, tokens, evictions and logs."""

from __future__ import annotations

from uuid import uuid4

from psfir.range.kubernetes import resources
from psfir.range.kubernetes.access import Access, User, wish_from
from psfir.range.kubernetes.registry import Registry, Removal
from psfir.range.kubernetes.resources import Obj
from psfir.range.kubernetes.routing import Call
from psfir.range.kubernetes.selectors import labels_of, matches
from psfir.range.kubernetes.status import bad_request, budget_refuses


def reviewed(call: Call, access: Access) -> Obj:
    """The caller's own rights and name, truthfully."""
    body = call.body()
    body |= {"kind": call.resource.kind, "apiVersion": call.resource.api_version}
    body.setdefault("metadata", {})
    spec = body.get("spec") or {}
    if call.resource == resources.ACCESS_REVIEWS:
        allowed = access.allows(call.user, wish_from(spec.get("resourceAttributes") or {}))
        body["status"] = {"allowed": allowed, **({"reason": "RBAC: allowed"} if allowed else {})}
    elif call.resource == resources.RULES_REVIEWS:
        inside = ("*", spec.get("namespace") or "default")
        rules = [rule.shown() for rule in access.rules(call.user) if rule.namespace in inside]
        body["status"] = {"resourceRules": rules, "nonResourceRules": [], "incomplete": False}
    else:
        body["status"] = {"userInfo": {"username": call.user.name, "groups": list(call.user.groups)}}
    return body


def token_for(call: Call, registry: Registry, access: Access) -> Obj:
    """A token of a service account, which then asks under its name."""
    registry.get(call.resource, call.namespace, call.name)
    token = f"sa-{uuid4().hex}"
    name = f"system:serviceaccount:{call.namespace}:{call.name}"
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{call.namespace}", "system:authenticated")
    access.enrol(User(name, groups), token)
    spec = {
        "audiences": ["https://kubernetes.default.svc"],
        "expirationSeconds": 3600,
        **(call.body().get("spec") or {}),
    }
    return {
        "kind": "TokenRequest",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {"name": call.name, "namespace": call.namespace},
        "spec": spec,
        "status": {"token": token, "expirationTimestamp": "2099-01-01T00:00:00Z"},
    }


def evicted(call: Call, registry: Registry) -> Obj:
    """Deletes a pod unless a disruption budget forbids it."""
    pod = registry.get(resources.PODS, call.namespace, call.name)
    pods = registry.store.all(resources.PODS, call.namespace)
    for budget in registry.store.all(resources.BUDGETS, call.namespace):
        selector = budget["spec"].get("selector")
        if matches(selector, labels_of(pod)):
            healthy, needed = standing(budget, [each for each in pods if matches(selector, labels_of(each))])
            if is_ready(pod) and healthy - 1 < needed:
                raise budget_refuses(budget["metadata"]["name"], needed, healthy)
    options = call.body().get("deleteOptions") or {}
    dry_run = call.dry_run or "All" in (options.get("dryRun") or ())
    registry.delete(resources.PODS, pod, how=Removal(grace=options.get("gracePeriodSeconds")), dry_run=dry_run)
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}


def standing(budget: Obj, pods: list[Obj]) -> tuple[int, int]:
    """How many of these pods are healthy, and how many the budget needs."""
    healthy = sum(is_ready(pod) for pod in pods)
    spec = budget["spec"]
    if "maxUnavailable" in spec:
        return healthy, len(pods) - _share(spec["maxUnavailable"], len(pods))
    return healthy, _share(spec.get("minAvailable", 0), len(pods))


def is_ready(pod: Obj) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def log_of(call: Call, pod: Obj, lines: dict[str, list[str]]) -> bytes:
    """What a container said. `lines` are those of each container of the pod."""
    names = [each["name"] for each in pod["spec"]["containers"]]
    container = call.query.get("container", "") or (names[0] if len(names) == 1 else "")
    if not container:
        raise bad_request(f"a container name must be specified for pod {call.name}, choose one of: [{' '.join(names)}]")
    if container not in names:
        raise bad_request(f"container {container} is not valid for pod {call.name}")
    if pod.get("status", {}).get("phase") == "Pending":
        raise bad_request(f'container "{container}" in pod "{call.name}" is waiting to start: {_waits(pod)}')
    if call.query.get("previous", "").lower() == "true":
        raise bad_request(f'previous terminated container "{container}" in pod "{call.name}" not found')
    found = lines.get(container, [])
    if tail := call.query.get("tailLines", ""):
        found = found[-int(tail) :] if int(tail) else []
    text = "".join(f"{line}\n" for line in found).encode()
    return text[: int(call.query.get("limitBytes") or len(text))]


def _waits(pod: Obj) -> str:
    return "trying and failing to pull image" if pod["status"].get("containerStatuses") else "ContainerCreating"


def _share(told: int | str, total: int) -> int:
    return -(-total * int(told.rstrip("%")) // 100) if isinstance(told, str) else told
