"""`kubernetes.rollout`: a Deployment goes back to an earlier revision, or stands still where it is.

The state names the ReplicaSet that holds the pod template, never the template: a template may hold what nobody should
read in a record. Kubernetes itself goes back the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from psfir.contracts import Target
from psfir.domain.about import WRITING, Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.modes import Mode
from psfir.errors import Drift, NoSuchTarget, Refusal, UsageError
from psfir.levers.kubernetes.owners import KNOW_ARGO, keepers
from psfir.levers.kubernetes.parts import Parts, Seen
from psfir.levers.settle import Way, same
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes_objects import NAMESPACE, Workload, at, path, version

HASH = "pod-template-hash"
REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"


def _goes_back(said: Mapping[str, Json]) -> bool:
    """Only then is a template put in place of another."""
    return said.get("roll_back") is True


class Rollout(Parts):
    """Parts: the Deployment's pause and the ReplicaSet whose template it has; and the one to go back to, untouched."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="kubernetes.rollout",
        line="Takes a Deployment back to an earlier revision, or pauses it where it is.",
        connects=("kubernetes",),
        target=(
            NAMESPACE,
            Field("deployment", FieldType.TEXT, "the Deployment"),
            Field("revision", FieldType.WHOLE, "the revision to go back to, for roll_back", required=False),
        ),
        example={
            "lever": "kubernetes.rollout",
            "target": {
                "connection": "prod-eu",
                "namespace": "assistants",
                "deployment": "support-agent",
                "revision": 1,
            },
            "set": {"roll_back": True},
            "within": "2m",
        },
        modes=(Mode.DEGRADE, Mode.DISABLE, Mode.ISOLATE),
        stops=Stops.BOTH,
        settings=(
            Field("roll_back", FieldType.FLAG, "whether to go back to the target's revision", required=False),
            Field("paused", FieldType.FLAG, "whether rollouts stand still", required=False),
        ),
        permissions=(
            Permission("kubernetes", "get", "apps/deployments/{deployment}"),
            Permission("kubernetes", "patch", "apps/deployments/{deployment}", WRITING),
            Permission("kubernetes", "list", "apps/replicasets"),
            Permission("kubernetes", "get", "apps/replicasets", WRITING, when=_goes_back),
            Permission("kubernetes", "list", "argoproj.io/applications", only=KNOW_ARGO),
        ),
        blast_radius="Everybody whom the Deployment serves gets the earlier version. Pods are replaced step by step.",
        undo="Gives it back the template it had, as long as the ReplicaSet of that is kept, and its pause.",
        exact=True,
        vendor="kubernetes",
        propagation=90.0,
    )

    def look(self, target: Target, deadline: Deadline) -> Seen:
        workload = Workload.of(target, ("deployment",))
        found = self._client.get(workload.path, within=deadline.left)
        sets = self._sets(workload.namespace, found, deadline)
        parts: dict[str, Json] = {workload.path: _part(found, sets)}
        if target.get("revision") is not None:
            name = _earlier(workload, sets, str(target["revision"]))
            parts[path("replicaset", workload.namespace, name)] = {"kept": True}
        unkept = at(parts[workload.path], "replica_set") is None
        notes = (f"{workload} has a template that no ReplicaSet keeps: it could not be given back",) if unkept else ()
        keep = keepers(self._client, workload.path, found, within=deadline.left)
        return Seen(parts, version(found), notes, keep)

    def wanted(self, target: Target, before: Mapping[str, Any], settings: Mapping[str, Json]) -> Mapping[str, Json]:
        back, paused = settings.get("roll_back") is True, settings.get("paused")
        if back is isinstance(paused, bool):
            todo = "say set: {roll_back: true} or set: {paused: true}"
            raise UsageError("kubernetes.rollout is not told which one thing to do", todo=todo)
        where = Workload.of(target, ("deployment",)).path
        now = before.get(where, {})
        if isinstance(paused, bool):
            return {**before, where: {**now, "paused": paused}}
        earlier = next((one.rpartition("/")[2] for one in before if "/replicasets/" in one), None)
        if earlier is None:
            raise UsageError("kubernetes.rollout is not told which revision", todo="say revision: in the target")
        if at(now, "paused") is True and at(now, "replica_set") != earlier:
            what = f"the rollout of {target['deployment']} is paused: its pods would not go back with it"
            raise UsageError(what, todo="let it go on first, with set: {paused: false}")
        return {**before, where: {**now, "replica_set": earlier}}

    def now(self, target: Target, path: str, deadline: Deadline) -> tuple[Json, str]:
        try:
            found = self._client.get(path, within=deadline.left)
        except NoSuchTarget:
            return None, ""
        if "/replicasets/" in path:
            return {"kept": True}, version(found)
        return _part(found, self._sets(str(target["namespace"]), found, deadline)), version(found)

    def write(self, target: Target, move: tuple[str, Way], seen: str, deadline: Deadline) -> None:
        where, way = move
        name = at(way.wanted, "replica_set")
        patch: list[Json] = [
            {"op": "test", "path": "/metadata/resourceVersion", "value": seen},
            {"op": "add", "path": "/spec/paused", "value": at(way.wanted, "paused") is True},
        ]
        if not same(name, at(way.expected, "replica_set")):
            template = self._template(str(target["namespace"]), name, deadline)
            patch.append({"op": "replace", "path": "/spec/template", "value": template})
        self._client.patch(where, patch, within=deadline.left, how="json")

    def name(self, path: str) -> str:
        return f"the rollout of {path.rpartition('/')[2]}"

    def _sets(self, namespace: str, deployment: Mapping[str, Any], deadline: Deadline) -> list[dict[str, Any]]:
        uid = at(deployment, "metadata", "uid")
        sets = self._client.items(path("replicaset", namespace), within=deadline.left)
        return [one for one in sets if any(o.get("uid") == uid for o in at(one, "metadata", "ownerReferences") or [])]

    def _template(self, namespace: str, name: str | None, deadline: Deadline) -> Json:
        todo = "deploy that version again by the usual way"
        if name is None:
            what = "no ReplicaSet kept the template that was there"
            raise Refusal(what, where=self._client.where, todo=todo)
        try:
            found = self._client.get(path("replicaset", namespace, name), within=deadline.left)
        except NoSuchTarget as error:
            what = f"replica set {name}, whose template was to be put in place, is gone"
            raise Drift(what, expected=name, found="gone", where=error.where, todo=todo) from error
        template: Json = _bare(found)
        return template


def _part(deployment: Mapping[str, Any], sets: list[dict[str, Any]]) -> dict[str, Json]:
    """A template that no ReplicaSet has yet is none that could be put back: its name is None."""
    template = _bare(deployment)
    names = [str(at(one, "metadata", "name")) for one in sets if _bare(one) == template]
    return {"paused": at(deployment, "spec", "paused") is True, "replica_set": names[0] if names else None}


def _bare(found: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a pod template is whatever it is
    """The pod template as a Deployment has it, without the mark by which a ReplicaSet knows its own pods."""
    template = at(found, "spec", "template") or {}
    metadata = dict(template.get("metadata") or {})
    metadata["labels"] = {key: value for key, value in (metadata.get("labels") or {}).items() if key != HASH}
    return {**template, "metadata": metadata}


def _earlier(workload: Workload, sets: list[dict[str, Any]], revision: str) -> str:
    for one in sets:
        if revision in _revisions(one):
            return str(at(one, "metadata", "name"))
    kept = ", ".join(sorted({number for one in sets for number in _revisions(one)}))
    raise NoSuchTarget(f"{workload} keeps no revision {revision}", todo=f"it keeps {kept or 'none'}")


def _revisions(replica_set: Mapping[str, Any]) -> list[str]:
    """The one it bears now, and those it bore before it was gone back to."""
    notes = at(replica_set, "metadata", "annotations") or {}
    return [one for one in (str(notes.get(REVISION) or ""), *str(notes.get(HISTORY) or "").split(",")) if one]
