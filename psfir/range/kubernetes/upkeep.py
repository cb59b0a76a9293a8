"""Namespaces that end only when they are empty, and what disruption budgets still allow."""

from __future__ import annotations

from psfir.range.kubernetes import resources
from psfir.range.kubernetes.controllers import STATUS, Desk
from psfir.range.kubernetes.selectors import labels_of, matches
from psfir.range.kubernetes.special import standing


def namespaces(desk: Desk) -> None:
    for space in desk.store.all(resources.NAMESPACES):
        if "deletionTimestamp" not in space["metadata"]:
            continue
        desk.status(resources.NAMESPACES, space, {"phase": "Terminating"})
        name = space["metadata"]["name"]
        for resource, obj in desk.store.everything():
            there = desk.store.get(resource, name, obj["metadata"]["name"])
            if obj["metadata"].get("namespace") == name and there and "deletionTimestamp" not in there["metadata"]:
                desk.registry.delete(resource, there)
        if not any(obj["metadata"].get("namespace") == name for _, obj in desk.store.everything()):
            desk.registry.finish(resources.NAMESPACES, space)


def budgets(desk: Desk) -> None:
    for budget in desk.store.all(resources.BUDGETS):
        pods = desk.store.all(resources.PODS, budget["metadata"]["namespace"])
        picked = [pod for pod in pods if matches(budget["spec"].get("selector"), labels_of(pod))]
        healthy, needed = standing(budget, picked)
        counts = {"currentHealthy": healthy, "desiredHealthy": needed, "expectedPods": len(picked)}
        told = {**counts, "disruptionsAllowed": max(0, healthy - needed)}
        told["observedGeneration"] = budget["metadata"]["generation"]
        if (budget.get("status") or {}) != told:
            desk.write(resources.BUDGETS, {**budget, "status": told}, STATUS)
