"""The stage of `kubernetes.cronjob`: one that has a Job under way, and one that has ended."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.domain.canon import Json
from psfir.levers.kubernetes.cronjob import CronJob
from psfir.range.kubernetes.layouts import cron_job, job
from psfir.range.kubernetes.resources import CRON_JOBS, JOBS
from tests.levers.kubernetes.cluster_stage import NAMESPACE, ClusterStage

CRON = "nightly-digest"


class CronJobStage(ClusterStage):
    name = "kubernetes.cronjob"
    make = CronJob
    target: Mapping[str, Json] = CronJob.about.example["target"]  # type: ignore[assignment]  # it is a mapping
    settings: Mapping[str, Json] = {"suspend": True}
    pull = 2
    job = ""
    """The one that is under way."""

    def lay_out(self) -> None:
        self.cluster.put(cron_job(CRON, namespace=NAMESPACE))
        (ended,) = self.cluster.strike()
        self.cluster.settle()
        self.cluster.complete(ended, namespace=NAMESPACE)
        (self.job,) = self.cluster.strike()

    def pulled(self) -> bool:
        both = self.get(CRON_JOBS, CRON), self.get(JOBS, self.job)
        return all(each["spec"].get("suspend") is True for each in both)

    def disturb(self) -> None:
        """Somebody starts a Job of it by hand."""
        self.by_hand("nightly-digest-by-hand")

    def by_hand(self, name: str) -> None:
        owner = {"apiVersion": "batch/v1", "kind": "CronJob", "name": CRON, "controller": True}
        made = job(name, namespace=NAMESPACE)
        made["metadata"]["ownerReferences"] = [owner | {"uid": self.get(CRON_JOBS, CRON)["metadata"]["uid"]}]
        self.cluster.put(made)
