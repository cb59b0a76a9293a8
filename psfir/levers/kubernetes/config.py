"""`kubernetes.config`: one key of a ConfigMap, with the restart that makes pods read it, or one variable of a workload.

A variable is part of the pod template, so that setting it restarts the pods by itself.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, ClassVar

from psfir.contracts import Target
from psfir.domain.about import WRITING, Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json, canonical
from psfir.domain.modes import Mode
from psfir.errors import NoSuchTarget, Refusal, UsageError
from psfir.levers.kubernetes.fields import Fields
from psfir.levers.kubernetes.owners import KNOW_ARGO, keepers
from psfir.levers.kubernetes.parts import Seen
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes_objects import DEPLOYMENT, NAMESPACE, at, path, shown, version

RESTART = "psfir.dev/set"
_NO_RESTART = "no deployment is named, so nothing is restarted: pods that read the key at start keep the old value"


_SECRET = re.compile("api[-_]?key|access[-_]?key|token|secret|passw(or)?d|credential|_dsn|private", re.IGNORECASE)


class Config(Fields):
    """Parts: the key's value and the mark on the pod template that restarts the pods; or the variable itself."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="kubernetes.config",
        line="Sets a key of a ConfigMap and restarts who reads it, or a variable of a Deployment.",
        connects=("kubernetes",),
        target=(
            NAMESPACE,
            Field("configmap", FieldType.TEXT, "the ConfigMap", required=False),
            Field("key", FieldType.TEXT, "its key", required=False),
            DEPLOYMENT,
            Field("container", FieldType.TEXT, "or the container of the Deployment", required=False),
            Field("env", FieldType.TEXT, "and the variable in it", required=False),
        ),
        example={
            "lever": "kubernetes.config",
            "target": {
                "connection": "prod-eu",
                "namespace": "assistants",
                "configmap": "support-agent",
                "key": "MODEL",
                "deployment": "support-agent",
            },
            "set": {"value": "small"},
            "within": "60s",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.BOTH,
        settings=(Field("value", FieldType.TEXT, "what it shall be"),),
        permissions=(
            Permission("kubernetes", "get", "configmaps/{configmap}"),
            Permission("kubernetes", "patch", "configmaps/{configmap}", WRITING),
            Permission("kubernetes", "get", "apps/deployments/{deployment}"),
            Permission("kubernetes", "patch", "apps/deployments/{deployment}", WRITING),
            Permission("kubernetes", "list", "argoproj.io/applications", only=KNOW_ARGO),
        ),
        blast_radius="Everything that reads the key. Pods are replaced one after the other, as the Deployment says.",
        undo="Puts the value back as it was found, or takes the key away again, and restarts the pods again.",
        exact=True,
        vendor="kubernetes",
        propagation=60.0,
    )

    def look(self, target: Target, deadline: Deadline) -> Seen:
        paths = _paths(target)
        objects = {where: self._client.get(where, within=deadline.left) for where in paths}
        parts = {where: self.part(target, where, found) for where, found in objects.items()}
        notes = () if target.get("deployment") else (_NO_RESTART,)
        keep = [keepers(self._client, where, found, within=deadline.left) for where, found in objects.items()]
        return Seen(parts, version(objects[paths[0]]), notes, tuple(chain.from_iterable(keep)))

    def wanted(self, target: Target, before: Mapping[str, Any], settings: Mapping[str, Json]) -> Mapping[str, Json]:
        value, (where, *restarts) = settings.get("value"), _paths(target)
        if not isinstance(value, str):
            raise UsageError("kubernetes.config is not told which value to set", todo="say set: {value: ...}")
        if at(before.get(where), "from") is not None:
            what = f"the variable {target['env']} takes its value from elsewhere and has none of its own to set"
            raise UsageError(what, todo="name the ConfigMap and the key it comes from")
        if at(before.get(where), "value") == value and all(at(before.get(other), "mark") for other in restarts):
            return dict(before)  # restarted since somebody set it: pods have read it
        marks = {other: {"mark": _mark(value, before.get(other))} for other in restarts}
        return {where: {**before.get(where, {}), "value": value}, **marks}

    def part(self, target: Target, path: str, found: Mapping[str, Any]) -> Json:
        if "/configmaps/" in path:
            return {"value": at(found, "data", str(target["key"]))}
        if target.get("env"):
            variable = _variable(target, found)
            if variable is None:
                return {"value": None, "from": None}
            source = variable.get("valueFrom")
            return {"value": None if source else variable.get("value", ""), "from": source}
        return {"mark": at(found, "spec", "template", "metadata", "annotations", RESTART)}

    def body(self, target: Target, path: str, part: Json) -> dict[str, Any]:
        if "/configmaps/" in path:
            return {"data": {str(target["key"]): at(part, "value")}}
        if target.get("env"):
            return {"spec": {"template": {"spec": {"containers": [_container(target, at(part, "value"))]}}}}
        return {"spec": {"template": {"metadata": {"annotations": {RESTART: at(part, "mark")}}}}}

    def how(self, path: str) -> str:
        """Containers and their variables are lists, which are merged by name."""
        return "merge" if "/configmaps/" in path else "strategic"

    def name(self, path: str) -> str:
        return shown(path)

    def order(self, paths: Sequence[str]) -> Sequence[str]:
        """The value before the restart that reads it."""
        return sorted(paths, key=lambda path: ("/configmaps/" not in path, path))

    def back(self, paths: Sequence[str]) -> Sequence[str]:
        """The same on the way back."""
        return self.order(paths)


def _no_secret(name: str) -> None:
    """What it was is recorded, or it could not be put back; a secret is not."""
    if _SECRET.search(name):
        what = f"{name} is named like a secret: what it is would have to be recorded to be put back"
        raise Refusal(what, todo="take the right away where the secret is checked, or pull kubernetes.replicas")


def _paths(target: Target) -> list[str]:
    namespace, deployment = str(target["namespace"]), target.get("deployment")
    workload = [path("deployment", namespace, str(deployment))] if deployment else []
    configmap, key, container, env = (target.get(word) for word in ("configmap", "key", "container", "env"))
    _no_secret(str(key or env or ""))
    if configmap and key and not (container or env):
        return [path("configmap", namespace, str(configmap)), *workload]
    if workload and container and env and not (configmap or key):
        return workload
    raise UsageError(
        "the target names neither a key of a ConfigMap nor a variable of a container",
        todo="name configmap and key, with the deployment that reads it; or deployment, container and env",
    )


def _mark(value: str, before: Json) -> str:
    """Always another one than before: the same value twice, with another in between, is two restarts."""
    return hashlib.sha256(canonical({"value": value, "before": before})).hexdigest()[:12]


def _variable(target: Target, found: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The variable as it stands there; None where the container has none of that name."""
    containers = at(found, "spec", "template", "spec", "containers") or []
    for container in containers:
        if container.get("name") == target["container"]:
            return next((one for one in container.get("env") or [] if one.get("name") == target["env"]), None)
    has = ", ".join(str(one.get("name")) for one in containers)
    raise NoSuchTarget(f"the deployment has no container {target['container']}", todo=f"it has {has}")


def _container(target: Target, value: Json) -> dict[str, Any]:
    gone = {"$patch": "delete"} if value is None else {"value": value}
    return {"name": target["container"], "env": [{"name": target["env"], **gone}]}
