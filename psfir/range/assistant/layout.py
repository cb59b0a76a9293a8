"""What one system consists of at each vendor, as the reference runbooks say that it is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from psfir.domain.canon import Json
from psfir.range.assistant.names import AI_CONFIG, DIGEST, ENVIRONMENT, INGRESS, LARGE, SMALL, STATIC, Names
from psfir.range.assistant.tools import Tools
from psfir.range.assistant.words import TENANTS, order_of, shipped
from psfir.range.aws.server import AwsRange
from psfir.range.kubernetes import layouts
from psfir.range.kubernetes.resources import Obj
from psfir.range.launchdarkly import triggers
from psfir.range.launchdarkly.estate import Estate
from psfir.vendors.aws import AwsClient

REPLICAS, RUN_PODS = 3, 2
PROGRAMS = REPLICAS + RUN_PODS + 1
"""Of one system as it comes up, with the one in the digest's pod."""
_FIRST = 20.0
_FLAGS: Mapping[str, tuple[Json, ...]] = {
    "": (True, False),
    "answers": ("live", "prepared"),
    "tools": ("all", "read-only", "none"),
    "digest": (True, False),
}


def sdk_key(names: Names) -> str:
    """The same after a reset, so that whoever was told it goes on."""
    return f"sdk-range-{names.space}"


def flags(names: Names, estate: Estate) -> str:
    """The path of the trigger that switches its assistant off."""
    estate.add_project(names.space)
    estate.add_environment(names.space, ENVIRONMENT, sdk_key=sdk_key(names))
    made = {about: estate.add_flag(names.space, names.flag(about), values) for about, values in _FLAGS.items()}
    estate.add_ai_config(names.space, AI_CONFIG, (LARGE, SMALL))
    return triggers.add(estate, made[""], ENVIRONMENT, key=names.system)


def objects(names: Names) -> list[Obj]:
    space = names.space
    agent = layouts.deployment(names.agent, namespace=space, replicas=REPLICAS)
    # Its ReplicaSet selects by `app` alone, the Service by `serving` as well.
    agent["spec"]["template"]["metadata"]["labels"]["serving"] = "yes"
    settings = {"MODEL": "", "TOOLS": ""}
    digest = layouts.cron_job(DIGEST, namespace=space, schedule="0 3 * * *")
    digest["spec"]["jobTemplate"]["spec"]["template"]["metadata"] = {"labels": {"app": DIGEST}}
    return [
        layouts.namespace(space),
        layouts.config_map(names.agent, namespace=space, data=settings),
        layouts.config_map(names.runs, namespace=space, data=settings),
        agent,
        layouts.deployment(names.runs, namespace=space, replicas=RUN_PODS),
        layouts.service(names.agent, namespace=space, selector={"app": names.agent, "serving": "yes"}),
        layouts.service(STATIC, namespace=space),
        layouts.ingress(INGRESS, namespace=space, backend=names.agent),
        digest,
    ]


def account(names: Names, aws: AwsRange) -> None:
    """Three roles, so that each can be refused alone; the tools' function; the store with what customers ordered."""
    arns = {role: aws.account.role(role) for role in (names.agent, names.runs, names.tools)}
    for role in arns:
        aws.account.allow(role)
    aws.account.function(names.tools, arns[names.tools])
    aws.functions.code[names.tools] = Tools(names)
    orders = [order_of(tenant) for tenant in range(TENANTS)]
    items = [{"order": {"S": order}, "says": {"S": shipped(order)}} for order in orders]
    aws.items.table(names.table, ("order",), items)


def warm(names: Names, client: Callable[[str], AwsClient]) -> None:
    """Ask each service once as each role. A first call loads the service's model, for longer than a customer waits."""
    key: Json = {"order": {"S": order_of(0)}}
    ping: Json = [{"role": "user", "content": [{"text": '{"ping": true}'}]}]
    told: Json = [{"text": names.system}]
    for role in (names.agent, names.runs):
        aws = client(role)
        aws.read("dynamodb", "GetItem", {"TableName": names.table, "Key": key}, within=_FIRST)
        aws.read("bedrock-runtime", "Converse", {"modelId": LARGE, "system": told, "messages": ping}, within=_FIRST)
        aws.read("lambda", "Invoke", {"FunctionName": names.tools, "InvocationType": "DryRun"}, within=_FIRST)
