"""kubernetes.cronjob: nothing new begins, what is under way ends, and what comes in between is seen."""

from collections.abc import Iterator

import pytest

from psfir.domain.change import Held, Result
from psfir.errors import Drift
from psfir.levers.kubernetes.parts import parts
from psfir.range.faulty import Fault
from psfir.range.front import Front
from psfir.range.kubernetes.resources import CRON_JOBS, JOBS
from psfir.range.server import Asked, Reply
from tests.levers.kubernetes.cluster_stage import NAMESPACE
from tests.levers.kubernetes.pulling import WITHIN, held, planned, pulled, restored
from tests.levers.kubernetes.stage_cronjob import CRON, CronJobStage

LATE = "nightly-digest-late"


@pytest.fixture
def stage() -> Iterator[CronJobStage]:
    with CronJobStage() as stage:
        yield stage


def working(stage: CronJobStage) -> int:
    """How many pods are at work, once those that were told to end have."""
    stage.cluster.settle()
    return sum(pod["status"]["phase"] == "Running" for pod in stage.cluster.pods(NAMESPACE))


def test_nothing_begins_and_what_is_under_way_ends(stage: CronJobStage) -> None:
    """Its hour comes and no Job begins; the one under way has no pods; both go on after the restore."""
    assert working(stage) == 1
    change = pulled(stage)
    assert working(stage) == 0
    assert stage.cluster.strike() == []
    assert held(stage, change) is Held.HELD
    restored(stage, change)
    assert working(stage) == 1
    assert len(stage.cluster.strike()) == 1


def test_a_job_that_has_ended_is_left_alone(stage: CronJobStage) -> None:
    """Only the CronJob and the Job under way are in the change."""
    assert [path.rpartition("/")[2] for path in parts(planned(stage).before)] == [CRON, stage.job]


def test_jobs_under_way_may_be_let_to_end(stage: CronJobStage) -> None:
    """With jobs: false only the CronJob is suspended."""
    stage.settings = {"suspend": True, "jobs": False}
    change = pulled(stage)
    assert working(stage) == 1
    assert stage.get(CRON_JOBS, CRON)["spec"]["suspend"] is True
    assert held(stage, change) is Held.HELD


def test_a_job_that_began_since_the_plan_may_be_let_to_end_too(stage: CronJobStage) -> None:
    """With jobs: false it is nothing that anybody wanted to stop: no drift, neither on the way out nor back."""
    stage.settings = {"suspend": True, "jobs": False}
    change = planned(stage)
    stage.by_hand(LATE)
    assert stage.lever().apply(change, within=WITHIN).result is Result.CHANGED
    assert held(stage, change) is Held.HELD
    stage.by_hand(f"{LATE}-again")
    restored(stage, change)
    assert stage.get(CRON_JOBS, CRON)["spec"].get("suspend") is not True


def test_a_job_that_ended_since_the_plan_is_planned_anew(stage: CronJobStage) -> None:
    """The plan is of yesterday's world: drift, and the next plan goes through."""
    change = planned(stage)
    stage.cluster.complete(stage.job, namespace=NAMESPACE)
    with pytest.raises(Drift, match=f"job {stage.job} is gone, or has ended"):
        stage.lever().apply(change, within=WITHIN)
    assert stage.writes() == 0
    pulled(stage)
    assert stage.writes() == 1


def test_a_job_that_began_since_the_plan_is_planned_anew(stage: CronJobStage) -> None:
    """It would have gone on: drift, and the next plan stops it too."""
    change = planned(stage)
    stage.by_hand(LATE)
    with pytest.raises(Drift, match=f"job {LATE} began meanwhile"):
        stage.lever().apply(change, within=WITHIN)
    assert stage.writes() == 0
    pulled(stage)
    assert working(stage) == 0


def test_a_job_that_begins_while_it_is_suspended_is_seen(stage: CronJobStage) -> None:
    """Between the look and the suspension a Job begins: it did not hold."""

    def race(asked: Asked) -> bool:
        if stage.writing(asked) and not stage.cluster.store.get(JOBS, NAMESPACE, LATE):
            stage.by_hand(LATE)
        return False

    with Front(stage.upstream) as front:
        front.fault(Fault("none at all", reply=Reply(500)), when=race)
        change = pulled(stage, stage.lever(front.url))
    look = stage.lever().verify(change, within=WITHIN)
    assert look.held is Held.NOT_HELD
    assert f"job {LATE} began meanwhile and is under way" in look.says


def test_a_suspended_job_that_somebody_deleted_is_nothing_to_put_back(stage: CronJobStage) -> None:
    """Verify holds without it, and the CronJob goes on."""
    change = pulled(stage)
    stage.cluster.remove(JOBS, stage.job, namespace=NAMESPACE)
    assert held(stage, change) is Held.HELD
    restored(stage, change)
    assert stage.get(CRON_JOBS, CRON)["spec"]["suspend"] is False
    assert stage.lever().restore(change, within=WITHIN).result is Result.ALREADY_SO
