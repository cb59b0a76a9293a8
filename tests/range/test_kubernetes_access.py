"""Who may what in the cluster: tokens, rules, stored bindings, service accounts and impersonation."""

import pytest
from kubernetes import client
from kubernetes.client.exceptions import ApiException

from psfir.range.kubernetes import resources
from psfir.range.kubernetes.access import Rule
from psfir.range.kubernetes.layouts import deployment
from psfir.range.kubernetes.resources import Obj
from psfir.range.kubernetes.server import Kubernetes
from psfir.testing.waiting import eventually
from tests.range.kubernetes_client import Client, Connect, refused

READ = Rule(("get", "list"), ("pods",), namespace="default")
_RBAC = "rbac.authorization.k8s.io"


def bind(apis: Client, subject: Obj) -> None:
    """A Role that may scale, bound as one would on a real cluster."""
    rule = {"apiGroups": ["apps"], "resources": ["deployments/scale"], "verbs": ["patch"], "resourceNames": ["agent"]}
    apis.create_namespaced_role("default", {"metadata": {"name": "killer"}, "rules": [rule]})
    ref = {"apiGroup": _RBAC, "kind": "Role", "name": "killer"}
    body = {"metadata": {"name": "killer"}, "roleRef": ref, "subjects": [subject]}
    apis.create_namespaced_role_binding("default", body)


def scale(api: Client, name: str = "agent") -> Client:
    apps: Client = client.AppsV1Api(api)
    return apps.patch_namespaced_deployment_scale(name, "default", {"spec": {"replicas": 1}})


def test_a_bad_token_is_401(cluster: Kubernetes, connect: Connect) -> None:
    """As is one that was withdrawn."""
    cluster.user("reader", READ)
    core: Client = client.CoreV1Api(connect("reader"))
    assert core.list_namespaced_pod("default").items == []
    cluster.access.dismiss(cluster.access.token_of("reader"))
    with pytest.raises(ApiException) as error:
        core.list_namespaced_pod("default")
    assert refused(error) == (401, "Unauthorized", "Unauthorized")


def test_who_is_nobody_is_403(cluster: Kubernetes) -> None:
    """Without a token one is system:anonymous."""
    configuration = client.Configuration()
    configuration.host = cluster.url
    core: Client = client.CoreV1Api(client.ApiClient(configuration))
    with pytest.raises(ApiException) as error:
        core.list_namespaced_pod("default")
    told = 'User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "default"'
    assert refused(error) == (403, "Forbidden", f"pods is forbidden: {told}")


def test_to_be_somebody_else_one_needs_leave(cluster: Kubernetes, connect: Connect) -> None:
    """403 without; with it the other's own rights count."""
    cluster.user("reader", READ)
    reader, admin = connect("reader"), connect()
    for api in (reader, admin):
        api.set_default_header("Impersonate-User", "nobody")
        with pytest.raises(ApiException) as error:
            client.CoreV1Api(api).list_namespaced_pod("default")
        assert refused(error)[:2] == (403, "Forbidden")
        assert ('cannot impersonate resource "users"' in refused(error)[2]) is (api is reader)


def test_rules_end_at_namespace_name_and_cluster(cluster: Kubernetes, connect: Connect) -> None:
    """Elsewhere, and at the cluster scope, they do not hold."""
    cluster.user("reader", READ)
    core: Client = client.CoreV1Api(connect("reader"))
    for attempt in (
        lambda: core.list_namespaced_pod("kube-system"),
        core.list_pod_for_all_namespaces,
        lambda: core.read_namespaced_pod_log("agent", "default"),
        lambda: core.delete_namespaced_pod("agent", "default"),
    ):
        with pytest.raises(ApiException) as error:
            attempt()
        assert refused(error)[:2] == (403, "Forbidden")
    with pytest.raises(ApiException, match="at the cluster scope"):
        core.list_pod_for_all_namespaces()


def test_a_service_account_may_what_its_binding_says(cluster: Kubernetes, api: Client, connect: Connect) -> None:
    """Made, bound and given a token as on a real cluster; and no more once the binding is gone."""
    cluster.put(deployment(), deployment("other"))
    core: Client = client.CoreV1Api(api)
    rbac: Client = client.RbacAuthorizationV1Api(api)
    core.create_namespaced_service_account("default", {"metadata": {"name": "psfir"}})
    bind(rbac, {"kind": "ServiceAccount", "name": "psfir", "namespace": "default"})
    core.create_namespaced_service_account_token("psfir", "default", {"spec": {"audiences": []}})
    own = connect("system:serviceaccount:default:psfir")
    assert scale(own).spec.replicas == 1
    with pytest.raises(ApiException) as error:
        scale(own, "other")
    assert 'User "system:serviceaccount:default:psfir" cannot patch' in refused(error)[2]
    reviews: Client = client.AuthenticationV1Api(own)
    assert reviews.create_self_subject_review({}).status.user_info.username == "system:serviceaccount:default:psfir"
    rbac.delete_namespaced_role_binding("killer", "default")
    with pytest.raises(ApiException, match="403"):
        scale(own)


def test_a_new_binding_takes_a_moment(connect: Connect) -> None:
    """Where the cluster is made so: refused at first, allowed within the time."""

    def may(api: Client) -> bool:
        try:
            return bool(scale(api).spec.replicas == 1)
        except ApiException as error:
            if error.status != 403:
                raise
            return False

    with Kubernetes(bindings_after=0.2) as soon, Kubernetes(bindings_after=3600) as never:
        for slow in (soon, never):
            slow.put(deployment())
            slow.user("killer")
            bind(client.RbacAuthorizationV1Api(connect(of=slow)), {"kind": "User", "name": "killer", "apiGroup": _RBAC})
        assert not may(connect("killer", of=never))
        killer = connect("killer", of=soon)
        eventually(lambda: may(killer))


def test_the_rules_review_lists_what_one_may(cluster: Kubernetes, connect: Connect) -> None:
    """For the namespace that is asked for."""
    cluster.user("reader", READ)
    reviews: Client = client.AuthorizationV1Api(connect("reader"))
    for namespace, expected in (("default", True), ("kube-system", False)):
        rules = reviews.create_self_subject_rules_review({"spec": {"namespace": namespace}}).status.resource_rules
        assert any(rule.resources == ["pods"] for rule in rules) is expected


def test_what_clients_did_is_kept(cluster: Kubernetes, connect: Connect) -> None:
    """Who, what, in whose name and how it ended; reads, refusals and dry runs count as no writes."""
    cluster.put(deployment())
    cluster.user("reader", READ)
    apps: Client = client.AppsV1Api(connect())
    apps.read_namespaced_deployment("agent", "default")
    apps.patch_namespaced_deployment("agent", "default", {"spec": {"replicas": 1}}, dry_run="All")
    with pytest.raises(ApiException, match="403"):
        scale(connect("reader"))
    apps.patch_namespaced_deployment("agent", "default", {"spec": {"replicas": 1}}, field_manager="psfir")
    cluster.edit(resources.DEPLOYMENTS, "agent", {"spec": {"replicas": 2}})
    cluster.remove(resources.DEPLOYMENTS, "agent")
    assert cluster.writes == 1
    last = cluster.deeds[-1]
    assert (last.user, last.verb, last.resource, last.manager, last.code) == (
        "admin",
        "patch",
        "deployments",
        "psfir",
        200,
    )
    assert [deed.code for deed in cluster.deeds] == [200, 200, 403, 200]
