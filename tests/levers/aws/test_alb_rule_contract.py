"""aws.alb_rule is held to what every lever promises, on the moto server."""

from collections.abc import Iterator

import pytest

from psfir.levers.aws.alb_rule import AlbRule
from psfir.range.front import Front
from psfir.testing import Harness, LeverContract
from psfir.testing.stage import StageHarness
from tests.levers.aws.stage_alb_rule import AlbRuleStage, ListenerStage


class TestAlbRule(LeverContract):
    @pytest.fixture(params=[AlbRuleStage, ListenerStage], ids=["rule", "listener"])
    def harness(self, request: pytest.FixtureRequest) -> Iterator[Harness]:
        with request.param() as stage, Front(stage.upstream) as front:
            harness = StageHarness(stage, front)
            assert isinstance(harness.lever(), AlbRule)
            yield harness
