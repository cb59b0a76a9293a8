"""DynamoDB on the range: items by key, for a role that may, and nothing half understood."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from psfir.domain.canon import Json
from psfir.errors import Declined, Denied, NoSuchTarget
from psfir.range.aws.server import AwsRange
from psfir.vendors.aws import AwsClient
from tests.range.aws_range import ROLE, aws_range, pod, policy

TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"
KEY = {"tenant": {"S": "acme"}, "order": {"S": "o-1"}}


def item(order: str, tenant: str = "acme") -> dict[str, Any]:
    return {"tenant": {"S": tenant}, "order": {"S": order}, "total": {"N": "12"}}


@pytest.fixture
def aws() -> Iterator[AwsRange]:
    with aws_range() as aws:
        aws.account.role(ROLE)
        aws.account.allow(ROLE, policy("Allow", "dynamodb:*", resource=TABLE))
        aws.items.table("orders", ("tenant", "order"), [item("o-1"), item("p-1"), item("o-2"), item("o-1", "globex")])
        yield aws


@pytest.fixture
def client(aws: AwsRange) -> AwsClient:
    return pod(aws)


def ask(client: AwsClient, operation: str, **params: Json) -> dict[str, Any]:
    return client.read("dynamodb", operation, {"TableName": "orders", **params}, within=30)


def query(client: AwsClient, condition: str, *values: str, **more: Json) -> list[str]:
    given = {f":v{number}": {"S": value} for number, value in enumerate(values)}
    found = ask(client, "Query", KeyConditionExpression=condition, ExpressionAttributeValues=given, **more)
    assert found["Count"] == len(found["Items"])
    return [one["order"]["S"] for one in found["Items"]]


def test_an_item_is_got_by_its_key(client: AwsClient) -> None:
    """One that is not there is no item, and no error."""
    assert ask(client, "GetItem", Key=KEY)["Item"] == item("o-1")
    assert "Item" not in ask(client, "GetItem", Key={**KEY, "order": {"S": "o-9"}})


def test_an_item_is_put_in_place_of_its_like(aws: AwsRange, client: AwsClient) -> None:
    """Over the wire; whoever lays out the range sees it too."""
    ask(client, "PutItem", Item={**item("o-1"), "total": {"N": "99"}})
    assert ask(client, "GetItem", Key=KEY)["Item"]["total"] == {"N": "99"}
    assert len(aws.items.tables["orders"].all()) == 4


def test_a_condition_is_held_to(client: AwsClient) -> None:
    """Put only what is not there, or only what is."""
    new, there = "attribute_not_exists(tenant)", "attribute_exists(#t)"
    names = {"#t": "tenant"}
    with pytest.raises(Declined, match="ConditionalCheckFailedException"):
        ask(client, "PutItem", Item=item("o-1"), ConditionExpression=new)
    with pytest.raises(Declined, match="ConditionalCheckFailedException"):
        ask(client, "PutItem", Item=item("o-9"), ConditionExpression=there, ExpressionAttributeNames=names)
    ask(client, "PutItem", Item=item("o-9"), ConditionExpression=new)
    ask(client, "PutItem", Item=item("o-9"), ConditionExpression=there, ExpressionAttributeNames=names)


def test_a_query_goes_by_the_key(client: AwsClient) -> None:
    """One partition, in the order of its sort key, or a part of it."""
    assert query(client, "tenant = :v0", "acme") == ["o-1", "o-2", "p-1"]
    assert query(
        client, "tenant = :v0 AND begins_with(#o, :v1)", "acme", "o-", ExpressionAttributeNames={"#o": "order"}
    ) == [
        "o-1",
        "o-2",
    ]
    assert query(client, "tenant = :v0 and order = :v1", "acme", "p-1") == ["p-1"]
    assert query(client, "tenant = :v0", "acme", ScanIndexForward=False, Limit=2) == ["p-1", "o-2"]


@pytest.mark.parametrize(
    ("condition", "more"),
    [
        ("tenant = :v0 OR order = :v0", {}),
        ("tenant > :v0", {}),
        ("#x = :v0", {}),
        ("tenant = :v0", {"FilterExpression": "total = :v0"}),
        ("tenant = :v0", {"IndexName": "by-total"}),
    ],
)
def test_what_is_not_understood_is_refused(client: AwsClient, condition: str, more: dict[str, Json]) -> None:
    """Never passed over: a filter that counted for nothing would show another tenant's orders."""
    with pytest.raises(Declined, match="ValidationException"):
        query(client, condition, "acme", **more)


def test_a_key_that_is_none_of_the_tables_is_refused(client: AwsClient) -> None:
    """As DynamoDB says it."""
    with pytest.raises(Declined, match="does not match the schema"):
        ask(client, "GetItem", Key={"tenant": {"S": "acme"}})
    with pytest.raises(Declined, match="ValidationException"):
        ask(client, "PutItem", Item=item("o-9"), ConditionExpression="total > :v0")


def test_a_table_that_is_not_there_is_not_found(aws: AwsRange, client: AwsClient) -> None:
    """For a role that may ask for it."""
    aws.account.allow(ROLE)
    with pytest.raises(NoSuchTarget, match="Table: refunds not found"):
        ask(client, "GetItem", TableName="refunds", Key=KEY)


def test_what_is_not_on_the_range_says_so(client: AwsClient) -> None:
    """Tables are laid out, not made over the wire."""
    with pytest.raises(Declined, match="Scan is not on this range"):
        ask(client, "Scan")


def test_each_deed_needs_its_right(aws: AwsRange, client: AwsClient) -> None:
    """A role that may read and not write reads on; another table is not its own."""
    aws.account.allow(ROLE, policy("Deny", "dynamodb:PutItem"), policy="stop")
    with pytest.raises(Denied, match=r"dynamodb:PutItem on resource: \S+:table/orders with an explicit deny"):
        ask(client, "PutItem", Item=item("o-9"))
    assert ask(client, "GetItem", Key=KEY)["Item"]
    with pytest.raises(Denied, match="dynamodb:GetItem"):
        ask(client, "GetItem", TableName="refunds", Key=KEY)
