"""The Role that psfir derives is enough for a whole pull, and for nothing beside it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from psfir.app.rights_kubernetes import roles
from psfir.captures.kubernetes.describe import DescribeCapture
from psfir.captures.kubernetes.logs import LogsCapture
from psfir.domain.about import About
from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.needs import needs
from psfir.errors import Denied
from psfir.probes.kubernetes.endpoints import EndpointsProbe
from psfir.probes.kubernetes.pods import PodsProbe
from psfir.range.kubernetes.layouts import service, stateful_set
from psfir.range.kubernetes.resources import ROLES
from tests.levers.kubernetes import (
    stage_config,
    stage_cronjob,
    stage_network_policy,
    stage_quarantine,
    stage_replicas,
    stage_rollout,
    stage_route,
)
from tests.levers.kubernetes.cluster_stage import NAME, NAMESPACE, ClusterStage
from tests.levers.kubernetes.pulling import WITHIN, planned, pulled, restored

STAGES: Sequence[type[ClusterStage]] = (
    *stage_config.STAGES,
    stage_cronjob.CronJobStage,
    *stage_network_policy.STAGES,
    *stage_quarantine.STAGES,
    *stage_replicas.STAGES,
    *stage_rollout.STAGES,
    *stage_route.STAGES,
)
DERIVED = "derived"
WORKLOAD: dict[str, Json] = {"namespace": NAMESPACE, "deployment": NAME}


def grant(stage: ClusterStage, about: About, target: Mapping[str, Json]) -> list[dict[str, Any]]:
    """Bind to somebody, who may do nothing else, what kubectl would be given."""
    made = roles((need.permission, need.target) for need in needs(about, target, "test"))
    stage.cluster.user(DERIVED)
    for role in made:
        space = role["metadata"].get("namespace")
        ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": role["kind"], "name": role["metadata"]["name"]}
        binding = {
            "apiVersion": role["apiVersion"],
            "kind": f"{role['kind']}Binding",
            "metadata": {"name": "psfir", **({"namespace": space} if space else {})},
            "roleRef": ref,
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": DERIVED}],
        }
        stage.cluster.put(role, binding)
    return made


@pytest.mark.parametrize("make", STAGES, ids=lambda stage: stage.name)
def test_the_role_is_enough_to_pull_and_restore(make: type[ClusterStage]) -> None:
    """Read, plan, apply, verify, restore, and a look ahead: none of them is denied anything."""
    with make() as stage:
        grant(stage, stage.make.about, stage.target)
        lever = stage.lever(user=DERIVED)
        assert not [note for note in lever.read(stage.target, within=WITHIN).notes if "credential may not" in note]
        change = pulled(stage, lever)
        assert lever.verify(change, within=WITHIN).held is Held.HELD
        restored(stage, change, lever)
        assert not [deed for deed in stage.cluster.deeds if deed.code == 403]


def test_the_role_is_no_more_than_enough() -> None:
    """The one Deployment by its name: not its neighbour, nothing of another kind, nothing deleted."""
    with stage_replicas.ReplicasStage() as stage:
        (role,) = [one for one in grant(stage, stage.make.about, stage.target) if one["kind"] == "Role"]
        lever = stage.lever(user=DERIVED)
        assert role["metadata"] == {"name": "psfir", "namespace": NAMESPACE}
        by_name = [rule["resourceNames"] for rule in role["rules"] if rule["resources"] == ["deployments"]]
        assert by_name == [[NAME]]
        assert not {"statefulsets", "pods", "secrets"} & {one for rule in role["rules"] for one in rule["resources"]}
        assert {verb for rule in role["rules"] for verb in rule["verbs"]} == {"get", "list", "patch"}
        with pytest.raises(Denied):
            lever.read({**stage.target, "deployment": "neighbour"}, within=WITHIN)


def test_without_one_of_them_it_is_not_enough() -> None:
    """So that the test above can fail."""
    with stage_replicas.ReplicasStage() as stage:
        grant(stage, stage.make.about, stage.target)
        lever = stage.lever(user=DERIVED)
        for role in stage.cluster.store.all(ROLES, NAMESPACE):
            role["rules"] = [{**rule, "verbs": ["get", "list"]} for rule in role["rules"]]
            stage.cluster.put(role)
        with pytest.raises(Denied, match='cannot patch resource "deployments'):
            lever.apply(planned(stage, lever), within=WITHIN)


@pytest.mark.parametrize(
    ("probe", "target", "expect"),
    [
        (PodsProbe, WORKLOAD, {"pods": 9}),
        (PodsProbe, {"namespace": NAMESPACE, "labels": {"app": NAME}}, {"pods": 9}),
        (EndpointsProbe, {"namespace": NAMESPACE, "service": NAME}, {"serving": 9, "none_of": ["memory-"]}),
    ],
)
def test_the_role_is_enough_to_probe(
    probe: type[PodsProbe | EndpointsProbe], target: dict[str, Json], expect: dict[str, Json]
) -> None:
    """To look, and to know that what is looked for can be there."""
    with stage_replicas.ReplicasStage() as stage:
        stage.cluster.put(service(NAME, namespace=NAMESPACE), stateful_set("memory", namespace=NAMESPACE))
        stage.cluster.settle()
        grant(stage, probe.about, target)
        (sight,) = probe(stage.connection(user=DERIVED)).look(target, expect, within=WITHIN)
        assert sight.held is Held.HELD


@pytest.mark.parametrize("capture", [LogsCapture, DescribeCapture])
def test_the_role_is_enough_to_capture(capture: type[LogsCapture | DescribeCapture]) -> None:
    """Nothing of it is left out for want of a right; no Secret may be read."""
    with stage_replicas.ReplicasStage() as stage:
        made = grant(stage, capture.about, WORKLOAD)
        assert not any("secrets" in rule["resources"] for role in made for rule in role["rules"])
        taken = capture(stage.connection(user=DERIVED)).take(WORKLOAD, within=WITHIN)
        assert b"could not be read" not in taken.content
