"""The Role that psfir derives is enough for a whole pull, and for nothing beside it."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import pytest

from psfir.app.rights_document import Document
from psfir.app.rights_kubernetes import roles
from psfir.captures.kubernetes.describe import DescribeCapture
from psfir.captures.kubernetes.logs import LogsCapture
from psfir.domain.about import Phase
from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.needs import Use, needs
from psfir.engine.restore import reversed_change
from psfir.errors import Denied, PsfirError
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


def grant(stage: ClusterStage, use: Use, phase: Phase | None = None) -> list[Document]:
    """Bind to somebody, who may do nothing else, what kubectl would be given."""
    wanted = ((need.permission, need.target) for need in needs(use, phase))
    made = roles(wanted, to=f"user:{DERIVED}")
    stage.cluster.user(DERIVED)
    stage.cluster.put(*(dict(one.body) for one in made))
    return made


def rung(stage: ClusterStage) -> Use:
    return Use(stage.make.about, stage.target, "test", stage.settings)


def rules(made: Sequence[Document]) -> Iterator[dict[str, Any]]:
    return (rule for one in made for rule in one.body.get("rules", ()))


def without(stage: ClusterStage, made: Sequence[Document], reason: str) -> bool:
    """Take every line away that is marked so, and no other; whether there was one."""
    gone = False
    for one in made:
        kept = [rule for rule, only in zip(one.body.get("rules", ()), one.only, strict=False) if only != reason]
        gone = gone or len(kept) < len(one.only)
        if one.only:
            stage.cluster.put({**one.body, "rules": kept})
    return gone


@pytest.mark.parametrize("make", STAGES, ids=lambda stage: stage.name)
def test_the_role_is_enough_to_pull_and_restore(make: type[ClusterStage]) -> None:
    """Read, plan, apply, verify, restore, and a look ahead: none of them is denied anything."""
    with make() as stage:
        grant(stage, rung(stage))
        lever = stage.lever(user=DERIVED)
        assert not [note for note in lever.read(stage.target, within=WITHIN).notes if "credential may not" in note]
        change = pulled(stage, lever)
        assert lever.verify(change, within=WITHIN).held is Held.HELD
        restored(stage, change, lever)
        assert not [deed for deed in stage.cluster.deeds if deed.code == 403]


@pytest.mark.parametrize("make", STAGES, ids=lambda stage: stage.name)
def test_the_role_of_a_phase_is_enough_for_it(make: type[ClusterStage]) -> None:
    """One to kill, one to put back; and what is put back is seen to be."""
    with make() as stage:
        grant(stage, rung(stage), Phase.KILL)
        lever = stage.lever(user=DERIVED)
        change = pulled(stage, lever)
        assert lever.verify(change, within=WITHIN).held is Held.HELD
        grant(stage, rung(stage), Phase.RESTORE)
        assert lever.read(change.target, within=WITHIN).state == change.after
        restored(stage, change, lever)
        assert lever.verify(reversed_change(change), within=WITHIN).held is Held.HELD
        assert not [deed for deed in stage.cluster.deeds if deed.code == 403]


def test_what_the_server_tells_apart_only_one_phase_may() -> None:
    """Who may cut pods off cannot let them out again: the one policy is made by one, and deleted by the other."""
    with stage_network_policy.NetworkPolicyStage() as stage:
        grant(stage, rung(stage), Phase.KILL)
        lever = stage.lever(user=DERIVED)
        change = pulled(stage, lever)
        with pytest.raises(Denied, match="cannot delete"):
            lever.restore(change, within=WITHIN)
        grant(stage, rung(stage), Phase.RESTORE)
        restored(stage, change, lever)
        with pytest.raises(Denied, match="cannot create"):
            lever.apply(change, within=WITHIN)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (stage_replicas.KedaStage, "where KEDA scales it"),
        (stage_replicas.HpaStage, "where an HPA scales it"),
        (stage_cronjob.CronJobStage, "where a Job of it is under way"),
        (stage_network_policy.AlteredStage, "where somebody had altered psfir's own policy before the kill"),
    ],
)
def test_a_marked_line_is_needed_where_its_reason_holds(make: type[ClusterStage], reason: str) -> None:
    """Without it the kill is denied, or leaves what undoes it as it is."""
    with make() as stage:
        made = grant(stage, rung(stage), Phase.KILL)
        lever = stage.lever(user=DERIVED)
        assert without(stage, made, reason)
        with suppress(PsfirError):
            pulled(stage, lever)
        assert not stage.pulled()


def test_the_role_is_no_more_than_enough() -> None:
    """The one Deployment by its name: not its neighbour, nothing of another kind, nothing deleted."""
    with stage_replicas.ReplicasStage() as stage:
        made = grant(stage, rung(stage))
        (role,) = [one.body for one in made if one.body["kind"] == "Role"]
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
        grant(stage, rung(stage))
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
        grant(stage, Use(probe.about, target, "test", {**target, **expect}))
        (sight,) = probe(stage.connection(user=DERIVED)).look(target, expect, within=WITHIN)
        assert sight.held is Held.HELD


@pytest.mark.parametrize("capture", [LogsCapture, DescribeCapture])
def test_the_role_is_enough_to_capture(capture: type[LogsCapture | DescribeCapture]) -> None:
    """Nothing of it is left out for want of a right; no Secret may be read."""
    with stage_replicas.ReplicasStage() as stage:
        made = grant(stage, Use(capture.about, WORKLOAD, "test"))
        assert not any("secrets" in rule["resources"] for rule in rules(made))
        taken = capture(stage.connection(user=DERIVED)).take(WORKLOAD, within=WITHIN)
        assert b"could not be read" not in taken.content
