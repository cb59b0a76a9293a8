"""Roles as `psfir permissions` prints them, bound to somebody, from which any line can be taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psfir.app.rights_kubernetes import roles
from psfir.domain.needs import Need
from tests.levers.kubernetes.cluster_stage import ClusterStage
from tests.levers.lines import Granted, Line


def units(role: Mapping[str, Any], only: Sequence[str]) -> list[tuple[Line, dict[str, Any]]]:
    """Each verb on each resource, or on each name of it, as a rule by itself."""
    found = []
    for rule, why in zip(role["rules"], only, strict=True):
        (group,) = rule["apiGroups"]
        for resource in rule["resources"]:
            for name in rule.get("resourceNames", [""]):
                for verb in rule["verbs"]:
                    unit = {"apiGroups": [group], "resources": [resource], "verbs": [verb]}
                    unit |= {"resourceNames": [name]} if name else {}
                    where = "/".join(filter(None, (group, resource, name)))
                    found.append((Line(verb, where, why), unit))
    return found


class ClusterGranted(Granted):
    """At one stage, as a user of the cluster."""

    def __init__(self, stage: ClusterStage, wanted: Sequence[Need], name: str) -> None:
        made = roles(((need.permission, need.target) for need in wanted), name, f"user:{name}")
        self._stage = stage
        self._roles = [(one.body, one.only) for one in made if "rules" in one.body]
        self.lines = tuple(line for role, only in self._roles for line, _ in units(role, only))
        stage.cluster.user(name)
        stage.cluster.put(*(dict(one.body) for one in made))
        self.lever = stage.lever(user=name)

    def without(self, gone: Sequence[Line]) -> None:
        for role, only in self._roles:
            rules = [rule for line, rule in units(role, only) if line not in gone]
            self._stage.cluster.put({**role, "rules": rules})
        self._stage.cluster.settle()
