"""Namespaces that end only when they are empty, and what disruption budgets still allow."""

from __future__ import annotations

from psfir.range.kubernetes import resources
from psfir.range.kubernetes.controllers import STATUS, Desk
from psfir.range.kubernetes.selectors import Picks, selecting
from psfir.range.kubernetes.special import standing


def namespaces(desk: Desk) -> None:
    for space in desk.store.all(resources.NAMESPACES, where=lambda one: "deletionTimestamp" in one["metadata"]):
        desk.status(resources.NAMESPACES, space, {"phase": "Terminating"})
        name = space["metadata"]["name"]
        for resource, obj in desk.store.everything(where=_in(name)):
            there = desk.store.get(resource, name, obj["metadata"]["name"])
            if there and "deletionTimestamp" not in there["metadata"]:
                desk.registry.delete(resource, there)
        if not desk.store.everything(where=_in(name)):
            desk.registry.finish(resources.NAMESPACES, space)


def _in(namespace: str) -> Picks:
    return lambda obj: obj["metadata"].get("namespace") == namespace


def budgets(desk: Desk) -> None:
    for budget in desk.all(resources.BUDGETS):
        home, selector = budget["metadata"]["namespace"], budget["spec"].get("selector")
        picked = desk.store.all(resources.PODS, home, where=selecting(selector))
        healthy, needed = standing(budget, picked)
        counts = {"currentHealthy": healthy, "desiredHealthy": needed, "expectedPods": len(picked)}
        told = {**counts, "disruptionsAllowed": max(0, healthy - needed)}
        told["observedGeneration"] = budget["metadata"]["generation"]
        if (budget.get("status") or {}) != told:
            desk.write(resources.BUDGETS, {**budget, "status": told}, STATUS)
