"""The range's AWS with policies enforced, and what a pod of the assistant asks it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from psfir.domain.canon import Json
from psfir.range.aws.account import connection
from psfir.range.aws.server import AwsRange
from psfir.range.clock import RangeClock
from psfir.vendors.aws import AwsClient
from tests.levers.aws import moto

MODEL = "anthropic.claude-3-haiku-20240307-v1:0"
ROLE = "support-agent"


def says_its_name(model: str, request: Mapping[str, Any]) -> dict[str, Json]:
    """A model that answers with its own name and what was said last."""
    return {"content": [{"text": f"{model}: {request['messages'][-1]['content'][0]['text']}"}]}


@contextmanager
def aws_range(clock: RangeClock | None = None) -> Iterator[AwsRange]:
    """An empty account with a root whose keys hold although policies count."""
    moto.reset()
    root = moto.World().user("root")
    aws = AwsClient(connection(moto.moto(), root))
    with moto.enforced(), AwsRange(moto.moto(), aws, root=root, clock=clock, models=says_its_name) as there:
        yield there


def policy(effect: str, *actions: str, resource: str = "*") -> dict[str, Json]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": list(actions), "Resource": resource}]}


def pod(aws: AwsRange, role: str = ROLE) -> AwsClient:
    """The assistant as it runs, in a session of that role."""
    return AwsClient(connection(aws.url, aws.root, assume_role=f"arn:aws:iam::123456789012:role/{role}"))


def converse(client: AwsClient, model: str = MODEL) -> str:
    asked = {"modelId": model, "messages": [{"role": "user", "content": [{"text": "hello"}]}]}
    said = client.read("bedrock-runtime", "Converse", asked, within=30)
    return str(said["output"]["message"]["content"][0]["text"])


def invoke(client: AwsClient, name: str, payload: Json = None, *, within: float = 30.0, **more: Json) -> dict[str, Any]:
    params = {"FunctionName": name, "Payload": json.dumps(payload), **more}
    return client.write("lambda", "Invoke", params, within=within)
