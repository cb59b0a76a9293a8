"""Watches, lists by selector, and logs, through the official client."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from kubernetes import client, watch
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from psfir.range.kubernetes import resources
from psfir.range.kubernetes.layouts import config_map, deployment, pod
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.kubernetes.status import StatusError
from tests.range.kubernetes_client import Client, refused


@pytest.fixture
def core(api: Client) -> Client:
    return client.CoreV1Api(api)


def watcher() -> Client:
    make: Callable[[], Client] = watch.Watch
    return make()


def seen(core: Client, count: int, **query: object) -> list[tuple[str, str]]:
    """The first so many events of ConfigMaps."""
    found: list[tuple[str, str]] = []
    watching: Client = watcher()
    for event in watching.stream(core.list_namespaced_config_map, "default", timeout_seconds=5, **query):
        found.append((event["type"], event["object"].metadata.name))
        if len(found) == count:
            watching.stop()
    return found


def test_a_watch_first_says_what_is_there(cluster: Kubernetes, core: Client) -> None:
    """And then what happens, as it happens."""
    cluster.put(config_map("one"))
    watching = watcher()
    events = watching.stream(core.list_namespaced_config_map, "default", timeout_seconds=5)
    assert next(events)["type"] == "ADDED"
    core.create_namespaced_config_map("default", config_map("two"))
    core.patch_namespaced_config_map("one", "default", {"data": {"tools": "off"}})
    core.delete_namespaced_config_map("two", "default")
    told = [next(events) for _ in range(3)]
    assert [(each["type"], each["object"].metadata.name) for each in told] == [
        ("ADDED", "two"),
        ("MODIFIED", "one"),
        ("DELETED", "two"),
    ]
    events.close()


def test_a_watch_from_an_old_version_replays(cluster: Kubernetes, core: Client) -> None:
    """Everything since, in order."""
    version = core.list_namespaced_config_map("default").metadata.resource_version
    cluster.put(config_map("one"))
    cluster.put(config_map("one", data={"tools": "off"}))
    cluster.remove(resources.CONFIG_MAPS, "one")
    assert seen(core, 3, resource_version=version) == [("ADDED", "one"), ("MODIFIED", "one"), ("DELETED", "one")]


def test_a_watch_from_before_what_is_kept_is_410(cluster: Kubernetes, core: Client) -> None:
    """As an event in its stream; the client raises it."""
    version = core.list_namespaced_config_map("default").metadata.resource_version
    cluster.put(config_map("one"))
    cluster.store.compact()
    with pytest.raises(ApiException) as error:
        seen(core, 1, resource_version=version)
    assert error.value.status == 410


def test_what_a_selector_no_longer_picks_is_deleted_to_its_watch(cluster: Kubernetes, core: Client) -> None:
    """A pod in quarantine leaves the watch of its Service's pods."""
    cluster.put(pod("one", labels={"app": "agent"}))
    cluster.settle()
    version = core.list_namespaced_pod("default").metadata.resource_version
    core.patch_namespaced_pod("one", "default", {"metadata": {"labels": {"app": "quarantined"}}})
    watching: Client = watcher()
    query = {"label_selector": "app=agent", "resource_version": version, "timeout_seconds": 5}
    event = next(iter(watching.stream(core.list_namespaced_pod, "default", **query)))
    assert (event["type"], event["object"].metadata.labels["app"]) == ("DELETED", "quarantined")


def test_a_watch_ends_with_its_time(core: Client) -> None:
    """It does not hang."""
    assert list(watcher().stream(core.list_namespaced_config_map, "default", timeout_seconds=1)) == []


def test_a_watch_ends_with_the_cluster(cluster: Kubernetes, core: Client) -> None:
    """Whoever still watches sees the end of the stream or of the connection."""
    cluster.put(config_map("one"))
    events = watcher().stream(core.list_namespaced_config_map, "default", timeout_seconds=30)
    assert next(events)["type"] == "ADDED"
    cluster.stop()
    with pytest.raises((StopIteration, HTTPError)):
        next(events)


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("app=a", ["one", "two"]),
        ("app==a,tier=web", ["one"]),
        ("app!=a", ["three"]),
        ("app in (b, c)", ["three"]),
        ("app notin (b),tier", ["one"]),
        ("!tier", ["three", "two"]),
    ],
)
def test_lists_go_by_labels(cluster: Kubernetes, core: Client, selector: str, names: list[str]) -> None:
    """Every form a selector has."""
    cluster.put(
        pod("one", labels={"app": "a", "tier": "web"}),
        pod("two", labels={"app": "a"}),
        pod("three", labels={"app": "b"}),
    )
    found = core.list_namespaced_pod("default", label_selector=selector).items
    assert [each.metadata.name for each in found] == names


def test_lists_go_by_fields_and_in_pages(cluster: Kubernetes, core: Client) -> None:
    """A bad selector is 400."""
    cluster.put(pod("one"), pod("two"), pod("three"))
    cluster.settle()
    picked = core.list_namespaced_pod("default", field_selector="metadata.name!=two,status.phase=Running").items
    assert [each.metadata.name for each in picked] == ["one", "three"]
    page = core.list_namespaced_pod("default", limit=2)
    rest = core.list_namespaced_pod("default", limit=2, _continue=page.metadata.to_dict()["_continue"])
    assert [each.metadata.name for each in (*page.items, *rest.items)] == ["one", "three", "two"]
    assert not rest.metadata.to_dict()["_continue"]
    for query in ({"label_selector": "a b"}, {"field_selector": "name"}, {"_continue": "?"}):
        with pytest.raises(ApiException, match="400"):
            core.list_namespaced_pod("default", **query)


def test_a_collection_is_deleted_by_selector(cluster: Kubernetes, core: Client) -> None:
    """What it does not pick stays."""
    cluster.put(config_map("one"), config_map("two"))
    core.delete_collection_namespaced_config_map("default", field_selector="metadata.name=one")
    assert [each.metadata.name for each in core.list_namespaced_config_map("default").items] == ["two"]


def test_logs_are_what_the_pod_said(cluster: Kubernetes, core: Client) -> None:
    """All of it, its tail, or as many bytes as are wanted."""
    cluster.put(pod("one"))
    cluster.settle()
    cluster.say("default", "one", ["first", "second", "third"])
    assert core.read_namespaced_pod_log("one", "default") == "first\nsecond\nthird\n"
    assert core.read_namespaced_pod_log("one", "default", tail_lines=1) == "third\n"
    assert core.read_namespaced_pod_log("one", "default", limit_bytes=3) == "fir"


def test_logs_of_what_is_not_there_are_400(cluster: Kubernetes, core: Client) -> None:
    """Another container, an earlier one, two to choose from, or a pod that has not started."""
    many = pod("many")
    many["spec"]["containers"].append({"name": "sidecar", "image": "proxy:1"})
    cluster.put(pod("one"), many)
    cluster.settle()
    cluster.change(broken={"agent:9"})
    cluster.put(pod("late", image="agent:9"))
    cluster.settle()
    for name, query, told in (
        ("one", {"container": "other"}, "container other is not valid for pod one"),
        ("one", {"previous": True}, 'previous terminated container "app" in pod "one" not found'),
        ("many", {}, "a container name must be specified for pod many, choose one of: [app sidecar]"),
        ("late", {}, 'container "app" in pod "late" is waiting to start: trying and failing to pull image'),
    ):
        with pytest.raises(ApiException) as error:
            core.read_namespaced_pod_log(name, "default", **query)
        assert refused(error) == (400, "BadRequest", told)


def test_events_tell_what_the_controllers_did(cluster: Kubernetes, core: Client) -> None:
    """By the object they are about."""
    cluster.put(deployment(replicas=2))
    cluster.settle()
    found = core.list_namespaced_event("default", field_selector="involvedObject.name=agent").items
    assert [each.reason for each in found] == ["ScalingReplicaSet"]
    assert "from 0 to 2" in found[0].message


def test_a_setup_that_is_wrong_is_told_at_once(cluster: Kubernetes) -> None:
    """A deployment without an image, a pace that there is not, controllers that never rest."""
    broken = deployment()
    broken["spec"]["template"]["spec"]["containers"][0].pop("image")
    with pytest.raises(StatusError, match="image: Required value"):
        cluster.put(broken)
    with pytest.raises(AttributeError, match="no speed"):
        cluster.change(speed=2)
    cluster.change(ready=60)
    cluster.put(deployment())
    with pytest.raises(TimeoutError, match="still at work"):
        cluster.settle(0.05)


def test_a_kubeconfig_names_the_cluster_the_user_and_the_namespace(cluster: Kubernetes, tmp_path: Path) -> None:
    """It is what any client reads."""
    path = cluster.kubeconfig(tmp_path / "config", server="http://127.0.0.1:1", namespace="assistants")
    told = json.loads(path.read_text())
    assert told["clusters"][0]["cluster"] == {"server": "http://127.0.0.1:1"}
    assert told["contexts"][0]["context"] == {"cluster": "range", "user": "admin", "namespace": "assistants"}
