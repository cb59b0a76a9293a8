"""The cluster answers the official client as a real API server was seen to."""

from collections.abc import Callable

import pytest
from kubernetes import client
from kubernetes.client.exceptions import ApiException

from psfir.range.kubernetes.access import Rule
from psfir.range.kubernetes.layouts import deployment
from psfir.range.kubernetes.ownership import REPLICAS, owners
from psfir.range.kubernetes.resources import DEPLOYMENTS
from psfir.range.kubernetes.server import Kubernetes
from tests.range.kubernetes_client import Client, Connect, refused


@pytest.fixture
def apps(cluster: Kubernetes, api: Client) -> Client:
    cluster.put(deployment())
    return client.AppsV1Api(api)


def replicas(cluster: Kubernetes) -> int:
    return int(cluster.get(DEPLOYMENTS, "agent")["spec"]["replicas"])


def owned_by(cluster: Kubernetes) -> list[str]:
    return owners(cluster.get(DEPLOYMENTS, "agent"), REPLICAS)


def test_scale_at_0_answers_an_empty_spec(cluster: Kubernetes, apps: Client) -> None:
    """The client gives None for the replicas, while the Deployment says 0."""
    scale = apps.patch_namespaced_deployment_scale("agent", "default", {"spec": {"replicas": 0}})
    assert scale.spec.replicas is None
    assert apps.read_namespaced_deployment("agent", "default").spec.replicas == 0
    assert cluster.writes == 1


def test_scaling_to_0_through_scale_leaves_no_owner(cluster: Kubernetes, apps: Client) -> None:
    """At 2 the manager owns the field, at 0 nobody does."""
    for count, expected in ((2, ["psfir"]), (0, [])):
        apps.patch_namespaced_deployment_scale("agent", "default", {"spec": {"replicas": count}}, field_manager="psfir")
        assert owned_by(cluster) == expected


def test_patching_the_deployment_to_0_keeps_its_owner(cluster: Kubernetes, apps: Client) -> None:
    """And a patch that changes nothing records nothing."""
    apps.patch_namespaced_deployment("agent", "default", {"spec": {"replicas": 0}}, field_manager="psfir")
    assert owned_by(cluster) == ["psfir"]
    apps.patch_namespaced_deployment("agent", "default", {"spec": {"replicas": 0}}, field_manager="other")
    assert owned_by(cluster) == ["psfir"]


def test_the_clients_own_manager_is_its_name(cluster: Kubernetes, apps: Client) -> None:
    """OpenAPI-Generator, unless one is given."""
    apps.patch_namespaced_deployment("agent", "default", {"spec": {"replicas": 1}})
    assert owned_by(cluster) == ["OpenAPI-Generator"]


def test_a_stale_version_is_a_conflict(cluster: Kubernetes, apps: Client) -> None:
    """On replace, on a patch and on /scale alike."""
    held = apps.read_namespaced_deployment("agent", "default")
    stale = {"metadata": {"resourceVersion": held.metadata.resource_version}, "spec": {"replicas": 2}}
    apps.patch_namespaced_deployment("agent", "default", {"spec": {"replicas": 5}})
    tries: tuple[Callable[[], object], ...] = (
        lambda: apps.replace_namespaced_deployment("agent", "default", held),
        lambda: apps.patch_namespaced_deployment("agent", "default", stale),
        lambda: apps.patch_namespaced_deployment_scale("agent", "default", stale),
    )
    for attempt in tries:
        with pytest.raises(ApiException) as error:
            attempt()
        assert refused(error) == (
            409,
            "Conflict",
            (
                'Operation cannot be fulfilled on deployments.apps "agent": the object has been modified; '
                "please apply your changes to the latest version and try again"
            ),
        )
    assert replicas(cluster) == 5


def test_a_403_names_what_is_missing(cluster: Kubernetes, apps: Client, connect: Connect) -> None:
    """Verb, resource and subresource, so that it can be quoted as the missing permission."""
    cluster.user("reader", Rule(("get",), ("deployments",), ("apps",), "default"))
    reader = client.AppsV1Api(connect("reader"))
    assert reader.read_namespaced_deployment("agent", "default").spec.replicas == 3
    with pytest.raises(ApiException) as error:
        reader.patch_namespaced_deployment_scale("agent", "default", {"spec": {"replicas": 0}})
    assert refused(error) == (
        403,
        "Forbidden",
        (
            'deployments.apps "agent" is forbidden: User "reader" cannot patch resource "deployments/scale" '
            'in API group "apps" in the namespace "default"'
        ),
    )
    assert cluster.writes == 0


def test_an_access_review_answers_for_the_caller(cluster: Kubernetes, connect: Connect) -> None:
    """Truthfully, for a user of few rights too."""
    cluster.user("scaler", Rule(("patch",), ("deployments/scale",), ("apps",), "default"))
    reviews: Client = client.AuthorizationV1Api(connect("scaler"))

    def may(verb: str, sub: str, namespace: str) -> bool:
        wish = {"verb": verb, "group": "apps", "resource": "deployments", "subresource": sub, "namespace": namespace}
        asked = reviews.create_self_subject_access_review({"spec": {"resourceAttributes": wish}})
        return bool(asked.status.allowed)

    assert may("patch", "scale", "default")
    assert not may("patch", "", "default")
    assert not may("get", "scale", "default")
    assert not may("patch", "scale", "kube-system")
    assert cluster.writes == 0


def test_objects_are_created_read_replaced_and_deleted(cluster: Kubernetes, api: Client) -> None:
    """With version, uid and defaults, and 404 and 409 in the server's words."""
    core: Client = client.CoreV1Api(api)
    made = core.create_namespaced_config_map("default", {"metadata": {"name": "flags"}, "data": {"tools": "on"}})
    assert made.metadata.uid
    with pytest.raises(ApiException) as error:
        core.create_namespaced_config_map("default", {"metadata": {"name": "flags"}})
    assert refused(error) == (409, "AlreadyExists", 'configmaps "flags" already exists')
    made.data = {"tools": "off"}
    replaced = core.replace_namespaced_config_map("flags", "default", made)
    assert replaced.metadata.resource_version != made.metadata.resource_version
    assert [each.data for each in core.list_namespaced_config_map("default").items] == [{"tools": "off"}]
    core.delete_namespaced_config_map("flags", "default")
    with pytest.raises(ApiException) as error:
        core.read_namespaced_config_map("flags", "default")
    assert refused(error) == (404, "NotFound", 'configmaps "flags" not found')
    assert cluster.writes == 3
