"""What is derived from `about`: the least that each credential needs, in each vendor's own words."""

from collections.abc import Mapping

import pytest

from psfir.app.rights_iam import policy
from psfir.app.rights_kubernetes import roles
from psfir.app.rights_launchdarkly import custom_role
from psfir.app.rights_unleash import project_roles
from psfir.domain.about import Permission
from psfir.domain.canon import Json
from psfir.domain.needs import Need, needs
from psfir.levers.aws.ecs_service import EcsService
from psfir.levers.kubernetes.replicas import Replicas
from psfir.levers.kubernetes.route import Route

HERE: dict[str, Json] = {"connection": "prod", "namespace": "assistants"}


def on(action: str, resource: str, **target: Json) -> tuple[Permission, Mapping[str, Json]]:
    return Permission("kubernetes", action, resource), {**HERE, **target}


def rules(*wanted: tuple[Permission, Mapping[str, Json]]) -> list[dict[str, Json]]:
    (role,) = roles(wanted)
    assert (role["kind"], role["metadata"]) == ("Role", {"name": "psfir", "namespace": "assistants"})
    found: list[dict[str, Json]] = role["rules"]
    return found


def test_only_the_kind_that_the_target_names() -> None:
    """Of a lever that works on Services, Ingresses and HTTPRoutes; and to look whether the fallback is there."""
    found = {need.resource for need in needs(Route.about, {**HERE, "ingress": "support"}, "off")}
    assert found == {"networking.k8s.io/ingresses/support", "services", "argoproj.io/applications"}


def test_a_name_is_said_where_the_server_heeds_it() -> None:
    """A list is of all of them, and one that is to be made has no name yet."""
    each = [
        on(verb, "apps/deployments/{deployment}", deployment="agent") for verb in ("get", "patch", "list", "create")
    ]
    assert rules(*each) == [
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["create", "list"]},
        {"apiGroups": ["apps"], "resources": ["deployments"], "resourceNames": ["agent"], "verbs": ["get", "patch"]},
    ]


def test_groups_and_subresources_are_told_apart() -> None:
    """`apps/deployments` is a resource of a group, `pods/log` a subresource of a resource."""
    found = rules(on("get", "pods/log"), on("patch", "apps/deployments/scale"), on("list", "keda.sh/scaledobjects"))
    assert [(rule["apiGroups"], rule["resources"]) for rule in found] == [
        ([""], ["pods/log"]),
        (["apps"], ["deployments/scale"]),
        (["keda.sh"], ["scaledobjects"]),
    ]


def test_what_holds_for_all_is_not_said_again_for_one() -> None:
    """And several names, or several resources, of which the same holds share a rule."""
    found = rules(
        on("get", "pods"),
        on("get", "pods/{pod}", pod="a"),
        on("get", "services/{service}", service="one"),
        on("get", "services/{service}", service="two"),
        on("get", "configmaps"),
    )
    assert found == [
        {"apiGroups": [""], "resources": ["configmaps", "pods"], "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["services"], "resourceNames": ["one", "two"], "verbs": ["get"]},
    ]


def test_each_namespace_has_a_role_of_its_own() -> None:
    """And what lives in a namespace that no target names has a ClusterRole."""
    wanted = [on("get", "pods"), on("get", "pods", namespace="edge"), on("list", "argoproj.io/applications")]
    found = [(role["kind"], role["metadata"].get("namespace")) for role in roles(wanted)]
    assert found == [("ClusterRole", None), ("Role", "assistants"), ("Role", "edge")]
    assert roles([]) == []


ROLE = "arn:aws:iam::*:role/support-agent"
FUNCTION = "arn:aws:lambda:*:*:function:agent"


def test_a_policy_is_bound_to_region_and_account() -> None:
    """As far as the connection names them; IAM itself has no region."""
    wanted = [("iam:GetRole", ROLE), ("lambda:GetFunctionConcurrency", FUNCTION)]
    found = policy(wanted, {"region": "eu-west-1", "account": "123456789012"})
    assert found["Version"] == "2012-10-17"
    assert [statement["Resource"] for statement in found["Statement"]] == [
        ["arn:aws:iam::123456789012:role/support-agent"],
        ["arn:aws:lambda:eu-west-1:123456789012:function:agent"],
    ]
    assert policy(wanted, {})["Statement"][1]["Resource"] == [FUNCTION]


@pytest.mark.parametrize(
    ("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("us-east-1", "aws")]
)
def test_a_policy_is_of_its_partition(region: str, partition: str) -> None:
    """Elsewhere every ARN begins otherwise."""
    (statement,) = policy([("iam:GetRole", ROLE)], {"region": region})["Statement"]
    assert statement["Resource"] == [f"arn:{partition}:iam::*:role/support-agent"]


def test_statements_share_what_they_can() -> None:
    """The actions on one resource, and resources with the same actions; what has no resource keeps its star."""
    other = ROLE.replace("support-agent", "other")
    wanted = [("iam:Get", ROLE), ("iam:Put", ROLE), ("iam:Put", other), ("iam:Get", other), ("a:List", "*")]
    assert policy([*wanted, *wanted], {})["Statement"] == [
        {"Effect": "Allow", "Action": ["a:List"], "Resource": ["*"]},
        {"Effect": "Allow", "Action": ["iam:Get", "iam:Put"], "Resource": [other, ROLE]},
    ]


def test_a_whole_arn_in_a_target_gives_its_name() -> None:
    """Else it would stand inside another ARN."""
    cluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/assistants"
    found = {need.resource for need in needs(EcsService.about, {"cluster": cluster, "service": "agent"}, "off")}
    assert found == {"arn:aws:ecs:*:*:service/assistants/agent", "*"}


def test_a_custom_role_has_the_actions_on_each_flag() -> None:
    """As the API takes it. What goes by an SDK key no role can give."""
    flag = "proj/a:env/production:flag/agent"
    made = custom_role([("updateOn", flag), ("viewProject", "proj/a"), ("updateRules", flag), ("SDK key", "flags")])
    assert made is not None
    assert made["key"] == "psfir"
    assert made["policy"] == [
        {"effect": "allow", "resources": [flag], "actions": ["updateOn", "updateRules"]},
        {"effect": "allow", "resources": ["proj/a"], "actions": ["viewProject"]},
    ]
    assert custom_role([("SDK key", "flags")]) is None


def test_a_project_role_has_its_permissions_by_environment() -> None:
    """As Unleash's API takes it, one for each project. What goes by a token of its own no role can give."""
    wanted = [
        ("UPDATE_FEATURE_ENVIRONMENT", "project/shop:environment/production"),
        ("SKIP_CHANGE_REQUEST", "project/shop:environment/production"),
        ("UPDATE_FEATURE_ENVIRONMENT", "project/desk:environment/production"),
        ("client token or frontend token", "production"),
    ]
    desk, shop = project_roles([*wanted, *wanted])
    assert (desk["name"], shop["name"], shop["type"]) == ("psfir desk", "psfir shop", "custom")
    assert shop["permissions"] == [
        {"name": "SKIP_CHANGE_REQUEST", "environment": "production"},
        {"name": "UPDATE_FEATURE_ENVIRONMENT", "environment": "production"},
    ]


def test_a_field_that_must_be_there_and_is_not_means_any() -> None:
    """A rung that the loader would not take is no reason to grant less than it says."""
    need = Need(Permission("aws", "iam:GetRole", "arn:aws:iam::*:role/{role}"), {}, "aws.iam_deny", "off")
    assert need.resource == "arn:aws:iam::*:role/*"
    assert {one.by for one in needs(Replicas.about, {**HERE, "deployment": "a"}, "off")} == {"kubernetes.replicas"}
