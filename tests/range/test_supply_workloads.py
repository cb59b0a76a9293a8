"""Whose pods bear the labels that runbooks tell them by, on a range that makes what the runbooks name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from psfir.domain.canon import Json
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.supply.space import Space
from psfir.range.supply.uses import CAPTURE, LEVER, PROBE, Use
from psfir.testing.waiting import eventually

SPACE = "jobs"
API = {"deployment": "api"}
NIGHTLY = {"cronjob": "nightly"}


def use(part: str, name: str, target: Mapping[str, Json], book: str = "off") -> Use:
    return Use(part, name, {"namespace": SPACE, **target}, book, f"runbook {book}, {name}")


@pytest.fixture
def cluster() -> Iterator[Kubernetes]:
    with Kubernetes() as cluster:
        yield cluster


def laid_out(cluster: Kubernetes, *looks: Use) -> Space:
    """A Deployment and a CronJob that are pulled, beside what is looked at."""
    pulled = (use(LEVER, "kubernetes.replicas", API), use(LEVER, "kubernetes.cronjob", NIGHTLY))
    space = Space(SPACE, [*pulled, *looks], cluster)
    space.lay_out()
    cluster.settle()
    cluster.strike()
    eventually(lambda: "nightly" in bearing(cluster, {}))
    return space


def bearing(cluster: Kubernetes, labels: Mapping[str, str]) -> set[str]:
    """What the names of the pods begin with that have these labels."""
    found = [
        pod["metadata"]["name"] for pod in cluster.pods(SPACE) if labels.items() <= pod["metadata"]["labels"].items()
    ]
    return {name.partition("-")[0] for name in found}


@pytest.mark.parametrize("part", [PROBE, CAPTURE])
@pytest.mark.parametrize(
    "labels",
    [{"app": "nightly"}, {"app": "nightly", "team": "api"}, {"app.kubernetes.io/name": "nightly"}],
)
def test_the_pods_of_a_cron_job_bear_its_name(cluster: Kubernetes, part: str, labels: dict[str, Json]) -> None:
    """Though a guess for other pods comes first, and though another label is what a Deployment is called."""
    alone = use(LEVER, "kubernetes.cronjob", NIGHTLY, "night")
    batch = use(LEVER, "kubernetes.network_policy", {"pods": {"app": "batch"}}, "night")
    laid_out(cluster, alone, batch, use(part, "kubernetes.pods", {"labels": labels}))
    assert bearing(cluster, {key: str(text) for key, text in labels.items()}) == {"nightly"}


def test_labels_that_name_nothing_are_a_guess(cluster: Kubernetes) -> None:
    """Among two that are pulled, which is told."""
    space = laid_out(cluster, use(PROBE, "kubernetes.pods", {"labels": {"role": "worker"}}))
    assert bearing(cluster, {"role": "worker"}) == {"api"}
    (told,) = space.told
    assert "does not say which workload is meant; on the range the pods of api bear role=worker" in told
