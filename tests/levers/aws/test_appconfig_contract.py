"""aws.appconfig is held to what every lever promises, on the range's AppConfig."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from psfir.levers.aws.appconfig import AppConfig
from psfir.range.front import Front
from psfir.testing import Harness, LeverContract
from psfir.testing.stage import StageHarness
from tests.levers.aws.stage_appconfig import AppConfigStage, FlagStage


class TestFlag(LeverContract):
    @pytest.fixture
    def harness(self) -> Iterator[Harness]:
        with FlagStage() as stage, Front(stage.upstream) as front:
            harness = StageHarness(stage, front)
            assert isinstance(harness.lever(), AppConfig)
            yield harness


class TestVersion(LeverContract):
    @pytest.fixture
    def harness(self) -> Iterator[Harness]:
        with AppConfigStage() as stage, Front(stage.upstream) as front:
            yield StageHarness(stage, front)

    def test_the_example_loads_and_plans(self, harness: Harness, tmp_path: Path) -> None:
        """It is one of a flag, and held to this as such."""
        del tmp_path
        assert harness.lever().about.example["set"] == {"enabled": False}
