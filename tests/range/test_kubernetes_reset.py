"""A cluster that begins anew, and whoever hears of its pods."""

from __future__ import annotations

from collections.abc import Callable
from queue import Queue

import pytest
from kubernetes import client, watch
from kubernetes.client.exceptions import ApiException

from psfir.range.kubernetes import resources
from psfir.range.kubernetes.access import ADMIN, ALL
from psfir.range.kubernetes.controllers import Pace
from psfir.range.kubernetes.layouts import config_map, deployment, network_policy, pod, service
from psfir.range.kubernetes.resources import Obj
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.network.policies import Network
from psfir.range.network.routes import Routes
from tests.range.kubernetes_client import Client, Connect

GENEROUS = 10.0


class Heard:
    """What a watch told, in order, and waited for."""

    def __init__(self) -> None:
        self._queue: Queue[tuple[str, str]] = Queue()

    def started(self, pod: Obj) -> None:
        self._queue.put(("started", pod["metadata"]["name"]))

    def ended(self, pod: Obj) -> None:
        self._queue.put(("ended", pod["metadata"]["name"]))

    def next(self, count: int) -> set[tuple[str, str]]:
        return {self._queue.get(timeout=GENEROUS) for _ in range(count)}

    def nothing(self) -> bool:
        return self._queue.empty()


def test_after_a_reset_nothing_is_there(cluster: Kubernetes, connect: Connect) -> None:
    """Neither objects, nor users, nor deeds, nor what pods said, nor a pace that was changed; namespaces are anew."""
    cluster.user("psfir", ALL)
    psfir: Client = client.CoreV1Api(connect("psfir"))
    psfir.create_namespaced_config_map("default", config_map("one"))
    cluster.put(deployment(), service())
    cluster.settle()
    cluster.keep(resources.DEPLOYMENTS, "agent", {"spec": {"replicas": 3}})
    cluster.change(kubelet=False, broken={"agent:9"})
    cluster.reset()
    cluster.settle()
    kinds = [resource.kind for resource, _ in cluster.store.everything()]
    assert (kinds, cluster.deeds, cluster.pace) == (["Namespace", "Namespace"], [], Pace())
    with pytest.raises(ApiException, match="401"):
        psfir.list_namespaced_config_map("default")
    assert cluster.access.token_of(ADMIN)


def test_after_a_reset_the_controllers_are_at_work(cluster: Kubernetes) -> None:
    """As in a fresh one; what was looked up before is seen anew."""
    cluster.put(deployment(), service(), network_policy("shut"))
    cluster.settle()
    routes, network = Routes(cluster), Network(cluster)
    (first, *_) = routes.endpoints("default", "agent")
    assert not network.may_leave(first, first | {"metadata": {**first["metadata"], "name": "other", "uid": "2"}})
    cluster.reset()
    assert routes.endpoints("default", "agent") == []
    cluster.put(deployment(replicas=1), service())
    cluster.settle()
    (pod,) = routes.endpoints("default", "agent")
    assert pod["metadata"]["uid"] != first["metadata"]["uid"]
    assert network.may_leave(pod, first)


def test_a_watch_from_before_a_reset_is_410(cluster: Kubernetes, api: Client) -> None:
    """A version from before never comes again, so nothing is taken for what it was; one that is open is told too."""
    core: Client = client.CoreV1Api(api)
    make: Callable[[], Client] = watch.Watch
    cluster.put(config_map("one"))
    version = core.list_namespaced_config_map("default").metadata.resource_version
    events = make().stream(core.list_namespaced_config_map, "default", timeout_seconds=10)
    assert next(events)["type"] == "ADDED"
    cluster.reset()
    with pytest.raises(ApiException, match="410"):
        next(events)
    query = {"resource_version": version, "timeout_seconds": 10}
    with pytest.raises(ApiException, match="410"):
        next(iter(make().stream(core.list_namespaced_config_map, "default", **query)))
    listed = core.list_namespaced_config_map("default")
    assert (listed.items, int(listed.metadata.resource_version) > int(version)) == ([], True)
    query["resource_version"] = listed.metadata.resource_version
    events = make().stream(core.list_namespaced_config_map, "default", **query)
    cluster.put(config_map("two"))
    assert next(events)["object"].metadata.name == "two"


def test_who_watches_pods_hears_of_those_that_start_and_end(cluster: Kubernetes) -> None:
    """Those that run already too; a deletion, a reset and the end of the watch."""
    cluster.put(pod("one"))
    cluster.settle()
    heard = Heard()
    watching = cluster.watch_pods(heard.started, heard.ended)
    assert heard.next(1) == {("started", "one")}
    cluster.put(pod("two"))
    assert heard.next(1) == {("started", "two")}
    cluster.ready("default", "two", False)
    cluster.settle()
    cluster.remove(resources.PODS, "one")
    assert heard.next(1) == {("ended", "one")}
    cluster.reset()
    assert heard.next(1) == {("ended", "two")}
    watching.stop()
    cluster.put(pod("three"))
    cluster.settle()
    assert heard.nothing()


def test_a_pod_runs_on_without_a_kubelet_to_end_it(cluster: Kubernetes, api: Client) -> None:
    """Although it was told to; with the kubelet comes its end."""
    cluster.put(pod("one"))
    cluster.settle()
    heard = Heard()
    cluster.watch_pods(heard.started, heard.ended)
    assert heard.next(1) == {("started", "one")}
    cluster.change(kubelet=False)
    core: Client = client.CoreV1Api(api)
    core.delete_namespaced_pod("one", "default")
    assert "deletionTimestamp" in cluster.get(resources.PODS, "one")["metadata"]
    cluster.put(pod("two"))
    cluster.settle()
    assert heard.nothing()
    cluster.change(kubelet=True)
    assert heard.next(2) == {("ended", "one"), ("started", "two")}


def test_a_pod_may_be_unready_and_run(cluster: Kubernetes, api: Client) -> None:
    """Its readiness probe fails; nobody restarts it."""
    cluster.put(pod("one"))
    cluster.settle()
    cluster.ready("default", "one", False)
    cluster.settle()
    core: Client = client.CoreV1Api(api)
    status = core.read_namespaced_pod("one", "default").status
    (container,) = status.container_statuses
    told = {each.type: each.status for each in status.conditions}
    assert told == {"PodScheduled": "True", "Initialized": "True", "ContainersReady": "False", "Ready": "False"}
    assert (status.phase, container.ready, container.started, container.restart_count) == ("Running", False, True, 0)


def test_a_cluster_of_a_thousand_is_laid_out_and_reset_soon(cluster: Kubernetes) -> None:
    """What takes a moment for ten objects does not take minutes for a thousand."""
    cluster.put(*(config_map(f"map-{number}") for number in range(1000)))
    cluster.put(*(deployment(f"agent-{number}", replicas=1) for number in range(20)))
    cluster.settle(60)
    assert len(cluster.pods()) == 20
    cluster.reset()
    assert cluster.pods() == []
