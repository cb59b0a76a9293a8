"""What every stage on AWS shares: the moto server, emptied, behind a front that keeps what was asked."""

from __future__ import annotations

from abc import abstractmethod
from typing import Self
from urllib.parse import parse_qs

from psfir.range.front import Front
from psfir.range.server import Asked
from psfir.testing.stage import Stage
from tests.levers.aws.moto import KEYS, World, moto, reset

LOOKS = ("Get", "List", "Describe", "Simulate")


def operation(asked: Asked) -> str:
    """What was asked: services name it in a form, in a header, or by method and path."""
    if target := asked.headers.get("x-amz-target"):
        return target.rpartition(".")[2]
    if action := parse_qs(asked.body.decode()).get("Action"):
        return action[0]
    return ("Get " if asked.method == "GET" else f"{asked.method} ") + asked.path


class AwsStage(Stage):
    world: World
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
