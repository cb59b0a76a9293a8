"""What is derived from `about`: the least that each credential needs, in each vendor's own words."""

from collections.abc import Mapping

import pytest

from psfir.app.rights_iam import policy
from psfir.app.rights_kubernetes import roles
from psfir.app.rights_launchdarkly import custom_role
from psfir.app.rights_unleash import project_roles
from psfir.domain.about import Permission, Phase
from psfir.domain.canon import Json
from psfir.domain.needs import Need, Use, needs
from psfir.errors import UsageError
from psfir.levers.aws.appconfig import AppConfig
from psfir.levers.aws.bedrock_guardrail import BedrockGuardrail
from psfir.levers.aws.ecs_service import EcsService
from psfir.levers.aws.eventbridge_rule import EventBridgeRule
from psfir.levers.kubernetes.replicas import Replicas
from psfir.levers.kubernetes.route import Route
from psfir.levers.launchdarkly.flag import Flag
from psfir.levers.unleash.flag import Flag as UnleashFlag
from psfir.probes.kubernetes.pods import PodsProbe

HERE: dict[str, Json] = {"connection": "prod", "namespace": "assistants"}


def on(action: str, resource: str, **target: Json) -> tuple[Permission, Mapping[str, Json]]:
    return Permission("kubernetes", action, resource), {**HERE, **target}


def rules(*wanted: tuple[Permission, Mapping[str, Json]]) -> list[dict[str, Json]]:
    role, binding = (made.body for made in roles(wanted))
    assert (role["kind"], role["metadata"]) == ("Role", {"name": "psfir", "namespace": "assistants"})
    assert (binding["kind"], binding["metadata"]) == ("RoleBinding", role["metadata"])
    found: list[dict[str, Json]] = role["rules"]
    return found


def test_only_the_kind_that_the_target_names() -> None:
    """Of a lever that works on Services, Ingresses and HTTPRoutes; and to look whether the fallback is there."""
    found = {
        need.resource for need in needs(Use(Route.about, {**HERE, "ingress": "support"}, "off", {"service": "static"}))
    }
    assert found == {"networking.k8s.io/ingresses/support", "services/static", "argoproj.io/applications"}


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
    found = [(made.body["kind"], made.body["metadata"].get("namespace")) for made in roles(wanted)[::2]]
    assert found == [("ClusterRole", None), ("Role", "assistants"), ("Role", "edge")]
    assert roles([]) == []


ROLE = "arn:aws:iam::*:role/support-agent"
FUNCTION = "arn:aws:lambda:*:*:function:agent"


def test_a_policy_is_bound_to_region_and_account() -> None:
    """As far as the connection names them; IAM itself has no region."""
    wanted = [("iam:GetRole", ROLE, ""), ("lambda:GetFunctionConcurrency", FUNCTION, "")]
    found = policy(wanted, {"region": "eu-west-1", "account": "123456789012"}).body
    assert found["Version"] == "2012-10-17"
    assert [statement["Resource"] for statement in found["Statement"]] == [
        ["arn:aws:iam::123456789012:role/support-agent"],
        ["arn:aws:lambda:eu-west-1:123456789012:function:agent"],
    ]
    assert policy(wanted, {}).body["Statement"][1]["Resource"] == [FUNCTION]


@pytest.mark.parametrize(
    ("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("us-east-1", "aws")]
)
def test_a_policy_is_of_its_partition(region: str, partition: str) -> None:
    """Elsewhere every ARN begins otherwise."""
    (statement,) = policy([("iam:GetRole", ROLE, "")], {"region": region}).body["Statement"]
    assert statement["Resource"] == [f"arn:{partition}:iam::*:role/support-agent"]


def test_statements_share_what_they_can() -> None:
    """The actions on one resource, and resources with the same actions; what has no resource keeps its star."""
    other = ROLE.replace("support-agent", "other")
    pairs = [("iam:Get", ROLE), ("iam:Put", ROLE), ("iam:Put", other), ("iam:Get", other), ("a:List", "*")]
    wanted = [(*pair, "") for pair in pairs]
    assert policy([*wanted, *wanted], {}).body["Statement"] == [
        {"Effect": "Allow", "Action": ["a:List"], "Resource": ["*"]},
        {"Effect": "Allow", "Action": ["iam:Get", "iam:Put"], "Resource": [other, ROLE]},
    ]


def test_a_whole_arn_in_a_target_gives_its_name() -> None:
    """Else it would stand inside another ARN."""
    cluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/assistants"
    found = {need.resource for need in needs(Use(EcsService.about, {"cluster": cluster, "service": "agent"}, "off"))}
    assert found == {"arn:aws:ecs:*:*:service/assistants/agent", "*"}


def test_what_a_target_leaves_out_is_its_default() -> None:
    """Else a right on one deployment strategy would be one on all of them."""
    place: dict[str, Json] = {"application": "app1", "environment": "env1", "profile": "prof1"}
    found = {need.resource for need in needs(Use(AppConfig.about, place, "off", {"version": "2"}))}
    assert "arn:aws:appconfig:*:*:deploymentstrategy/AppConfig.AllAtOnce" in found
    own = {need.resource for need in needs(Use(AppConfig.about, {**place, "strategy": "mine"}, "off"))}
    assert "arn:aws:appconfig:*:*:deploymentstrategy/mine" in own


def test_a_right_of_another_kind_of_target_is_not_needed() -> None:
    """What it takes to enforce a guardrail is not asked of who sets a parameter, and the other way round."""
    rail: dict[str, Json] = {"guardrail": "rail1"}
    use = Use(BedrockGuardrail.about, {**rail, "enforced": "account"}, "x")
    enforced = {need.permission.action for need in needs(use)}
    assert enforced == {
        "bedrock:GetGuardrail",
        *("bedrock:ListEnforcedGuardrailsConfiguration", "bedrock:PutEnforcedGuardrailConfiguration"),
        *("bedrock:DeleteEnforcedGuardrailConfiguration", "iam:SimulatePrincipalPolicy"),
    }
    told = {need.permission.action for need in needs(Use(BedrockGuardrail.about, {**rail, "parameter": "/a"}, "x"))}
    assert told == {"bedrock:GetGuardrail", "ssm:GetParameter", "ssm:PutParameter", "iam:SimulatePrincipalPolicy"}
    kill = {need.permission.action for need in needs(use, Phase.KILL)}
    assert "bedrock:DeleteEnforcedGuardrailConfiguration" not in kill


def test_a_custom_role_has_the_actions_on_each_flag() -> None:
    """As the API takes it. What goes by an SDK key no role can give."""
    flag = "proj/a:env/production:flag/agent"
    pairs = [("updateOn", flag), ("viewProject", "proj/a"), ("updateFallthrough", flag), ("SDK key", "flags")]
    made = custom_role((*pair, "") for pair in pairs)
    assert made is not None
    assert (made.body["key"], made.body["basePermissions"]) == ("psfir", "no_access")
    assert made.body["policy"] == [
        {"effect": "allow", "resources": [flag], "actions": ["updateFallthrough", "updateOn"]},
        {"effect": "allow", "resources": ["proj/a"], "actions": ["viewProject"]},
    ]
    assert custom_role([("SDK key", "flags", "")]) is None


def test_a_project_role_has_its_permissions_by_environment() -> None:
    """As Unleash's API takes it, one for each project. What goes by a token of its own no role can give."""
    wanted = [
        ("UPDATE_FEATURE_ENVIRONMENT", "project/shop:environment/production"),
        ("SKIP_CHANGE_REQUEST", "project/shop:environment/production"),
        ("UPDATE_FEATURE_ENVIRONMENT", "project/desk:environment/production"),
        ("client token or frontend token", "production"),
    ]
    both = project_roles((*pair, "") for pair in [*wanted, *wanted])
    desk, shop = (made.body for made in both)
    assert (desk["name"], shop["name"], shop["type"]) == ("psfir desk", "psfir shop", "custom")
    assert shop["permissions"] == [
        {"name": "SKIP_CHANGE_REQUEST", "environment": "production"},
        {"name": "UPDATE_FEATURE_ENVIRONMENT", "environment": "production"},
    ]


def test_a_field_that_must_be_there_and_is_not_means_any() -> None:
    """A rung that the loader would not take is no reason to grant less than it says."""
    need = Need(Permission("aws", "iam:GetRole", "arn:aws:iam::*:role/{role}"), {}, "aws.iam_deny", "off")
    assert need.resource == "arn:aws:iam::*:role/*"
    assert {one.by for one in needs(Use(Replicas.about, {**HERE, "deployment": "a"}, "off"))} == {"kubernetes.replicas"}


def only(
    action: str, reason: str, resource: str = "apps/deployments/{deployment}"
) -> tuple[Permission, dict[str, Json]]:
    return Permission("kubernetes", action, resource, only=reason), {**HERE, "deployment": "agent"}


def test_what_is_not_always_needed_stands_apart_with_its_reason() -> None:
    """What one use always needs is not marked for another's sake; what two may need has both reasons."""
    each = [only("get", ""), only("get", "at night"), only("patch", "at night"), only("patch", "by day")]
    role, _ = roles(each)
    assert [rule["verbs"] for rule in role.body["rules"]] == [["get"], ["patch"]]
    assert role.only == ("", "at night, or by day")


def test_what_all_may_is_not_marked_again_for_one() -> None:
    """A get of every Deployment that is always needed makes one of a single Deployment needless."""
    role, _ = roles([only("get", "", "apps/deployments"), only("get", "at night")])
    assert role.only == ("",)
    role, _ = roles([only("get", "at night", "apps/deployments"), only("get", "")])
    assert role.only == ("", "at night")


def test_roles_are_bound_to_whoever_is_said() -> None:
    """To a group of the role's own name if nobody is, which nobody is in by accident."""
    wanted = [on("get", "pods")]
    _, binding = roles(wanted, "psfir-kill")
    assert binding.body["subjects"] == [
        {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "psfir-kill"}
    ]
    _, binding = roles(wanted, "psfir-kill", "serviceaccount:ops:responder")
    assert binding.body["subjects"] == [{"kind": "ServiceAccount", "namespace": "ops", "name": "responder"}]
    assert binding.body["roleRef"]["name"] == "psfir-kill"
    for bad in ("ops:responder", "serviceaccount:ops", "user:", "robot:x"):
        with pytest.raises(UsageError, match="names nobody"):
            roles(wanted, to=bad)


def test_the_sid_of_a_statement_says_when_it_is_needed() -> None:
    """In letters and digits, and no two are the same: a policy has no place for a comment."""
    wanted = [("a:Get", ROLE, ""), ("a:Put", ROLE, "where psfir's was"), ("a:Del", "*", "where psfir's was")]
    made = policy(wanted, {})
    assert [one.get("Sid") for one in made.body["Statement"]] == [
        None,
        "OnlyWherePsfirsWas2",
        "OnlyWherePsfirsWas3",
    ]
    assert made.only == ("", "where psfir's was", "where psfir's was")


def test_a_custom_role_describes_when_its_lines_are_needed() -> None:
    """Its statements have no place for it."""
    flag = "proj/a:env/production:flag/agent"
    made = custom_role([("updateOn", flag, ""), ("updateRules", flag, "where it has rules")], "psfir-kill")
    assert made is not None
    assert made.body["description"].endswith("updateRules only where it has rules.")
    assert made.only == ("", "where it has rules")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"on": False}, {"updateOn"}),
        ({"on": False, "variation": "off"}, {"updateOn", "updateOffVariation"}),
        ({"variation": "small"}, {"updateFallthrough", "updateRules", "updateTargets"}),
        ({"on": True, "variation": "small"}, {"updateOn", "updateFallthrough", "updateRules", "updateTargets"}),
    ],
)
def test_a_flag_needs_what_its_settings_move(settings: dict[str, Json], expected: set[str]) -> None:
    """Whoever only switches it off may not choose what it serves."""
    found = {one.permission.action for one in needs(Use(Flag.about, {}, "off", settings), Phase.KILL)}
    assert found == expected | {"viewProject"}
    assert {one.permission.action for one in needs(Use(Flag.about, {}, "off", settings), Phase.READ)} == {"viewProject"}


@pytest.mark.parametrize(
    ("phase", "settings", "expected"),
    [
        (Phase.KILL, {}, "events:DisableRule"),
        (Phase.RESTORE, {"enabled": False}, "events:EnableRule"),
        (Phase.KILL, {"enabled": True}, "events:EnableRule"),
        (Phase.RESTORE, {"enabled": True}, "events:DisableRule"),
    ],
)
def test_a_rule_is_turned_one_way_in_a_phase(phase: Phase, settings: dict[str, Json], expected: str) -> None:
    """Who may stop a schedule cannot start it again, since AWS has an action for each."""
    use = Use(EventBridgeRule.about, {"rule": "nightly"}, "off", settings)
    assert {one.permission.action for one in needs(use, phase)} == {"events:DescribeRule", expected}


def test_who_may_not_write_is_given_no_role_of_unleash() -> None:
    """To look takes none of its permissions; a role for the kill says by its name what it is for."""
    target: dict[str, Json] = {"project": "shop", "environment": "production", "flag": "agent"}
    use = Use(UnleashFlag.about, target, "off", {"on": False})
    assert not list(needs(use, Phase.READ))
    wanted = [(need.permission.action, need.resource, "") for need in needs(use, Phase.KILL)]
    (made,) = project_roles(wanted, "psfir-kill")
    assert made.body["name"] == "psfir-kill shop"
    assert len(made.only) == len(made.body[made.lines])


def test_a_restore_takes_no_probes_and_no_evidence() -> None:
    """It reads, puts back and reads again."""
    probe = Use(PodsProbe.about, {**HERE, "deployment": "a"}, "off")
    assert list(needs(probe, Phase.KILL))
    assert not list(needs(probe, Phase.RESTORE))
