"""launchdarkly.flag is held to what every lever promises: switched off, and with one variation for everyone."""

from collections.abc import Iterator

import pytest

from psfir.levers.launchdarkly.flag import Flag
from psfir.range.front import Front
from psfir.testing import Harness, LeverContract
from psfir.testing.stage import StageHarness
from tests.levers.launchdarkly.stage_flag import STAGES


class TestFlag(LeverContract):
    @pytest.fixture(params=STAGES, ids=lambda stage: stage.name)
    def harness(self, request: pytest.FixtureRequest) -> Iterator[Harness]:
        with request.param() as stage, Front(stage.upstream) as front:
            assert isinstance(stage.lever(front.url), Flag)
            yield StageHarness(stage, front)
