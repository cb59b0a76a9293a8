"""kubernetes.pods on a real socket: how many pods there still are, and when nobody can say."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.verdict import Sight
from psfir.errors import Denied, NoSuchTarget, PsfirError, Unreachable
from psfir.probes.kubernetes.pods import PodsProbe
from psfir.range.faulty import Fault, hang
from psfir.range.kubernetes import layouts, resources
from psfir.range.kubernetes.access import Rule
from psfir.testing import FakeConnection
from tests.probes.kubernetes_cluster import Scene, scene

DEPLOYMENT: dict[str, Json] = {"namespace": "default", "deployment": "agent"}
LABELS: dict[str, Json] = {"namespace": "default", "labels": {"app": "agent"}}
NONE: dict[str, Json] = {"pods": 0}


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as made:
        yield made


def look(at: Scene, target: Mapping[str, Json], expect: Mapping[str, Json], **more: FakeConnection) -> Sight:
    (sight,) = PodsProbe(more.get("by") or at.connection()).look(target, expect, within=10)
    return sight


def scale(at: Scene, number: int) -> None:
    at.cluster.edit(resources.DEPLOYMENTS, "agent", {"spec": {"replicas": number}})
    at.cluster.settle()


@pytest.mark.parametrize("target", [DEPLOYMENT, LABELS], ids=["workload", "labels"])
def test_pods_that_are_gone_hold(at: Scene, target: Mapping[str, Json]) -> None:
    """By the workload's own selector, or by labels that it gives its pods."""
    assert look(at, target, NONE).held is Held.NOT_HELD
    scale(at, 0)
    assert look(at, target, NONE) == Sight("app=agent", Held.HELD, "0 pods, 0 ready")


def test_one_of_five_still_runs_trap_7(at: Scene) -> None:
    """It is named."""
    scale(at, 1)
    (pod,) = at.cluster.pods()
    assert look(at, DEPLOYMENT, NONE) == Sight(
        "app=agent", Held.NOT_HELD, f"1 pods, 1 ready: {pod['metadata']['name']}"
    )
    assert look(at, DEPLOYMENT, {"pods": 1}).held is Held.HELD


def test_a_pod_that_never_ends_does_not_hold(at: Scene) -> None:
    """Its node's kubelet is gone: zero replicas, and it may work for ever."""
    at.cluster.change(kubelet=False)
    scale(at, 0)
    assert look(at, DEPLOYMENT, NONE).held is Held.NOT_HELD


def test_a_pod_that_has_ended_does_not_count(at: Scene) -> None:
    """A finished one is kept for its logs only."""
    at.cluster.put(layouts.pod("index-1", labels={"app": "index"}))
    at.cluster.settle()
    target: dict[str, Json] = {"namespace": "default", "labels": {"app": "index"}}
    assert look(at, target, NONE).held is Held.NOT_HELD
    at.tell(at.cluster.get(resources.PODS, "index-1"), phase="Succeeded")
    assert look(at, target, NONE).held is Held.HELD


def test_a_node_that_says_nothing_could_not_be_told(at: Scene) -> None:
    """Stale news of a pod is no news; that it exists is known all the same."""
    scale(at, 1)
    (pod,) = at.cluster.pods()
    conditions = [{**one, "status": "Unknown"} for one in pod["status"]["conditions"]]
    at.tell(pod, conditions=conditions)
    sight = look(at, DEPLOYMENT, {"ready": 0})
    assert sight.held is Held.COULD_NOT_TELL
    assert "does not say" in sight.says
    assert look(at, DEPLOYMENT, NONE).held is Held.NOT_HELD


@pytest.mark.parametrize(
    "target",
    [
        {**LABELS, "labels": {"app": "agnet"}},
        {**LABELS, "labels": {"app": "agent", "tier": "front"}},
        {**LABELS, "namespace": "assistents"},
        {**DEPLOYMENT, "deployment": "agnet"},
        {**DEPLOYMENT, "namespace": "assistents"},
    ],
)
def test_a_slip_of_the_pen_could_not_be_told(at: Scene, target: Mapping[str, Json]) -> None:
    """Nothing bears that name, so that nothing is there: this proves nothing."""
    with pytest.raises(NoSuchTarget):
        look(at, target, NONE)


def test_labels_that_only_a_cron_job_gives_are_known(at: Scene) -> None:
    """Its pods come and go: that there is none just now is believed, also while it is suspended."""
    cron = layouts.cron_job("digest")
    cron["spec"]["jobTemplate"]["spec"]["template"]["metadata"] = {"labels": {"app": "digest"}}
    target: dict[str, Json] = {"namespace": "default", "labels": {"app": "digest"}}
    with pytest.raises(NoSuchTarget):
        look(at, target, NONE)
    at.cluster.put(cron, layouts.daemon_set("guard"))
    assert look(at, target, NONE).held is Held.HELD
    assert look(at, {"namespace": "default", "labels": {"app": "guard"}}, NONE).held is Held.NOT_HELD


def test_a_workload_that_was_deleted_could_not_be_told(at: Scene) -> None:
    """Nothing is left that says the labels were right; the traffic must be looked at."""
    at.cluster.remove(resources.DEPLOYMENTS, "agent")
    at.cluster.settle()
    with pytest.raises(NoSuchTarget, match="no pod bears these labels"):
        look(at, LABELS, NONE)


@pytest.mark.parametrize("expect", [{}, {"pods": "0"}, {"pods": -1}, {"replicas": 0}, {"pods": 0, "ready": "none"}])
def test_what_is_not_understood_is_never_held(at: Scene, expect: Mapping[str, Json]) -> None:
    """An expectation of something else is an error, not a yes."""
    scale(at, 0)
    with pytest.raises(PsfirError, match="how many pods to expect"):
        look(at, DEPLOYMENT, expect)


@pytest.mark.parametrize("target", [{"namespace": "default"}, {**LABELS, **DEPLOYMENT}, {**LABELS, "labels": "agent"}])
def test_one_way_to_name_the_pods(at: Scene, target: Mapping[str, Json]) -> None:
    """Neither none nor two."""
    with pytest.raises(PsfirError, match="the target names"):
        look(at, target, NONE)


def test_who_may_not_look_could_not_tell(at: Scene) -> None:
    """The sentence names what is missing."""
    apps = Rule(("get",), ("deployments",), ("apps",))
    with pytest.raises(Denied, match='cannot list resource "pods"'):
        look(at, DEPLOYMENT, NONE, by=at.limited(apps))
    scale(at, 0)
    with pytest.raises(Denied, match='cannot list resource "deployments"'):
        look(at, LABELS, NONE, by=at.limited(Rule(("list",), ("pods",))))


def test_a_server_that_hangs_could_not_be_told(at: Scene) -> None:
    """Within the share of the look."""
    probe = PodsProbe(at.connection())
    probe.look(DEPLOYMENT, NONE, within=10)
    at.front.fault(Fault("silent", wire=hang))
    with pytest.raises(Unreachable):
        probe.look(DEPLOYMENT, NONE, within=0.3)


def test_a_selector_of_expressions_is_heeded(at: Scene) -> None:
    """As the API server itself does."""
    other = layouts.deployment("other", replicas=0)
    other["spec"]["selector"] = {"matchExpressions": [{"key": "app", "operator": "In", "values": ["agent", "other"]}]}
    at.cluster.put(other)
    sight = look(at, {"namespace": "default", "deployment": "other"}, {"pods": 9})
    assert sight.replica == "app in (agent,other)"
    assert sight.says.startswith("5 pods")
