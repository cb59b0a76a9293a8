"""unleash.flag is held to what every lever promises, on the stand-in and on the real Unleash."""

from collections.abc import Iterator

import pytest

from psfir.range.front import Front
from psfir.testing import Harness, LeverContract
from psfir.testing.stage import StageHarness
from tests.levers.stages import STAGES
from tests.levers.unleash.stage_flag import FlagStage


@pytest.mark.parametrize("make", [stage for stage in STAGES if issubclass(stage, FlagStage)], ids=lambda one: one.name)
class TestFlag(LeverContract):
    @pytest.fixture
    def harness(self, make: type[FlagStage]) -> Iterator[Harness]:
        with make() as stage, Front(stage.upstream) as front:
            yield StageHarness(stage, front)
