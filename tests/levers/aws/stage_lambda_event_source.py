"""A queue that feeds an agent's worker function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.domain.canon import Json
from psfir.levers.aws.lambda_event_source import LambdaEventSource
from psfir.range.aws.moto import ACCOUNT, REGION
from tests.levers.aws.moto import connection
from tests.levers.aws.stage import AwsStage

FUNCTION, OTHER = "agent-worker", "agent-worker-next"
SETTINGS: Mapping[str, Json] = {"enabled": False}


class LambdaEventSourceStage(AwsStage):
    """Its UUID is made by Lambda, so that the target is known only once it is laid out."""

    name = "aws.lambda_event_source"
    settings = SETTINGS

    def lay_out(self) -> None:
        self.world.do("sqs", "CreateQueue", QueueName="jobs")
        role = self.world.role("worker")
        for name in (FUNCTION, OTHER):
            self.world.function(name, role)
        source = f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
        made = self.world.do("lambda", "CreateEventSourceMapping", FunctionName=FUNCTION, EventSourceArn=source)
        self.target = {"connection": "aws-prod", "mapping": made["UUID"]}

    def lever(self, url: str) -> LambdaEventSource:
        return LambdaEventSource(connection(url))

    def found(self) -> dict[str, Any]:
        return self.world.get("lambda", "GetEventSourceMapping", UUID=self.target["mapping"])

    def pulled(self) -> bool:
        return bool(self.found()["State"] == "Disabled")

    def disturb(self) -> None:
        self.world.do("lambda", "UpdateEventSourceMapping", UUID=self.target["mapping"], FunctionName=OTHER)
