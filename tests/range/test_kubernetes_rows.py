"""More of what a real API server was seen to do, spoken to with the official client."""

import json

import pytest
from kubernetes import client
from kubernetes.client.exceptions import ApiException

from psfir.range.faulty import Fault
from psfir.range.front import Front
from psfir.range.kubernetes import resources
from psfir.range.kubernetes.layouts import budget, config_map, deployment, network_policy, pod, service
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.kubernetes.status import timed_out
from psfir.range.server import Reply
from tests.range.kubernetes_client import Client, Connect, details, refused

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"


@pytest.fixture
def apps(cluster: Kubernetes, api: Client) -> Client:
    cluster.put(deployment(env={"MODEL": "large"}))
    cluster.settle()
    return client.AppsV1Api(api)


@pytest.fixture
def core(api: Client) -> Client:
    return client.CoreV1Api(api)


def test_the_controller_races_a_replace(cluster: Kubernetes, core: Client, api: Client) -> None:
    """What was read right after it was created is stale a moment later, though nobody else wrote."""
    apps: Client = client.AppsV1Api(api)
    made = apps.create_namespaced_deployment("default", deployment())
    cluster.settle()
    made.spec.replicas = 1
    with pytest.raises(ApiException) as error:
        apps.replace_namespaced_deployment("agent", "default", made)
    assert refused(error)[:2] == (409, "Conflict")
    assert cluster.writes == 1


def test_a_failed_test_in_a_json_patch_says_nothing_useful(cluster: Kubernetes, apps: Client) -> None:
    """422 Invalid, like any patch that does not fit."""
    for operation in ({"op": "test", "path": "/spec/replicas", "value": 9}, {"op": "remove", "path": "/spec/nothing"}):
        with pytest.raises(ApiException) as error:
            apps.patch_namespaced_deployment("agent", "default", [operation])
        told = "the server rejected our request due to an error in our request"
        assert refused(error) == (422, "Invalid", told)
    held = [
        {"op": "test", "path": "/spec/replicas", "value": 3},
        {"op": "replace", "path": "/spec/replicas", "value": 0},
    ]
    assert apps.patch_namespaced_deployment("agent", "default", held).spec.replicas == 0


def test_deleting_another_uid_is_a_conflict(cluster: Kubernetes, core: Client) -> None:
    """It names both uids; so is another version."""
    held = cluster.put(config_map())["metadata"]
    for wanted in ({"uid": "another"}, {"uid": held["uid"], "resourceVersion": "1"}):
        with pytest.raises(ApiException) as error:
            core.delete_namespaced_config_map("agent", "default", body={"preconditions": wanted})
        assert refused(error)[:2] == (409, "Conflict")
    assert held["uid"] in cluster.get(resources.CONFIG_MAPS, "agent")["metadata"]["uid"]
    core.delete_namespaced_config_map("agent", "default", body={"preconditions": {"uid": held["uid"]}})
    assert cluster.store.all(resources.CONFIG_MAPS) == []


def test_a_dry_run_stores_nothing_and_validates(cluster: Kubernetes, apps: Client, core: Client) -> None:
    """It returns the object as it would be, for every verb and for /scale."""
    before = cluster.store.version
    would = apps.patch_namespaced_deployment("agent", "default", {"spec": {"replicas": 0}}, dry_run="All")
    assert (would.spec.replicas, would.metadata.generation) == (0, 2)
    scale = apps.patch_namespaced_deployment_scale("agent", "default", {"spec": {"replicas": 1}}, dry_run="All")
    assert scale.spec.replicas == 1
    assert core.create_namespaced_config_map("default", config_map(), dry_run="All").metadata.uid
    apps.delete_namespaced_deployment("agent", "default", dry_run="All")
    with pytest.raises(ApiException) as error:
        apps.patch_namespaced_deployment("agent", "default", {"spec": {"replicas": -1}}, dry_run="All")
    assert refused(error) == (
        422,
        "Invalid",
        'Deployment.apps "agent" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    )
    with pytest.raises(ApiException, match="400"):
        apps.patch_namespaced_deployment("agent", "default", {"spec": {"replicas": 0}}, dry_run="Some")
    assert (cluster.store.version, cluster.writes) == (before, 0)


def test_an_eviction_against_a_budget_is_429(cluster: Kubernetes, apps: Client, core: Client) -> None:
    """With a sentence and the budget's name; a delete passes it by."""
    cluster.put(budget(least=3))
    cluster.settle()
    name = cluster.pods()[0]["metadata"]["name"]
    eviction = {"metadata": {"name": name, "namespace": "default"}}
    with pytest.raises(ApiException) as error:
        core.create_namespaced_pod_eviction(name, "default", eviction)
    told = "Cannot evict pod as it would violate the pod's disruption budget."
    assert refused(error) == (429, "TooManyRequests", told)
    assert details(error)["details"]["causes"][0]["reason"] == "DisruptionBudget"
    core.delete_namespaced_pod(name, "default", grace_period_seconds=0)
    cluster.edit(resources.BUDGETS, "agent", {"spec": {"minAvailable": 2}})
    cluster.settle()
    core.create_namespaced_pod_eviction(
        cluster.pods()[0]["metadata"]["name"],
        "default",
        {"metadata": {"name": cluster.pods()[0]["metadata"]["name"], "namespace": "default"}},
    )


def test_a_lease_wants_microseconds(cluster: Kubernetes, api: Client) -> None:
    """A whole second is 400: it cannot be read."""
    leases: Client = client.CoordinationV1Api(api)

    def lease(renewed: str) -> object:
        return leases.create_namespaced_lease("default", {"metadata": {"name": "run"}, "spec": {"renewTime": renewed}})

    with pytest.raises(ApiException) as error:
        lease("2026-11-21T12:00:00Z")
    assert refused(error)[:2] == (400, "BadRequest")
    lease("2026-11-21T12:00:00.000001Z")


def test_a_write_that_came_back_504_may_have_landed(cluster: Kubernetes, connect: Connect) -> None:
    """A front before the cluster does it: carried out, and answered as when etcd does not."""
    cluster.put(deployment())
    fault = Fault("etcd frozen", carry=True, reply=Reply(504, timed_out().body))
    with Front(cluster.url) as front:
        apps: Client = client.AppsV1Api(connect(server=front.url))
        front.fault(fault, when=lambda asked: asked.writes)
        with pytest.raises(ApiException) as error:
            apps.patch_namespaced_deployment("agent", "default", {"spec": {"replicas": 0}})
    assert refused(error)[:2] == (504, "Timeout")
    assert cluster.get(resources.DEPLOYMENTS, "agent")["spec"]["replicas"] == 0


def test_an_empty_list_of_egress_rules_is_not_kept(cluster: Kubernetes, api: Client) -> None:
    """Nor an empty value of a variable: what is read back is not quite what was sent."""
    networking: Client = client.NetworkingV1Api(api)
    body = network_policy("deny")
    body["spec"]["egress"] = []
    assert networking.create_namespaced_network_policy("default", body).spec.egress is None
    apps: Client = client.AppsV1Api(api)
    made = apps.create_namespaced_deployment("default", deployment(env={"KEY": ""}))
    assert made.spec.template.spec.containers[0].env[0].value is None


@pytest.mark.parametrize(
    ("change", "code", "told"),
    [
        ({"spec": {"replicas": "two"}}, 400, "json: cannot unmarshal string"),
        ({"spec": {"selector": {"matchLabels": {"app": "x"}}}}, 422, "field is immutable"),
        ({"spec": {"template": {"metadata": {"labels": {"app": "x"}}}}}, 422, "does not match template `labels`"),
        ({"metadata": {"name": "other"}}, 400, "does not match the name on the URL"),
        ({"kind": "Service"}, 400, "cannot be handled as a Deployment"),
    ],
)
def test_what_does_not_fit_is_refused(cluster: Kubernetes, apps: Client, change: object, code: int, told: str) -> None:
    """With a sentence, and nothing is stored."""
    with pytest.raises(ApiException) as error:
        apps.patch_namespaced_deployment("agent", "default", change, _content_type=MERGE)
    assert refused(error)[0] == code
    assert told in refused(error)[2]
    assert cluster.writes == 0


def test_a_config_map_takes_text_only_and_may_be_immutable(cluster: Kubernetes, core: Client) -> None:
    """A number is 400; a change of an immutable one 422."""
    url = f"{cluster.url}/api/v1/namespaces/default/configmaps"
    headers = {"Authorization": "Bearer token-of-admin", "Content-Type": "application/json"}
    # Past the client's own types, which would not let it out.
    answer = core.api_client.call_api("POST", url, headers, {"metadata": {"name": "x"}, "data": {"on": 1}})
    assert json.loads(answer.read())["message"].startswith('ConfigMap in version "v1" cannot be handled as a ConfigMap')
    cluster.put(config_map() | {"immutable": True})
    with pytest.raises(ApiException) as error:
        core.patch_namespaced_config_map("agent", "default", {"data": {"tools": "off"}})
    assert "field is immutable when `immutable` is set" in refused(error)[2]


def test_a_service_keeps_its_address_when_it_is_replaced(cluster: Kubernetes, core: Client) -> None:
    """Though the replacement does not say it; and it may not say another."""
    held = cluster.put(service())
    body = service(selector={"app": "fallback"})
    assert core.replace_namespaced_service("agent", "default", body).spec.cluster_ip == held["spec"]["clusterIP"]
    with pytest.raises(ApiException, match="422"):
        core.patch_namespaced_service("agent", "default", {"spec": {"clusterIP": "10.96.0.99"}})


def test_status_is_a_half_of_its_own(cluster: Kubernetes, apps: Client) -> None:
    """What is said of status on the object is not heard, and of the object on status neither."""
    apps.patch_namespaced_deployment("agent", "default", {"status": {"replicas": 99}})
    assert apps.read_namespaced_deployment("agent", "default").status.replicas == 3
    apps.patch_namespaced_deployment_status("agent", "default", {"spec": {"replicas": 9}})
    assert apps.read_namespaced_deployment_status("agent", "default").spec.replicas == 3


def test_items_of_a_list_bear_no_kind(cluster: Kubernetes, api: Client) -> None:
    """As the real server lists built-in kinds; read alone they do."""
    cluster.put(pod("one"))
    raw = api.call_api(
        "GET", f"{cluster.url}/api/v1/namespaces/default/pods", {"Authorization": "Bearer token-of-admin"}
    )
    (item,) = json.loads(raw.read())["items"]
    assert "kind" not in item
    assert cluster.get(resources.PODS, "one")["kind"] == "Pod"


def test_unknown_paths_and_methods_are_told_apart(cluster: Kubernetes, api: Client, core: Client) -> None:
    """404 for a group nobody serves and for a missing namespace, 405 for a method nothing takes."""
    custom: Client = client.CustomObjectsApi(api)
    with pytest.raises(ApiException) as error:
        custom.list_namespaced_custom_object("kyverno.io", "v1", "default", "policies")
    assert refused(error) == (404, "NotFound", "the server could not find the requested resource")
    with pytest.raises(ApiException) as error:
        core.create_namespaced_config_map("nowhere", config_map(namespace="nowhere"))
    assert refused(error) == (404, "NotFound", 'namespaces "nowhere" not found')
    with pytest.raises(ApiException) as error:
        custom.patch_namespaced_custom_object("apps", "v1", "default", "deployments", "", {"spec": {}})
    assert refused(error)[0] == 405


def test_it_says_what_it_serves(api: Client) -> None:
    """Version, groups and kinds, for clients that look first."""
    assert client.VersionApi(api).get_code().git_version == "v1.36.2"
    groups = {each.name for each in client.ApisApi(api).get_api_versions().groups}
    assert {"apps", "keda.sh", "argoproj.io"} <= groups
    names = {each.name for each in client.AppsV1Api(api).get_api_resources().resources}
    assert {"deployments", "deployments/scale"} <= names
