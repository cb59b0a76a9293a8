"""kubernetes.config is held to what every lever promises."""

from collections.abc import Iterator

import pytest

from psfir.levers.kubernetes.config import Config
from psfir.range.front import Front
from psfir.testing import Harness, LeverContract
from psfir.testing.stage import StageHarness
from tests.levers.kubernetes.stage_config import STAGES


class TestConfig(LeverContract):
    @pytest.fixture(params=STAGES, ids=lambda stage: stage.name)
    def harness(self, request: pytest.FixtureRequest) -> Iterator[Harness]:
        with request.param() as stage, Front(stage.upstream) as front:
            assert isinstance(stage.lever(front.url), Config)
            yield StageHarness(stage, front)
