"""`kubernetes.quarantine`: takes pods out of a Service by a label and keeps them alive, for whoever looks into them.

Where the label is not one by which a ReplicaSet knows its pods, nothing replaces them; where it is, new pods come, and
serve. The plan says which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from psfir.contracts import Target
from psfir.domain.about import WRITING, Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Look
from psfir.domain.modes import Mode
from psfir.errors import LeverError, NoSuchTarget, UsageError
from psfir.levers.kubernetes.fields import Fields
from psfir.levers.kubernetes.parts import Seen, parts
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes_objects import NAMESPACE, at, path, query_of, shown, version

OUT = "psfir-quarantine"
_LISTED = ("ReplicaSet", "StatefulSet")


_REPLACED = "to know whether new pods take their place"


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
            Permission("kubernetes", "get", "services/{service}"),
            Permission("kubernetes", "list", "pods"),
            Permission("kubernetes", "get", "pods"),
            Permission("kubernetes", "patch", "pods", WRITING),
            Permission("kubernetes", "list", "apps/replicasets", only=_REPLACED),
            Permission("kubernetes", "list", "apps/statefulsets", only=_REPLACED),
        ),
        blast_radius="Whoever these pods would have served. What they are doing goes on, and so do open connections.",
        undo="Gives each pod that is still there its label back.",
        exact=True,
        vendor="kubernetes",
        propagation=10.0,
    )

    spare = ("list apps/replicasets", "list apps/statefulsets")

    def look(self, target: Target, deadline: Deadline) -> Seen:
        namespace, service = str(target["namespace"]), str(target["service"])
        found, chosen, missing = self._pods(target, deadline)
        if missing and not chosen:
            what = f"service {service} selects no pod {', '.join(missing)}"
            raise NoSuchTarget(what, todo="leave out pods: to take out every one that it selects")
        labels = {path("pod", namespace, name): self.part(target, "", pod) for name, pod in chosen.items()}
        notes = (f"service {service} selects no pod {name}" for name in missing)
        replaced = self._replaced(namespace, str(target["label"]), list(chosen.values()), deadline)
        return Seen(labels, version(found), (*notes, *replaced))

    def _pods(self, target: Target, deadline: Deadline) -> tuple[dict[str, Any], dict[str, dict[str, Any]], list[str]]:
        """The Service, the pods that are meant by name, and those names that none of its pods bears."""
        namespace, service = str(target["namespace"]), str(target["service"])
        found = self._client.get(path("service", namespace, service), within=deadline.left)
        selector = at(found, "spec", "selector") or {}
        if not selector:
            raise NoSuchTarget(f"service {service} selects no pods by labels", todo="use kubernetes.route")
        label = str(target["label"])
        if label not in selector:
            todo = f"name one of {', '.join(sorted(selector))}"
            raise UsageError(f"service {service} does not select by the label {label}", todo=todo)
        pods = self._client.items(path("pod", namespace), within=deadline.left, query=_others(selector, label))
        theirs = [pod for pod in pods if at(pod, "metadata", "labels", label) in {selector[label], OUT}]
        return found, *_chosen(target, theirs)

    def _replaced(
        self, namespace: str, label: str, pods: Sequence[Mapping[str, Any]], deadline: Deadline
    ) -> tuple[str, ...]:
        """Who makes new pods, which serve, in the place of those that no longer bear the label."""
        notes = []
        for kind, names in sorted(_makers(pods).items()):
            if kind not in _LISTED:
                notes.append(f"{kind} {', '.join(names)} made these pods: whether it makes new ones cannot be told")
                continue
            try:
                makers = self._client.items(path(kind.lower(), namespace), within=deadline.left)
            except LeverError as error:
                notes.append(f"whether {kind} {', '.join(names)} makes new pods cannot be told: {error.what}")
                continue
            by_label = [at(one, "metadata", "name") for one in makers if label in _keys(at(one, "spec", "selector"))]
            notes += [
                f"{kind} {name} knows its pods by the label {label} too: it makes new ones, and they serve"
                for name in names
                if name in by_label
            ]
        return tuple(notes)

    def wanted(self, target: Target, before: Mapping[str, Any], settings: Mapping[str, Json]) -> Mapping[str, Json]:
        if settings.get("out") is not True:
            raise UsageError("kubernetes.quarantine is not told to take them out", todo="say set: {out: true}")
        if not before:
            what = f"service {target['service']} selects no pod: there is nobody to be taken out"
            raise NoSuchTarget(what, todo="check its selector, and what kubernetes.pods sees")
        return {where: {"value": OUT} for where in before}

    def part(self, target: Target, path: str, found: Mapping[str, Any]) -> Json:
        return {"value": at(found, "metadata", "labels", str(target["label"]))}

    def body(self, target: Target, path: str, part: Json) -> dict[str, Any]:
        return {"metadata": {"labels": {str(target["label"]): at(part, "value")}}}

    def passes(self, path: str) -> bool:
        return True

    def name(self, path: str) -> str:
        return shown(path)

    def verify(self, change: Change, *, within: float) -> Look:
        """A pod that came meanwhile serves as the others did; one that is gone serves nobody.

        Put back they are to serve, and so may whoever came meanwhile.
        """
        deadline = Deadline(within)
        looked = super().verify(change, within=deadline.left)
        if looked.held is not Held.HELD or not _out(change):
            return looked
        pods = self._pods(change.target, deadline)[1]
        serving = [name for name, pod in pods.items() if at(self.part(change.target, "", pod), "value") != OUT]
        if serving:
            said = ", ".join(shown(path("pod", str(change.target["namespace"]), name)) for name in serving)
            return Look(Held.NOT_HELD, f"{said} came meanwhile and serves")
        return looked


def _out(change: Change) -> bool:
    """Whether it takes them out, all of them: a restore is verified too, and gives some of them back."""
    return all(at(part, "value") == OUT for part in parts(change.after).values())


def _others(selector: Mapping[str, str], label: str) -> dict[str, str]:
    """The query for pods that bear all the other labels; a Service that selects by one alone has none to ask for."""
    others = {key: value for key, value in selector.items() if key != label}
    return query_of({"matchLabels": others}) if others else {}


def _chosen(target: Target, pods: Sequence[dict[str, Any]]) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The pods that are meant, by name, and names that none of them bears."""
    found = {str(at(pod, "metadata", "name")): pod for pod in pods}
    named = target.get("pods")
    if not isinstance(named, list | tuple):
        return found, []
    chosen = {name: pod for name, pod in found.items() if name in named}
    return chosen, [str(name) for name in named if name not in chosen]


def _makers(pods: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Those that made the pods and look after them, by kind."""
    found: dict[str, set[str]] = {}
    for pod in pods:
        for owner in at(pod, "metadata", "ownerReferences") or []:
            if owner.get("controller") is True:
                found.setdefault(str(owner.get("kind")), set()).add(str(owner.get("name")))
    return {kind: sorted(names) for kind, names in found.items()}


def _keys(selector: Mapping[str, Any] | None) -> set[str]:
    expressions = at(selector, "matchExpressions") or []
    return {*(at(selector, "matchLabels") or {}), *(str(one.get("key")) for one in expressions)}
