"""Jobs have their pods while they are not suspended; a CronJob starts one when it is told that its hour has come."""

from __future__ import annotations

from uuid import uuid4

from psfir.range.copies import copied
from psfir.range.kubernetes import resources
from psfir.range.kubernetes.controllers import MANAGER, Desk, condition, owner_ref
from psfir.range.kubernetes.ownership import Writer
from psfir.range.kubernetes.pods import active, make
from psfir.range.kubernetes.registry import Registry
from psfir.range.kubernetes.resources import Obj
from psfir.range.kubernetes.special import is_ready
from psfir.range.kubernetes.store import moment


def jobs(desk: Desk) -> None:
    for job in desk.all(resources.JOBS):
        if _done(job) or "deletionTimestamp" in job["metadata"]:
            continue
        suspended = bool(job["spec"].get("suspend"))
        pods = active(desk.store.owned(resources.PODS, job))
        for pod in pods if suspended else ():
            desk.registry.delete(resources.PODS, pod)
        for _ in range(0 if suspended else job["spec"]["parallelism"] - len(pods)):
            pods.append(make(desk, job, job["spec"]["template"]))
        held = job.get("status") or {}
        told: Obj = {"active": 0 if suspended else len(pods), "ready": sum(is_ready(pod) for pod in pods)}
        if not suspended:
            told["startTime"] = held.get("startTime") or moment()
        if suspended or held.get("conditions"):
            reason = "JobSuspended" if suspended else "JobResumed"
            told["conditions"] = [condition(job, "Suspended", true=suspended, reason=reason)]
        desk.status(resources.JOBS, job, told)


def cron_jobs(desk: Desk) -> None:
    for cron in desk.all(resources.CRON_JOBS):
        mine = desk.store.owned(resources.JOBS, cron)
        running = [job for job in mine if not _done(job)]
        refs = [
            {**{key: job[key] for key in ("apiVersion", "kind")}, "name": job["metadata"]["name"]} for job in running
        ]
        held = cron.get("status") or {}
        desk.status(resources.CRON_JOBS, cron, {**held, "active": refs})


def strike(registry: Registry) -> list[str]:
    """The hour has come for every CronJob: a Job for each that is not suspended. Their names."""
    started = []
    with registry.store.lock:
        for cron in registry.store.all(resources.CRON_JOBS):
            mine = registry.store.owned(resources.JOBS, cron)
            running = [job for job in mine if not _done(job)]
            policy = cron["spec"]["concurrencyPolicy"]
            if cron["spec"]["suspend"] or (running and policy == "Forbid"):
                continue
            for job in running if policy == "Replace" else ():
                registry.delete(resources.JOBS, job)
            started.append(_start(registry, cron))
    return started


def complete(registry: Registry, job: Obj) -> None:
    """The job is done, its pods too."""
    with registry.store.lock:
        for pod in registry.store.owned(resources.PODS, job):
            pod["status"]["phase"] = "Succeeded"
            registry.update(resources.PODS, pod, writer=Writer("kubelet", "Update", "status"))
        told = {"succeeded": 1, "completionTime": moment()}
        told["conditions"] = [condition(job, "Complete", true=True, reason="CompletionsReached")]
        writer = Writer(MANAGER.manager, "Update", "status")
        registry.update(resources.JOBS, {**job, "status": told}, writer=writer)


def _start(registry: Registry, cron: Obj) -> str:
    template, meta = copied(cron["spec"]["jobTemplate"]), cron["metadata"]
    name = f"{meta['name']}-{uuid4().int % 10**8:08d}"
    made = {"name": name, "namespace": meta["namespace"], "ownerReferences": [owner_ref(cron)]}
    job = {"metadata": {**template["metadata"], **made}, "spec": template["spec"]}
    registry.create(resources.JOBS, job, writer=MANAGER)
    cron["status"] = {**(cron.get("status") or {}), "lastScheduleTime": moment()}
    registry.update(resources.CRON_JOBS, cron, writer=Writer(MANAGER.manager, "Update", "status"))
    return name


def _done(job: Obj) -> bool:
    conditions = (job.get("status") or {}).get("conditions") or []
    return any(each["type"] in {"Complete", "Failed"} and each["status"] == "True" for each in conditions)
