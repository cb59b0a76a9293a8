"""The queue of jobs for an agent, with a policy of its owner's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from psfir.domain.canon import Json
from psfir.levers.aws.queue_policy import statement
from psfir.levers.aws.sqs_policy import SqsPolicy
from psfir.range.aws.moto import ACCOUNT, REGION
from tests.levers.aws.moto import connection
from tests.levers.aws.stage import AwsStage

QUEUE = "agent-jobs"
ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{QUEUE}"
TARGET: Mapping[str, Json] = {"connection": "aws-prod", "queue": QUEUE}
SETTINGS: Mapping[str, Json] = {"deny": ["receive"]}
DENIED = statement(["receive"], ARN)
OWNERS: Mapping[str, Json] = {
    "Sid": "__owner_statement",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "Action": "SQS:*",
    "Resource": ARN,
}


class SqsPolicyStage(AwsStage):
    name = "aws.sqs_policy"
    target = TARGET
    settings = SETTINGS

    def lay_out(self) -> None:
        self.url = self.world.do("sqs", "CreateQueue", QueueName=QUEUE)["QueueUrl"]
        self.put(OWNERS)

    def put(self, *statements: Mapping[str, Json]) -> None:
        policy = {"Version": "2012-10-17", "Id": "theirs", "Statement": list(statements)}
        self.world.do("sqs", "SetQueueAttributes", QueueUrl=self.url, Attributes={"Policy": json.dumps(policy)})

    def lever(self, url: str) -> SqsPolicy:
        return SqsPolicy(connection(url))

    def policy(self) -> dict[str, Any] | None:
        asked: Json = ["Policy"]
        said = self.world.get("sqs", "GetQueueAttributes", QueueUrl=self.url, AttributeNames=asked)
        found = said.get("Attributes", {}).get("Policy")
        return dict(json.loads(found)) if found else None

    def pulled(self) -> bool:
        return DENIED in (self.policy() or {"Statement": []})["Statement"]

    def disturb(self) -> None:
        self.put(OWNERS, {**DENIED, "Action": ["sqs:PurgeQueue"]})


class BareQueueStage(SqsPolicyStage):
    """It has no policy at all, and has none again afterwards."""

    name = "aws.sqs_policy, bare"

    def lay_out(self) -> None:
        self.url = self.world.do("sqs", "CreateQueue", QueueName=QUEUE)["QueueUrl"]
