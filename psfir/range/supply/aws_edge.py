"""What stands before a system on AWS: rules of load balancers and of web ACLs, and the stages of REST APIs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psfir.domain.canon import Json
from psfir.errors import UsageError
from psfir.range.supply.aws_thing import Place, Thing, last, wanted
from psfir.range.supply.uses import Use

_OWN = "psfir-"
"""How the rules of a web ACL begin that the lever makes itself."""
_ALL = "*/*"
_SUBNETS = 2
_SEEN: Json = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "range"}
_FIRST = 10
"""The priority of the first rule of a web ACL: one of psfir's own goes before it."""
_WORDS = {"block": "Block", "count": "Count", "allow": "Allow", "captcha": "Captcha", "challenge": "Challenge"}


# --- load balancers ---


def _arn(use: Use) -> str:
    return use.text("rule") or use.text("listener")


def _found(place: Place, use: Use) -> list[dict[str, Any]]:
    """The actions of the rule, or of its listener."""
    kind, arns = ("Rules", "RuleArns") if use.text("rule") else ("Listeners", "ListenerArns")
    listed: list[Json] = [_arn(use)]
    (one,) = place.account.get("elbv2", f"Describe{kind}", **{arns: listed})[kind]
    return list(one["Actions" if use.text("rule") else "DefaultActions"])


def _balanced(place: Place, uses: Sequence[Use]) -> None:
    """Whatever the rungs forward to is there as well; before them it all goes to a group of the range's own."""
    head, _, rest = _arn(uses[0]).partition(f":{'listener-rule' if uses[0].text('rule') else 'listener'}/")
    parts = rest.split("/")
    wants = 5 if uses[0].text("rule") else 4  # app/NAME/ID/LISTENER, and the rule
    if not head.startswith("arn:") or len(parts) != wants:
        raise UsageError(f"{_arn(uses[0])} is no ARN of a load balancer's rule or listener")
    _, name, _, listener, *rule = parts
    for arn in {str(arn): None for use in uses for arn in _forwards(use)}:
        _target_group(place, arn)
    # One load balancer has several rules on a listener: whichever is named first makes what they share.
    balancer, forward = f"{head}:loadbalancer/{'/'.join(parts[:3])}", _forward(place, f"live-{name}"[:32])
    place_of = f"{head}:listener/{'/'.join(parts[:4])}"
    if not place.has("elbv2", "DescribeListeners", ListenerArns=[place_of]):
        _listener(place, balancer, listener, forward)
    if rule:
        _rule(place, place_of, rule[0], forward)


def _listener(place: Place, balancer: str, listener: str, forward: Json) -> None:
    do, kind, name = place.account.do, *balancer.split("/")[-3:-1]
    known = place.account.get("elbv2", "DescribeLoadBalancers")["LoadBalancers"]
    if balancer not in {one["LoadBalancerArn"] for one in known}:
        found = place.account.get("ec2", "DescribeSubnets")["Subnets"][:_SUBNETS]
        subnets: list[Json] = [one["SubnetId"] for one in found]
        place.name(balancer)
        do(
            "elbv2",
            "CreateLoadBalancer",
            Name=name,
            Subnets=subnets,
            Type="network" if kind == "net" else "application",
        )
    ports = place.account.get("elbv2", "DescribeListeners", LoadBalancerArn=balancer)["Listeners"]
    place.name(listener)
    more: dict[str, Json] = {"Protocol": "HTTP", "Port": 80 + len(ports), "DefaultActions": forward}
    do("elbv2", "CreateListener", LoadBalancerArn=balancer, **more)


def _rule(place: Place, listener: str, rule: str, forward: Json) -> None:
    rules = place.account.get("elbv2", "DescribeRules", ListenerArn=listener)["Rules"]
    condition: Json = [{"Field": "path-pattern", "Values": [f"/range-{len(rules)}*"]}]
    place.name(rule)
    more: dict[str, Json] = {"Priority": len(rules), "Conditions": condition, "Actions": forward}
    place.account.do("elbv2", "CreateRule", ListenerArn=listener, **more)


def _forward(place: Place, group: str) -> Json:
    return [{"Type": "forward", "TargetGroupArn": _target_group(place, "", group)}]


def _target_group(place: Place, arn: str, name: str = "") -> str:
    """The ARN of one of that ARN, or of that name."""
    name = name or arn.split("/")[1]
    named: dict[str, Json] = {"TargetGroupArns": [arn]} if arn else {"Names": [name]}
    if place.has("elbv2", "DescribeTargetGroups", **named):
        return str(place.account.get("elbv2", "DescribeTargetGroups", **named)["TargetGroups"][0]["TargetGroupArn"])
    vpc = place.account.get("ec2", "DescribeVpcs")["Vpcs"][0]["VpcId"]
    if arn:
        place.name(arn)
    said = place.account.do("elbv2", "CreateTargetGroup", Name=name, Protocol="HTTP", Port=80, VpcId=vpc)
    return str(said["TargetGroups"][0]["TargetGroupArn"])


def _forwards(use: Use) -> Mapping[str, Json]:
    said = use.set.get("forward")
    return said if isinstance(said, Mapping) else {}


def _answers(place: Place, use: Use) -> bool:
    """Its last action is the one that is set: the status of a response, or groups by weight."""
    end, forward = _found(place, use)[-1], _forwards(use)
    if not forward:
        respond = use.set.get("respond")
        status = respond.get("status", 503) if isinstance(respond, Mapping) else 503
        return bool(end.get("FixedResponseConfig", {}).get("StatusCode") == str(status))
    listed = end.get("ForwardConfig", {}).get("TargetGroups") or [{"TargetGroupArn": end.get("TargetGroupArn")}]
    found = {one["TargetGroupArn"] for one in listed if one.get("Weight", 1)}
    return found == {arn for arn, weight in forward.items() if weight}


# --- REST APIs ---


def _stage_of(use: Use) -> dict[str, Json]:
    return {"restApiId": use.text("api"), "stageName": use.text("stage")}


def _is_there(place: Place, use: Use) -> bool:
    if plan := use.text("plan"):
        return place.has("apigateway", "GetUsagePlan", usagePlanId=plan)
    return place.has("apigateway", "GetStage", **_stage_of(use))


def _stage(place: Place, uses: Sequence[Use]) -> None:
    do, api, stage = place.account.do, uses[0].text("api"), uses[0].text("stage")
    if plan := uses[0].text("plan"):
        tags: Json = {"_custom_id_": plan}
        do("apigateway", "CreateUsagePlan", name=f"range-{plan}", tags=tags)
        return
    if not place.has("apigateway", "GetRestApi", restApiId=api):
        tags = {"_custom_id_": api}
        root = do("apigateway", "CreateRestApi", name=f"range-{api}", tags=tags)["rootResourceId"]
        method: dict[str, Json] = {"restApiId": api, "resourceId": root, "httpMethod": "GET"}
        do("apigateway", "PutMethod", **method, authorizationType="NONE")
        do("apigateway", "PutIntegration", **method, type="MOCK")
    do("apigateway", "CreateDeployment", restApiId=api, stageName=stage)


def _limited(place: Place, use: Use) -> bool:
    if plan := use.text("plan"):
        throttle = place.account.get("apigateway", "GetUsagePlan", usagePlanId=plan).get("throttle") or {}
        return bool(throttle.get("rateLimit") == use.set.get("rate", 0))
    settings = place.account.get("apigateway", "GetStage", **_stage_of(use)).get("methodSettings") or {}
    verb, _, path = use.text("method").strip().partition(" ")
    key = f"{path.replace('/', '~1')}/{verb.upper()}" if path else _ALL
    return bool(settings.get(key, {}).get("throttlingRateLimit") == use.set.get("rate", 0))


# --- web ACLs ---


def _acl_of(use: Use) -> dict[str, Json]:
    """All that WAF wants to hear of one, by its ARN: .../regional/webacl/NAME/ID."""
    parts = use.text("acl").split(":", 5)[-1].split("/")
    if len(parts) != 4 or parts[1] != "webacl":  # noqa: PLR2004 - as above
        raise UsageError(f"{use.text('acl')} is no ARN of a web ACL")
    return {"Name": parts[2], "Id": parts[3], "Scope": "CLOUDFRONT" if parts[0] == "global" else "REGIONAL"}


def _rules(place: Place, use: Use) -> dict[str, Mapping[str, Json]]:
    found = place.account.get("wafv2", "GetWebACL", **_acl_of(use))["WebACL"]
    return {str(one["Name"]): one for one in found.get("Rules", [])}


def _acl(place: Place, uses: Sequence[Use]) -> None:
    """A rule of the lever's own it makes itself; one that it is to change is there, and does something else."""
    use, named = uses[0], _acl_of(uses[0])
    more: dict[str, Json] = {"DefaultAction": {"Allow": {}}, "VisibilityConfig": _SEEN}
    if not place.has("wafv2", "GetWebACL", **named):
        place.name(str(named["Id"]))
        # moto takes no rules for the rules that there are, so the last one would never go.
        rules: Json = [_waf_rule("range-live", _FIRST, {"Count": {}})]
        place.account.do("wafv2", "CreateWebACL", Name=named["Name"], Scope=named["Scope"], Rules=rules, **more)
    name = use.text("rule")
    if name.startswith(_OWN):
        return
    found = place.account.get("wafv2", "GetWebACL", **named)
    there = found["WebACL"].get("Rules", [])
    more["Rules"] = [*there, _waf_rule(name, _FIRST + len(there), _does(uses))]
    more["LockToken"] = found["LockToken"]
    place.account.do("wafv2", "UpdateWebACL", **named, **more)


def _waf_rule(name: str, priority: int, action: Json) -> Json:
    match: Json = {"GeoMatchStatement": {"CountryCodes": ["XX"]}}
    said: dict[str, Json] = {"Name": name, "Priority": priority, "Statement": match, "Action": action}
    return {**said, "VisibilityConfig": _SEEN}


def _does(uses: Sequence[Use]) -> Json:
    """What no rung sets; it counts, unless one of them is to make it count."""
    told = wanted(uses, "action", default="block")
    return {next(_WORDS[key] for key in ("count", *_WORDS) if key not in told): {}}


def _in_acl(place: Place, use: Use) -> bool:
    named = _acl_of(use)
    return place.has("wafv2", "GetWebACL", **named) and (
        use.text("rule").startswith(_OWN) or use.text("rule") in _rules(place, use)
    )


def _acts(place: Place, use: Use) -> bool:
    rule = _rules(place, use).get(use.text("rule"), {})
    action = rule.get("Action")
    return isinstance(action, Mapping) and _WORDS.get(str(use.set.get("action", "block"))) in action


THINGS = {
    "aws.alb_rule": Thing(
        "rule or listener",
        lambda use: last(_arn(use)),
        lambda place, use: place.has(
            "elbv2",
            "DescribeRules" if use.text("rule") else "DescribeListeners",
            **{"RuleArns" if use.text("rule") else "ListenerArns": [_arn(use)]},
        ),
        _balanced,
        _answers,
    ),
    "aws.api_gateway_throttle": Thing(
        "stage or usage plan",
        lambda use: use.text("plan") or f"{use.text('stage')} of {use.text('api')}",
        _is_there,
        _stage,
        _limited,
    ),
    "aws.waf_rule": Thing(
        "rule of a web ACL",
        lambda use: f"{use.text('rule')} of {last(use.text('acl'))}",
        _in_acl,
        _acl,
        _acts,
    ),
}
