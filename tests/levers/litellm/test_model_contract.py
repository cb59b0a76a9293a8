"""litellm.model is held to what every lever promises."""

from collections.abc import Iterator

import pytest

from psfir.range.front import Front
from psfir.testing import Harness, LeverContract
from psfir.testing.stage import StageHarness
from tests.levers.litellm.stage_model import ModelStage


class TestModel(LeverContract):
    @pytest.fixture
    def harness(self) -> Iterator[Harness]:
        with ModelStage() as stage, Front(stage.upstream) as front:
            yield StageHarness(stage, front)
