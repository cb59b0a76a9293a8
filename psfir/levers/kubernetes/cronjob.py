"""`kubernetes.cronjob`: no new runs of a CronJob, and the ones under way stopped, ready to go on where they can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from psfir.contracts import Target
from psfir.domain.about import Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Look
from psfir.domain.modes import Mode
from psfir.errors import UsageError
from psfir.levers.kubernetes.fields import Fields
from psfir.levers.kubernetes.parts import Seen
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes_objects import NAMESPACE, at, path, shown, version


class CronJob(Fields):
    """Parts: the CronJob's suspend, and that of each of its Jobs that has not ended."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="kubernetes.cronjob",
        line="Suspends a CronJob and the Jobs of it that are under way.",
        connects=("kubernetes",),
        target=(NAMESPACE, Field("cronjob", FieldType.TEXT, "the CronJob")),
        example={
            "lever": "kubernetes.cronjob",
            "target": {"connection": "prod-eu", "namespace": "assistants", "cronjob": "nightly-digest"},
            "set": {"suspend": True},
            "within": "30s",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.BOTH,
        settings=(
            Field("suspend", FieldType.FLAG, "whether it is suspended"),
            Field("jobs", FieldType.FLAG, "its running Jobs as well; default true", required=False, default=True),
        ),
        permissions=(
            Permission("kubernetes", "get", "batch/cronjobs"),
            Permission("kubernetes", "patch", "batch/cronjobs"),
            Permission("kubernetes", "list", "batch/jobs"),
            Permission("kubernetes", "get", "batch/jobs"),
            Permission("kubernetes", "patch", "batch/jobs"),
        ),
        blast_radius="Whatever waits for this work. The pods of a suspended Job end; what they had done so far stays.",
        undo="Takes back each suspension that it made. A Job that goes on begins its unfinished pods anew.",
        exact=True,
        vendor="kubernetes",
        propagation=10.0,
    )

    def look(self, target: Target, deadline: Deadline) -> Seen:
        where = path("cronjob", str(target["namespace"]), str(target["cronjob"]))
        found = self._client.get(where, within=deadline.left)
        parts: dict[str, Json] = {where: self.part(target, where, found)}
        for job in self._client.items(path("job", str(target["namespace"])), within=deadline.left):
            if _runs(job) and _owned(job, found):
                name = path("job", str(target["namespace"]), str(at(job, "metadata", "name")))
                parts[name] = self.part(target, name, job)
        return Seen(parts, version(found))

    def wanted(self, target: Target, before: Mapping[str, Any], settings: Mapping[str, Json]) -> Mapping[str, Json]:
        suspend = settings.get("suspend")
        if not isinstance(suspend, bool):
            raise UsageError("kubernetes.cronjob is not told what to set", todo="say set: {suspend: true}")
        jobs = settings.get("jobs", True) is True
        return {p: {"suspend": suspend} if jobs or not _is_job(p) else part for p, part in before.items()}

    def part(self, target: Target, path: str, found: Mapping[str, Any]) -> Json:
        return {"suspend": at(found, "spec", "suspend") is True}

    def body(self, target: Target, path: str, part: Json) -> dict[str, Any]:
        return {"spec": dict(part) if isinstance(part, Mapping) else {}}

    def name(self, path: str) -> str:
        return shown(path)

    def order(self, paths: Sequence[str]) -> Sequence[str]:
        """The CronJob first, so that it starts no Job in between."""
        return sorted(paths, key=lambda path: (_is_job(path), path))

    def verify(self, change: Change, *, within: float) -> Look:
        """A Job that was started between the look and the suspension counts too."""
        deadline = Deadline(within)
        looked = super().verify(change, within=deadline.left)
        after = change.after if isinstance(change.after, Mapping) else {}
        if looked.held is not Held.HELD or not all(at(part, "suspend") for part in after.values()):
            return looked
        late = [p for p, part in self.look(change.target, deadline).parts.items() if not at(part, "suspend")]
        if late:
            return Look(Held.NOT_HELD, f"{', '.join(shown(p) for p in late)} began meanwhile and is under way")
        return looked


def _is_job(path: str) -> bool:
    return "/jobs/" in path


def _runs(job: Mapping[str, Any]) -> bool:
    ended = {"Complete", "Failed"}
    conditions = at(job, "status", "conditions") or []
    return not any(one.get("type") in ended and one.get("status") == "True" for one in conditions)


def _owned(job: Mapping[str, Any], cronjob: Mapping[str, Any]) -> bool:
    owners = at(job, "metadata", "ownerReferences") or []
    return any(one.get("uid") == at(cronjob, "metadata", "uid") for one in owners)
