"""What the cluster will not store, deletes that wait, and controllers that meet the unexpected."""

from copy import deepcopy

import pytest
from kubernetes import client
from kubernetes.client.exceptions import ApiException

from psfir.range.kubernetes import resources
from psfir.range.kubernetes.layouts import (
    config_map,
    cron_job,
    deployment,
    hpa,
    job,
    network_policy,
    pod,
    service,
    stateful_set,
)
from psfir.range.kubernetes.ownership import Writer
from psfir.range.kubernetes.patches import merge
from psfir.range.kubernetes.resources import Obj
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.kubernetes.status import StatusError
from tests.range.kubernetes_client import Client, refused


@pytest.mark.parametrize(
    ("obj", "fields", "told"),
    [
        (deployment(), {"metadata": {"name": ""}}, "name or generateName is required"),
        (deployment(), {"metadata": {"name": "Agent_1"}}, "a lowercase RFC 1123 subdomain"),
        (deployment(), {"metadata": {"resourceVersion": "1"}}, "resourceVersion should not be set"),
        (deployment(), {"spec": {"selector": None}}, "spec.selector: Required value"),
        (deployment(), {"spec": {"template": {"spec": {"containers": []}}}}, "containers: Required value"),
        (deployment(), {"spec": "none"}, "cannot unmarshal string into Go struct field Deployment.spec"),
        (deployment(env={"": "x"}), {}, "env[0].name: Required value"),
        (deployment(env={"A": 1}), {}, "field EnvVar.value of type string"),  # type: ignore[dict-item] # is the fault
        (service(), {"spec": {"ports": None}}, "spec.ports: Required value"),
        (hpa(least=0), {}, "spec.minReplicas: Invalid value: 0"),
        (hpa(least=3, most=2), {}, "must be greater than or equal to `minReplicas`"),
        (hpa(most=0), {}, "spec.maxReplicas: Invalid value: 0: must be greater than 0"),
        (network_policy("deny"), {"spec": {"policyTypes": ["Outgress"]}}, "supported values"),
        (cron_job(), {"spec": {"schedule": ""}}, "spec.schedule: Required value"),
    ],
)
def test_what_is_wrong_is_not_created(cluster: Kubernetes, obj: Obj, fields: Obj, told: str) -> None:
    """The refusal says which field."""
    with pytest.raises(StatusError) as error:
        cluster.registry.create(resources.resource_of(obj), merge(obj, fields), writer=Writer("test"))
    assert told in str(error.value)


def test_some_fields_do_not_change(cluster: Kubernetes) -> None:
    """A pod's env, a Job's template."""
    cluster.put(pod("one"), job())
    cluster.settle()
    container = {"name": "app", "image": "agent:1", "env": [{"name": "A", "value": "1"}]}
    with pytest.raises(StatusError, match="pod updates may not change fields"):
        cluster.edit(resources.PODS, "one", {"spec": {"containers": [container]}})
    with pytest.raises(StatusError, match="field is immutable"):
        cluster.edit(resources.JOBS, "index", {"spec": {"template": {"metadata": {"labels": {"a": "b"}}}}})


def test_scale_refuses_what_is_no_number(cluster: Kubernetes, api: Client) -> None:
    """Below 0, or text; and it takes a whole Scale too."""
    cluster.put(deployment())
    cluster.settle()
    apps: Client = client.AppsV1Api(api)
    for wanted, code in ((-1, 422), ("two", 400)):
        with pytest.raises(ApiException) as error:
            apps.patch_namespaced_deployment_scale("agent", "default", {"spec": {"replicas": wanted}})
        assert refused(error)[0] == code
    scale = apps.read_namespaced_deployment_scale("agent", "default")
    assert (scale.spec.replicas, scale.status.selector) == (3, "app=agent")
    scale.spec.replicas = 1
    assert apps.replace_namespaced_deployment_scale("agent", "default", scale).spec.replicas == 1
    with pytest.raises(ApiException, match="409"):
        apps.replace_namespaced_deployment_scale("agent", "default", scale)


def test_a_finalizer_holds_an_object_until_it_is_taken_off(cluster: Kubernetes, api: Client) -> None:
    """It is there with the time of its deletion, and gone with the finalizer."""
    core: Client = client.CoreV1Api(api)
    held = config_map()
    held["metadata"]["finalizers"] = ["example.org/hold"]
    cluster.put(held)
    core.delete_namespaced_config_map("agent", "default")
    assert core.read_namespaced_config_map("agent", "default").metadata.deletion_timestamp
    core.patch_namespaced_config_map("agent", "default", [{"op": "remove", "path": "/metadata/finalizers"}])
    with pytest.raises(ApiException, match="404"):
        core.read_namespaced_config_map("agent", "default")


def test_nothing_new_comes_into_a_namespace_that_ends(cluster: Kubernetes, api: Client) -> None:
    """403, and it says why."""
    core: Client = client.CoreV1Api(api)
    cluster.namespace("doomed")
    cluster.put(deployment(namespace="doomed"))
    cluster.settle()
    cluster.change(kubelet=False)
    core.delete_namespace("doomed")
    cluster.settle()
    with pytest.raises(ApiException) as error:
        core.create_namespaced_config_map("doomed", config_map(namespace="doomed"))
    assert "because it is being terminated" in refused(error)[2]
    cluster.change(kubelet=True)
    cluster.settle()
    with pytest.raises(ApiException, match="404"):
        core.read_namespace("doomed")


def test_a_name_can_be_left_to_the_server(cluster: Kubernetes, api: Client) -> None:
    """It adds to what generateName begins."""
    core: Client = client.CoreV1Api(api)
    made = core.create_namespaced_config_map("default", {"metadata": {"generateName": "psfir-"}})
    assert made.metadata.name.startswith("psfir-")


def test_an_hpa_without_its_target_says_so(cluster: Kubernetes) -> None:
    """And does nothing else."""
    cluster.put(hpa("missing"))
    cluster.settle()
    (told,) = cluster.get(resources.HPAS, "missing")["status"]["conditions"]
    assert (told["type"], told["status"], told["reason"]) == ("AbleToScale", "False", "FailedGetScale")


def test_an_hpa_scales_a_stateful_set_too(cluster: Kubernetes) -> None:
    """By the kind its target names."""
    scaler = deepcopy(hpa("store", least=3))
    scaler["spec"]["scaleTargetRef"]["kind"] = "StatefulSet"
    cluster.put(stateful_set(replicas=1), scaler)
    cluster.settle()
    assert cluster.get(resources.STATEFUL_SETS, "store")["spec"]["replicas"] == 3


def test_argo_cd_brings_back_what_was_deleted(cluster: Kubernetes) -> None:
    """Self-heal knows no pause."""
    cluster.application("assistants", deployment(replicas=1))
    cluster.settle()
    cluster.remove(resources.DEPLOYMENTS, "agent")
    cluster.settle()
    assert cluster.get(resources.DEPLOYMENTS, "agent")["status"]["readyReplicas"] == 1


def test_without_controllers_nothing_happens_by_itself() -> None:
    """For a test that wants an API and no more."""
    with Kubernetes(controllers=False) as still:
        still.put(deployment())
        still.settle()
        assert still.pods() == []
