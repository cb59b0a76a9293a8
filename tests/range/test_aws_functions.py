"""Lambda on the range: code of the range's own runs for functions of the account, as their roles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Change, Result
from psfir.domain.modes import Mode
from psfir.errors import Busy, Denied, NoSuchTarget
from psfir.levers.aws.lambda_concurrency import LambdaConcurrency
from psfir.range.aws.account import connection
from psfir.range.aws.functions import Running
from psfir.range.aws.server import AwsRange
from tests.range.aws_range import ROLE, aws_range, invoke, pod, policy

FUNCTION = "support-agent-tools"
TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"
TARGET = {"connection": "aws-prod", "function": FUNCTION}


def says_who_it_is(payload: Json, running: Running) -> dict[str, Any]:
    return {"got": payload, "as": running.role, "may": running.may("dynamodb:PutItem", TABLE)}


@pytest.fixture
def aws() -> Iterator[AwsRange]:
    with aws_range() as aws:
        aws.account.role(ROLE)
        aws.account.allow(ROLE)
        aws.account.function(FUNCTION, aws.account.role("tools"))
        aws.account.allow("tools", policy("Allow", "dynamodb:*", resource=TABLE))
        aws.functions.code[FUNCTION] = says_who_it_is
        yield aws


def payload(said: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever the function says
    return json.loads(said["Payload"].read())


@pytest.mark.parametrize("name", [FUNCTION, f"arn:aws:lambda:eu-west-1:123456789012:function:{FUNCTION}"])
def test_code_runs_as_the_functions_own_role(aws: AwsRange, name: str) -> None:
    """What it may do further on is that role's matter, and no longer its caller's."""
    said = payload(invoke(pod(aws), name, {"order": "o-1"}))
    assert said == {"got": {"order": "o-1"}, "as": "arn:aws:iam::123456789012:role/tools", "may": True}
    aws.account.allow("tools", policy("Deny", "dynamodb:PutItem"), policy="stop")
    assert payload(invoke(pod(aws), name))["may"] is False


def test_any_json_comes_back(aws: AwsRange) -> None:
    """A function may answer with a list or a text, which is no answer of Lambda's own."""
    values: tuple[Json, ...] = ("text", ["a", 1], None)
    for value in values:
        aws.functions.code[FUNCTION] = lambda got, _running: got
        assert payload(invoke(pod(aws), FUNCTION, value)) == value


def test_the_concurrency_lever_stops_it_and_restore_lets_it_through(aws: AwsRange) -> None:
    """At 0 it is throttled, and the code does not run."""
    ran = list[Any]()
    aws.functions.code[FUNCTION] = lambda got, _running: ran.append(got)
    lever = LambdaConcurrency(connection(aws.url, aws.root))
    change = lever.plan(TARGET, lever.read(TARGET, within=30), Mode.DISABLE, {"reserved": 0})
    assert isinstance(change, Change)
    client = pod(aws)
    invoke(client, FUNCTION, 1)
    assert lever.apply(change, within=30).result is Result.CHANGED
    with pytest.raises(Busy, match="TooManyRequestsException"):
        invoke(client, FUNCTION, 2)
    assert lever.restore(change, within=30).result is Result.CHANGED
    invoke(client, FUNCTION, 3)
    assert ran == [1, 3]


def test_no_more_run_at_once_than_are_reserved(aws: AwsRange) -> None:
    """The second is throttled while the first runs, and not after it: a client that can wait gets through then."""
    begun, end = Event(), Event()

    def slow(_payload: object, _running: Running) -> None:
        begun.set()
        end.wait(15)

    aws.functions.code[FUNCTION] = slow
    aws.account.do("lambda", "PutFunctionConcurrency", FunctionName=FUNCTION, ReservedConcurrentExecutions=1)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(invoke, pod(aws), FUNCTION)
        assert begun.wait(5)
        with pytest.raises(Busy):
            invoke(pod(aws), FUNCTION, within=1.0)
        end.set()
        assert first.result(5)["StatusCode"] == 200
    assert invoke(pod(aws), FUNCTION)["StatusCode"] == 200


def test_a_role_that_may_not_invoke_is_denied(aws: AwsRange) -> None:
    """The missing action is named, and the code does not run."""
    aws.account.allow(ROLE, policy("Deny", "lambda:InvokeFunction"), policy="stop")
    with pytest.raises(Denied, match=r"lambda:InvokeFunction on resource: \S+:function:support-agent-tools"):
        invoke(pod(aws), FUNCTION)


def test_a_function_that_the_account_has_not_is_not_found(aws: AwsRange) -> None:
    """Although there is code for it; once it is made, it runs."""
    aws.functions.code["late"] = says_who_it_is
    with pytest.raises(NoSuchTarget, match="Function not found"):
        invoke(pod(aws), "late")
    aws.account.function("late", "arn:aws:iam::123456789012:role/tools")
    assert payload(invoke(pod(aws), "late"))["got"] is None


def test_code_that_fails_is_an_answer_that_says_so(aws: AwsRange) -> None:
    """As Lambda does: 200, and the error beside it."""

    def fails(_payload: object, _running: Running) -> None:
        raise LookupError("no such order")

    aws.functions.code[FUNCTION] = fails
    said = invoke(pod(aws), FUNCTION)
    assert (said["StatusCode"], said["FunctionError"]) == (200, "Unhandled")
    assert payload(said) == {"errorMessage": "no such order", "errorType": "LookupError", "stackTrace": []}


def test_the_ways_to_invoke(aws: AwsRange) -> None:
    """An event is taken and says nothing back; a dry run runs nothing."""
    ran = list[Any]()
    aws.functions.code[FUNCTION] = lambda got, _running: ran.append(got)
    assert invoke(pod(aws), FUNCTION, 1, InvocationType="Event")["StatusCode"] == 202
    assert invoke(pod(aws), FUNCTION, 2, InvocationType="DryRun")["StatusCode"] == 204
    assert ran == [1]
