"""What the cluster does by itself: pods follow deployments, endpoints follow pods, some controllers undo a kill."""

import time
from typing import Any

import pytest
from kubernetes import client
from kubernetes.client.exceptions import ApiException

from psfir.range.kubernetes import resources
from psfir.range.kubernetes.layouts import cron_job, daemon_set, deployment, hpa, scaled_object, service, stateful_set
from psfir.range.kubernetes.resources import Obj
from psfir.range.kubernetes.server import Kubernetes
from tests.range.kubernetes_client import Client

REVISION = "deployment.kubernetes.io/revision"


@pytest.fixture
def apps(cluster: Kubernetes, api: Client) -> Client:
    cluster.put(deployment(env={"MODEL": "large"}), service())
    cluster.settle()
    return client.AppsV1Api(api)


def replicas(cluster: Kubernetes, name: str = "agent") -> int:
    return int(cluster.get(resources.DEPLOYMENTS, name)["spec"]["replicas"])


def scale(apps: Client, count: int) -> None:
    apps.patch_namespaced_deployment_scale("agent", "default", {"spec": {"replicas": count}})


def until(cluster: Kubernetes, name: str, *, count: int) -> int:
    """The replicas, after waiting a generous while for so many."""
    for _ in range(2000):
        if replicas(cluster, name) == count:
            break
        time.sleep(0.01)
    return replicas(cluster, name)


def images(cluster: Kubernetes) -> list[str]:
    return sorted(pod["spec"]["containers"][0]["image"] for pod in cluster.pods())


def ready(cluster: Kubernetes) -> list[str]:
    """The pods that the Service sends traffic to."""
    slices = cluster.store.all(resources.ENDPOINT_SLICES)
    found = [each for one in slices for each in one["endpoints"] or () if each["conditions"]["ready"]]
    return sorted(each["targetRef"]["name"] for each in found)


def active(hpa: Obj) -> Any:  # noqa: ANN401 - status and reason of one condition
    return next(
        (each["status"], each["reason"]) for each in hpa["status"]["conditions"] if each["type"] == "ScalingActive"
    )


def test_a_deployment_has_ready_pods_and_they_are_endpoints(cluster: Kubernetes, apps: Client, api: Client) -> None:
    """The typed client reads all of it."""
    held = apps.read_namespaced_deployment("agent", "default")
    assert (held.status.ready_replicas, held.status.observed_generation) == (3, held.metadata.generation)
    assert held.metadata.annotations[REVISION] == "1"
    core: Client = client.CoreV1Api(api)
    discovery: Client = client.DiscoveryV1Api(api)
    pods = core.list_namespaced_pod("default", label_selector="app=agent").items
    assert {pod.status.phase for pod in pods} == {"Running"}
    (found,) = discovery.list_namespaced_endpoint_slice(
        "default", label_selector="kubernetes.io/service-name=agent"
    ).items
    assert len(found.endpoints) == 3
    (subset,) = core.read_namespaced_endpoints("agent", "default").subsets
    assert {each.ip for each in subset.addresses} == {pod.status.pod_ip for pod in pods}
    assert cluster.writes == 0


def test_scaled_to_0_pods_end_and_leave_the_endpoints(cluster: Kubernetes, apps: Client) -> None:
    """And scaled back they come again."""
    scale(apps, 0)
    cluster.settle()
    assert (cluster.pods(), ready(cluster)) == ([], [])
    status = apps.read_namespaced_deployment("agent", "default").status
    assert (status.replicas, status.ready_replicas) == (None, None)
    scale(apps, 2)
    cluster.settle()
    assert len(ready(cluster)) == 2
    assert cluster.writes == 2


def test_without_a_kubelet_pods_never_end(cluster: Kubernetes, apps: Client, api: Client) -> None:
    """Replicas 0 is not stopped: they linger, and their namespace with them, until they are deleted by force."""
    core: Client = client.CoreV1Api(api)
    cluster.namespace("doomed")
    cluster.put(deployment("other", namespace="doomed", replicas=1))
    cluster.settle()
    cluster.change(kubelet=False)
    scale(apps, 0)
    core.delete_namespace("doomed")
    cluster.settle()
    assert replicas(cluster) == 0
    assert all("deletionTimestamp" in pod["metadata"] for pod in cluster.pods())
    assert len(cluster.pods()) == 3
    assert core.read_namespace("doomed").status.phase == "Terminating"
    for pod in core.list_pod_for_all_namespaces().items:
        core.delete_namespaced_pod(pod.metadata.name, pod.metadata.namespace, grace_period_seconds=0)
    cluster.settle()
    assert cluster.pods() == []
    with pytest.raises(ApiException, match="404"):
        core.read_namespace("doomed")


def test_a_new_template_rolls_out_and_an_old_one_comes_back(cluster: Kubernetes, apps: Client) -> None:
    """Each template has its ReplicaSet; one that is come back to gets a new revision."""
    for image, revision in (("agent:2", "2"), ("agent:1", "3")):
        patch = {"spec": {"template": {"spec": {"containers": [{"name": "agent", "image": image}]}}}}
        apps.patch_namespaced_deployment("agent", "default", patch)
        cluster.settle()
        assert images(cluster) == [image] * 3
        held = apps.read_namespaced_deployment("agent", "default")
        assert held.metadata.annotations[REVISION] == revision
        assert held.spec.template.spec.containers[0].env[0].value == "large"
    sets = apps.list_namespaced_replica_set("default").items
    assert sorted((each.metadata.annotations[REVISION], each.spec.replicas) for each in sets) == [("2", 0), ("3", 3)]


def test_a_broken_image_leaves_the_old_pods_serving(cluster: Kubernetes, apps: Client) -> None:
    """A rollout that never becomes ready takes no more down than it may."""
    cluster.change(broken={"agent:2"})
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "agent", "image": "agent:2"}]}}}}
    apps.patch_namespaced_deployment("agent", "default", patch)
    cluster.settle()
    assert images(cluster) == ["agent:1", "agent:1", "agent:1", "agent:2"]
    assert len(ready(cluster)) == 3


def test_a_paused_deployment_keeps_its_template_and_still_scales(cluster: Kubernetes, apps: Client) -> None:
    """Paused, it makes no ReplicaSet."""
    patch = {"spec": {"paused": True, "template": {"spec": {"containers": [{"name": "agent", "image": "agent:2"}]}}}}
    apps.patch_namespaced_deployment("agent", "default", patch)
    scale(apps, 1)
    cluster.settle()
    assert images(cluster) == ["agent:1"]


def test_recreate_ends_all_before_it_starts_any(cluster: Kubernetes, apps: Client) -> None:
    """As long as the old pods linger no new one is there."""
    cluster.change(gone=0.2)
    container = {"name": "agent", "image": "agent:2"}
    strategy = {"type": "Recreate", "rollingUpdate": None}
    patch = {"spec": {"strategy": strategy, "template": {"spec": {"containers": [container]}}}}
    apps.patch_namespaced_deployment("agent", "default", patch)
    assert set(images(cluster)) == {"agent:1"}
    cluster.settle()
    assert images(cluster) == ["agent:2"] * 3


def test_a_relabelled_pod_is_let_go_and_replaced(cluster: Kubernetes, apps: Client, api: Client) -> None:
    """It lives on, without an owner and out of its Service; another takes its place."""
    name = cluster.pods()[0]["metadata"]["name"]
    core: Client = client.CoreV1Api(api)
    core.patch_namespaced_pod(name, "default", {"metadata": {"labels": {"app": "quarantined"}}})
    cluster.settle()
    held = core.read_namespaced_pod(name, "default")
    assert (held.status.phase, held.metadata.owner_references) == ("Running", None)
    assert name not in ready(cluster)
    assert len(ready(cluster)) == 3
    core.patch_namespaced_pod(name, "default", {"metadata": {"labels": {"app": "agent"}}})
    cluster.settle()
    assert len(cluster.pods()) == 3


def test_a_service_follows_its_selector(cluster: Kubernetes, apps: Client, api: Client) -> None:
    """Pointed at the fallback, it sends nothing to the agent any more."""
    cluster.put(deployment("fallback", replicas=1))
    client.CoreV1Api(api).patch_namespaced_service("agent", "default", {"spec": {"selector": {"app": "fallback"}}})
    cluster.settle()
    assert [name.split("-")[0] for name in ready(cluster)] == ["fallback"]


def test_an_hpa_scales_back_up_above_0_and_rests_at_0(cluster: Kubernetes, apps: Client) -> None:
    """At 0 it says ScalingDisabled."""
    cluster.put(hpa(least=3))
    scale(apps, 1)
    assert until(cluster, "agent", count=3) == 3
    assert active(cluster.get(resources.HPAS, "agent")) == ("True", "ValidMetricFound")
    scale(apps, 0)
    cluster.settle()
    assert replicas(cluster) == 0
    assert active(cluster.get(resources.HPAS, "agent")) == ("False", "ScalingDisabled")


def test_keda_starts_from_0_unless_it_is_paused(cluster: Kubernetes, apps: Client, api: Client) -> None:
    """Paused it keeps its number and has no HPA."""
    cluster.put(scaled_object(least=2))
    scale(apps, 0)
    assert until(cluster, "agent", count=2) == 2
    custom: Client = client.CustomObjectsApi(api)
    where = ("keda.sh", "v1alpha1", "default", "scaledobjects", "agent")
    pause: Obj = {"metadata": {"annotations": {"autoscaling.keda.sh/paused-replicas": "0"}}}
    custom.patch_namespaced_custom_object(*where, pause, _content_type="application/merge-patch+json")
    assert until(cluster, "agent", count=0) == 0
    assert cluster.store.all(resources.HPAS) == []
    pause["metadata"]["annotations"] = {"autoscaling.keda.sh/paused-replicas": None}
    custom.patch_namespaced_custom_object(*where, pause, _content_type="application/merge-patch+json")
    assert until(cluster, "agent", count=2) == 2


@pytest.mark.parametrize(("self_heal", "count"), [(True, 3), (False, 0)])
def test_argo_cd_undoes_a_scale_only_if_it_heals(
    cluster: Kubernetes, apps: Client, self_heal: bool, count: int
) -> None:
    """Without self-heal it says OutOfSync and leaves it so."""
    cluster.application("assistants", deployment(), self_heal=self_heal)
    scale(apps, 0)
    cluster.settle()
    assert until(cluster, "agent", count=count) == count
    app = cluster.get(resources.APPLICATIONS, "assistants", "argocd")
    assert app["status"]["sync"]["status"] == ("Synced" if self_heal else "OutOfSync")
    notes = cluster.get(resources.DEPLOYMENTS, "agent")["metadata"]
    assert notes["annotations"]["argocd.argoproj.io/tracking-id"] == "assistants:apps/Deployment:default/agent"


def test_a_keeper_puts_back_what_it_wants(cluster: Kubernetes, apps: Client) -> None:
    """Until it is let go."""
    cluster.keep(resources.DEPLOYMENTS, "agent", {"spec": {"replicas": 4}})
    assert until(cluster, "agent", count=4) == 4
    scale(apps, 0)
    assert until(cluster, "agent", count=4) == 4
    cluster.let_go()
    scale(apps, 0)
    cluster.settle()
    assert replicas(cluster) == 0


def test_a_suspended_cron_job_starts_nothing_and_its_jobs_run_on(cluster: Kubernetes, api: Client) -> None:
    """A running Job is suspended on its own; then its pods end."""
    batch: Client = client.BatchV1Api(api)
    cluster.put(cron_job())
    (job,) = cluster.strike()
    cluster.settle()
    batch.patch_namespaced_cron_job("index", "default", {"spec": {"suspend": True}})
    assert cluster.strike() == []
    cluster.settle()
    held = batch.read_namespaced_cron_job("index", "default")
    assert [each.name for each in held.status.active] == [job]
    assert batch.read_namespaced_job(job, "default").status.active == 1
    batch.patch_namespaced_job(job, "default", {"spec": {"suspend": True}})
    cluster.settle()
    assert cluster.pods() == []
    batch.patch_namespaced_job(job, "default", {"spec": {"suspend": False}})
    cluster.settle()
    assert len(cluster.pods()) == 1
    cluster.complete(job)
    cluster.settle()
    assert not batch.read_namespaced_cron_job("index", "default").status.active


def test_deleting_an_owner_deletes_what_it_owns(cluster: Kubernetes, apps: Client) -> None:
    """Unless the deletion says Orphan."""
    apps.delete_namespaced_deployment("agent", "default", propagation_policy="Orphan")
    cluster.settle()
    assert len(cluster.pods()) == 3
    (left,) = apps.list_namespaced_replica_set("default").items
    apps.delete_namespaced_replica_set(left.metadata.name, "default")
    cluster.settle()
    assert cluster.pods() == []


def test_a_stateful_set_has_numbered_pods(cluster: Kubernetes, api: Client) -> None:
    """Scaled down the highest end first; a new template replaces them one by one."""
    cluster.put(stateful_set(replicas=3))
    cluster.settle()
    apps: Client = client.AppsV1Api(api)
    apps.patch_namespaced_stateful_set_scale("store", "default", {"spec": {"replicas": 2}})
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "store", "image": "agent:2"}]}}}}
    apps.patch_namespaced_stateful_set("store", "default", patch)
    cluster.settle()
    assert [pod["metadata"]["name"] for pod in cluster.pods()] == ["store-0", "store-1"]
    assert images(cluster) == ["agent:2", "agent:2"]
    status = apps.read_namespaced_stateful_set("store", "default").status
    assert (status.ready_replicas, status.current_revision) == (2, status.update_revision)
    assert len(apps.list_namespaced_controller_revision("default").items) == 2


def test_a_daemon_set_has_a_pod_on_the_node(cluster: Kubernetes, api: Client) -> None:
    """And none where its node selector picks no node, which is how one is switched off."""
    cluster.put(daemon_set())
    cluster.settle()
    apps: Client = client.AppsV1Api(api)
    assert apps.read_namespaced_daemon_set("guard", "default").status.number_ready == 1
    patch = {"spec": {"template": {"spec": {"nodeSelector": {"nowhere": "true"}}}}}
    apps.patch_namespaced_daemon_set("guard", "default", patch)
    cluster.settle()
    assert cluster.pods() == []
