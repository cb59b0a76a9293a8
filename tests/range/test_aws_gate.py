"""Whom the range's AWS lets in: known keys of now, with moto behind it and without."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.session import Session

from psfir.errors import Busy, Denied, NoSuchTarget
from psfir.range.aws.account import ROOT, Account, connection, opened
from psfir.range.aws.moto import Moto
from psfir.range.aws.server import AwsRange
from psfir.range.clock import RangeClock
from psfir.vendors.aws import AwsClient
from tests.range.aws_range import MODEL, ROLE, aws_range, converse, invoke, pod, policy, says_its_name

NOBODYS = {"access_key_id": "AKIANOBODYKNOWSTHIS0", "secret_access_key": "not-a-secret-of-anyone-at-all-0000000000"}


@pytest.fixture
def clock() -> RangeClock:
    return RangeClock()


@pytest.fixture
def aws(clock: RangeClock) -> Iterator[AwsRange]:
    with aws_range(clock) as aws:
        aws.account.role(ROLE)
        aws.account.allow(ROLE)
        yield aws


@pytest.fixture
def bare() -> Iterator[AwsRange]:
    """Where moto is not installed."""
    with AwsRange(models=says_its_name) as bare:
        yield bare


def official(aws: AwsRange, service: str, keys: dict[str, str]) -> Any:  # noqa: ANN401 - made while it runs
    """Botocore with its own transport."""
    names = {"aws_access_key_id": "AccessKeyId", "aws_secret_access_key": "SecretAccessKey"}
    given = {name: keys[word] for name, word in names.items()}
    session: Any = Session()
    return session.create_client(
        service,
        region_name="eu-west-1",
        endpoint_url=aws.url,
        aws_session_token=keys["SessionToken"],
        **given,
    )


def test_botocore_with_its_own_transport_is_served(aws: AwsRange) -> None:
    """Everything of the data plane in one session, whose keys STS has given."""
    role = f"arn:aws:iam::123456789012:role/{ROLE}"
    said = AwsClient(connection(aws.url, aws.root)).read(
        "sts", "AssumeRole", {"RoleArn": role, "RoleSessionName": "pod"}, within=30
    )
    keys = said["Credentials"]
    messages = [{"role": "user", "content": [{"text": "hello"}]}]
    said = official(aws, "bedrock-runtime", keys).converse(modelId=MODEL, messages=messages)
    assert said["output"]["message"]["content"] == [{"text": f"{MODEL}: hello"}]
    aws.account.function("tools", role)
    aws.functions.code["tools"] = lambda got, _running: got
    assert official(aws, "lambda", keys).invoke(FunctionName="tools", Payload=b'"x"')["Payload"].read() == b'"x"'
    aws.items.table("orders", items=[{"id": {"S": "1"}}])
    dynamo = official(aws, "dynamodb", keys)
    assert dynamo.get_item(TableName="orders", Key={"id": {"S": "1"}})["Item"] == {"id": {"S": "1"}}


def test_a_key_that_nobody_was_given_is_refused(aws: AwsRange) -> None:
    """In each service's own protocol, with its own code."""
    nobody = AwsClient(connection(aws.url, NOBODYS))
    with pytest.raises(Denied, match="403 UnrecognizedClientException"):
        converse(nobody)
    with pytest.raises(Denied, match="400 UnrecognizedClientException"):
        nobody.read("dynamodb", "GetItem", {"TableName": "orders", "Key": {"id": {"S": "1"}}}, within=30)
    with pytest.raises(Denied, match="403 InvalidClientTokenId"):
        nobody.read("iam", "GetRole", {"RoleName": ROLE}, within=30)


def test_a_sessions_key_without_its_token_is_refused(aws: AwsRange) -> None:
    """A key that starts with ASIA is only half of what a session has."""
    role = f"arn:aws:iam::123456789012:role/{ROLE}"
    root = AwsClient(connection(aws.url, aws.root))
    keys = root.read("sts", "AssumeRole", {"RoleArn": role, "RoleSessionName": "pod"}, within=30)["Credentials"]
    half = {"access_key_id": keys["AccessKeyId"], "secret_access_key": keys["SecretAccessKey"]}
    assert converse(AwsClient(connection(aws.url, {**half, "session_token": keys["SessionToken"]})))
    with pytest.raises(Denied, match="UnrecognizedClientException"):
        converse(AwsClient(connection(aws.url, half)))


def test_an_unsigned_request_is_refused(aws: AwsRange) -> None:
    """Whoever is not known may not even ask whether there is such a model."""
    link = HTTPConnection(urlsplit(aws.url).netloc, timeout=5)
    link.request("POST", f"/model/{MODEL}/converse", b"{}", {"Content-Type": "application/json"})
    answer = link.getresponse()
    assert (answer.status, answer.getheader("x-amzn-ErrorType")) == (403, "MissingAuthenticationTokenException")
    link.close()


def test_a_users_own_policies_count(aws: AwsRange) -> None:
    """Keys that IAM hands out over the wire are known, and those that were laid out."""
    laid = aws.account.user("laid", policy("Allow", "bedrock:*"))
    assert converse(AwsClient(connection(aws.url, laid)))
    root = AwsClient(connection(aws.url, aws.root))
    root.write("iam", "CreateUser", {"UserName": "made"}, within=30)
    key = root.write("iam", "CreateAccessKey", {"UserName": "made"}, within=30)["AccessKey"]
    made = {"access_key_id": key["AccessKeyId"], "secret_access_key": key["SecretAccessKey"]}
    with pytest.raises(Denied, match="user/made is not authorized"):
        converse(AwsClient(connection(aws.url, made)))


def test_the_control_plane_is_motos_to_enforce(aws: AwsRange) -> None:
    """A session's calls of IAM and Lambda are decided by moto, GETs too."""
    aws.account.role("narrow")
    aws.account.allow("narrow", policy("Allow", "lambda:GetFunction"))
    aws.account.function("tools", f"arn:aws:iam::123456789012:role/{ROLE}")
    narrow = pod(aws, "narrow")
    assert narrow.read("lambda", "GetFunction", {"FunctionName": "tools"}, within=30)["Configuration"]
    with pytest.raises(Denied, match="iam:GetRole"):
        narrow.read("iam", "GetRole", {"RoleName": ROLE}, within=30)


@pytest.mark.parametrize(("skew", "why"), [(400.0, "Signature expired"), (-400.0, "Signature not yet current")])
def test_a_clock_that_is_off_lets_nobody_in(aws: AwsRange, clock: RangeClock, skew: float, why: str) -> None:
    """In each protocol; AWS bears five minutes, and no more."""
    client = pod(aws)
    assert converse(client)
    clock.skew = skew * 0.7
    assert converse(client)
    clock.skew = skew
    for call in (
        lambda: converse(client),
        lambda: client.read("iam", "GetRole", {"RoleName": ROLE}, within=30),
        lambda: client.read("dynamodb", "GetItem", {"TableName": "orders", "Key": {"id": {"S": "1"}}}, within=30),
    ):
        with pytest.raises(Denied, match=why) as found:
            call()
        assert "set the clock" in found.value.todo
    clock.skew = 0.0
    assert converse(client)


def test_without_moto_every_session_may_do_everything(bare: AwsRange) -> None:
    """The data plane stands alone: a role is assumed, models answer, code runs, items are kept."""
    assert bare.account.role(ROLE) == f"arn:aws:iam::123456789012:role/{ROLE}"
    bare.account.allow(ROLE)
    bare.functions.code["tools"] = lambda _got, running: running.may("dynamodb:PutItem", "*")
    bare.items.table("orders", items=[{"id": {"S": "1"}}])
    client = pod(bare)
    assert converse(client) == f"{MODEL}: hello"
    assert invoke(client, "tools")["Payload"].read() == b"true"
    assert client.read("dynamodb", "GetItem", {"TableName": "orders", "Key": {"id": {"S": "1"}}}, within=30)["Item"]
    with pytest.raises(NoSuchTarget):
        invoke(client, "other")


def test_without_moto_the_rest_says_what_to_install(bare: AwsRange) -> None:
    """In each protocol; and only keys that are known get a session."""
    root = AwsClient(connection(bare.url, ROOT))
    for call in (("iam", "GetRole", {"RoleName": ROLE}), ("lambda", "GetFunction", {"FunctionName": "tools"})):
        with pytest.raises(Busy, match=r"503 .*pip install 'psfir\[range\]'"):
            root.read(*call, within=30)
    with pytest.raises(Denied, match="InvalidClientTokenId"):
        converse(AwsClient(connection(bare.url, NOBODYS, assume_role="arn:aws:iam::123456789012:role/x")))


def test_reset_leaves_nothing_and_takes_no_time(aws: AwsRange) -> None:
    """No session, no table, no delay; the root's keys hold on."""
    running = pod(aws)
    assert converse(running)
    aws.items.table("orders")
    aws.authority.propagation = 60.0
    begun = perf_counter()
    aws.reset()
    assert perf_counter() - begun < 0.1
    with pytest.raises(Denied, match="UnrecognizedClientException"):
        converse(running)
    assert (aws.items.tables, aws.authority.propagation) == ({}, 0.0)
    assert converse(pod(aws))


def test_an_account_that_is_opened_anew_has_the_same_root() -> None:
    """Keys that were handed to somebody's shell outlive a reset; a session's do not come back as another's."""
    with Moto() as moto:
        first = opened(moto)
        session = Account(AwsClient(connection(moto.url, first))).user("somebody")
        moto.reset()
        assert opened(moto, 1) == first
        assert Account(AwsClient(connection(moto.url, first))).user("somebody") != session
        moto.enforce()
        assert AwsClient(connection(moto.url, first)).identity(within=30).arn.endswith("user/range-root")
