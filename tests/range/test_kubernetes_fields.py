"""Patches and who owns which field: server-side apply and its conflicts, strategic merge, what custom kinds take."""

import pytest
from kubernetes import client
from kubernetes.client.exceptions import ApiException

from psfir.range.kubernetes import resources
from psfir.range.kubernetes.layouts import deployment, network_policy
from psfir.range.kubernetes.ownership import REPLICAS, owners
from psfir.range.kubernetes.server import Kubernetes
from tests.range.kubernetes_client import Client, details, refused

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"


@pytest.fixture
def apps(cluster: Kubernetes, api: Client) -> Client:
    cluster.put(deployment(env={"MODEL": "large"}))
    cluster.settle()
    return client.AppsV1Api(api)


def applied(apps: Client, spec: object, manager: str, **more: object) -> Client:
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "agent"}, "spec": spec}
    more = {"field_manager": manager, "_content_type": APPLY, **more}
    return apps.patch_namespaced_deployment("agent", "default", body, **more)


def test_apply_meets_the_owner_of_a_field(cluster: Kubernetes, apps: Client) -> None:
    """409 with a cause for each field; force takes it over, and the old owner has it no more."""
    applied(apps, {"replicas": 2}, "gitops", force=True)
    with pytest.raises(ApiException) as error:
        applied(apps, {"replicas": 0}, "psfir")
    assert refused(error) == (
        409,
        "Conflict",
        'Apply failed with 1 conflict: conflict with "gitops" using apps/v1: .spec.replicas',
    )
    assert details(error)["details"]["causes"] == [
        {"reason": "FieldManagerConflict", "message": 'conflict with "gitops" using apps/v1', "field": ".spec.replicas"}
    ]
    assert applied(apps, {"replicas": 0}, "psfir", force=True).spec.replicas == 0
    assert owners(cluster.get(resources.DEPLOYMENTS, "agent"), REPLICAS) == ["psfir"]


def test_apply_of_the_same_value_shares_the_field(cluster: Kubernetes, apps: Client) -> None:
    """No conflict; who no longer says it gives it up, and the value stays with the other."""
    applied(apps, {"replicas": 3}, "gitops")
    applied(apps, {"replicas": 3}, "psfir")
    assert set(owners(cluster.get(resources.DEPLOYMENTS, "agent"), REPLICAS)) == {"setup", "gitops", "psfir"}
    applied(apps, {"paused": True}, "gitops")
    held = applied(apps, {"paused": True}, "psfir")
    assert held.spec.replicas == 3
    assert owners(cluster.get(resources.DEPLOYMENTS, "agent"), REPLICAS) == ["setup"]


def test_what_only_one_applied_goes_when_they_no_longer_say_it(cluster: Kubernetes, apps: Client) -> None:
    """An env of psfir's own, in a container that is somebody else's."""

    def env(*entries: dict[str, str]) -> dict[str, str]:
        spec = {"template": {"spec": {"containers": [{"name": "agent", "env": list(entries)}]}}}
        (found,) = applied(apps, spec, "psfir").spec.template.spec.containers
        return {each.name: each.value for each in found.env}

    assert env({"name": "TOOLS", "value": "off"}) == {"MODEL": "large", "TOOLS": "off"}
    assert env() == {"MODEL": "large"}


def test_a_scale_to_0_lets_an_apply_set_it_back(cluster: Kubernetes, apps: Client) -> None:
    """Through /scale nobody owns the 0, so it meets no conflict; patched on the Deployment it does."""
    apps.patch_namespaced_deployment_scale("agent", "default", {"spec": {"replicas": 0}}, field_manager="psfir")
    assert applied(apps, {"replicas": 3}, "gitops").spec.replicas == 3
    apps.patch_namespaced_deployment("agent", "default", {"spec": {"replicas": 0}}, field_manager="psfir")
    with pytest.raises(ApiException, match="409"):
        applied(apps, {"replicas": 3}, "gitops")


def test_apply_creates_what_is_not_there(cluster: Kubernetes, api: Client) -> None:
    """And owns what it said, not what was filled in; without a manager it is refused."""
    networking: Client = client.NetworkingV1Api(api)
    body = network_policy("psfir-inc-1")
    with pytest.raises(ApiException) as error:
        networking.patch_namespaced_network_policy("psfir-inc-1", "default", body, _content_type=APPLY)
    assert refused(error)[:2] == (422, "Invalid")
    networking.patch_namespaced_network_policy(
        "psfir-inc-1", "default", body, _content_type=APPLY, field_manager="psfir"
    )
    (entry,) = cluster.get(resources.NETWORK_POLICIES, "psfir-inc-1")["metadata"]["managedFields"]
    assert (entry["manager"], entry["operation"]) == ("psfir", "Apply")
    assert entry["fieldsV1"] == {"f:spec": {"f:podSelector": {}, "f:policyTypes": {}}}


def test_a_patch_of_containers_keeps_what_it_does_not_name(apps: Client) -> None:
    """A strategic merge goes by name; a JSON merge replaces the list."""
    env = [{"name": "TOOLS", "value": "off"}]
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "agent", "env": env}]}}}}
    (held,) = apps.patch_namespaced_deployment("agent", "default", patch).spec.template.spec.containers
    assert {each.name: each.value for each in held.env} == {"MODEL": "large", "TOOLS": "off"}
    env[:] = [{"name": "MODEL", "$patch": "delete"}]
    (held,) = apps.patch_namespaced_deployment("agent", "default", patch).spec.template.spec.containers
    assert [each.name for each in held.env] == ["TOOLS"]
    with pytest.raises(ApiException) as error:
        apps.patch_namespaced_deployment("agent", "default", patch, _content_type=MERGE)
    assert "spec.template.spec.containers[0].image: Required value" in refused(error)[2]


def test_custom_resources_know_no_strategic_merge(cluster: Kubernetes, api: Client) -> None:
    """415, with what they take."""
    custom: Client = client.CustomObjectsApi(api)
    body = {"metadata": {"name": "agent"}, "spec": {"rules": []}}
    where = ("gateway.networking.k8s.io", "v1", "default", "httproutes")
    assert custom.create_namespaced_custom_object(*where, body)["kind"] == "HTTPRoute"
    with pytest.raises(ApiException) as error:
        custom.patch_namespaced_custom_object(
            *where, "agent", {"spec": {}}, _content_type="application/strategic-merge-patch+json"
        )
    assert refused(error)[:2] == (415, "UnsupportedMediaType")


def test_a_custom_kinds_schema_fills_in_what_was_left_out(cluster: Kubernetes) -> None:
    """So that a backend that was written as name and port is read back as more."""
    rules = [{"backendRefs": [{"name": "static", "port": 80}]}]
    route = {"metadata": {"name": "agent"}, "spec": {"parentRefs": [{"name": "gateway"}], "rules": rules}}
    cluster.put({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", **route})
    spec = cluster.get(resources.HTTP_ROUTES, "agent")["spec"]
    assert spec["rules"] == [
        {
            "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
            "backendRefs": [{"group": "", "kind": "Service", "name": "static", "port": 80, "weight": 1}],
        }
    ]
    assert spec["parentRefs"] == [{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "gateway"}]
