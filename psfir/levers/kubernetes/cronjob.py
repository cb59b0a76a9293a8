"""`kubernetes.cronjob`: no new runs of a CronJob, and the ones under way stopped, ready to go on where they can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from psfir.contracts import Target
from psfir.domain.about import LOOKING, WRITING, Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Look, Outcome
from psfir.domain.modes import Mode
from psfir.errors import Drift, UsageError
from psfir.levers.kubernetes.fields import Fields
from psfir.levers.kubernetes.owners import KNOW_ARGO, keepers
from psfir.levers.kubernetes.parts import Seen, parts
from psfir.levers.settle import Way, same
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes_objects import NAMESPACE, at, path, shown, version

_RUNS = "where a Job of it is under way"


def _with_jobs(said: Mapping[str, Json]) -> bool:
    return said.get("jobs", True) is True


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
            Permission("kubernetes", "get", "batch/cronjobs/{cronjob}"),
            Permission("kubernetes", "patch", "batch/cronjobs/{cronjob}", WRITING),
            Permission("kubernetes", "list", "batch/jobs"),
            Permission("kubernetes", "get", "batch/jobs", LOOKING, _RUNS, _with_jobs),
            Permission("kubernetes", "patch", "batch/jobs", WRITING, _RUNS, _with_jobs),
            Permission("kubernetes", "list", "argoproj.io/applications", only=KNOW_ARGO),
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
        found_parts: dict[str, Json] = {where: self.part(target, where, found)}
        for job in self._client.items(path("job", str(target["namespace"])), within=deadline.left):
            name = path("job", str(target["namespace"]), str(at(job, "metadata", "name")))
            if _owned(job, found) and (part := self.part(target, name, job)) is not None:
                found_parts[name] = part
        return Seen(found_parts, version(found), undone_by=keepers(self._client, where, found, within=deadline.left))

    def wanted(self, target: Target, before: Mapping[str, Any], settings: Mapping[str, Json]) -> Mapping[str, Json]:
        suspend = settings.get("suspend")
        if not isinstance(suspend, bool):
            raise UsageError("kubernetes.cronjob is not told what to set", todo="say set: {suspend: true}")
        jobs = settings.get("jobs", True) is True
        return {p: {"suspend": suspend} if jobs or not _is_job(p) else part for p, part in before.items()}

    def part(self, target: Target, path: str, found: Mapping[str, Any]) -> Json:
        """A Job that has ended is as good as gone."""
        if _is_job(path) and not _runs(found):
            return None
        return {"suspend": at(found, "spec", "suspend") is True}

    def body(self, target: Target, path: str, part: Json) -> dict[str, Any]:
        return {"spec": dict(part) if isinstance(part, Mapping) else {}}

    def name(self, path: str) -> str:
        return shown(path)

    def passes(self, path: str) -> bool:
        return _is_job(path)

    def order(self, paths: Sequence[str]) -> Sequence[str]:
        """The CronJob first, so that it starts no Job in between."""
        return sorted(paths, key=lambda path: (_is_job(path), path))

    def _move(self, target: Target, way: Way, deadline: Deadline, *, back: bool = False) -> Outcome:
        """A Job that began since the plan is drift: planned again, it is stopped too, where the others are."""
        if _let_be(way):
            return super()._move(target, way, deadline, back=back)
        seen, known = self.look(target, deadline).parts, {*parts(way.expected), *parts(way.wanted)}
        if late := [shown(one) for one in seen if one not in known]:
            what = f"{', '.join(late)} began meanwhile"
            raise Drift(what, expected=way.expected, found=dict(seen), where=self._client.where)
        return super()._move(target, way, deadline, back=back)

    def verify(self, change: Change, *, within: float) -> Look:
        """A Job that was started between the look and the suspension counts too."""
        deadline = Deadline(within)
        looked = super().verify(change, within=deadline.left)
        after = parts(change.after)
        if _let_be(Way(change.before, change.after)):
            return looked
        if looked.held is not Held.HELD or not all(at(part, "suspend") for part in after.values()):
            return looked
        seen = self.look(change.target, deadline).parts
        late = [one for one, part in seen.items() if not at(part, "suspend") and one not in after]
        if late:
            return Look(Held.NOT_HELD, f"{', '.join(shown(p) for p in late)} began meanwhile and is under way")
        return looked


def _is_job(path: str) -> bool:
    return "/jobs/" in path


def _let_be(way: Way) -> bool:
    """Whether Jobs were under way and are left to end. Where there was none, nothing tells."""
    was, jobs = parts(way.expected), {path: part for path, part in parts(way.wanted).items() if _is_job(path)}
    return bool(jobs) and all(at(part, "suspend") is False and same(part, was.get(path)) for path, part in jobs.items())


def _runs(job: Mapping[str, Any]) -> bool:
    ended = {"Complete", "Failed"}
    conditions = at(job, "status", "conditions") or []
    return not any(one.get("type") in ended and one.get("status") == "True" for one in conditions)


def _owned(job: Mapping[str, Any], cronjob: Mapping[str, Any]) -> bool:
    owners = at(job, "metadata", "ownerReferences") or []
    return any(one.get("uid") == at(cronjob, "metadata", "uid") for one in owners)
