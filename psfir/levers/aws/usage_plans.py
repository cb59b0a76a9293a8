"""What API Gateway keeps beside a stage's own limits: usage plans, each for callers with its keys, and other APIs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from psfir.contracts import Target
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.errors import NoSuchTarget, PsfirError, Refusal
from psfir.levers.aws.method_limits import PLAN, Stage, limits_of
from psfir.vendors.aws import AwsClient, Deadline

_PAGES = 20


def plan(aws: AwsClient, name: str, deadline: Deadline) -> Stage:
    """Its limits. Refusal where it has some for single methods: they count first, and there is no telling how."""
    said = aws.read("apigateway", "GetUsagePlan", {"usagePlanId": name}, within=deadline.left)
    own = [f"{method} of {_stage(one)}" for one in said.get("apiStages") or [] for method in one.get("throttle") or {}]
    if own:
        what = (
            f"the usage plan {name} has limits of its own for {', '.join(sorted(own))}, which count before the plan's"
        )
        raise Refusal(what, where=aws.where, todo="take those away, or limit the stage")
    return Stage({PLAN: limits_of(said.get("throttle") or None, "rateLimit", "burstLimit")}, {})


def beside(aws: AwsClient, target: Target, deadline: Deadline) -> Iterator[Finding]:
    """The usage plans that have limits of their own for a stage; the kill goes without this look."""
    where = f"{target['api']}:{target['stage']}"
    try:
        plans = list(_plans(aws, deadline))
    except PsfirError as error:
        says = f"whether a usage plan has limits of its own for this stage cannot be told: {error.what}"
        yield Finding(Matter.TARGET, Ready.COULD_NOT_TELL, says, error.todo)
        return
    for one in plans:
        for each in one.get("apiStages") or []:
            if _stage(each) == where and (one.get("throttle") or each.get("throttle")):
                says = (
                    f"the usage plan {one.get('name')} has limits of its own for this stage, for callers with its keys"
                )
                todo = f"let a probe look with such a key, or pull plan: {one.get('id')} as well"
                yield Finding(Matter.TARGET, Ready.BEWARE, says, todo)


def another_kind(aws: AwsClient, target: Target, deadline: Deadline) -> Iterator[Finding]:
    """Where there is no such REST API: whether there is an HTTP or a WebSocket API of that ID."""
    try:
        said = aws.read("apigatewayv2", "GetApi", {"ApiId": target["api"]}, within=deadline.left)
    except NoSuchTarget:
        return
    except PsfirError as error:
        says = f"whether it is an HTTP or WebSocket API cannot be told: {error.what}"
        yield Finding(Matter.TARGET, Ready.COULD_NOT_TELL, says, error.todo)
        return
    kind = {"HTTP": "an HTTP API", "WEBSOCKET": "a WebSocket API"}.get(str(said.get("ProtocolType")), "another API")
    says = f"{target['api']} is {kind}, and this lever limits stages of REST APIs alone"
    todo = "pull what stands behind it, such as aws.lambda_concurrency or aws.iam_deny"
    yield Finding(Matter.TARGET, Ready.WOULD_FAIL, says, todo)


def _plans(aws: AwsClient, deadline: Deadline) -> Iterator[Mapping[str, Any]]:
    params: dict[str, Any] = {"limit": 500}
    for _ in range(_PAGES):
        said = aws.read("apigateway", "GetUsagePlans", params, within=deadline.left)
        yield from said.get("items") or []
        if not said.get("position"):
            return
        params["position"] = said["position"]


def _stage(said: Mapping[str, Any]) -> str:
    return f"{said.get('apiId')}:{said.get('stage')}"
