"""`kubernetes.quarantine`: takes pods out of a Service by a label and keeps them alive, for whoever looks into them.

Where the label is not one by which a ReplicaSet knows its pods, nothing replaces them; where it is, new pods come, and
serve. The plan says which.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from psfir.contracts import Target
from psfir.domain.about import Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.modes import Mode
from psfir.errors import LeverError, NoSuchTarget, UsageError
from psfir.levers.kubernetes.fields import Fields
from psfir.levers.kubernetes.parts import Seen
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes_objects import NAMESPACE, at, path, shown, version

OUT = "psfir-quarantine"


class Quarantine(Fields):
    """Parts: of each pod that the Service selects, the one label that is changed."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="kubernetes.quarantine",
        line="Takes pods out of their Service by a label and keeps them alive for forensics.",
        connects=("kubernetes",),
        target=(
            NAMESPACE,
            Field("service", FieldType.TEXT, "the Service they are taken out of"),
            Field("label", FieldType.TEXT, "the label that is changed: one that the Service selects by"),
            Field("pods", FieldType.TEXTS, "only these pods; default every pod it selects", required=False),
        ),
        example={
            "lever": "kubernetes.quarantine",
            "target": {
                "connection": "prod-eu",
                "namespace": "assistants",
                "service": "support-agent",
                "label": "serving",
            },
            "set": {"out": True},
            "within": "30s",
        },
        modes=(Mode.ISOLATE, Mode.DISABLE, Mode.DEGRADE),
        stops=Stops.NEW,
        settings=(Field("out", FieldType.FLAG, "whether they are out"),),
        permissions=(
            Permission("kubernetes", "get", "services"),
            Permission("kubernetes", "list", "pods"),
            Permission("kubernetes", "get", "pods"),
            Permission("kubernetes", "patch", "pods"),
            Permission("kubernetes", "list", "apps/replicasets"),
        ),
        blast_radius="Whoever these pods would have served. What they are doing goes on, and so do open connections.",
        undo="Gives each pod that is still there its label back.",
        exact=True,
        vendor="kubernetes",
        propagation=10.0,
    )

    def look(self, target: Target, deadline: Deadline) -> Seen:
        namespace, service = str(target["namespace"]), str(target["service"])
        found = self._client.get(path("service", namespace, service), within=deadline.left)
        selector = at(found, "spec", "selector") or {}
        if not selector:
            raise NoSuchTarget(f"service {service} selects no pods by labels", todo="use kubernetes.route")
        label = str(target["label"])
        if label not in selector:
            todo = f"name one of {', '.join(sorted(selector))}"
            raise UsageError(f"service {service} does not select by the label {label}", todo=todo)
        parts: dict[str, Json] = {}
        for pod in self._client.items(path("pod", namespace), within=deadline.left):
            labels, name = at(pod, "metadata", "labels") or {}, str(at(pod, "metadata", "name"))
            wanted = {**selector, label: labels.get(label)}
            theirs = labels.get(label) in {selector[label], OUT} and all(labels.get(k) == v for k, v in wanted.items())
            if theirs and name in _named(target, name):
                where = path("pod", namespace, name)
                parts[where] = self.part(target, where, pod)
        return Seen(parts, version(found), self._replaced(namespace, label, deadline))

    def _replaced(self, namespace: str, label: str, deadline: Deadline) -> tuple[str, ...]:
        try:
            sets = self._client.items(path("replicaset", namespace), within=deadline.left)
        except LeverError as error:
            return (f"whether new pods would come cannot be told: {error.what}",)
        if any(label in (at(one, "spec", "selector", "matchLabels") or {}) for one in sets):
            return (f"a ReplicaSet knows its pods by the label {label} too: it makes new ones, and they serve",)
        return ()

    def wanted(self, target: Target, before: Mapping[str, Any], settings: Mapping[str, Json]) -> Mapping[str, Json]:
        if settings.get("out") is not True:
            raise UsageError("kubernetes.quarantine is not told to take them out", todo="say set: {out: true}")
        return {where: {"value": OUT} for where in before}

    def part(self, target: Target, path: str, found: Mapping[str, Any]) -> Json:
        return {"value": at(found, "metadata", "labels", str(target["label"]))}

    def body(self, target: Target, path: str, part: Json) -> dict[str, Any]:
        return {"metadata": {"labels": {str(target["label"]): at(part, "value")}}}

    def passes(self, path: str) -> bool:
        return True

    def name(self, path: str) -> str:
        return shown(path)


def _named(target: Target, name: str) -> tuple[str, ...]:
    pods = target.get("pods")
    return tuple(str(pod) for pod in pods) if isinstance(pods, list | tuple) else (name,)
