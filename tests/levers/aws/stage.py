"""What every stage on AWS shares: the moto server, emptied, behind a front that keeps what was asked."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Self
from urllib.parse import parse_qs

from psfir.range.aws.account import Account
from psfir.range.aws.server import AwsRange
from psfir.range.front import Front
from psfir.range.server import Asked
from psfir.testing.stage import Stage
from tests.levers.aws.moto import KEYS, World, moto, reset, root, whole

LOOKS = ("Get", "List", "Describe", "Simulate")


def operation(asked: Asked) -> str:
    """What was asked: services name it in a form, in a header, or by method and path."""
    if target := asked.headers.get("x-amz-target"):
        return target.rpartition(".")[2]
    if action := parse_qs(asked.body.decode()).get("Action"):
        return action[0]
    return ("Get " if asked.method == "GET" else f"{asked.method} ") + asked.path


class AwsStage(Stage):
    world: Account
    _kept: Front

    @property
    def upstream(self) -> str:
        return self._kept.url

    @property
    def secrets(self) -> tuple[str, ...]:
        return (KEYS["secret_access_key"],)

    def writing(self, asked: Asked) -> bool:
        return not operation(asked).startswith(LOOKS)

    def writes(self) -> int:
        return sum(self.writing(asked) for asked in self._kept.carried)

    @property
    def asked(self) -> list[str]:
        """Everything that was asked of AWS so far, `disturb` and the laying out left out."""
        return [operation(asked) for asked in self._kept.carried]

    def renew(self) -> None:
        """Make it so that a pull takes all of its steps again, where what a former one left would save some."""

    @abstractmethod
    def lay_out(self) -> None:
        """Make the world in which there is something to pull."""

    def __enter__(self) -> Self:
        reset()
        self.world = World()
        self.lay_out()
        self._kept = Front(moto()).__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.__exit__()


class RangeStage(AwsStage):
    """On what the range has for what moto lacks. Its `aws` stands before the moto server."""

    aws: AwsRange

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.aws.root["secret_access_key"],)

    def do(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """Past the front that counts."""
        return root().write(service, operation, params, within=30)

    def __enter__(self) -> Self:
        self.aws = whole()
        self.world = self.aws.account
        self.lay_out()
        self._kept = Front(self.aws.url).__enter__()
        return self
