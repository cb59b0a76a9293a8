"""command.run is held to what every lever promises, with a real small program at the other end."""

from pathlib import Path

import pytest

from psfir.levers.command.run import CommandRun
from psfir.testing import Harness, LeverContract
from tests.levers.command.programs import TARGET, World


class RunHarness(Harness):
    target = TARGET
    settings = {"value": "off"}  # noqa: RUF012 - nothing changes it

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)

    def lever(self) -> CommandRun:
        return self.world.lever()

    def writes(self) -> int:
        return int(str(self.world.get("writes")))

    def disturb(self) -> None:
        self.world.set(state="half")

    def lose_answer(self) -> None:
        self.world.set(lost=True)

    def find_answer(self) -> None:
        self.world.set(lost=False)

    def hang(self) -> None:
        self.world.set(hang=True)


class TestRun(LeverContract):
    @pytest.fixture
    def harness(self, tmp_path: Path) -> Harness:
        return RunHarness(tmp_path)
