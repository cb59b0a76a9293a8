"""A function that holds an agent's tools."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.domain.canon import Json
from psfir.levers.aws.lambda_concurrency import LambdaConcurrency
from psfir.range.aws.account import Account
from tests.levers.aws.moto import connection
from tests.levers.aws.stage import AwsStage

FUNCTION = "support-agent-tools"
TARGET: Mapping[str, Json] = {"connection": "aws-prod", "function": FUNCTION}
SETTINGS: Mapping[str, Json] = {"reserved": 0}


def make(world: Account, reserved: int | None = None) -> None:
    """A function with as much reserved as is said."""
    world.function(FUNCTION, world.role("tools"), reserved)


class LambdaConcurrencyStage(AwsStage):
    name = "aws.lambda_concurrency"
    target = TARGET
    settings = SETTINGS
    reserved: int | None = 40

    def lay_out(self) -> None:
        make(self.world, self.reserved)

    def lever(self, url: str) -> LambdaConcurrency:
        return LambdaConcurrency(connection(url))

    def found(self) -> int | None:
        said = self.world.get("lambda", "GetFunctionConcurrency", FunctionName=FUNCTION)
        reserved = said.get("ReservedConcurrentExecutions")
        return None if reserved is None else int(reserved)

    def pulled(self) -> bool:
        return self.found() == 0

    def disturb(self) -> None:
        self.world.do("lambda", "PutFunctionConcurrency", FunctionName=FUNCTION, ReservedConcurrentExecutions=7)


class UnreservedStage(LambdaConcurrencyStage):
    """Nothing was reserved: what is put back is nothing, not a number."""

    name = "aws.lambda_concurrency, unreserved"
    reserved = None
