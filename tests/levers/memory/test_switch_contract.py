"""memory.switch is held to what every lever promises."""

from pathlib import Path

import pytest

from psfir.levers.memory.switch import Switch
from psfir.testing import FakeConnection, Harness, LeverContract
from psfir.vendors.memory import Estate

NAME = "support-assistant"


class SwitchHarness(Harness):
    def __init__(self, folder: Path) -> None:
        self.target = {"connection": "estate", "switch": NAME}
        self.settings = {"on": False}
        self.estate = Estate.create(folder / "estate.json", {NAME: {"state": {"on": True, "model": "large"}}})

    def lever(self) -> Switch:
        return Switch(FakeConnection("estate", "memory", {"path": str(self.estate.path)}))

    def writes(self) -> int:
        return self.estate.effects(NAME)

    def disturb(self) -> None:
        self.estate.put(NAME, {"on": True, "model": "small"})

    def lose_answer(self) -> None:
        self.estate.fault(NAME, slow=60.0)

    def hang(self) -> None:
        self.estate.fault(NAME, hang=60.0, on=["read", "write"])


class TestSwitch(LeverContract):
    @pytest.fixture
    def harness(self, tmp_path: Path) -> Harness:
        return SwitchHarness(tmp_path)
