"""`kubernetes.network_policy`: cuts pods off from the network, by a policy of psfir's own beside the others.

Policies are a union of what each allows: one that denies changes nothing while another that selects the same pods lets
traffic through. So all of them are read, and the lever does not hold while one of them still allows it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar

from psfir.contracts import Target
from psfir.domain.about import Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json, canonical
from psfir.domain.change import Change, Held, Look
from psfir.domain.modes import Mode
from psfir.errors import UsageError
from psfir.levers.kubernetes.fields import Fields
from psfir.levers.kubernetes.parts import Seen
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes_objects import NAMESPACE, at, path, selects, shown, version

_ENFORCED = "a policy works only where the cluster's network enforces it, and open connections may survive it"


class NetworkPolicy(Fields):
    """One part: the policy that psfir makes, None while it is not there."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="kubernetes.network_policy",
        line="Cuts pods off from the network, and says which other policy still lets traffic through.",
        connects=("kubernetes",),
        target=(
            NAMESPACE,
            Field("pods", FieldType.OBJECT, "the labels of the pods"),
            Field(
                "deny",
                FieldType.TEXT,
                "what is cut: egress (they reach nobody), ingress (nobody reaches them), both; default egress",
                required=False,
                default="egress",
                choices=("egress", "ingress", "both"),
            ),
            Field("despite", FieldType.TEXTS, "other policies whose allowances are meant to stay", required=False),
        ),
        example={
            "lever": "kubernetes.network_policy",
            "target": {"connection": "prod-eu", "namespace": "assistants", "pods": {"app": "support-agent"}},
            "set": {"cut": True},
            "within": "30s",
        },
        modes=(Mode.ISOLATE, Mode.DISABLE, Mode.DEGRADE),
        stops=Stops.NEW,
        settings=(
            Field("cut", FieldType.FLAG, "whether they are cut off"),
            Field("dns", FieldType.FLAG, "let them ask names all the same; default false", required=False),
        ),
        permissions=(
            Permission("kubernetes", "list", "networking.k8s.io/networkpolicies"),
            Permission("kubernetes", "get", "networking.k8s.io/networkpolicies"),
            Permission("kubernetes", "create", "networking.k8s.io/networkpolicies"),
            Permission("kubernetes", "patch", "networking.k8s.io/networkpolicies"),
            Permission("kubernetes", "delete", "networking.k8s.io/networkpolicies"),
        ),
        blast_radius="The pods that bear the labels, whatever they serve.",
        undo="Deletes its own policy, if that is still as psfir made it.",
        exact=True,
        vendor="kubernetes",
        propagation=15.0,
    )

    def look(self, target: Target, deadline: Deadline) -> Seen:
        where = _own(target)
        policies = self._client.items(where.rpartition("/")[0], within=deadline.left)
        own = next((one for one in policies if at(one, "metadata", "name") == where.rpartition("/")[2]), None)
        part = self.part(target, where, own) if own else None
        return Seen({where: part}, version(own) if own else "", (*_still_allowed(target, policies), _ENFORCED))

    def wanted(self, target: Target, before: Mapping[str, Any], settings: Mapping[str, Json]) -> Mapping[str, Json]:
        if settings.get("cut") is not True:
            raise UsageError("kubernetes.network_policy is not told to cut", todo="say set: {cut: true}")
        spec: dict[str, Json] = {"podSelector": {"matchLabels": dict(_labels(target))}, "policyTypes": _types(target)}
        if settings.get("dns") is True and "Egress" in _types(target):
            spec["egress"] = [{"ports": [{"protocol": name, "port": 53} for name in ("UDP", "TCP")]}]
        return {_own(target): {"spec": spec}}

    def part(self, target: Target, path: str, found: Mapping[str, Any]) -> Json:
        return {"spec": found.get("spec")}

    def body(self, target: Target, path: str, part: Json) -> dict[str, Any]:
        return {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": path.rpartition("/")[2], "labels": {"app.kubernetes.io/managed-by": "psfir"}},
            "spec": at(part, "spec"),
        }

    def name(self, path: str) -> str:
        return shown(path)

    def verify(self, change: Change, *, within: float) -> Look:
        deadline = Deadline(within)
        looked = super().verify(change, within=deadline.left)
        if looked.held is not Held.HELD:
            return looked
        policies = self._client.items(_own(change.target).rpartition("/")[0], within=deadline.left)
        if allowed := _still_allowed(change.target, policies):
            return Look(Held.NOT_HELD, "; ".join(allowed))
        return looked


def _labels(target: Target) -> Mapping[str, Json]:
    labels = target.get("pods")
    if not isinstance(labels, Mapping) or not labels or not all(isinstance(one, str) for one in labels.values()):
        raise UsageError("the target's pods are not told by their labels", todo="say pods: {app: ...}")
    return labels


def _types(target: Target) -> list[Json]:
    deny = target.get("deny") or "egress"
    return ["Ingress", "Egress"] if deny == "both" else [str(deny).capitalize()]


def _own(target: Target) -> str:
    """Its name tells what it cuts, so that two kills of the same meet, and others do not get in each other's way."""
    what = canonical({"pods": dict(_labels(target)), "types": _types(target)})
    return path("network_policy", str(target["namespace"]), f"psfir-{hashlib.sha256(what).hexdigest()[:12]}")


def _still_allowed(target: Target, policies: list[dict[str, Any]]) -> tuple[str, ...]:
    own, kept = _own(target).rpartition("/")[2], target.get("despite") or []
    found = []
    for one in policies:
        name, spec = str(at(one, "metadata", "name")), one.get("spec") or {}
        if name == own or (isinstance(kept, list | tuple) and name in kept):
            continue
        if not selects(spec.get("podSelector") or {}, _labels(target)):
            continue
        open_ways = [word for word in ("ingress", "egress") if word.capitalize() in _types(target) and spec.get(word)]
        if open_ways:
            found.append(f"network policy {name} selects these pods too and still allows {' and '.join(open_ways)}")
    return tuple(found)
