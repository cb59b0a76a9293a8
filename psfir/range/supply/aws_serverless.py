"""Functions and what sets them off, and what they read: Lambda's, EventBridge's, SQS's and SSM's part of a supply."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from psfir.domain.canon import Json
from psfir.range.aws.moto import ACCOUNT
from psfir.range.supply.aws_roles import RUNS_AS, allowed
from psfir.range.supply.aws_thing import Place, Thing, last, texts, wanted
from psfir.range.supply.unlike import unlike
from psfir.range.supply.uses import Use

_FED, _FEEDS = "psfir-range-fed", "psfir-range-feeds"
"""The function and the queue of mappings that are made, of which no runbook tells more than their ids."""
_ACTIONS = {"send": "sqs:sendmessage", "receive": "sqs:receivemessage"}


def _function(place: Place, uses: Sequence[Use]) -> None:
    """With nothing reserved for it, so that any number is a change."""
    place.account.function(last(uses[0].text("function")), allowed(place, RUNS_AS))


def _reserved(place: Place, use: Use) -> bool:
    found = place.account.get("lambda", "GetFunctionConcurrency", FunctionName=last(use.text("function")))
    return bool(found.get("ReservedConcurrentExecutions") == use.set.get("reserved", 0))


def _mapping(place: Place, uses: Sequence[Use]) -> None:
    do, source = place.account.do, f"arn:aws:sqs:{place.region}:{ACCOUNT}:{_FEEDS}"
    do("sqs", "CreateQueue", QueueName=_FEEDS)
    if not place.has("lambda", "GetFunctionConcurrency", FunctionName=_FED):
        place.account.function(_FED, allowed(place, RUNS_AS))
    place.name(uses[0].text("mapping"))
    on = unlike(wanted(uses, "enabled", default=False)) is not False
    do("lambda", "CreateEventSourceMapping", FunctionName=_FED, EventSourceArn=source, Enabled=on)


def _is_fed(place: Place, use: Use) -> bool:
    found = place.account.get("lambda", "GetEventSourceMapping", UUID=use.text("mapping"))
    return (found.get("State") in {"Enabled", "Enabling"}) is (use.set.get("enabled", False) is True)


def _rule_of(use: Use) -> dict[str, Json]:
    bus, _, name = use.text("rule").rpartition("/")
    return {"Name": name, "EventBusName": bus} if bus else {"Name": name}


def _rule(place: Place, uses: Sequence[Use]) -> None:
    named = _rule_of(uses[0])
    if bus := named.get("EventBusName"):
        if not place.has("events", "DescribeEventBus", Name=bus):
            place.account.do("events", "CreateEventBus", Name=bus)
        fires: dict[str, Json] = {"EventPattern": json.dumps({"source": ["psfir.range"]})}
    else:
        fires = {"ScheduleExpression": "rate(1 day)"}
    state = "DISABLED" if unlike(wanted(uses, "enabled", default=False)) is False else "ENABLED"
    place.account.do("events", "PutRule", **named, **fires, State=state)


def _fires(place: Place, use: Use) -> bool:
    found = place.account.get("events", "DescribeRule", **_rule_of(use))
    return (found.get("State") == "ENABLED") is (use.set.get("enabled", False) is True)


def _parameter(place: Place, uses: Sequence[Use]) -> None:
    value = str(unlike(wanted(uses, "value", default="")))
    place.account.do("ssm", "PutParameter", Name=uses[0].text("parameter"), Value=value, Type="String")


def _says(place: Place, use: Use) -> bool:
    found = place.account.get("ssm", "GetParameter", Name=use.text("parameter"))
    return bool(found.get("Parameter", {}).get("Value") == use.set.get("value"))


def _queue(place: Place, uses: Sequence[Use]) -> None:
    place.account.do("sqs", "CreateQueue", QueueName=uses[0].text("queue"))


def _denied(place: Place, use: Use) -> bool:
    """By whatever statement, for everybody."""
    url = place.account.get("sqs", "GetQueueUrl", QueueName=use.text("queue"))["QueueUrl"]
    asked: list[Json] = ["Policy"]
    said = place.account.get("sqs", "GetQueueAttributes", QueueUrl=url, AttributeNames=asked)
    policy = json.loads(said.get("Attributes", {}).get("Policy") or "{}")
    denied = {action for one in policy.get("Statement", ()) for action in _denies(one)}
    return {_ACTIONS.get(one, one) for one in texts(use.set.get("deny"))} <= denied


def _denies(statement: Mapping[str, Json]) -> list[str]:
    everybody = statement.get("Principal") in ("*", {"AWS": "*"})
    if statement.get("Effect") != "Deny" or not everybody or statement.get("Condition"):
        return []
    return [one.lower() for one in texts(statement.get("Action"))]


THINGS = {
    "aws.lambda_concurrency": Thing(
        "function",
        lambda use: last(use.text("function")),
        lambda place, use: place.has("lambda", "GetFunctionConcurrency", FunctionName=last(use.text("function"))),
        _function,
        _reserved,
    ),
    "aws.lambda_event_source": Thing(
        "event source mapping",
        lambda use: use.text("mapping"),
        lambda place, use: place.has("lambda", "GetEventSourceMapping", UUID=use.text("mapping")),
        _mapping,
        _is_fed,
    ),
    "aws.eventbridge_rule": Thing(
        "rule",
        lambda use: use.text("rule"),
        lambda place, use: place.has("events", "DescribeRule", **_rule_of(use)),
        _rule,
        _fires,
    ),
    "aws.ssm_parameter": Thing(
        "parameter",
        lambda use: use.text("parameter"),
        lambda place, use: place.has("ssm", "GetParameter", Name=use.text("parameter")),
        _parameter,
        _says,
    ),
    "aws.sqs_policy": Thing(
        "queue",
        lambda use: use.text("queue"),
        lambda place, use: place.has("sqs", "GetQueueUrl", QueueName=use.text("queue")),
        _queue,
        _denied,
    ),
}
