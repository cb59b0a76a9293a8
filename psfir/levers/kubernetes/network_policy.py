"""`kubernetes.network_policy`: cuts pods off from the network, by a policy of psfir's own beside the others.

Policies are a union of what each allows: one that denies changes nothing while another that selects the same pods lets
traffic through. So all of them are held against the labels of the very pods, and the lever does not hold while one of
them still allows it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from psfir.contracts import Target
from psfir.domain.about import KILLING, RESTORING, WRITING, Field, FieldType, LeverAbout, Permission, Phase, Stops
from psfir.domain.canon import Json, canonical
from psfir.domain.change import Change, Held, Look
from psfir.domain.modes import Mode
from psfir.domain.values import frozen
from psfir.errors import LeverError, UsageError
from psfir.levers.kubernetes.fields import Fields
from psfir.levers.kubernetes.parts import Seen, parts
from psfir.levers.settle import Way
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes_objects import NAMESPACE, at, path, query_of, selects, shown, version

_DNS: Json = [{"ports": [{"protocol": name, "port": 53} for name in ("UDP", "TCP")]}]
_ENFORCED = "a policy works only where the cluster's network enforces it, and open connections may survive it"


_WHOSE = "where a restore is to say which pods it is about"
_ALTERED = "where somebody had altered psfir's own policy before the kill"


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
            Permission("kubernetes", "create", "networking.k8s.io/networkpolicies", KILLING),
            Permission("kubernetes", "patch", "networking.k8s.io/networkpolicies", WRITING, _ALTERED),
            Permission("kubernetes", "delete", "networking.k8s.io/networkpolicies", RESTORING),
            Permission("kubernetes", "list", "pods", (Phase.READ, Phase.KILL)),
            Permission("kubernetes", "list", "pods", RESTORING, _WHOSE),
        ),
        blast_radius="The pods that bear the labels, whatever they serve.",
        undo="Deletes its own policy, if that is still as psfir made it.",
        exact=True,
        vendor="kubernetes",
        propagation=15.0,
    )

    def look(self, target: Target, deadline: Deadline) -> Seen:
        where = own_path(target)
        around = self._around(target, deadline)
        own = next((one for one in around.policies if at(one, "metadata", "name") == where.rpartition("/")[2]), None)
        part = self.part(target, where, own) if own else None
        notes = (*around.allowed, *filter(None, [around.unsure]), _ENFORCED)
        return Seen({where: part}, version(own) if own else "", notes)

    def wanted(self, target: Target, before: Mapping[str, Any], settings: Mapping[str, Json]) -> Mapping[str, Json]:
        if settings.get("cut") is not True:
            raise UsageError("kubernetes.network_policy is not told to cut", todo="say set: {cut: true}")
        spec: dict[str, Json] = {"podSelector": {"matchLabels": dict(_labels(target))}, "policyTypes": _types(target)}
        if settings.get("dns") is True and "Egress" in _types(target):
            spec["egress"] = _DNS
        return {own_path(target): {"spec": spec}}

    def part(self, target: Target, path: str, found: Mapping[str, Any]) -> Json:
        return {"spec": found.get("spec")}

    def body(self, target: Target, path: str, part: Json) -> list[dict[str, Any]]:
        """An operation: a merge would leave the rules that somebody added."""
        return [{"op": "replace", "path": "/spec", "value": at(part, "spec")}]

    def write(self, target: Target, move: tuple[str, Way], seen: str, deadline: Deadline) -> None:
        """Where there is none it is made, where there was none it is deleted."""
        path, way = move
        root, _, name = path.rpartition("/")
        if way.wanted is None:
            self._client.delete(path, within=deadline.left, options={"preconditions": {"resourceVersion": seen}})
        elif way.expected is None:
            whole: Json = {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "NetworkPolicy",
                "metadata": {"name": name, "labels": {"app.kubernetes.io/managed-by": "psfir"}},
                "spec": at(way.wanted, "spec"),
            }
            self._client.create(root, whole, within=deadline.left)
        else:
            super().write(target, move, seen, deadline)

    def name(self, path: str) -> str:
        return shown(path)

    def verify(self, change: Change, *, within: float) -> Look:
        deadline = Deadline(within)
        looked = super().verify(change, within=deadline.left)
        if looked.held is not Held.HELD or not _cuts(change):
            return looked
        around = self._around(change.target, deadline)
        if around.allowed:
            return Look(Held.NOT_HELD, "; ".join(around.allowed))
        if around.blind or around.nobody:
            return Look(Held.COULD_NOT_TELL, f"{looked.says}; {around.unsure}")
        return looked

    def _around(self, target: Target, deadline: Deadline) -> _Around:
        """The policies of the namespace, held against the pods. Without a sight of these the labels stand for them."""
        policies = self._client.items(own_path(target).rpartition("/")[0], within=deadline.left)
        query = query_of({"matchLabels": _labels(target)})
        pods: list[dict[str, Any]] = []
        unsure, blind = "", False
        try:
            pods = self._client.items(path("pod", str(target["namespace"])), within=deadline.left, query=query)
        except LeverError as error:
            unsure, blind = f"whether another policy selects these pods cannot be told for sure: {error.what}", True
        else:
            unsure = "" if pods else "no pod bears these labels now: there is nobody to be cut off"
        bearers = [at(pod, "metadata", "labels") for pod in pods] or [_labels(target)]
        allowed = (*_still_allowed(target, policies, bearers), *_on_the_host(pods))
        return _Around(policies, allowed, unsure, blind, not pods)


@frozen
class _Around:
    """All policies, and what is open all the same and what is not sure, in sentences.

    `blind`: the pods could not be looked at. `nobody`: there are none.
    """

    policies: list[dict[str, Any]]
    allowed: tuple[str, ...]
    unsure: str
    blind: bool
    nobody: bool


def _cuts(change: Change) -> bool:
    """Whether its own policy is to let nothing through: a restore is verified too, and takes that away."""
    spec = at(parts(change.after).get(own_path(change.target)), "spec")
    return bool(spec) and not at(spec, "ingress") and at(spec, "egress") in (None, [], _DNS)


def _labels(target: Target) -> Mapping[str, Json]:
    labels = target.get("pods")
    if not isinstance(labels, Mapping) or not labels or not all(isinstance(one, str) for one in labels.values()):
        raise UsageError("the target's pods are not told by their labels", todo="say pods: {app: ...}")
    return labels


def _types(target: Target) -> list[Json]:
    deny = target.get("deny") or "egress"
    return ["Ingress", "Egress"] if deny == "both" else [str(deny).capitalize()]


def own_path(target: Target) -> str:
    """Its name tells what it cuts, so that two kills of the same meet, and others do not get in each other's way."""
    what = canonical({"pods": dict(_labels(target)), "types": _types(target)})
    return path("network_policy", str(target["namespace"]), f"psfir-{hashlib.sha256(what).hexdigest()[:12]}")


def _still_allowed(
    target: Target, policies: list[dict[str, Any]], bearers: Sequence[Mapping[str, Any]]
) -> tuple[str, ...]:
    own, kept = own_path(target).rpartition("/")[2], target.get("despite") or []
    found = []
    for one in policies:
        name, spec = str(at(one, "metadata", "name")), one.get("spec") or {}
        if name == own or (isinstance(kept, list | tuple) and name in kept):
            continue
        open_ways = [
            word for word in ("ingress", "egress") if word.capitalize() in _types(target) and _opens(spec, word)
        ]
        if open_ways and any(selects(spec.get("podSelector") or {}, labels) for labels in bearers):
            found.append(f"network policy {name} selects these pods too and still allows {' and '.join(open_ways)}")
    return tuple(found)


def _on_the_host(pods: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Policies are about a pod's own network."""
    names = [str(at(pod, "metadata", "name")) for pod in pods if at(pod, "spec", "hostNetwork") is True]
    return (f"on the host's network, where policies do not reach: {', '.join(names)}",) if names else ()


def _opens(spec: Mapping[str, Any], word: str) -> bool:
    """Whether it has rules for that direction, and they count."""
    return bool(spec.get(word)) and word.capitalize() in (spec.get("policyTypes") or ["Ingress", "Egress"])
