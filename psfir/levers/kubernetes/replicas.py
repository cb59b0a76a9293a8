"""`kubernetes.replicas`: how many pods a Deployment or StatefulSet has, and whatever would scale it back, held.

At 0 an HPA stands still by itself; above 0 it is pinned to the number, and put back with it. KEDA is paused either way.
The Deployment itself is patched, not its scale subresource, which forgets at 0 who owns the field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from psfir.contracts import Target
from psfir.domain.about import Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.modes import Mode
from psfir.errors import UsageError
from psfir.levers.kubernetes.fields import Fields
from psfir.levers.kubernetes.owners import Around, autoscaler_body, autoscaler_part, is_autoscaler, is_keda
from psfir.levers.kubernetes.parts import Seen
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes_objects import DEPLOYMENT, NAMESPACE, STATEFULSET, Workload, at, shown, version


class Replicas(Fields):
    """Parts: the workload's number of replicas, and the bounds or the pause of each autoscaler."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="kubernetes.replicas",
        line="Scales a Deployment or StatefulSet, and holds what would scale it back.",
        connects=("kubernetes",),
        target=(NAMESPACE, DEPLOYMENT, STATEFULSET),
        one_of=("deployment", "statefulset"),
        example={
            "lever": "kubernetes.replicas",
            "target": {"connection": "prod-eu", "namespace": "assistants", "deployment": "support-agent"},
            "set": {"replicas": 0},
            "within": "90s",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.BOTH,
        settings=(Field("replicas", FieldType.WHOLE, "how many pods it shall have"),),
        permissions=(
            Permission("kubernetes", "get", "apps/deployments/{deployment}"),
            Permission("kubernetes", "patch", "apps/deployments/{deployment}"),
            Permission("kubernetes", "get", "apps/statefulsets/{statefulset}"),
            Permission("kubernetes", "patch", "apps/statefulsets/{statefulset}"),
            Permission("kubernetes", "list", "autoscaling/horizontalpodautoscalers"),
            Permission("kubernetes", "get", "autoscaling/horizontalpodautoscalers"),
            Permission("kubernetes", "patch", "autoscaling/horizontalpodautoscalers"),
            Permission("kubernetes", "list", "keda.sh/scaledobjects"),
            Permission("kubernetes", "get", "keda.sh/scaledobjects"),
            Permission("kubernetes", "patch", "keda.sh/scaledobjects"),
            Permission("kubernetes", "list", "argoproj.io/applications"),
        ),
        blast_radius="Everybody whom these pods serve. Pods end after their grace period, and work in them with them.",
        undo="Puts back the number of replicas and each autoscaler it held, if they are still as psfir left them.",
        exact=True,
        vendor="kubernetes",
        propagation=30.0,
    )

    def look(self, target: Target, deadline: Deadline) -> Seen:
        workload = Workload.of(target)
        beside = Around(self._client, workload, deadline)
        found = self.found(workload.path, deadline)
        around = beside.owners(found)
        parts = {workload.path: self.part(target, workload.path, found), **around.autoscalers}
        return Seen(parts, version(found), undone_by=around.notes)

    def wanted(self, target: Target, before: Mapping[str, Any], settings: Mapping[str, Json]) -> Mapping[str, Json]:
        number = settings.get("replicas")
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            raise UsageError("kubernetes.replicas is not told how many", todo="say set: {replicas: 0}")
        return {path: _held(path, part, number) for path, part in before.items()}

    def part(self, target: Target, path: str, found: Mapping[str, Any]) -> Json:
        if is_autoscaler(path):
            return autoscaler_part(path, found)
        number = at(found, "spec", "replicas")
        never_told = 0 if found.get("kind") == "Scale" else 1  # a scale leaves its 0 out
        return {"replicas": never_told if number is None else int(number)}

    def body(self, target: Target, path: str, part: Json) -> dict[str, Any]:
        if is_autoscaler(path):
            return autoscaler_body(path, part)
        return {"spec": dict(part) if isinstance(part, Mapping) else {}}

    def name(self, path: str) -> str:
        return shown(path)

    def order(self, paths: Sequence[str]) -> Sequence[str]:
        """Autoscalers first, so that none of them scales the workload in between."""
        return sorted(paths, key=lambda path: (not is_autoscaler(path), path))

    def instead(self, path: str) -> str | None:
        """Many roles allow the scale subresource alone."""
        return None if is_autoscaler(path) else f"{path}/scale"


def _held(path: str, part: Json, number: int) -> Json:
    if is_keda(path):
        return {"paused": str(number)}
    if is_autoscaler(path):
        return part if number == 0 else {"min": number, "max": number}
    return {"replicas": number}
