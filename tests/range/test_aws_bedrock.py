"""Bedrock on the range: botocore reads its answers, and the policies of the role at hand decide who gets one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import perf_counter, sleep
from typing import Any

import pytest

from psfir.domain.change import Change, Result
from psfir.domain.modes import Mode
from psfir.errors import Declined, Denied
from psfir.levers.aws.iam_deny import IamDeny
from psfir.range.aws.server import AwsRange
from psfir.range.front import Front
from psfir.vendors.aws import AwsClient
from tests.levers.aws.moto import connection, moto
from tests.range.aws_range import MODEL, ROLE, aws_range, converse, pod, policy, says_its_name

DENY = {"deny": ["bedrock:InvokeModel*"]}
TARGET = {"connection": "aws-prod", "role": ROLE}


@pytest.fixture
def aws() -> Iterator[AwsRange]:
    with aws_range() as aws:
        aws.account.role(ROLE)
        aws.account.allow(ROLE)
        yield aws


def planned(lever: IamDeny) -> Change:
    change = lever.plan(TARGET, lever.read(TARGET, within=30), Mode.DISABLE, DENY)
    assert isinstance(change, Change)
    return change


def answers(aws: AwsRange) -> bool:
    """Whether a new session gets an answer."""
    try:
        converse(pod(aws))
    except Denied:
        return False
    return True


def test_converse_is_answered_by_the_ranges_model(aws: AwsRange) -> None:
    """In the shape that botocore's model of Bedrock has; an id with a colon is one."""
    assert converse(pod(aws)) == f"{MODEL}: hello"


def test_a_wish_for_a_tool_is_told_as_one(aws: AwsRange) -> None:
    """The reason why the model stopped says it, and what it used is counted."""
    aws.bedrock.models = lambda _model, _asked: {
        "content": [{"toolUse": {"toolUseId": "t-1", "name": "order", "input": {"id": "o-1"}}}]
    }
    asked = {"modelId": MODEL, "messages": [{"role": "user", "content": [{"text": "where is it"}]}]}
    said = pod(aws).read("bedrock-runtime", "Converse", asked, within=30)
    assert said["stopReason"] == "tool_use"
    assert said["output"]["message"]["content"][0]["toolUse"]["input"] == {"id": "o-1"}
    assert said["usage"]["totalTokens"] == said["usage"]["inputTokens"] + said["usage"]["outputTokens"] > 0


def test_invoke_model_speaks_the_models_own_format(aws: AwsRange) -> None:
    """Anthropic's messages in and out; the same policy lets both through."""
    body = json.dumps({"max_tokens": 9, "messages": [{"role": "user", "content": "hello"}]})
    said = pod(aws).read("bedrock-runtime", "InvokeModel", {"modelId": MODEL, "body": body}, within=30)
    answer = json.loads(said["body"].read())
    assert answer["content"] == [{"type": "text", "text": f"{MODEL}: hello"}]
    assert answer["stop_reason"] == "end_turn"


def test_a_tools_turn_in_the_models_own_format_is_converses_too(aws: AwsRange) -> None:
    """One scripted model serves both: it reads what Converse would have asked, and its wish is put back in words."""
    asked = list[Mapping[str, Any]]()

    def wants_a_tool(_model: str, request: Mapping[str, Any]) -> dict[str, Any]:
        asked.append(request)
        return {"content": [{"toolUse": {"toolUseId": "t-2", "name": "refund", "input": {"id": "o-1"}}}]}

    aws.bedrock.models = wants_a_tool
    use = {"type": "tool_use", "id": "t-1", "name": "order", "input": {"id": "o-1"}}
    result = {"type": "tool_result", "tool_use_id": "t-1", "content": "on its way"}
    tool = {"name": "order", "description": "finds it", "input_schema": {"type": "object"}}
    turns = [{"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]
    body = json.dumps({"max_tokens": 9, "system": "be kind", "tools": [tool], "messages": turns})
    said = pod(aws).read("bedrock-runtime", "InvokeModel", {"modelId": MODEL, "body": body}, within=30)
    answer = json.loads(said["body"].read())
    assert (answer["stop_reason"], answer["content"]) == ("tool_use", [{**use, "id": "t-2", "name": "refund"}])
    spec = {"name": "order", "description": "finds it", "inputSchema": {"json": {"type": "object"}}}
    called = {"toolUse": {"toolUseId": "t-1", "name": "order", "input": {"id": "o-1"}}}
    gave = {"toolResult": {"toolUseId": "t-1", "content": [{"text": "on its way"}]}}
    assert asked == [
        {
            "messages": [{"role": "assistant", "content": [called]}, {"role": "user", "content": [gave]}],
            "system": [{"text": "be kind"}],
            "toolConfig": {"tools": [{"toolSpec": spec}]},
            "inferenceConfig": {"maxTokens": 9},
        }
    ]


@pytest.mark.parametrize("body", ["no json", "[]", '{"prompt": "hello"}', '{"messages": [{"role": "user"}]}'])
def test_a_body_of_another_format_is_declined(aws: AwsRange, body: str) -> None:
    """No model is asked half of it."""
    with pytest.raises(Declined, match="Malformed input request"):
        pod(aws).read("bedrock-runtime", "InvokeModel", {"modelId": MODEL, "body": body}, within=30)


def test_the_deny_lever_stops_it_and_restore_lets_it_through(aws: AwsRange) -> None:
    """A session that had begun is stopped at its next call, one that begins is too, and both go on afterwards."""
    lever = IamDeny(connection(aws.url, aws.root))
    running = pod(aws)
    assert converse(running)
    change = planned(lever)
    assert lever.apply(change, within=30).result is Result.CHANGED
    with pytest.raises(Denied, match="explicit deny"):
        converse(running)
    assert not answers(aws)
    assert lever.restore(change, within=30).result is Result.CHANGED
    assert converse(running)
    assert answers(aws)


def test_a_deny_takes_its_time_although_it_reads_back_at_once(aws: AwsRange) -> None:
    """With propagation the model goes on answering while IAM shows the new policy, and then it does not."""
    lever = IamDeny(connection(aws.url, aws.root))
    running = pod(aws)
    assert converse(running)
    aws.authority.propagation = 1.0
    change = planned(lever)
    begun = perf_counter()
    assert lever.apply(change, within=30).result is Result.CHANGED
    assert lever.verify(change, within=30).held.value == "held"
    assert converse(running), f"after {perf_counter() - begun:.1f} s"
    sleep(1.1)
    with pytest.raises(Denied):
        converse(running)


def test_without_its_delay_a_write_counts_at_once(aws: AwsRange) -> None:
    """Healing the fault ends what was still to come."""
    running = pod(aws)
    assert converse(running)
    aws.authority.propagation = 60.0
    lever = IamDeny(connection(aws.url, aws.root))
    lever.apply(planned(lever), within=30)
    assert converse(running)
    aws.authority.propagation = 0.0
    with pytest.raises(Denied):
        converse(running)


def test_each_write_counts_in_its_turn(aws: AwsRange) -> None:
    """Of a deny and its restore within the delay the first is seen first."""
    running = pod(aws)
    lever = IamDeny(connection(aws.url, aws.root))
    change = planned(lever)
    seen, enough = [answers(aws)], Event()

    def look() -> None:
        while not enough.wait(0.01):
            now = aws.authority.may(f"arn:aws:iam::123456789012:role/{ROLE}", "bedrock:InvokeModel", "*")
            if now is not seen[-1]:
                seen.append(now)

    with ThreadPoolExecutor() as pool:
        looking = pool.submit(look)
        aws.authority.propagation = 0.3
        lever.apply(change, within=30)
        sleep(0.25)
        lever.restore(change, within=30)
        sleep(0.4)
        enough.set()
        looking.result(5)
    assert seen == [True, False, True]
    assert converse(running)


def test_many_callers_see_each_write_once_it_is_answered(aws: AwsRange) -> None:
    """Nobody who reads policies while they are written brings an old one back."""
    arn, enough = f"arn:aws:iam::123456789012:role/{ROLE}", Event()
    root = AwsClient(connection(aws.url, aws.root))
    named = {"RoleName": ROLE, "PolicyName": "stop"}
    document = json.dumps(policy("Deny", "bedrock:InvokeModel"))

    def look() -> None:
        while not enough.wait(0.001):
            aws.authority.may(arn, "bedrock:InvokeModel", "*")

    with ThreadPoolExecutor(2) as pool:
        looking = [pool.submit(look) for _ in range(2)]
        found = []
        for _ in range(6):
            root.write("iam", "PutRolePolicy", {**named, "PolicyDocument": document}, within=30)
            found.append(aws.authority.may(arn, "bedrock:InvokeModel", "*"))
            root.write("iam", "DeleteRolePolicy", named, within=30)
            found.append(aws.authority.may(arn, "bedrock:InvokeModel", "*"))
        enough.set()
        for one in looking:
            one.result(5)
    assert found == [False, True] * 6


def test_a_policy_may_name_models(aws: AwsRange) -> None:
    """What no policy allows is denied, and the sentence says which action on which model is missing."""
    arn = f"arn:aws:bedrock:eu-west-1::foundation-model/{MODEL}"
    aws.account.role("narrow")
    aws.account.allow("narrow", policy("Allow", "bedrock:InvokeModel", resource=arn))
    narrow = pod(aws, "narrow")
    assert converse(narrow)
    with pytest.raises(Denied, match="no identity-based policy") as found:
        converse(narrow, "amazon.titan")
    assert "allow bedrock:InvokeModel on arn:aws:bedrock:eu-west-1::foundation-model/amazon.titan" in found.value.todo


def test_an_unknown_model_is_declined(aws: AwsRange) -> None:
    """As Bedrock says it."""
    with AwsRange() as bare, pytest.raises(Declined, match="The provided model identifier is invalid"):
        converse(pod(bare))


def test_deciding_asks_moto_nothing(aws: AwsRange) -> None:
    """Once a role's policies are known, its calls cost no call of the account until something is written."""
    with Front(moto()) as counted:
        reads = AwsClient(connection(counted.url, aws.root))
        with AwsRange(moto(), reads, root=aws.root, models=says_its_name) as second:
            running = pod(second)
            converse(running)
            asked = len(counted.seen)
            assert asked > 0
            for _ in range(20):
                converse(running)
            assert len(counted.seen) == asked
