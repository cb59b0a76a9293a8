"""The range's SageMaker: what botocore reads, what it refuses, and who answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from psfir.domain.canon import Json
from psfir.errors import Declined, Denied
from psfir.range.aws.account import connection
from psfir.range.aws.server import AwsRange
from psfir.vendors.aws import AwsClient
from tests.range.aws_range import ROLE, aws_range, pod, policy

ENDPOINT = "ranker"


@pytest.fixture
def aws() -> Iterator[AwsRange]:
    with aws_range() as aws:
        variants: Json = [
            {"VariantName": name, "ModelName": name, "InitialInstanceCount": 2, "InitialVariantWeight": weight}
            for name, weight in (("a", 3.0), ("b", 1.0))
        ]
        root = AwsClient(connection(aws.url, aws.root))
        config = {"EndpointConfigName": "first", "ProductionVariants": variants}
        root.write("sagemaker", "CreateEndpointConfig", config, within=30)
        root.write("sagemaker", "CreateEndpoint", {"EndpointName": ENDPOINT, "EndpointConfigName": "first"}, within=30)
        yield aws


def updated(client: AwsClient, *wanted: Json, endpoint: str = ENDPOINT) -> None:
    params = {"EndpointName": endpoint, "DesiredWeightsAndCapacities": list(wanted)}
    client.write("sagemaker", "UpdateEndpointWeightsAndCapacities", params, within=30)


def test_requests_go_by_weight(aws: AwsRange) -> None:
    """Three of four to the one, as its weight says."""
    root = AwsClient(connection(aws.url, aws.root))
    asked = {"EndpointName": ENDPOINT, "Body": b"{}"}
    said = [root.read("sagemaker-runtime", "InvokeEndpoint", asked, within=30) for _ in range(40)]
    assert {name: round(many / 10) for name, many in Counter(x["InvokedProductionVariant"] for x in said).items()} == {
        "a": 3,
        "b": 1,
    }
    assert said[0]["Body"].read() in {b'{"variant": "a"}', b'{"variant": "b"}'}


def test_what_an_update_leaves_out_stays(aws: AwsRange) -> None:
    """A weight without a count, and one variant of two."""
    root = AwsClient(connection(aws.url, aws.root))
    updated(root, {"VariantName": "b", "DesiredWeight": 5.0})
    said = root.read("sagemaker", "DescribeEndpoint", {"EndpointName": ENDPOINT}, within=30)
    seen = [(one["CurrentWeight"], one["DesiredInstanceCount"]) for one in said["ProductionVariants"]]
    assert (said["EndpointStatus"], seen) == ("InService", [(3.0, 2), (5.0, 2)])


def test_an_update_under_way_takes_no_other_one(aws: AwsRange) -> None:
    """Neither does an endpoint without such a variant, one that is not there, or one that would be left to nobody."""
    root = AwsClient(connection(aws.url, aws.root))
    with pytest.raises(Declined, match="is/are not present within endpoint configuration"):
        updated(root, {"VariantName": "c", "DesiredWeight": 1.0})
    with pytest.raises(Declined, match="Could not find endpoint"):
        updated(root, {"VariantName": "a", "DesiredWeight": 1.0}, endpoint="gone")
    with pytest.raises(Declined, match="must not add up to zero"):
        updated(root, {"VariantName": "a", "DesiredWeight": 0.0}, {"VariantName": "b", "DesiredWeight": 0.0})
    aws.sagemaker.settling = 60.0
    updated(root, {"VariantName": "a", "DesiredWeight": 1.0})
    with pytest.raises(Declined, match="Cannot update in-progress endpoint"):
        updated(root, {"VariantName": "a", "DesiredWeight": 2.0})


def test_a_roles_policies_count(aws: AwsRange) -> None:
    """Of the control plane and of the requests, each on its endpoint."""
    aws.account.role(ROLE)
    arn = f"arn:aws:sagemaker:eu-west-1:123456789012:endpoint/{ENDPOINT}"
    aws.account.allow(ROLE, policy("Allow", "sagemaker:InvokeEndpoint", resource=arn))
    client = pod(aws)
    assert client.read("sagemaker-runtime", "InvokeEndpoint", {"EndpointName": ENDPOINT, "Body": b""}, within=30)
    with pytest.raises(Denied, match="sagemaker:DescribeEndpoint"):
        client.read("sagemaker", "DescribeEndpoint", {"EndpointName": ENDPOINT}, within=30)
    with pytest.raises(Denied, match="endpoint/other"):
        client.read("sagemaker-runtime", "InvokeEndpoint", {"EndpointName": "other", "Body": b""}, within=30)
